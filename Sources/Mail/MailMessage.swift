// SPDX-License-Identifier: EUPL-1.2

public import Time

/// A message that a machine writes to one person: a text, and a file where one is wanted.
///
/// The same message has the same bytes each time, all ASCII, and no line is longer than a long address: no server has
/// to change them, and one that is sent twice is the same message to the receiver, by its Message-ID.
///
/// Source: RFC 5322; RFC 2045 to 2047; RFC 3834, 5 (`Auto-Submitted`).
public struct MailMessage: Sendable, Hashable {
    /// Most bytes of a subject.
    public static let maximumSubjectBytes = 500
    /// Most bytes of a text.
    public static let maximumTextBytes = 1 << 20

    /// Who sends; failures of later servers go there as well.
    public let from: MailAddress
    /// A name to show beside ``from``; empty for none.
    public let fromName: String
    /// Who gets it: one, so that nobody learns who else does.
    public let to: MailAddress
    /// One line.
    public let subject: String
    /// When it was written; not when it is sent, so that a second attempt has the same bytes.
    public let date: Timestamp
    /// Name of this message in the world, without angle brackets: `17.warning@node.example.org`.
    public let messageID: String
    /// Any lines.
    public let text: String
    /// A file beside the text.
    public let attachment: MailAttachment?

    /// Takes a message; what could forge a line of the header is refused with its place.
    ///
    /// - Throws: ``MailError``.
    public init(
        from: MailAddress,
        fromName: String = "",
        to: MailAddress,
        subject: String,
        date: Timestamp,
        messageID: String,
        text: String,
        attachment: MailAttachment? = nil
    ) throws(MailError) {
        try MailText.check(fromName, "name of the sender", limit: 100)
        try MailText.check(subject, "subject", limit: Self.maximumSubjectBytes)
        try MailText.check(text, "text", limit: Self.maximumTextBytes, lines: true)
        try Self.check(messageID: messageID)
        // RFC 5322, 3.3: a year has four digits and is 1900 or later.
        guard (1900...9999).contains(date.date.year) else {
            throw .part("date", reason: "\(date.rfc3339) has no form in mail; check the clock")
        }
        (self.from, self.fromName, self.to, self.subject) = (from, fromName, to, subject)
        (self.date, self.messageID, self.text, self.attachment) = (date, messageID, text, attachment)
    }

    /// `dot-atom@dot-atom`: what every server passes on as it is.
    private static func check(messageID: String) throws(MailError) {
        let sides = messageID.utf8.split(separator: 0x40, omittingEmptySubsequences: false)
        guard messageID.utf8.count <= 200, sides.count == 2,
            sides.allSatisfy({ side in
                !side.isEmpty && side.first != 0x2E && side.last != 0x2E && !MailAddress.hasDoubleDot(side)
                    && side.allSatisfy { MailAddress.isAlphanumeric($0) || "!#$%&'*+-/=?^_`{|}~.".utf8.contains($0) }
            })
        else {
            throw .part(
                "Message-ID",
                reason: "\(MailText.shown(messageID, 200)): not of the form unique@domain in ASCII, without brackets, "
                    + "in at most 200 bytes"
            )
        }
    }

    /// The whole message, with CR LF at the end of every line.
    public func bytes() -> [UInt8] {
        var output = MailWriter()
        output.line("Date: " + date.mailDate)
        output.field("From", MailHeader.mailbox(fromName, from))
        output.line("To: <\(to)>")
        output.line("Message-ID: <\(messageID)>")
        output.field("Subject", MailHeader.unstructured(subject, after: "Subject: ".utf8.count))
        // Answering machines must not answer a machine, nor each other.
        output.line("Auto-Submitted: auto-generated")
        output.line("MIME-Version: 1.0")
        guard let attachment else {
            output.textPart(text)
            return output.bytes
        }
        // `=_` stands in no line of either encoding, so no content can end its part.
        let boundary = "=_kontor"
        output.line("Content-Type: multipart/mixed; boundary=\"\(boundary)\"")
        output.line("")
        output.line("--" + boundary)
        output.textPart(text)
        // The line end before a boundary belongs to the boundary, not to the text (RFC 2046, 5.1.1).
        output.line("")
        output.line("--" + boundary)
        output.line("Content-Type: \(attachment.mediaType)")
        output.line("Content-Disposition: attachment;")
        output.line(" filename=\"\(attachment.name)\"")
        output.line("Content-Transfer-Encoding: base64")
        output.line("")
        output.base64(attachment.bytes)
        output.line("--" + boundary + "--")
        return output.bytes
    }
}
