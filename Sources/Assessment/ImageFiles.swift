// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Database

/// The lists of files of one image, as its evidence remembers them.
struct ImageFiles: Sendable, Hashable {
    /// A list and its place in the image.
    struct Use: Sendable, Hashable {
        /// Row of the list.
        let list: Int64
        /// The layer, counted from the base.
        let layer: Int
        /// Places of files that the final file system does not show; nil where there are too many ranges of them to be kept.
        let hidden: [Range<Int>]?
    }

    /// Bytes of places that a row keeps.
    fileprivate static let mostHiddenBytes = 16 << 10

    var uses: [Use] = []
    /// Whether everything is in them that the image holds.
    var isComplete = false

    /// Of several platforms: what is hidden in one and shown in another is shown.
    static func union(_ all: [ImageFiles]) -> ImageFiles {
        var uses: [Int64: Use] = [:]
        for use in all.flatMap(\.uses) {
            guard let known = uses[use.list] else {
                uses[use.list] = use
                continue
            }
            var hidden: [Range<Int>]?
            if let one = known.hidden, let other = use.hidden { hidden = HiddenRanges.intersection(one, other) }
            uses[use.list] = Use(list: use.list, layer: min(known.layer, use.layer), hidden: hidden)
        }
        return ImageFiles(
            uses: uses.values.sorted { $0.list < $1.list },
            isComplete: !all.isEmpty && all.allSatisfy(\.isComplete)
        )
    }

    /// As bytes of the evidence's row.
    var bytes: [UInt8] {
        var writer = PackedWriter()
        writer.count(isComplete ? 1 : 0)
        writer.count(uses.count)
        for use in uses {
            writer.number(UInt64(clamping: use.list))
            writer.blob(use.bytes)
        }
        return writer.bytes
    }

    /// - Throws: for what ``bytes`` never is.
    init(bytes: [UInt8]) throws(PackedError) {
        var reader = PackedReader(bytes)
        isComplete = try reader.number() == 1
        for _ in 0..<(try reader.count()) {
            let list = try reader.size()
            uses.append(try Use(list: list, bytes: Array(try reader.blob())))
        }
    }

    init(uses: [Use] = [], isComplete: Bool = false) {
        self.uses = uses
        self.isComplete = isComplete
    }
}

extension ImageFiles.Use {
    /// As bytes of a row: layer, whether it is known what is hidden, and that.
    var bytes: [UInt8] {
        var writer = PackedWriter()
        writer.count(layer)
        writer.count(hidden == nil ? 0 : 1)
        if let hidden { writer.raw(HiddenRanges.encode(hidden)) }
        return writer.bytes
    }

    init(list: Int64, bytes: [UInt8]) throws(PackedError) {
        var reader = PackedReader(bytes)
        let layer = Int(try reader.small())
        let isKnown = try reader.number() == 1
        let rest = Array(try reader.rest())
        self.init(list: list, layer: layer, hidden: isKnown ? try HiddenRanges.decode(rest) : nil)
    }

    /// - Parameter hidden: kept as far as a row takes it.
    init(list: Int64, layer: Int, bounded hidden: [Range<Int>]) {
        let isShort = HiddenRanges.encode(hidden).count <= ImageFiles.mostHiddenBytes
        self.init(list: list, layer: layer, hidden: isShort ? hidden : nil)
    }
}
