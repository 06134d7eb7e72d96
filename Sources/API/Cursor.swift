// SPDX-License-Identifier: EUPL-1.2

import Accounts

/// Where a list goes on: opaque for clients, so that what is behind it can change.
enum Cursor {
    /// Makes a cursor of a list's kind and its position.
    static func encode(_ kind: String, _ position: String) -> String {
        Base64URL.encode(Array((kind + ":" + position).utf8))
    }

    /// The position; nil when it is no cursor of this kind of list.
    static func decode(_ kind: String, _ text: String) -> String? {
        guard text.utf8.count <= 1024, let bytes = Base64URL.decode(text[...]),
            let decoded = String(validating: bytes, as: UTF8.self), decoded.hasPrefix(kind + ":")
        else { return nil }
        return String(decoded.dropFirst(kind.utf8.count + 1))
    }
}
