// SPDX-License-Identifier: EUPL-1.2

public import Archives

/// Bounds on what one image may make its analysis do and keep.
public struct AnalysisLimits: Sendable, Hashable {
    /// Layers of one image.
    public var layers: Int
    /// Bounds that each layer is read under; its bytes and members are bounds over all layers of the image together.
    public var archive: ArchiveLimits
    /// Levels of directories.
    public var depth: Int
    /// Bytes of one file that is kept in memory to be parsed (package database, file lists).
    public var keptFileBytes: Int
    /// Bytes of all files that are kept in memory at one time.
    public var keptBytes: Int
    /// Executables that are listed.
    public var executables: Int
    /// Files of every other list.
    public var listedFiles: Int
    /// Problems that are listed.
    public var problems: Int
    /// Components.
    public var components: Int
    /// Files of all layers in the manifest.
    public var manifestFiles: Int
    /// Bytes of the manifest.
    public var manifestBytes: Int

    /// Bounds that a large honest image keeps; every one can be set.
    public init(
        layers: Int = 127,
        archive: ArchiveLimits = .standard,
        depth: Int = 1024,
        keptFileBytes: Int = 64 << 20,
        keptBytes: Int = 384 << 20,
        executables: Int = 20_000,
        listedFiles: Int = 2_000,
        problems: Int = 200,
        components: Int = 20_000,
        manifestFiles: Int = 400_000,
        manifestBytes: Int = 64 << 20
    ) {
        self.layers = layers
        self.archive = archive
        self.depth = depth
        self.keptFileBytes = keptFileBytes
        self.keptBytes = keptBytes
        self.executables = executables
        self.listedFiles = listedFiles
        self.problems = problems
        self.components = components
        self.manifestFiles = manifestFiles
        self.manifestBytes = manifestBytes
    }

    /// The bounds of a node.
    public static let standard = AnalysisLimits()
}
