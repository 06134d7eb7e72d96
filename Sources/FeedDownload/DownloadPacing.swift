// SPDX-License-Identifier: EUPL-1.2

public import Time

/// Everything of a download that time and chance have a hand in, as closures, so that tests neither sleep nor guess.
public struct DownloadPacing: Sendable {
    /// The wall clock: for dates in answers.
    public var clock: WallClock
    /// Time since any fixed point, never going back: for rates and limits.
    public var elapsed: @Sendable () -> Duration
    /// Waits; throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 up to, not including, 1: keeps the nodes of a country from coming back in step.
    public var jitter: @Sendable () -> Double

    /// A seam made of single closures; ``live`` is the one that a node uses.
    public init(
        clock: WallClock,
        elapsed: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        jitter: @escaping @Sendable () -> Double
    ) {
        self.clock = clock
        self.elapsed = elapsed
        self.sleep = sleep
        self.jitter = jitter
    }

    /// The machine's clocks and random numbers.
    public static let live: DownloadPacing = {
        let start = ContinuousClock.now
        return DownloadPacing(
            clock: .system,
            elapsed: { ContinuousClock.now - start },
            sleep: { try await Task.sleep(for: $0) },
            jitter: { Double.random(in: 0..<1) }
        )
    }()
}
