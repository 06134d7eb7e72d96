// SPDX-License-Identifier: EUPL-1.2

/// How much of a stranger's bill of materials is read.
public struct BillLimits: Sendable, Hashable {
    /// Bytes of the document.
    public var bytes: Int
    /// Levels of arrays and objects.
    public var depth: Int
    /// Components, or elements of a graph.
    public var components: Int
    /// Edges between components.
    public var edges: Int

    /// Makes limits; the defaults hold the largest bills of whole systems.
    public init(bytes: Int = 64 << 20, depth: Int = 64, components: Int = 500_000, edges: Int = 2_000_000) {
        self.bytes = bytes
        self.depth = depth
        self.components = components
        self.edges = edges
    }
}
