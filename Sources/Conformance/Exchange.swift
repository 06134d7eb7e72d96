// SPDX-License-Identifier: EUPL-1.2

package import JSON
package import NIOHTTP1
import OCI

/// One request and its answer.
package struct Exchange: Sendable {
    /// The request in words: method, path, what matters of headers and body.
    package let request: String
    /// Absolute URL that answered, after redirects.
    package let url: String
    /// Status code.
    package let status: Int
    /// Header fields.
    package let headers: HTTPHeaders
    /// The body; bounded.
    package let body: [UInt8]

    /// The first field of a name.
    package subscript(_ name: String) -> String? { headers.first(name: name) }

    /// The body as JSON; nil when it is none.
    package var json: JSONValue? { try? JSONValue(parsing: body) }

    /// Codes in an error body.
    package var errorCodes: [String] { json?["errors"]?.arrayValue?.compactMap { $0["code"]?.stringValue } ?? [] }

    /// Whether the status says that the operation is switched off.
    package var isDisabled: Bool { status == 400 || status == 405 }

    /// The answer in words.
    package var words: String {
        let start = body.isEmpty ? "" : ": " + String(decoding: body.prefix(400), as: UTF8.self).printable(200)
        return "\(status)\(start)"
    }

    /// A failure about this exchange.
    package func failure(_ asks: String, got: String? = nil, source: SpecificationSource? = nil) -> Failed {
        Failed(expected: asks, got: got ?? words, request: request, source: source)
    }

    /// Demands one of some statuses.
    package func expect(_ statuses: Int..., asks: String, source: SpecificationSource? = nil) throws {
        guard statuses.contains(status) else { throw failure(asks, source: source) }
    }

    /// Demands a header field.
    @discardableResult
    package func expectHeader(_ name: String, asks: String, source: SpecificationSource? = nil) throws -> String {
        guard let value = self[name], !value.isEmpty else {
            throw failure(asks, got: "\(status) without \(name)", source: source)
        }
        return value
    }

    /// Demands a value of a header field.
    package func expectHeader(_ name: String, is value: String, asks: String, source: SpecificationSource? = nil) throws
    {
        let found = try expectHeader(name, asks: asks, source: source)
        guard found == value else {
            throw failure(asks, got: "\(status) with \(name): \(found.printable(200))", source: source)
        }
    }

    /// Demands the exact bytes of a body.
    package func expectBody(_ bytes: [UInt8], asks: String, source: SpecificationSource? = nil) throws {
        guard body != bytes else { return }
        let place =
            zip(body, bytes).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(body.count, bytes.count)
        throw failure(
            asks,
            got: "\(status) with \(body.count) bytes instead of \(bytes.count), different from byte \(place) on",
            source: source
        )
    }

    /// Demands that the digest header, where there is one, fits the content: in its own algorithm.
    package func expectTrueDigest(of content: [UInt8]) throws {
        guard let text = self["Docker-Content-Digest"] else { return }
        let asks = "Docker-Content-Digest, if present, MUST be a digest matching the content"
        guard let digest = try? Digest(parsing: text), Digest.hash(content, by: digest.algorithm) == digest else {
            throw failure(asks, got: "\(status) with Docker-Content-Digest: \(text.printable(200))")
        }
    }

    /// "Legacy Docker support error codes": optional, and not in the table.
    private static let legacyCodes: Set = ["TAG_INVALID", "MANIFEST_UNVERIFIED"]

    /// Demands that a refusal, where its body is JSON, has the form and a code of the specification.
    package func expectErrorBody() throws {
        let source = SpecificationSource.distribution("Error Codes")
        guard (400...499).contains(status), !body.isEmpty else { return }
        let type = MediaType.essence(self["Content-Type"] ?? "")
        guard let json else {
            if type == "application/json" {
                throw failure("a body that is announced as JSON MUST be JSON", source: source)
            }
            return
        }
        guard let errors = json["errors"]?.arrayValue, !errors.isEmpty else {
            throw failure(
                "a JSON body of a refusal MUST have the form {\"errors\": [{\"code\", \"message\", \"detail\"}]}",
                source: source
            )
        }
        for error in errors {
            guard let code = error["code"]?.stringValue else {
                throw failure("each error MUST have a code", source: source)
            }
            guard OCIErrorCode(rawValue: code) != nil || Self.legacyCodes.contains(code) else {
                throw failure("the code of an error MUST be one of the table of error codes", source: source)
            }
            if let message = error["message"], message.stringValue == nil {
                throw failure("the message of an error, if present, is a string", source: source)
            }
        }
    }
}
