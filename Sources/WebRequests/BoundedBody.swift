// SPDX-License-Identifier: EUPL-1.2

public import Hummingbird
import NIOCore

/// Why the small body of a request was not read.
public enum BodyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It was not there within so many seconds.
    case tooSlow(seconds: Int64)
    /// It is longer than so many bytes.
    case tooLarge(bytes: Int)
    /// The connection ended, or its framing is broken.
    case incomplete

    /// The reason in words.
    public var description: String {
        switch self {
        case .tooSlow(let seconds): "the body has to be here within \(seconds) seconds"
        case .tooLarge(let bytes): "at most \(bytes) bytes are read"
        case .incomplete: "the body ended before it was complete"
        }
    }
}

/// Small bodies, whole or not at all.
public enum BoundedBody {
    private static let longestWait = Duration.seconds(10)

    /// Reads a body, within a time: drop by drop it would hold its connection for ever.
    public static func collect(_ request: Request, upTo limit: Int) async throws(BodyError) -> [UInt8] {
        let body = request.body
        do {
            return try await withThrowingTaskGroup(of: [UInt8].self) { group in
                group.addTask { Array(try await body.collect(upTo: limit).readableBytesView) }
                group.addTask {
                    try await Task.sleep(for: longestWait)
                    throw BodyError.tooSlow(seconds: longestWait.components.seconds)
                }
                defer { group.cancelAll() }
                return try await group.next() ?? []
            }
        } catch let error as BodyError {
            throw error
        } catch is NIOTooManyBytesError {
            throw .tooLarge(bytes: limit)
        } catch {
            throw .incomplete
        }
    }
}
