// SPDX-License-Identifier: EUPL-1.2

public import JSON
internal import Time

extension AuditEvent {
    /// The event as one line of JSON with its line end, always the same bytes for the same event.
    ///
    /// Members, sorted by name: `action`, `actor` (null once erased), `at` (RFC 3339, UTC), `detail` (null once erased),
    /// `hash` (lower-case hex, 64 digits), `id`, `subject`. A line end inside a value is escaped, so that no value can
    /// forge a second line.
    public var jsonLine: [UInt8] { json.bytes(.compact) + [0x0a] }

    /// The event with the members of ``jsonLine``.
    public var json: JSONValue {
        [
            "id": .integer(id), "at": .string(at.rfc3339), "actor": .optional(actor), "action": .string(action),
            "subject": .string(subject), "detail": detail ?? .null, "hash": .string(hashHex),
        ]
    }

    /// Reads what ``jsonLine`` wrote, from an archive for example.
    ///
    /// - Parameter line: with or without its line end.
    /// - Throws: `JSONError`, `JSONShapeError`.
    public init(parsing line: [UInt8]) throws {
        let fields = try JSONFields(JSONValue(parsing: line))
        func value<T>(_ key: String, _ expected: String, _ read: (String) -> T?) throws -> T {
            let text = try fields.string(key)
            guard let value = read(text) else {
                throw JSONShapeError(path: fields.path(of: key), expected: expected, found: String(text.prefix(80)))
            }
            return value
        }
        self.init(
            id: try fields.integer("id"),
            at: try value("at", "an RFC 3339 instant") { Timestamp(rfc3339: $0) },
            actor: try fields.optionalString("actor"),
            action: try fields.string("action"),
            subject: try fields.string("subject"),
            detail: fields.has("detail") ? fields.members["detail"] : nil,
            hash: try value("hash", "64 hex digits") { Self.hash(hex: $0) }
        )
    }

    /// ``hash`` in lower-case hex.
    var hashHex: String {
        var text = ""
        text.reserveCapacity(hash.count * 2)
        for byte in hash { text += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        return text
    }

    private static func hash(hex: String) -> [UInt8]? {
        let digits = hex.utf8.map { digit -> UInt8? in
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x61...0x66: digit - 0x61 + 10
            default: nil
            }
        }
        guard digits.count == 64, !digits.contains(nil) else { return nil }
        return stride(from: 0, to: 64, by: 2).map { (digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0) }
    }
}
