// SPDX-License-Identifier: EUPL-1.2

/// Name of one static file of a log: a tile of hashes, or a bundle of entries.
///
/// Source: C2SP tlog-tiles.
public struct TileAddress: Sendable, Hashable, CustomStringConvertible {
    /// What the file holds.
    public enum Kind: Sendable, Hashable {
        /// Hashes; at level 0 of leaves, above each the root of a full tile below.
        case hashes(level: Int)
        /// Entries.
        case entries
    }

    /// Hashes or entries of a full file.
    public static let fullWidth = 256
    /// Highest level that a size of 64 bits could need.
    public static let maximumLevel = 7
    /// Most indices of a level; larger numbers name nothing.
    private static let maximumIndex = 1 << 53

    /// What the file holds.
    public let kind: Kind
    /// Number of the file within its level, from 0.
    public let index: Int
    /// How many hashes or entries it has, 1 to 256; below 256 it is partial.
    public let width: Int

    /// Names a file; nil for a level, index or width that there is not.
    public init?(_ kind: Kind, index: Int, width: Int = fullWidth) {
        if case .hashes(let level) = kind, !(0...Self.maximumLevel).contains(level) { return nil }
        guard (0..<Self.maximumIndex).contains(index), (1...Self.fullWidth).contains(width) else { return nil }
        self.init(unchecked: kind, index, width)
    }

    private init(unchecked kind: Kind, _ index: Int, _ width: Int) {
        self.kind = kind
        self.index = index
        self.width = width
    }

    /// Whether it can still grow.
    public var isPartial: Bool { width < Self.fullWidth }

    /// The same file once it is full.
    public var full: TileAddress { TileAddress(unchecked: kind, index, Self.fullWidth) }

    /// The file of a level that holds an index of that level in a tree of some size; nil where the tree has none.
    public init?(_ kind: Kind, index: Int, treeSize: Int) {
        let level = if case .hashes(let level) = kind { level } else { 0 }
        guard treeSize >= 0, index >= 0, (0...Self.maximumLevel).contains(level) else { return nil }
        let count = treeSize >> (8 * level)
        let start = index.multipliedReportingOverflow(by: Self.fullWidth)
        guard !start.overflow, start.partialValue < count else { return nil }
        self.init(kind, index: index, width: min(Self.fullWidth, count - start.partialValue))
    }

    /// Path below the log's prefix: `tile/0/x001/x234/067`, `tile/entries/000.p/17`.
    public var path: String {
        let level =
            switch kind {
            case .hashes(let level): String(level)
            case .entries: "entries"
            }
        return "tile/\(level)/\(Self.indexPath(index))" + (isPartial ? ".p/\(width)" : "")
    }

    /// The path.
    public var description: String { path }

    /// Reads a path in its one right form; nil for anything else, so that no request reaches any other file.
    public init?(path: some StringProtocol) {
        guard path.utf8.count <= 64 else { return nil }
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)[...]
        guard parts.popFirst() == "tile", let level = parts.popFirst() else { return nil }
        let kind: Kind
        if level == "entries" {
            kind = .entries
        } else {
            guard let number = Decimal.parse(level) else { return nil }
            kind = .hashes(level: number)
        }
        var width = Self.fullWidth
        if parts.count >= 2, let name = parts.dropLast().last, name.hasSuffix(".p"), let text = parts.popLast() {
            guard let number = Decimal.parse(text), number < Self.fullWidth else { return nil }
            width = number
            parts[parts.endIndex - 1] = name.dropLast(2)
        }
        guard let index = Self.index(of: parts) else { return nil }
        self.init(kind, index: index, width: width)
    }

    private static func indexPath(_ index: Int) -> String {
        var rest = index
        var path = ""
        repeat {
            let group = String(rest % 1_000)
            let padded = String(repeating: "0", count: 3 - group.count) + group
            path = path.isEmpty ? padded : "x\(padded)/\(path)"
            rest /= 1_000
        } while rest > 0
        return path
    }

    private static func index(of groups: ArraySlice<some StringProtocol>) -> Int? {
        guard (1...6).contains(groups.count) else { return nil }
        var index = 0
        for (offset, group) in groups.enumerated() {
            let isLast = offset == groups.count - 1
            guard group.utf8.count == (isLast ? 3 : 4), isLast || group.hasPrefix("x") else { return nil }
            let digits = isLast ? group[...] : group.dropFirst()
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits) else { return nil }
            // A leading group of zeros would be a second name of a file.
            guard offset > 0 || isLast || number > 0 else { return nil }
            index = index * 1_000 + number
        }
        return index
    }
}
