// SPDX-License-Identifier: EUPL-1.2

/// A second part of a message: a file, such as the same facts as JSON.
public struct MailAttachment: Sendable, Hashable {
    /// Most bytes of a file.
    public static let maximumBytes = 8 << 20

    /// Letters, digits, dots, hyphens and low lines.
    public let name: String
    /// Type and subtype without parameters: `application/json`.
    public let mediaType: String
    /// Any bytes.
    public let bytes: [UInt8]

    /// Takes a file.
    ///
    /// - Throws: ``MailError``.
    public init(name: String, mediaType: String, bytes: [UInt8]) throws(MailError) {
        guard (1...100).contains(name.utf8.count), name.utf8.first != 0x2E,
            name.utf8.allSatisfy({ MailAddress.isAlphanumeric($0) || ".-_".utf8.contains($0) })
        else {
            // No quoting and no encoding: readers differ in how they undo it, and a path is never wanted.
            throw .part("name of the attachment", reason: "\(MailText.shown(name, 100)): 1 to 100 of A-Z a-z 0-9 . - _")
        }
        let types = mediaType.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
        guard mediaType.utf8.count <= 127, types.count == 2,
            types.allSatisfy({ type in
                !type.isEmpty && type.allSatisfy { MailAddress.isAlphanumeric($0) || "!#$&-^_.+".utf8.contains($0) }
            }),
            // A part of this kind may hold parts of its own, and must not be encoded (RFC 2045, 6.4).
            !["multipart", "message"].contains(String(decoding: types[0], as: UTF8.self).lowercased())
        else {
            throw .part(
                "media type of the attachment",
                reason: "\(MailText.shown(mediaType, 127)): not a type and a subtype, such as application/json"
            )
        }
        guard bytes.count <= Self.maximumBytes else {
            throw .tooLarge("attachment", bytes: bytes.count, limit: Self.maximumBytes)
        }
        (self.name, self.mediaType, self.bytes) = (name, mediaType, bytes)
    }
}
