// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
public import Hummingbird
import OCI

/// Why a form was not read.
public enum FormError: Error, Sendable, Equatable {
    /// The request carries something else than a form.
    case notAForm
    /// Its body was not read.
    case body(BodyError)
    /// It has too many fields, a broken %-encoding or a character that no field takes.
    case malformed
}

/// The fields of a form that a page sent (`application/x-www-form-urlencoded`, WHATWG URL §5).
public struct FormFields: Sendable {
    /// Longest form, in bytes.
    public static let maximumBytes = 64 << 10
    private static let maximumFields = 64
    private let fields: [(name: String, value: String)]

    /// Reads the body of a request.
    public init(_ request: Request) async throws(FormError) {
        // Not multipart, and not text/plain: the one type that our pages send.
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased()
        guard type == "application/x-www-form-urlencoded" else { throw .notAForm }
        let bytes: [UInt8]
        do { bytes = try await BoundedBody.collect(request, upTo: Self.maximumBytes) } catch { throw .body(error) }
        try self.init(parsing: bytes)
    }

    /// Takes a form's bytes apart.
    public init(parsing bytes: [UInt8]) throws(FormError) {
        var fields: [(name: String, value: String)] = []
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            guard fields.count < Self.maximumFields else { throw .malformed }
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = parts.count > 1 ? Self.decoded(parts[1]) : "" else {
                throw .malformed
            }
            fields.append((name: name, value: value))
        }
        self.fields = fields
    }

    /// The value of a field; nil when it is not there or there twice.
    public subscript(_ name: String) -> String? {
        let values = all(name)
        return values.count == 1 ? values[0] : nil
    }

    /// All values of a field that may be there several times.
    public func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    private static func decoded(_ part: ArraySlice<UInt8>) -> String? {
        let spaced = part.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        // A line break is part of a text area, every other control character is somebody's attempt.
        guard let bytes = PercentEncoding.decode(spaced),
            bytes.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 })
        else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
