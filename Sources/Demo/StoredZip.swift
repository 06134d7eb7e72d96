// SPDX-License-Identifier: EUPL-1.2

/// Writes a zip archive whose members are stored as they are: what a small Java archive needs.
///
/// Source: APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12 and 4.3.16.
struct StoredZip {
    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count: UInt16 = 0

    /// Adds a member.
    mutating func add(_ name: String, text: String) {
        let contents = Array(text.utf8)
        let offset = UInt32(truncatingIfNeeded: bytes.count)
        let size = UInt32(truncatingIfNeeded: contents.count)
        // Version 1.0, UTF-8 names, stored, the first day that the format can tell.
        let common =
            Self.bytes(UInt16(0x0800)) + Self.bytes(UInt16(0)) + Self.bytes(UInt16(0)) + Self.bytes(UInt16(0x21))
            + Self.bytes(Self.checksum(contents)) + Self.bytes(size) + Self.bytes(size)
            + Self.bytes(UInt16(truncatingIfNeeded: name.utf8.count)) + Self.bytes(UInt16(0))
        bytes += Self.bytes(UInt32(0x0403_4B50)) + Self.bytes(UInt16(10)) + common + Array(name.utf8) + contents
        directory += Self.bytes(UInt32(0x0201_4B50)) + Self.bytes(UInt16(10)) + Self.bytes(UInt16(10)) + common
        directory += Self.bytes(UInt16(0)) + Self.bytes(UInt16(0)) + Self.bytes(UInt16(0)) + Self.bytes(UInt32(0))
        directory += Self.bytes(offset) + Array(name.utf8)
        count &+= 1
    }

    /// The archive with its directory.
    var finished: [UInt8] {
        bytes + directory + Self.bytes(UInt32(0x0605_4B50)) + Self.bytes(UInt16(0)) + Self.bytes(UInt16(0))
            + Self.bytes(count) + Self.bytes(count) + Self.bytes(UInt32(truncatingIfNeeded: directory.count))
            + Self.bytes(UInt32(truncatingIfNeeded: bytes.count)) + Self.bytes(UInt16(0))
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { value, byte in table[Int((value ^ UInt32(byte)) & 255)] ^ value >> 8 }
    }
}
