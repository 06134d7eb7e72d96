// SPDX-License-Identifier: EUPL-1.2

import Accounts

/// The cookie that keeps a sign-in.
struct SessionCookie: Sendable {
    /// Browsers reach the node by TLS.
    let isSecure: Bool

    /// With TLS the browser itself holds that no other host and no plain connection may set the cookie (RFC 6265bis, section 4.1.3.2).
    var name: String { isSecure ? "__Host-kontor-session" : "kontor-session" }

    /// The value of a request's cookie; nil when there is none.
    func secret(in header: String?) -> String? { Self.value(of: name, in: header) }

    /// `Set-Cookie` for a new session.
    func keep(_ secret: String) -> String {
        "\(name)=\(secret); Max-Age=\(Accounts.sessionLife.components.seconds)" + attributes
    }

    /// `Set-Cookie` that takes the cookie back.
    var drop: String { "\(name)=; Max-Age=0" + attributes }

    /// No script reads it, and no other site's form sends it.
    private var attributes: String { "; Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "") }

    /// The first cookie of a name in a `Cookie` header.
    static func value(of name: String, in header: String?) -> String? {
        for pair in (header ?? "").utf8.prefix(8192).split(separator: 0x3B) {
            let text = String(decoding: pair.drop { $0 == 0x20 }, as: UTF8.self)
            if text.hasPrefix(name + "=") { return String(text.dropFirst(name.utf8.count + 1)) }
        }
        return nil
    }
}
