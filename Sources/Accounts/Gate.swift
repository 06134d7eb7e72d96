// SPDX-License-Identifier: EUPL-1.2

import Synchronization

/// Lets a few through at a time; the others wait in the order in which they came.
final class Gate: Sendable {
    private struct State {
        var running = 0
        var next = 0
        /// Those that wait, by the order in which they came.
        var waiting: [(number: Int, continuation: CheckedContinuation<Void, any Error>)] = []
        /// Cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private static let maximumWaiting = 256
    private let limit: Int
    // Owner: this mutex.
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Runs work when it is its turn.
    ///
    /// - Throws: ``AccountsError/tooManyAttempts(retryAfter:)`` when too many wait already; `CancellationError`.
    func pass<T>(_ work: () async throws -> T) async throws -> T {
        try await enter()
        defer { leave() }
        return try await work()
    }

    /// Waits for a turn; a cancelled task leaves the queue, so that a node that ends does not wait for everybody's turn.
    private func enter() async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        defer { _ = state.withLock { $0.cancelled.remove(number) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state -> Result<Void, any Error>? in
                    if state.cancelled.remove(number) != nil { return .failure(CancellationError()) }
                    guard state.running >= limit else {
                        state.running += 1
                        return .success(())
                    }
                    guard state.waiting.count < Self.maximumWaiting else {
                        return .failure(AccountsError.tooManyAttempts(retryAfter: 5))
                    }
                    state.waiting.append((number, continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                guard let index = state.waiting.firstIndex(where: { $0.number == number }) else {
                    state.cancelled.insert(number)
                    return nil
                }
                return state.waiting.remove(at: index).continuation
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume()
    }
}
