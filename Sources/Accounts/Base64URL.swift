// SPDX-License-Identifier: EUPL-1.2

internal import FoundationEssentials

/// Base64 in the alphabet of URLs, without padding.
///
/// Source: RFC 4648, section 5.
public enum Base64URL {
    /// Without padding.
    public static func encode(_ bytes: [UInt8]) -> String {
        var text = Data(bytes).base64EncodedString()
        text = text.replacing("+", with: "-").replacing("/", with: "_")
        while text.hasSuffix("=") { text.removeLast() }
        return text
    }

    /// Nil for what ``encode(_:)`` does not write: two texts must not mean the same bytes.
    public static func decode(_ text: Substring) -> [UInt8]? {
        let plain = String(text).replacing("-", with: "+").replacing("_", with: "/")
        let padded = plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded) else { return nil }
        let bytes = [UInt8](data)
        return encode(bytes) == text ? bytes : nil
    }
}
