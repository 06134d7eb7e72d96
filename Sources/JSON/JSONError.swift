// SPDX-License-Identifier: EUPL-1.2

/// Why bytes are not JSON that this reader accepts, and where.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Equatable, Sendable {
        /// The text ends inside a value.
        case unexpectedEnd
        /// A byte that the grammar does not allow here.
        case unexpectedByte(UInt8)
        /// Something follows the value.
        case trailingBytes
        /// The text begins with a byte order mark.
        case byteOrderMark
        /// A text is not UTF-8.
        case invalidUTF8
        /// A control character stands unescaped in a text.
        case controlCharacter(UInt8)
        /// A backslash is followed by something that is no escape.
        case invalidEscape
        /// A `\u` escape is half of a surrogate pair.
        case loneSurrogate
        /// A number does not follow the grammar, such as `01` or `1.`.
        case invalidNumber
        /// A number is too large for a double, or its text is too long.
        case numberOutOfRange
        /// An object has two members of one name (bounded to 64 characters).
        case duplicateKey(String)
        /// Arrays and objects are nested deeper than the limit.
        case tooDeep(limit: Int)
        /// The text is longer than the limit.
        case tooLarge(limit: Int)
        /// There are more values than the limit.
        case tooManyValues(limit: Int)
        /// The top-level value is not what streaming needs.
        case unexpectedShape(expected: String)
    }

    /// What is wrong.
    public let reason: Reason
    /// Byte offset from the start of the text.
    public let offset: Int

    /// Makes an error.
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// One sentence in English: what is wrong and where.
    public var description: String {
        let what =
            switch reason {
            case .unexpectedEnd: "the text ends inside a value"
            case .unexpectedByte(let byte): "unexpected \(Self.name(byte))"
            case .trailingBytes: "there are bytes after the value"
            case .byteOrderMark: "the text begins with a byte order mark"
            case .invalidUTF8: "a string is not valid UTF-8"
            case .controlCharacter(let byte): "unescaped control character \(Self.name(byte)) in a string"
            case .invalidEscape: "invalid escape in a string"
            case .loneSurrogate: "half of a surrogate pair in a string"
            case .invalidNumber: "a number is malformed"
            case .numberOutOfRange: "a number is out of range"
            case .duplicateKey(let key): "the object has the member \"\(key)\" twice"
            case .tooDeep(let limit): "nested deeper than \(limit) levels"
            case .tooLarge(let limit): "longer than \(limit) bytes"
            case .tooManyValues(let limit): "more than \(limit) values"
            case .unexpectedShape(let expected): "expected \(expected)"
            }
        return "invalid JSON at byte \(offset): \(what)"
    }

    private static func name(_ byte: UInt8) -> String {
        if byte > 0x20, byte < 0x7F { return "'\(Character(UnicodeScalar(byte)))'" }
        let digits = String(byte, radix: 16)
        return "byte 0x" + (digits.utf8.count < 2 ? "0" : "") + digits
    }
}

/// Bounds within which JSON is read.
public struct JSONLimits: Sendable {
    /// Levels of arrays and objects; at most 512 whatever is asked for, because reading recurses.
    public var depth: Int
    /// Bytes of the text.
    public var bytes: Int
    /// Values of one tree, counted with every element and member; for ``JSONStream`` of one member or element.
    public var values: Int
    /// Where an object has a member twice the last one counts, as in JavaScript, instead of being refused.
    ///
    /// Only for files that JavaScript reads; elsewhere two readers could see two documents.
    public var takesLastMember: Bool

    /// Makes limits; the defaults suit a document of a stranger.
    public init(depth: Int = 64, bytes: Int = 64 << 20, values: Int = 4_000_000, takesLastMember: Bool = false) {
        self.depth = depth
        self.bytes = bytes
        self.values = values
        self.takesLastMember = takesLastMember
    }

    /// 64 levels, 64 MiB, four million values.
    public static let standard = JSONLimits()
}
