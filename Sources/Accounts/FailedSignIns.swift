// SPDX-License-Identifier: EUPL-1.2

import Synchronization
internal import Time

/// Bounds how many failed sign-ins become rows: somebody who guesses must not be able to fill the disk.
final class FailedSignIns: Sendable {
    /// Leave to write one event, and how many before it were only counted.
    struct Leave: Sendable, Equatable {
        let unrecorded: Int
    }

    private struct State {
        var minute: Int64 = 0
        var written = 0
        var unrecorded = 0
    }

    private let limit: Int
    // Owner: this mutex.
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    func record(at now: Timestamp) -> Leave? {
        state.withLock { state in
            let minute = now.microseconds / 60_000_000
            if minute != state.minute {
                state.minute = minute
                state.written = 0
            }
            guard state.written < limit else {
                state.unrecorded += 1
                return nil
            }
            state.written += 1
            defer { state.unrecorded = 0 }
            return Leave(unrecorded: state.unrecorded)
        }
    }
}
