// SPDX-License-Identifier: EUPL-1.2

extension PackageURL {
    /// Reads a purl, canonical or not.
    ///
    /// - Throws: ``PackageURLError`` naming the part that is wrong; texts in it are cut to 80 characters.
    public init(parsing text: String) throws(PackageURLError) {
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong(bytes: text.utf8.count) }
        // Only ASCII: a combining mark after a separator would make it another character, and hide it from the splits below.
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw .invalidEncoding(part: bounded(text[...]))
        }
        var rest = text[...]

        var subpath: [String] = []
        if let hash = rest.lastIndex(of: "#") {
            subpath = try Self.segments(rest[rest.index(after: hash)...]).filter { $0 != "." && $0 != ".." }
            rest = rest[..<hash]
        }
        var qualifiers: [String: String] = [:]
        if let mark = rest.lastIndex(of: "?") {
            qualifiers = try Self.qualifiers(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        guard let colon = rest.firstIndex(of: ":"), rest[..<colon].lowercased() == "pkg" else { throw .missingScheme }
        rest = rest[rest.index(after: colon)...].drop { $0 == "/" }
        guard let slash = rest.firstIndex(of: "/") else {
            let type = rest.lowercased()
            throw Self.isType(type) ? .missingName : .invalidType(bounded(rest))
        }
        let type = rest[..<slash].lowercased()
        guard Self.isType(type) else { throw .invalidType(bounded(rest[..<slash])) }
        rest = rest[rest.index(after: slash)...]
        while rest.last == "/" { rest.removeLast() }

        var version: String?
        // An "@" at the start of a segment is npm's scope, written plain by careless tools, not the border of a version.
        if let at = rest.lastIndex(of: "@"), at != rest.startIndex, rest[rest.index(before: at)] != "/" {
            version = try Self.decoded(rest[rest.index(after: at)...])
            rest = rest[..<at]
            while rest.last == "/" { rest.removeLast() }
        }
        var segments = rest.split(separator: "/")
        guard let last = segments.popLast() else { throw .missingName }
        let name = try Self.decoded(last)
        var namespace: [String] = []
        for segment in segments { namespace += try Self.segments(segment) }
        self.init(
            canonicalType: type,
            namespace: namespace,
            name: name,
            version: version,
            qualifiers: qualifiers,
            subpath: subpath
        )
    }

    private static func segments(_ text: Substring) throws(PackageURLError) -> [String] {
        var result: [String] = []
        for segment in text.split(separator: "/") {
            let decoded = try decoded(segment)
            guard !decoded.utf8.contains(0x2F) else { throw .slashInSegment(bounded(segment)) }
            result.append(decoded)
        }
        return result
    }

    private static func qualifiers(_ text: Substring) throws(PackageURLError) -> [String: String] {
        var result: [String: String] = [:]
        for pair in text.split(separator: "&") {
            guard let equals = pair.firstIndex(of: "=") else { throw .invalidQualifier(bounded(pair)) }
            let key = pair[..<equals].lowercased()
            guard isQualifierKey(key) else { throw .invalidQualifier(bounded(pair)) }
            let value = try decoded(pair[pair.index(after: equals)...])
            if value.isEmpty { continue }
            guard result.updateValue(value, forKey: key) == nil else { throw .duplicateQualifier(bounded(key[...])) }
        }
        return result
    }

    private static func decoded(_ text: Substring) throws(PackageURLError) -> String {
        guard text.utf8.contains(0x25) else { return String(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            if byte != 0x25 {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(hexValue), let low = iterator.next().flatMap(hexValue) else {
                throw .invalidEncoding(part: bounded(text))
            }
            bytes.append(high << 4 | low)
        }
        guard let result = String(validating: bytes, as: UTF8.self) else {
            throw .invalidEncoding(part: bounded(text))
        }
        return result
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// The first 80 characters: errors carry what was wrong, not what a stranger sent.
private func bounded(_ text: Substring) -> String {
    text.count > 80 ? text.prefix(80) + "…" : String(text)
}
