// SPDX-License-Identifier: EUPL-1.2

/// Headers and padding of a tar archive that is written; times and owners are 0, so that the same files give the same archive.
///
/// Source: POSIX.1-2017, "ustar Interchange Format".
public enum TarHeader {
    /// What an entry is.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case file = 0x30
        case directory = 0x35
    }

    /// Bytes that headers take, and of which contents take a multiple.
    public static let block = 512
    /// Longest name in bytes.
    public static let longestName = 100
    /// Largest file that the format's eleven octal digits can tell.
    public static let maximumSize: Int64 = 0o77777777777
    /// What stands after the last entry.
    public static let end = [UInt8](repeating: 0, count: 2 * block)

    /// The header of an entry.
    ///
    /// - Parameter mode: permission bits.
    /// - Returns: nil where the format has no room for the name or the size.
    public static func bytes(
        _ name: some StringProtocol,
        size: Int64,
        mode: UInt32 = 0o644,
        kind: Kind = .file
    ) -> [UInt8]? {
        guard (1...longestName).contains(name.utf8.count), (0...maximumSize).contains(size), mode <= 0o7777 else {
            return nil
        }
        var header = [UInt8](repeating: 0, count: block)
        func put(_ text: some StringProtocol, at start: Int) {
            for (index, byte) in text.utf8.enumerated() { header[start + index] = byte }
        }
        func octal(_ value: Int64, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put(octal(Int64(mode), 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        header[156] = kind.rawValue
        put("ustar\u{0}00", at: 257)
        let sum = header.reduce(Int64(0)) { $0 + Int64($1) }
        put(octal(sum, 6) + "\u{0} ", at: 148)
        return header
    }

    /// What fills the last block of a file's contents.
    public static func padding(after size: Int64) -> [UInt8] {
        let rest = Int(size % Int64(block))
        return [UInt8](repeating: 0, count: rest > 0 ? block - rest : 0)
    }
}
