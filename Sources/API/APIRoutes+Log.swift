// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Hummingbird
import JSON
import MerkleLog
import Releases
import Time
import Transparency

extension APIRoutes {
    /// How the log stands, and the operator's word after a restore.
    func log(_ operation: ManagementOperation, _ request: Request, _ actor: Account) async throws -> APIAnswer {
        guard operation != .logState else {
            _ = try APIQuery(request, allowed: [])
            guard actor.nodeRole != nil, actor.tokenID == nil else {
                throw AccountsError.denied("only operators and auditors see how the log stands")
            }
            return APIAnswer(try await state(of: log()))
        }
        try await accounts.requireManager(of: nil, by: actor)
        if operation == .logFeedBundle {
            guard let releaser else { throw Problem.unavailable }
            let body = try await APIBody(request, allowed: ["bundle"])
            let bundle = try body.read { try $0.object("bundle").value }
            let logged = try await releaser.log(feedBundle: bundle.bytes(), by: actor)
            return APIAnswer(["bundle": try JSONValue(parsing: logged)])
        }
        guard let log = log() else {
            throw Problem(
                AccountsError.conflict("the log is closed: nobody signs; /readyz says more")
            )
        }
        if operation == .adoptLog {
            _ = try await log.adoptDirectory(by: actor.name)
            return APIAnswer(try await state(of: log))
        }
        let body = try await APIBody(request, allowed: ["size", "root", "checkpoint"])
        let (size, root, checkpoint) = try body.read {
            (try $0.optionalInteger("size"), try $0.optionalString("root"), try $0.optionalString("checkpoint"))
        }
        switch (size, root, checkpoint) {
        case (nil, nil, let checkpoint?):
            do { try await log.confirm(shownBy: Array(checkpoint.utf8)) } catch let error as NoteError {
                throw Problem.invalid("checkpoint: \(error)")
            }
        case (let size?, let text?, nil):
            guard let root = MerkleHash(base64: text) else {
                throw Problem.invalid("root is the base64 of 32 bytes, as GET \(APIOperation.root)/log shows it")
            }
            try await log.confirm(size: Int(size), root: root, by: actor.name)
        default:
            throw Problem.invalid("send size and root as GET \(APIOperation.root)/log shows them, or checkpoint alone")
        }
        return APIAnswer(try await state(of: log))
    }

    private func state(of log: TransparencyLog?) async throws -> JSONValue {
        guard let log else {
            return [
                "state": "closed", "origin": .null, "size": 0, "root": .null, "publishedSize": 0, "publishedAt": .null,
                "waiting": 0, "waitingSince": .null, "refused": 0, "reason": .null, "detail": .null, "keys": [],
                "formerKeys": [],
            ]
        }
        let status = try await log.status()
        return [
            "state": status.freeze == nil ? "open" : "frozen", "origin": .string(status.origin ?? log.origin),
            "size": .integer(Int64(status.size)), "root": .string(status.root.base64),
            "publishedSize": .integer(Int64(status.publishedSize)),
            "publishedAt": .optional(status.publishedAt?.rfc3339), "waiting": .integer(Int64(status.waiting)),
            "waitingSince": .optional(status.waitingSince?.rfc3339), "refused": .integer(Int64(status.refused)),
            "reason": .optional(status.freeze?.reason.rawValue), "detail": .optional(status.freeze?.detail),
            "keys": .strings(log.keys.map(\.description)), "formerKeys": .strings(log.formerKeys.map(\.description)),
        ]
    }
}

extension Problem {
    init(_ error: TransparencyError) {
        switch error {
        case .unknownEntry: self = .notFound(error.description)
        case .invalidEntry, .configuration: self = .invalid(error.description)
        case .originIsFixed, .frozen, .notConfirmed, .refused, .notYetPublished:
            self = Problem(AccountsError.conflict(error.description))
        }
    }
}
