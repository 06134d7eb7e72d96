// SPDX-License-Identifier: EUPL-1.2

internal import Crypto

/// UUIDs of version 5: the same name gives the same UUID, on every node.
///
/// Source: RFC 9562, 5.5.
package enum NameUUID {
    /// The namespace of Kontor's SBOMs; never to be changed, since serial numbers rest on it.
    private static let namespace: [UInt8] = [
        0x6B, 0x6F, 0x6E, 0x74, 0x6F, 0x72, 0x4D, 0x0E, 0x9A, 0x31, 0x5B, 0xC2, 0x77, 0xE0, 0x14, 0xD9,
    ]

    /// The UUID of a name, in lower case with hyphens.
    static func text(_ name: String) -> String { text(namespace: namespace, name: Array(name.utf8)) }

    package static func text(namespace: [UInt8], name: [UInt8]) -> String {
        // SHA-1 is what version 5 is made of; nothing rests on its strength.
        var bytes = Array(Insecure.SHA1.hash(data: namespace + name).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(0x2D) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
