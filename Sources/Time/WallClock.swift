// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import Synchronization

/// Where the time of day comes from: the system, or a test.
public struct WallClock: Sendable {
    /// The current instant.
    public var now: @Sendable () -> Timestamp

    /// Makes a clock from a function.
    public init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

    /// The clock of the machine.
    public static let system = WallClock {
        let seconds = Date().timeIntervalSince1970
        // A machine whose clock is far off must not trap here.
        guard seconds > -9.0e12, seconds < 9.0e12 else { return Timestamp(microseconds: seconds < 0 ? .min : .max) }
        return Timestamp(microseconds: Int64((seconds * 1_000_000).rounded(.down)))
    }

    /// A clock that always shows one instant.
    public static func fixed(_ instant: Timestamp) -> WallClock { WallClock { instant } }
}

/// A clock that a test moves by hand.
public final class ManualClock: Sendable {
    private let instant: Mutex<Timestamp>

    /// Starts at an instant.
    public init(_ start: Timestamp) { instant = Mutex(start) }

    /// The clock to hand to the code under test.
    public var clock: WallClock { WallClock { self.instant.withLock { $0 } } }

    /// Moves the clock on.
    public func advance(by duration: Duration) { instant.withLock { $0 = $0 + duration } }
}
