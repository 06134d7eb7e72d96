// SPDX-License-Identifier: EUPL-1.2

import OCI

/// Lets one task at a time work on one digest: an index and its child, pushed together, must not both analyse it.
actor KeyedLock {
    /// Who waits, in order, for each digest that somebody works on.
    private var waiting: [Digest: [CheckedContinuation<Void, Never>]] = [:]

    /// Runs a closure while nobody else runs one for the same digest.
    nonisolated func withLock<T: Sendable>(_ digest: Digest, _ body: () async throws -> T) async rethrows -> T {
        await acquire(digest)
        do {
            let result = try await body()
            await release(digest)
            return result
        } catch {
            await release(digest)
            throw error
        }
    }

    private func acquire(_ digest: Digest) async {
        guard waiting[digest] != nil else {
            waiting[digest] = []
            return
        }
        await withCheckedContinuation { waiting[digest, default: []].append($0) }
    }

    private func release(_ digest: Digest) {
        guard var queue = waiting[digest], !queue.isEmpty else {
            waiting[digest] = nil
            return
        }
        let next = queue.removeFirst()
        waiting[digest] = queue
        next.resume()
    }
}
