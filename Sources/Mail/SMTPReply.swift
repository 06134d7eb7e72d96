// SPDX-License-Identifier: EUPL-1.2

internal import NIOCore

/// What a mail server answered: a code, and words for people.
public struct SMTPReply: Sendable, Hashable, CustomStringConvertible {
    /// Three digits, the first from 2 to 5.
    public let code: Int
    /// The words of each line; characters beyond printable ASCII are replaced.
    public let lines: [String]

    package init(code: Int, lines: [String]) {
        self.code = code
        self.lines = lines
    }

    /// The code and the beginning of the words.
    public var description: String {
        String("\(code) \(lines.joined(separator: " "))".prefix(500))
    }

    /// Whether the server says "not now" (4yz).
    public var isTemporary: Bool { code / 100 == 4 }
    /// Whether the server says "never" (5yz).
    public var isPermanent: Bool { code / 100 == 5 }
    var isPositive: Bool { code / 100 == 2 }
}

/// Finds replies in the bytes of a server, whatever it sends and however it is cut.
///
/// Source: RFC 5321, 4.2 and 4.5.3.1.5; the bounds are wider than those, because servers are.
struct SMTPReplyParser {
    /// Most bytes of a line, most lines and most bytes of a reply: a server could go on for ever.
    static let maximumLine = 2048
    static let maximumLines = 128
    static let maximumBytes = 32 << 10

    private var line: [UInt8] = []
    private var code: Int?
    private var lines: [String] = []
    private var bytes = 0

    /// Takes bytes up to the end of one reply; what follows it stays in the buffer.
    ///
    /// - Throws: ``SMTPProblem/invalidReply(_:)``.
    mutating func next(_ buffer: inout ByteBuffer) throws(SMTPProblem) -> SMTPReply? {
        while let byte = buffer.readInteger(as: UInt8.self) {
            bytes += 1
            guard bytes <= Self.maximumBytes else { throw .invalidReply("more than \(Self.maximumBytes) bytes") }
            guard byte == 0x0A else {
                guard line.count < Self.maximumLine else {
                    throw .invalidReply("a line of more than \(Self.maximumLine) bytes")
                }
                line.append(byte)
                continue
            }
            if let reply = try endLine() { return reply }
        }
        return nil
    }

    private mutating func endLine() throws(SMTPProblem) -> SMTPReply? {
        if line.last == 0x0D { line.removeLast() }
        defer { line = [] }
        let digits = line.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let found = Int(String(decoding: digits, as: UTF8.self)), (200..<600).contains(found)
        else { throw .invalidReply("a line without a code: " + Self.words(line.prefix(80))) }
        guard code ?? found == found else { throw .invalidReply("a reply with the codes \(code ?? 0) and \(found)") }
        let mark = line.dropFirst(3).first
        guard mark == nil || mark == 0x20 || mark == 0x2D else {
            throw .invalidReply("a line without a space after its code: " + Self.words(line.prefix(80)))
        }
        guard lines.count < Self.maximumLines else {
            throw .invalidReply("more than \(Self.maximumLines) lines")
        }
        code = found
        lines.append(Self.words(line.dropFirst(4)))
        guard mark != 0x2D else { return nil }
        defer { (code, lines, bytes) = (nil, [], 0) }
        return SMTPReply(code: found, lines: lines)
    }

    /// Words that can be logged and shown: a terminal must not act on what a server says.
    private static func words(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }, as: UTF8.self)
    }
}
