// SPDX-License-Identifier: EUPL-1.2

/// A file of SQLite, held whole and only read: as much of the format as it takes to walk the rows of one table.
///
/// Every page is visited at most once, so that no cycle and no page that two rows share can keep the reader busy: the work is bounded by
/// the size of the file, and so are the bytes of all rows together. All numbers of the file are compared with what is there before they are used.
///
/// Source: "Database File Format", sqlite.org/fileformat2.html.
struct SQLiteFile {
    /// Why a file could not be read.
    struct Fault: Error, Hashable {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    /// One value of a row, as far as tables of packages need them.
    enum Value: Hashable {
        case null
        case integer(Int64)
        case text(ArraySlice<UInt8>)
        case blob(ArraySlice<UInt8>)
        /// A floating-point number, whose value nobody needs.
        case real
    }

    static let maximumPayload = 64 << 20
    static let maximumRows = 100_000
    private static let maximumDepth = 20
    private static let maximumColumns = 64

    /// Whether changes may lie in a write-ahead log beside the file, which is not seen.
    let usesLog: Bool

    private let bytes: [UInt8]
    private let pageSize: Int
    /// Bytes of a page that hold content; the rest is reserved for extensions.
    private let usable: Int
    private var visited: [Bool]
    private var rows = 0
    /// Bytes that rows can still have: cells do not overlap, so that together they are no longer than the file.
    private var remaining: Int

    init(_ bytes: [UInt8]) throws(Fault) {
        guard bytes.count >= 512, bytes.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw Fault("it is no database of SQLite")
        }
        let announced = Int(bytes[16]) << 8 | Int(bytes[17])
        pageSize = announced == 1 ? 65536 : announced
        usable = pageSize - Int(bytes[20])
        guard pageSize >= 512, pageSize.nonzeroBitCount == 1, usable >= 480 else {
            throw Fault("its size of pages is impossible")
        }
        usesLog = bytes[18] == 2 || bytes[19] == 2
        self.bytes = bytes
        remaining = bytes.count
        visited = Array(repeating: false, count: bytes.count / pageSize + 1)
    }

    /// The page at which a table begins; nil when there is no such table.
    mutating func root(ofTable name: String) throws(Fault) -> Int? {
        var root: Int?
        var fault: Fault?
        try walk(1) { row in
            guard row.count >= 4, row[0] == .text(Array("table".utf8)[...]), row[1] == .text(Array(name.utf8)[...])
            else { return }
            if case .integer(let page) = row[3], let page = Int(exactly: page) {
                root = page
            } else {
                fault = Fault("its table has no page")
            }
        }
        if let fault { throw fault }
        return root
    }

    /// Hands over every row of the table that begins at a page; what came before a fault has been handed over when it is thrown.
    mutating func walk(_ root: Int, row: (_ row: [Value]) -> Void) throws(Fault) {
        rows = 0
        try walk(root, depth: 0, row: row)
    }

    private mutating func walk(_ number: Int, depth: Int, row: (_ row: [Value]) -> Void) throws(Fault) {
        guard depth < Self.maximumDepth else { throw Fault("its tree is too deep") }
        let page = try enter(number)
        let head = page.startIndex + (number == 1 ? 100 : 0)
        let isLeaf: Bool
        switch bytes[head] {
        case 0x0D: isLeaf = true
        case 0x05: isLeaf = false
        default: throw Fault("page \(number) is not one of a table")
        }
        let cells = Int(bytes[head + 3]) << 8 | Int(bytes[head + 4])
        let pointers = head + (isLeaf ? 8 : 12)
        guard cells <= (page.endIndex - pointers) / 2 else { throw Fault("page \(number) has too many cells") }
        for cell in 0..<cells {
            let pointer = pointers + 2 * cell
            let offset = Int(bytes[pointer]) << 8 | Int(bytes[pointer + 1])
            guard offset >= pointers + 2 * cells - page.startIndex, offset < page.count else {
                throw Fault("page \(number) has a cell outside of it")
            }
            let rest = page[(page.startIndex + offset)...]
            if isLeaf {
                rows += 1
                guard rows <= Self.maximumRows else { throw Fault("it has more than \(Self.maximumRows) rows") }
                row(try Self.record(try payload(of: rest)))
            } else {
                try walk(try Self.pageNumber(rest), depth: depth + 1, row: row)
            }
        }
        if !isLeaf { try walk(try Self.pageNumber(page[(head + 8)...]), depth: depth + 1, row: row) }
    }

