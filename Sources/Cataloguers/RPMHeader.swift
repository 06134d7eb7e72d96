// SPDX-License-Identifier: EUPL-1.2

/// A header of rpm as its databases hold it: an index of tags, and the data that the index points into.
///
/// Source: rpm, `docs/manual/format_header.md` and `lib/header.c`. All numbers are big-endian.
struct RPMHeader {
    /// Tags that are read.
    enum Tag: UInt32 {
        case name = 1000
        case version = 1001
        case release = 1002
        case epoch = 1003
        case vendor = 1011
        case license = 1014
        case architecture = 1022
        case sourceRPM = 1044
        case directoryIndexes = 1116
        case baseNames = 1117
        case directoryNames = 1118
    }

    private struct Entry {
        var type: UInt32
        var offset: Int
        var count: Int
    }

    /// rpm's own bound of an index.
    private static let maximumEntries = 0xFFFF
    /// The largest packages have some hundred thousand files.
    private static let maximumValues = 1_000_000

    private let data: ArraySlice<UInt8>
    private var entries: [Tag: Entry] = [:]

    /// Reads the index; nil when it does not fit into the bytes.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard let count = Self.number(bytes, at: 0).map({ Int($0) }), count >= 1, count <= Self.maximumEntries,
            let length = Self.number(bytes, at: 4).map({ Int($0) }), length <= bytes.count - 8,
            16 * count <= bytes.count - 8 - length
        else { return nil }
        data = bytes.dropFirst(8 + 16 * count).prefix(length)
        for index in 0..<count {
            let place = 8 + 16 * index
            guard let tag = Self.number(bytes, at: place).flatMap({ Tag(rawValue: $0) }),
                let type = Self.number(bytes, at: place + 4), let offset = Self.number(bytes, at: place + 8),
                let count = Self.number(bytes, at: place + 12)
            else { continue }
            // What was added when the package was installed follows the package's own header, and counts instead of it.
            entries[tag] = Entry(type: type, offset: Int(offset), count: Int(count))
        }
    }

    /// Whether the header has a tag, readable or not.
    func has(_ tag: Tag) -> Bool { entries[tag] != nil }

    /// The first text of a tag; nil without one.
    func text(_ tag: Tag) -> ArraySlice<UInt8>? { texts(tag, atMost: 1)?.first }

    /// All texts of a tag; nil when it is missing, of another type, or cut off.
    func texts(_ tag: Tag, atMost limit: Int = .max) -> [ArraySlice<UInt8>]? {
        // A text, an array of texts, a text in several languages.
        guard let entry = entries[tag], entry.type == 6 || entry.type == 8 || entry.type == 9,
            entry.count >= 1, entry.offset < data.count
        else { return nil }
        let count = min(entry.type == 6 ? 1 : entry.count, limit)
        var rest = data.dropFirst(entry.offset)
        // Each has at least the zero that ends it.
        guard count <= rest.count, count <= Self.maximumValues else { return nil }
        var texts: [ArraySlice<UInt8>] = []
        for _ in 0..<count {
            guard let end = rest.firstIndex(of: 0) else { return nil }
            texts.append(rest[..<end])
            rest = rest[(end + 1)...]
        }
        return texts
    }

    /// All numbers of 32 bits of a tag; nil when it is missing, of another type, or cut off.
    func numbers(_ tag: Tag) -> [UInt32]? {
        guard let entry = entries[tag], entry.type == 4, entry.count >= 1, entry.offset <= data.count,
            entry.count <= (data.count - entry.offset) / 4, entry.count <= Self.maximumValues
        else { return nil }
        return (0..<entry.count).compactMap { Self.number(data, at: entry.offset + 4 * $0) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32? {
        guard offset >= 0, offset <= bytes.count - 4 else { return nil }
        let start = bytes.startIndex + offset
        return bytes[start..<(start + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
