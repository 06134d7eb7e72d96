// SPDX-License-Identifier: EUPL-1.2

/// Rules for the texts that hostile files call names, versions and licences.
enum PackageText {
    /// A name or version as text, without spaces around it; nil if it is empty, longer than 512 bytes, not UTF-8, or has control characters.
    ///
    /// Nothing is repaired: a name that was changed on the way in would be the name of another package.
    static func identity(_ bytes: some Collection<UInt8>) -> String? {
        let trimmed = trimmed(bytes)
        guard !trimmed.isEmpty, trimmed.count <= 512, trimmed.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            return nil
        }
        return String(validating: trimmed, as: UTF8.self)
    }

    /// The same for a text that has been decoded.
    static func identity(_ text: String) -> String? { identity(Array(text.utf8)) }

    /// A text for people, of at most `limit` bytes; bad bytes are replaced, control characters are gone.
    static func prose(_ bytes: some Collection<UInt8>, limit: Int = 512) -> String? {
        let kept = trimmed(bytes).prefix(limit).filter { $0 >= 0x20 && $0 != 0x7F }
        return kept.isEmpty ? nil : String(decoding: kept, as: UTF8.self)
    }

    /// Bytes without spaces and tabs at both ends.
    static func trimmed(_ bytes: some Collection<UInt8>) -> ArraySlice<UInt8> {
        var slice = ArraySlice(bytes)
        while let first = slice.first, first == 0x20 || first == 0x09 { slice.removeFirst() }
        while let last = slice.last, last == 0x20 || last == 0x09 || last == 0x0D { slice.removeLast() }
        return slice
    }

    /// A path without its last part; empty at the root.
    static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: 0x2F) else { return "" }
        return String(path[..<slash])
    }
}
