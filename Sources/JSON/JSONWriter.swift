// SPDX-License-Identifier: EUPL-1.2

/// How a value is written; every form is deterministic.
public enum JSONForm: Sendable, Hashable {
    /// No white space, members sorted by the bytes of their names; a double stays recognisable as one (`1.0`).
    case compact
    /// As ``compact``, with line breaks and two spaces per level.
    case pretty
    /// RFC 8785 (JCS): members sorted by UTF-16 units, numbers as ECMAScript writes a double.
    case rfc8785
    /// OLPC canonical JSON, as TUF and in-toto tools sign it: only `"` and `\` are escaped, everything else stands as it is.
    ///
    /// The form has no fractions; see ``JSONValue/isRepresentableInOLPC``.
    case olpc
}

extension JSONValue {
    /// The value as UTF-8.
    ///
    /// A double that is not finite, which the parser never makes, is written as `null`. In ``JSONForm/rfc8785`` an integer beyond 2⁵³ is
    /// written as the double nearest to it, as the RFC demands.
    public func bytes(_ form: JSONForm = .compact) -> [UInt8] {
        var writer = JSONWriter(form)
        writer.write(self, level: 0)
        return writer.output
    }

    /// The value as text; see ``bytes(_:)``.
    public func text(_ form: JSONForm = .compact) -> String { String(decoding: bytes(form), as: UTF8.self) }

    /// Whether OLPC canonical JSON has a form for this value: no fractions, no exponents.
    public var isRepresentableInOLPC: Bool {
        switch self {
        case .double: false
        case .array(let elements): elements.allSatisfy(\.isRepresentableInOLPC)
        case .object(let members): members.values.allSatisfy(\.isRepresentableInOLPC)
        default: true
        }
    }
}

/// Writes values into one growing buffer.
struct JSONWriter {
    private(set) var output: [UInt8] = []
    private let form: JSONForm

    init(_ form: JSONForm) { self.form = form }

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: append("null")
        case .bool(true): append("true")
        case .bool(false): append("false")
        case .integer(let number): write(integer: number)
        case .double(let number): write(double: number)
        case .string(let text): write(string: text)
        case .array(let elements):
            output.append(0x5B)
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(0x2C) }
                newLine(level + 1)
                write(element, level: level + 1)
            }
            if !elements.isEmpty { newLine(level) }
            output.append(0x5D)
        case .object(let members):
            output.append(0x7B)
            for (index, member) in sorted(members).enumerated() {
                if index > 0 { output.append(0x2C) }
                newLine(level + 1)
                write(string: member.key)
                output.append(0x3A)
                if form == .pretty { output.append(0x20) }
                write(member.value, level: level + 1)
            }
            if !members.isEmpty { newLine(level) }
            output.append(0x7D)
        }
    }

    // Swift's own order of strings is that of Unicode normal forms; neither RFC 8785 nor a reader of bytes sorts so.
    private func sorted(_ members: [String: JSONValue]) -> [(key: String, value: JSONValue)] {
        if form == .rfc8785 { return members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) } }
        return members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private mutating func newLine(_ level: Int) {
        guard form == .pretty else { return }
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: level * 2))
    }

    private mutating func append(_ text: StaticString) {
        output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func write(integer: Int64) {
        if form == .rfc8785, integer.magnitude > 1 << 53 { return write(double: Double(integer)) }
        output.append(contentsOf: String(integer).utf8)
    }

    private mutating func write(double: Double) {
        guard double.isFinite else { return append("null") }
        let text = ECMAScriptNumber.text(double)
        output.append(contentsOf: text.utf8)
        // Keeps a double a double when it is read again.
        if form == .compact || form == .pretty, text.utf8.allSatisfy({ $0 == 0x2D || ($0 >= 0x30 && $0 <= 0x39) }) {
            append(".0")
        }
    }

    private mutating func write(string: String) {
        output.append(0x22)
        var string = string
        string.withUTF8 { bytes in
            var runStart = 0
            for index in bytes.indices {
                let byte = bytes[index]
                guard byte == 0x22 || byte == 0x5C || (byte < 0x20 && form != .olpc) else { continue }
                output.append(contentsOf: bytes[runStart..<index])
                runStart = index + 1
                escape(byte)
            }
            output.append(contentsOf: bytes[runStart...])
        }
        output.append(0x22)
    }

    private mutating func escape(_ byte: UInt8) {
        output.append(0x5C)
        switch byte {
        case 0x22, 0x5C: output.append(byte)
        case 0x08: output.append(0x62)
        case 0x09: output.append(0x74)
        case 0x0A: output.append(0x6E)
        case 0x0C: output.append(0x66)
        case 0x0D: output.append(0x72)
        default:
            append("u00")
            output.append(byte < 0x10 ? 0x30 : 0x31)
            let low = byte & 0x0F
            output.append(low < 10 ? 0x30 + low : 0x61 + low - 10)
        }
    }
}
