// SPDX-License-Identifier: EUPL-1.2

/// The name of an upload session: a random UUID, lower case, made by the server.
///
/// It is a capability only together with the repository and the account that the session belongs to.
public struct UploadID: Sendable, Hashable, CustomStringConvertible {
    /// Eight-four-four-four-twelve lower-case hexadecimal digits.
    public let text: String

    /// Reads an id from a path; nil unless it is exactly what this server writes.
    public init?(parsing text: some StringProtocol) {
        let bytes = Array(text.utf8.prefix(37))
        guard bytes.count == 36 else { return nil }
        for (index, byte) in bytes.enumerated() {
            let isDash = index == 8 || index == 13 || index == 18 || index == 23
            guard isDash ? byte == 0x2d : (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) else {
                return nil
            }
        }
        self.text = String(decoding: bytes, as: UTF8.self)
    }

    /// A new, unguessable id.
    public static func random() -> UploadID {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append(0x2d) }
            text.append(digits[Int(generator.next() & 15)])
        }
        return UploadID(text: String(decoding: text, as: UTF8.self))
    }

    private init(text: String) { self.text = text }

    /// The id.
    public var description: String { text }
}
