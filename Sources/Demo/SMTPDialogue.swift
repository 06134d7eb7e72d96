// SPDX-License-Identifier: EUPL-1.2

/// The receiving side of one mail connection, line by line: what is answered, and what came in.
///
/// It takes mail for everybody and passes nothing on. All that it holds is bounded: anybody on this machine can speak to it.
///
/// Source: RFC 5321, 4.1 and 4.5.2 (transparency).
package struct SMTPDialogue {
    /// Longest line, with its end.
    package static let longestLine = 4_096
    /// Largest message.
    package static let largestMessage = 2 << 20
    /// Receivers of one message.
    static let mostReceivers = 100

    /// What a line leads to.
    enum Action: Equatable {
        /// Goes back.
        case reply(String)
        /// Goes back, and the connection ends.
        case close(String)
        /// A message is complete; the answer waits until it is kept.
        case take(Envelope)
        /// Nothing yet.
        case nothing
    }

    /// A message with what the sender said about it.
    struct Envelope: Equatable, Sendable {
        var from = ""
        var to: [String] = []
        var message: [UInt8] = []
    }

    private var envelope: Envelope?
    private var isInMessage = false
    private var isTooLarge = false

    /// Takes one line without its end.
    mutating func take(_ line: ArraySlice<UInt8>) -> Action {
        if isInMessage { return takeText(line) }
        let text = String(decoding: line, as: UTF8.self)
        switch text.prefix(4).uppercased() {
        case "EHLO", "HELO":
            envelope = nil
            return .reply("250 inbox.example.org takes everything and passes nothing on")
        case "MAIL":
            envelope = Envelope(from: Self.path(text))
            return .reply("250 go on")
        case "RCPT":
            guard let known = envelope else { return .reply("503 MAIL comes first") }
            guard known.to.count < Self.mostReceivers else { return .reply("452 too many receivers") }
            envelope?.to.append(Self.path(text))
            return .reply("250 go on")
        case "DATA":
            guard let envelope, !envelope.to.isEmpty else { return .reply("503 RCPT comes first") }
            isInMessage = true
            isTooLarge = false
            return .reply("354 end with a single dot")
        case "RSET":
            envelope = nil
            return .reply("250 forgotten")
        case "NOOP": return .reply("250 fine")
        case "QUIT": return .close("221 goodbye")
        default: return .reply("500 this command is not known here")
        }
    }

    private mutating func takeText(_ line: ArraySlice<UInt8>) -> Action {
        guard line.elementsEqual([0x2E]) else {
            // A dot that the sender doubled.
            let content = line.first == 0x2E ? line.dropFirst() : line
            if (envelope?.message.count ?? 0) + content.count + 2 > Self.largestMessage {
                isTooLarge = true
                envelope?.message = []
            }
            if !isTooLarge { envelope?.message += content + [0x0D, 0x0A] }
            return .nothing
        }
        isInMessage = false
        defer { envelope = nil }
        guard let envelope, !isTooLarge else {
            return .reply("552 the message is larger than \(Self.largestMessage) bytes")
        }
        return .take(envelope)
    }

    /// What stands between the angle brackets.
    private static func path(_ line: String) -> String {
        let address = line.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }
        return String(address.prefix(320))
    }
}