    /// The content of a page that has not been visited before.
    private mutating func enter(_ number: Int) throws(Fault) -> ArraySlice<UInt8> {
        guard number >= 1, number <= bytes.count / pageSize else { throw Fault("page \(number) is not in the file") }
        guard !visited[number] else { throw Fault("page \(number) is used twice") }
        visited[number] = true
        let start = (number - 1) * pageSize
        return bytes[start..<(start + usable)]
    }

    /// The payload of a cell of a leaf, which may go on in a chain of overflow pages.
    private mutating func payload(of cell: ArraySlice<UInt8>) throws(Fault) -> ArraySlice<UInt8> {
        var cell = cell
        guard let size = Self.varint(&cell).flatMap({ Int(exactly: $0) }), Self.varint(&cell) != nil, size >= 0 else {
            throw Fault("a row has no length")
        }
        guard size <= Self.maximumPayload else { throw Fault("a row has more than \(Self.maximumPayload) bytes") }
        guard size <= remaining else { throw Fault("its rows are longer than the file") }
        remaining -= size
        let local = localPart(of: size)
        guard cell.count >= local else { throw Fault("a row goes beyond its page") }
        if local == size { return cell.prefix(size) }

        var payload = Array(cell.prefix(local))
        payload.reserveCapacity(size)
        var next = try Self.pageNumber(cell.dropFirst(local))
        while payload.count < size {
            let page = try enter(next)
            next = try Self.pageNumber(page)
            payload += page.dropFirst(4).prefix(size - payload.count)
        }
        return payload[...]
    }

    /// How much of a payload lies in the leaf itself.
    private func localPart(of size: Int) -> Int {
        let most = usable - 35
        if size <= most { return size }
        let least = (usable - 12) * 32 / 255 - 23
        let part = least + (size - least) % (usable - 4)
        return part <= most ? part : least
    }
}

extension SQLiteFile {
    /// The values of a row.
    private static func record(_ payload: ArraySlice<UInt8>) throws(Fault) -> [Value] {
        var types = payload
        guard let length = varint(&types).flatMap({ Int(exactly: $0) }), length >= 1, length <= payload.count,
            types.startIndex <= payload.startIndex + length
        else { throw Fault("a row's head is damaged") }
        var body = payload.dropFirst(length)
        types = types[types.startIndex..<(payload.startIndex + length)]
        var values: [Value] = []
        while !types.isEmpty {
            guard values.count < maximumColumns, let type = varint(&types), let size = size(ofType: type),
                size <= body.count
            else { throw Fault("a row's values are damaged") }
            let value = body.prefix(size)
            body = body.dropFirst(size)
            switch type {
            case 0: values.append(.null)
            case 1...6: values.append(.integer(integer(value)))
            case 8, 9: values.append(.integer(type - 8))
            case 7: values.append(.real)
            default: values.append(type % 2 == 0 ? .blob(value) : .text(value))
            }
        }
        return values
    }

    /// Bytes of a value; nil for types that mean nothing or are impossibly long.
    private static func size(ofType type: Int64) -> Int? {
        switch type {
        case 0, 8, 9: 0
        case 1...4: Int(type)
        case 5: 6
        case 6, 7: 8
        case 12...: Int(exactly: (type - 12) / 2)
        default: nil
        }
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int64 {
        var value: Int64 = (bytes.first ?? 0) >= 0x80 ? -1 : 0
        for byte in bytes { value = value << 8 | Int64(byte) }
        return value
    }

    private static func pageNumber(_ bytes: ArraySlice<UInt8>) throws(Fault) -> Int {
        guard bytes.count >= 4 else { throw Fault("a number of a page is cut off") }
        return bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    /// A number of one to nine bytes, taken off the front; nil when it is cut off.
    private static func varint(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for index in 0..<9 {
            guard let byte = bytes.popFirst() else { return nil }
            if index == 8 { return value << 8 | Int64(byte) }
            value = value << 7 | Int64(byte & 0x7F)
            if byte < 0x80 { return value }
        }
        return value
    }
}
