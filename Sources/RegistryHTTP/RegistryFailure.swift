// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import OCI
import Policies
import Registry
import Time

/// A refusal as the distribution specification wants it: status, code, and a text that says what, where, why and what next.
struct RegistryFailure: Error {
    let status: HTTPResponse.Status
    let code: String
    let message: String
    var detail: JSONValue?
    var headers: HTTPFields
    /// Several errors in one answer: code, message, detail.
    var more: [(code: String, message: String, detail: JSONValue?)] = []

    init(
        _ status: HTTPResponse.Status,
        _ code: OCIErrorCode,
        _ message: String,
        detail: JSONValue? = nil,
        headers: HTTPFields = [:]
    ) {
        self.init(status, code: code.rawValue, message, detail: detail, headers: headers)
    }

    init(
        _ status: HTTPResponse.Status,
        code: String,
        _ message: String,
        detail: JSONValue? = nil,
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.headers = headers
    }

    static func notFound(_ message: String) -> RegistryFailure { RegistryFailure(.notFound, .nameUnknown, message) }

    static func badPath(_ message: String) -> RegistryFailure { RegistryFailure(.badRequest, .nameInvalid, message) }

    static func uploadUnknown(_ id: String, in name: RepositoryName) -> RegistryFailure {
        RegistryFailure(
            .notFound,
            .blobUploadUnknown,
            "there is no upload \(id) in repository \"\(name)\" for this account: it was finished, cancelled or has expired; begin again "
                + "with POST /v2/\(name)/blobs/uploads/"
        )
    }

    /// The answer; for HEAD without its body.
    func response(isHead: Bool) -> Response {
        let errors = ([(code: code, message: message, detail: detail)] + more).map { error -> JSONValue in
            ["code": .string(error.code), "message": .string(error.message), "detail": error.detail ?? .null]
        }
        let body = JSONValue.object(["errors": .array(errors)]).bytes()
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.contentLength] = String(body.count)
        headers[.cacheControl] = "no-store"
        return Response(
            status: status,
            headers: headers,
            body: isHead ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }
}

