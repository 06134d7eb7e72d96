// SPDX-License-Identifier: EUPL-1.2

internal import FoundationEssentials

/// What an `Authorization` header says.
public enum Credentials: Sendable, Equatable {
    /// No header, or Basic with nothing in it: skopeo sends that when it has no login.
    case none
    /// A name and a secret.
    case given(username: String, password: String)
    /// A bearer token.
    case bearer(String)
    /// Another scheme, or no valid encoding.
    case unreadable

    /// Reads the header; nil when there is none.
    public init(header: String?) {
        guard let header else {
            self = .none
            return
        }
        self = .unreadable
        guard header.utf8.count <= 20 << 10 else { return }
        let parts = header.split(separator: " ", maxSplits: 1)
        if parts.count == 2, parts[0].lowercased() == "bearer" {
            self = .bearer(parts[1].trimmingSpaces())
            return
        }
        guard parts.count == 2, parts[0].lowercased() == "basic", header.utf8.count <= 4096,
            let data = Data(base64Encoded: parts[1].trimmingSpaces()),
            let text = String(validating: data, as: UTF8.self),
            let colon = text.utf8.firstIndex(of: 0x3a)
        else { return }
        let username = String(text[..<colon])
        let password = String(text[text.utf8.index(after: colon)...])
        self = username.isEmpty && password.isEmpty ? .none : .given(username: username, password: password)
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
