// SPDX-License-Identifier: EUPL-1.2

/// OpenPGP data as text, for mail and files.
///
/// Source: RFC 9580, section 6.
enum ASCIIArmor {
    /// The text, with its checksum and a line break at the end.
    static func encoded(_ bytes: [UInt8], as label: String) -> String {
        let text = Array(Base64.encoded(bytes).utf8)
        let lines = stride(from: 0, to: text.count, by: 64).map { start in
            String(decoding: text[start..<min(start + 64, text.count)], as: UTF8.self)
        }
        let sum = checksum(bytes)
        let check = "=" + Base64.encoded([UInt8(sum >> 16 & 0xFF), UInt8(sum >> 8 & 0xFF), UInt8(sum & 0xFF)])
        return (["-----BEGIN PGP \(label)-----", ""] + lines + [check, "-----END PGP \(label)-----"]).joined(
            separator: "\n"
        ) + "\n"
    }

    /// The bytes of a text with exactly one block of this label; headers between are skipped, a checksum must agree.
    static func decoded(_ text: String, as label: String) throws(OpenPGPError) -> [UInt8] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
            String($0).trimmingTrailingSpaces
        }
        guard let begin = lines.firstIndex(of: "-----BEGIN PGP \(label)-----"),
            let end = lines.firstIndex(of: "-----END PGP \(label)-----"), begin < end,
            lines[(end + 1)...].allSatisfy(\.isEmpty), lines[..<begin].allSatisfy(\.isEmpty)
        else { throw .malformed("there is not exactly one block PGP \(label)") }
        var data = lines[(begin + 1)..<end]
        guard let blank = data.firstIndex(of: "") else {
            throw .malformed("no empty line ends the headers of the block")
        }
        data = data[(blank + 1)...]
        while data.last?.isEmpty == true { data.removeLast() }
        var sum: [UInt8]?
        if let last = data.last, last.utf8.count == 5, last.hasPrefix("=") {
            sum = Base64.decoded(String(last.dropFirst()))
            data.removeLast()
        }
        guard let bytes = Base64.decoded(data.joined()) else { throw .malformed("the block is not base64") }
        if let sum, sum.reduce(0, { $0 << 8 | UInt32($1) }) != checksum(bytes) {
            throw .malformed("the checksum of the block does not agree")
        }
        return bytes
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xB704CE
        for byte in bytes {
            sum ^= UInt32(byte) << 16
            for _ in 0..<8 {
                sum <<= 1
                if sum & 0x0100_0000 != 0 { sum ^= 0x0186_4CFB }
            }
        }
        return sum & 0xFF_FFFF
    }
}
