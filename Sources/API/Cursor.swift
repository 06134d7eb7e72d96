// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// Where a list goes on: opaque for clients, so that what is behind it can change.
enum Cursor {
    /// Makes a cursor of a list's kind and its position.
    static func encode(_ kind: String, _ position: String) -> String {
        Data((kind + ":" + position).utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The position; nil when it is no cursor of this kind of list.
    static func decode(_ kind: String, _ text: String) -> String? {
        guard text.utf8.count <= 1024 else { return nil }
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64), let decoded = String(validating: data, as: UTF8.self),
            decoded.hasPrefix(kind + ":")
        else { return nil }
        return String(decoded.dropFirst(kind.utf8.count + 1))
    }
}
