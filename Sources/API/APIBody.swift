// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
import Hummingbird
import JSON

/// The body of a request that changes something: one JSON object with the members that the operation knows, and no others.
struct APIBody {
    private static let maximumBytes = 64 << 10
    private static let longestWait = Duration.seconds(10)
    private let fields: JSONFields

    /// Reads it.
    ///
    /// - Parameter allowed: what the object may have; a member that nobody asked for is refused, never ignored: it would be believed to count.
    init(_ request: Request, allowed: Set<String>) async throws {
        try Self.refuseForeignPages(request)
        // A form on a stranger's page cannot send this type without asking first.
        guard let type = request.headers[.contentType], type.lowercased().hasPrefix("application/json") else {
            throw Problem(
                status: .unsupportedMediaType,
                type: "unsupported-media-type",
                title: "The body is not JSON",
                detail: "send a JSON object with Content-Type: application/json"
            )
        }
        let buffer: [UInt8]
        do {
            buffer = try await Self.collect(request)
        } catch is TooSlow {
            throw Problem(
                status: .requestTimeout,
                type: "too-slow",
                title: "The body came too slowly",
                detail: "it has to be here within \(Self.longestWait.components.seconds) seconds",
                headers: [.connection: "close"]
            )
        } catch {
            throw Problem(
                status: .contentTooLarge,
                type: "too-large",
                title: "The body is too large",
                detail: "at most \(Self.maximumBytes) bytes are read"
            )
        }
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

    /// The bytes, within a time: drop by drop a body would hold its connection for ever.
    private static func collect(_ request: Request) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { Array(try await request.body.collect(upTo: maximumBytes).readableBytesView) }
            group.addTask {
                try await Task.sleep(for: longestWait)
                throw TooSlow()
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    private struct TooSlow: Error {}

    /// Refuses what a page of another site made a browser send.
    static func refuseForeignPages(_ request: Request) throws {
        guard let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] else { return }
        guard site == "same-origin" || site == "none" else {
            throw Problem(
                status: .forbidden,
                type: "foreign-page",
                title: "The request came from another site",
                detail: "a page of another site may not change anything here"
            )
        }
    }

    /// Reads members in words that are for whoever sent them.
    func read<T>(_ body: (JSONFields) throws -> T) throws -> T {
        do { return try body(fields) } catch let error as JSONShapeError {
            throw Problem.invalid("\(error.path) should be \(error.expected) and is \(error.found)")
        }
    }
}
