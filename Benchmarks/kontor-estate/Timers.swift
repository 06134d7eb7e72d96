// SPDX-License-Identifier: EUPL-1.2

import Glibc
import Synchronization

/// Where the time goes: sums by name, from any task.
final class Timers: Sendable {
    private let countsProcessor: Bool

    /// - Parameter countsProcessor: time of the processor instead of the wall's, where one task at a time is measured: others use the machine.
    init(countsProcessor: Bool = false) { self.countsProcessor = countsProcessor }

    // Owner: this mutex.
    private let sums = Mutex<[String: (count: Int, time: Duration)]>([:])
    // Owner: this mutex.
    private let amounts = Mutex<[String: (count: Int, amount: Int)]>([:])

    func measure<T>(_ name: String, _ body: () throws -> T) rethrows -> T {
        let begin = now
        defer { note(name, now - begin) }
        return try body()
    }

    func measure<T: Sendable>(_ name: String, _ body: () async throws -> T) async rethrows -> T {
        let begin = now
        defer { note(name, now - begin) }
        return try await body()
    }

    private var now: Duration { countsProcessor ? processorTime() : time(of: CLOCK_MONOTONIC) }

    /// Sums an amount beside the times.
    func count(_ name: String, _ amount: Int) {
        amounts.withLock { amounts in
            let sum = amounts[name] ?? (0, 0)
            amounts[name] = (sum.count + 1, sum.amount + amount)
        }
    }

    private func note(_ name: String, _ time: Duration) {
        sums.withLock { sums in
            let sum = sums[name] ?? (0, .zero)
            sums[name] = (sum.count + 1, sum.time + time)
        }
    }

    /// Of each name how often, and how long on average.
    var means: [(name: String, count: Int, milliseconds: Double)] {
        sums.withLock { $0 }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.count, $0.value.time.milliseconds / Double($0.value.count)) }
    }

    /// Of each amount the mean.
    var meanAmounts: [(name: String, amount: Double)] {
        amounts.withLock { $0 }.sorted { $0.key < $1.key }
            .map { ($0.key, Double($0.value.amount) / Double($0.value.count)) }
    }
}

/// What the process has used of the processor.
func processorTime() -> Duration { time(of: CLOCK_PROCESS_CPUTIME_ID) }

private func time(of clock: clockid_t) -> Duration {
    var time = timespec()
    clock_gettime(clock, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

extension Duration {
    var milliseconds: Double { Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15 }
    var seconds: Double { milliseconds / 1e3 }
}
