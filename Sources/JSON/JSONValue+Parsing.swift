// SPDX-License-Identifier: EUPL-1.2

extension JSONValue {
    /// Reads one JSON text, strictly.
    ///
    /// Refused: duplicate member names, invalid UTF-8, lone surrogates, a byte order mark, bytes after the value, numbers that no double
    /// holds, and whatever exceeds `limits`. Integers beyond 64 bits become doubles.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8; read in place.
    ///   - limits: bounds on depth, length and number of values.
    /// - Throws: ``JSONError`` with the byte offset.
    ///
    /// Source: RFC 8259, and RFC 7493 (I-JSON) for what is refused beyond it.
    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = .standard) throws(JSONError) {
        var parser = try JSONParser(bytes, limits: limits)
        self = try parser.document()
    }

    /// Reads one JSON text; see ``init(parsing:limits:)-(UnsafeRawBufferPointer,_)``.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result<JSONValue, JSONError> { () throws(JSONError) in try JSONValue(parsing: buffer, limits: limits) }
        }
        self = try result.get()
    }

    /// Reads one JSON text; see ``init(parsing:limits:)-(UnsafeRawBufferPointer,_)``.
    public init(parsing text: String, limits: JSONLimits = .standard) throws(JSONError) {
        var text = text
        let result = text.withUTF8 { buffer in
            Result<JSONValue, JSONError> { () throws(JSONError) in
                try JSONValue(parsing: UnsafeRawBufferPointer(buffer), limits: limits)
            }
        }
        self = try result.get()
    }
}
