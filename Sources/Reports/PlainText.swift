// SPDX-License-Identifier: EUPL-1.2

extension String {
    /// One line of text out of an image or a feed: bounded, white space as spaces, and without characters that control or turn text.
    ///
    /// - Parameter limit: Unicode scalars that are kept; an ellipsis stands for the rest.
    func plain(limit: Int = 2000) -> String {
        var text = ""
        for (count, scalar) in unicodeScalars.enumerated() {
            if count == limit { return text + "…" }
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x2028, 0x2029: text += " "
            // C0, DEL and C1; marks that hide or turn text; what XML 1.0 has no character for.
            case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFFFE, 0xFFFF:
                text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The text as it stands in XML, in an element or between the quotation marks of an attribute.
    var xml: String {
        var text = ""
        for scalar in plain(limit: 8000).unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&apos;"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The text as path of a URI reference: everything but unreserved characters and `/` is percent-encoded. (RFC 3986)
    var uriPath: String {
        var text = ""
        for byte in utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F, 0x7E:
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.utf8.count < 2 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}