extension RegistryFailure {
    /// Translates what the registry says; the cause of a failure of our own goes to the log, never to the client.
    init(_ error: RegistryError, in name: RepositoryName) {
        switch error {
        case .repositoryUnknown(let name):
            self.init(.notFound, .nameUnknown, "there is no repository \"\(name)\"; push to it first")
        case .blobUnknown(let digest, let name):
            self.init(
                .notFound,
                .blobUnknown,
                "there is no blob \(digest) in repository \"\(name)\"; push it first (POST /v2/\(name)/blobs/uploads/)",
                detail: ["digest": .string(digest.description)]
            )
        case .manifestUnknown(let reference, let name):
            self.init(
                .notFound,
                .manifestUnknown,
                "there is no manifest \(reference) in repository \"\(name)\"; GET /v2/\(name)/tags/list names its tags",
                detail: ["reference": .string(reference)]
            )
        case .uploadUnknown(let id):
            self = .uploadUnknown(id, in: name)
        case .uploadBusy(let id):
            self.init(
                .rangeNotSatisfiable,
                .blobUploadInvalid,
                "another request is writing to upload \(id); wait for its answer, then ask GET /v2/\(name)/blobs/uploads/\(id) where to go on",
                headers: [.location: "/v2/\(name)/blobs/uploads/\(id)"]
            )
        case .uploadOutOfOrder(let id, let expected, let given):
            self.init(
                .rangeNotSatisfiable,
                .blobUploadInvalid,
                "the chunk begins at byte \(given), upload \(id) goes on at byte \(expected); send from there, the upload is still open",
                detail: ["expected": .integer(expected), "given": .integer(given)],
                headers: RegistryResponder.uploadHeaders(name, id, offset: expected)
            )
        case .uploadIncomplete(let id, let expected, let received):
            self.init(
                .badRequest,
                .sizeInvalid,
                "\(expected) bytes were announced and \(received) came; upload \(id) keeps them, ask GET for where to go on",
                detail: ["expected": .integer(expected), "received": .integer(received)]
            )
        case .digestMismatch(let claimed, let actual, let size):
            self.init(
                .badRequest,
                .digestInvalid,
                "the \(size) bytes that came have digest \(actual), not \(claimed); nothing was kept, push the blob again",
                detail: [
                    "claimed": .string(claimed.description), "actual": .string(actual.description),
                    "size": .integer(size),
                ]
            )
        case .manifestDigestMismatch(let claimed, let actual):
            self.init(
                .badRequest,
                .digestInvalid,
                "the manifest that came has digest \(actual), the path says \(claimed)",
                detail: ["claimed": .string(claimed.description), "actual": .string(actual.description)]
            )
        case .manifestInvalid(let reason):
            self.init(.badRequest, .manifestInvalid, reason)
        case .manifestBlobsUnknown(let manifest, let name, let missing):
            let list = missing.prefix(100).map { missing -> (code: String, message: String, detail: JSONValue?) in
                (
                    OCIErrorCode.manifestBlobUnknown.rawValue,
                    "manifest \(manifest) refers to \(missing.role) \(missing.digest) which is not in repository \"\(name)\"; push the "
                        + "blob first (POST /v2/\(name)/blobs/uploads/)",
                    ["digest": .string(missing.digest.description), "role": .string(missing.role)]
                )
            }
            self.init(
                .badRequest,
                .manifestBlobUnknown,
                list.first?.message ?? "a blob is missing",
                detail: list.first?.detail
            )
            more = Array(list.dropFirst())
        case .blobInUse(let digest, let name, let manifest):
            self.init(
                .methodNotAllowed,
                .unsupported,
                "manifest \(manifest) of repository \"\(name)\" names blob \(digest); delete the manifest first "
                    + "(DELETE /v2/\(name)/manifests/\(manifest))",
                detail: ["digest": .string(digest.description), "manifest": .string(manifest.description)],
                headers: [.allow: "GET, HEAD"]
            )
        case .manifestTooLarge(let limit):
            self.init(
                .contentTooLarge,
                .sizeInvalid,
                "the manifest is larger than \(limit) bytes, the most that this registry takes",
                detail: ["limit": .integer(Int64(limit))]
            )
        case .blobTooLarge(let limit):
            self.init(
                .contentTooLarge,
                .sizeInvalid,
                "the blob is larger than \(limit) bytes, the most that this registry takes",
                detail: ["limit": .integer(limit)]
            )
        case .tagChanged(let tag, let name):
            self.init(
                .conflict,
                .denied,
                "tag \(tag) of \(name) was moved by somebody else meanwhile; look at it and try again"
            )
        case .tagMayNotMove(let tag, let name):
            self.init(
                .forbidden,
                .denied,
                "tag \"\(tag)\" of repository \"\(name)\" points to another manifest, and this account may not move tags; push under a new "
                    + "tag, or ask a maintainer of the namespace",
                detail: ["tag": .string(tag.text)]
            )
        case .refusedByPolicy(let refusal), .policyUnknown(let refusal, cause: _):
            self.init(
                .forbidden,
                .denied,
                refusal.description,
                detail: ["rule": .string(refusal.rule), "revision": .integer(refusal.revision)]
            )
        case .manifestInUse(let digest, let name):
            self.init(
                .forbidden,
                .denied,
                "more indexes of repository \"\(name)\" lead to manifest \(digest) than can be looked through for immutable tags; delete "
                    + "indexes that are not needed first"
            )
        case .quarantined(let what, let name, let since):
            self.init(
                .forbidden,
                .denied,
                "\(what) of repository \"\(name)\" is in quarantine: its namespace is frozen, and nothing that came since \(since.rfc3339) is "
                    + "given out until it was looked at",
                detail: ["since": .string(since.rfc3339)]
            )
        case .takenDown(let notice):
            self.init(
                HTTPResponse.Status(code: 451, reasonPhrase: "Unavailable For Legal Reasons"),
                .denied,
                "\(notice.what) is not given out for legal reasons since \(notice.since.rfc3339): \(notice.reason) "
                    + "(\(notice.legalReference); takedown \(notice.id) of this registry)",
                detail: [
                    "takedown": .integer(notice.id), "since": .string(notice.since.rfc3339),
                    "legalReference": .string(notice.legalReference), "reason": .string(notice.reason),
                ]
            )
        case .tooManyUploads(let limit):
            self.init(
                .tooManyRequests,
                .tooManyRequests,
                "this account has \(limit) open uploads; finish or cancel some (DELETE on their locations), or wait until they expire",
                headers: [.retryAfter: "60"]
            )
        case .storageFull:
            self.init(
                HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"),
                code: "UNKNOWN",
                "the registry's disk is full; nothing that was acknowledged is lost, tell the operator and try again later",
                headers: [.retryAfter: "300"]
            )
        case .storage:
            self.init(
                .internalServerError,
                code: "UNKNOWN",
                "the registry could not store or read this; the cause is in its log, try again or tell the operator"
            )
        }
    }
}
