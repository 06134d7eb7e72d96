// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
import Hummingbird
import JSON
import WebRequests

/// The body of a request that changes something: one JSON object with the members that the operation knows, and no others.
struct APIBody {
    private static let maximumBytes = 64 << 10
    private let fields: JSONFields

    /// Reads it.
    ///
    /// - Parameter allowed: what the object may have; a member that nobody asked for is refused, never ignored: it would be believed to count.
    init(_ request: Request, allowed: Set<String>) async throws {
        // A form on a stranger's page cannot send this type without asking first.
        guard let type = request.headers[.contentType], type.lowercased().hasPrefix("application/json") else {
            throw Problem(
                status: .unsupportedMediaType,
                type: "unsupported-media-type",
                title: "The body is not JSON",
                detail: "send a JSON object with Content-Type: application/json"
            )
        }
        let buffer = try await Self.bytes(request, upTo: Self.maximumBytes)
        do {
            fields = try JSONFields(
                JSONValue(parsing: buffer, limits: JSONLimits(depth: 8, bytes: Self.maximumBytes))
            )
        } catch let error as JSONError {
            throw Problem.invalid("the body is no JSON: \(error)")
        } catch {
            throw Problem.invalid("the body is no JSON object: \(error)")
        }
        let known = allowed.sorted().joined(separator: ", ")
        for key in fields.keys where !allowed.contains(key) {
            throw Problem.invalid("the member \"\(key.excerpt(40))\" is not known here; there are: \(known)")
        }
    }

    /// The bytes of a body, whole or not at all.
    static func bytes(_ request: Request, upTo limit: Int) async throws -> [UInt8] {
        do { return try await BoundedBody.collect(request, upTo: limit) } catch {
            switch error {
            case .tooSlow:
                throw Problem(
                    status: .requestTimeout,
                    type: "too-slow",
                    title: "The body came too slowly",
                    detail: "\(error)",
                    headers: [.connection: "close"]
                )
            case .tooLarge:
                throw Problem(
                    status: .contentTooLarge,
                    type: "too-large",
                    title: "The body is too large",
                    detail: "\(error)"
                )
            case .incomplete: throw Problem.invalid("\(error)")
            }
        }
    }

    /// Reads members in words that are for whoever sent them.
    func read<T>(_ body: (JSONFields) throws -> T) throws -> T {
        do { return try body(fields) } catch let error as JSONShapeError {
            throw Problem.invalid("\(error.path) should be \(error.expected) and is \(error.found)")
        }
    }
}
