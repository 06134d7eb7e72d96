// SPDX-License-Identifier: EUPL-1.2

/// Writes zip archives with stored members.
public struct ZipBuilder: Sendable {
    private var body: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0

    /// An archive without members.
    public init() {}

    /// Adds a member; `claimedSize` is what the archive says instead of the truth.
    public mutating func add(_ name: String, _ content: [UInt8], claimedSize: Int? = nil) {
        let offset = body.count
        let size = claimedSize ?? content.count
        let common =
            number(20, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(Self.crc32(content), 4)
            + number(size, 4)
            + number(size, 4) + number(name.utf8.count, 2) + number(0, 2)
        body += number(0x0403_4B50, 4) + common + Array(name.utf8) + content
        directory += number(0x0201_4B50, 4) + number(20, 2) + common + number(0, 2) + number(0, 2) + number(0, 2)
        directory += number(0, 4) + number(offset, 4) + Array(name.utf8)
        count += 1
    }

    /// Adds a member with a text.
    public mutating func add(_ name: String, _ text: String) { add(name, Array(text.utf8)) }

    /// The archive.
    public var bytes: [UInt8] {
        body + directory + number(0x0605_4B50, 4) + number(0, 4) + number(count, 2) + number(count, 2)
            + number(directory.count, 4) + number(body.count, 4) + number(0, 2)
    }

    private func number(_ value: Int, _ bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func crc32(_ bytes: [UInt8]) -> Int {
        var value: UInt32 = .max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
        }
        return Int(~value)
    }
}
