// SPDX-License-Identifier: EUPL-1.2

/// Bounds on one analyser child, enforced by the kernel and by the parent.
///
/// What an image may contain is bounded by ``AnalysisLimits`` inside the child; these hold even when that code is wrong.
public struct AnalyserLimits: Sendable, Hashable {
    /// Private writable memory, in bytes.
    public var memory: UInt64
    /// CPU time of all threads.
    public var processorTime: Duration
    /// Time from start to end.
    public var wallClock: Duration
    /// Largest answer, in bytes.
    public var output: Int
    /// How much of standard error is kept, in bytes; the last ones.
    public var errorOutput: Int
    /// Largest file that the child may write: an archive after decompression, in bytes.
    public var spool: UInt64
    /// Descriptors.
    public var openFiles: UInt64
    /// Added to the nice value.
    public var niceness: Int32

    /// The defaults.
    public init(
        memory: UInt64 = 2 << 30,
        processorTime: Duration = .seconds(900),
        wallClock: Duration = .seconds(1800),
        output: Int = 256 << 20,
        errorOutput: Int = 8 << 10,
        spool: UInt64 = 40 << 30,
        openFiles: UInt64 = 512,
        niceness: Int32 = 10
    ) {
        self.memory = memory
        self.processorTime = processorTime
        self.wallClock = wallClock
        self.output = output
        self.errorOutput = errorOutput
        self.spool = spool
        self.openFiles = openFiles
        self.niceness = niceness
    }

    /// Bounds that every image of a sane size keeps.
    public static let standard = AnalyserLimits()
}
