// SPDX-License-Identifier: EUPL-1.2

/// Where the source of something lies, in one form, so that what an image says and what somebody registered can be compared.
///
/// `https` or `http`, the host in small letters, the port only where it is not the usual one, a path without `.git` and slashes at its end; no
/// user, query or fragment. What is not the address of a repository is none: it is compared and never guessed.
public struct SourceAddress: Sendable, Hashable, CustomStringConvertible {
    /// Most bytes of an address.
    public static let maximumBytes = 512

    /// The address in its one form.
    public let text: String

    /// ``text``.
    public var description: String { text }

    /// Reads an address; nil for what is none.
    public init?(parsing text: String) {
        guard text.utf8.count <= Self.maximumBytes, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let small = text.prefix(8).lowercased()
        guard let scheme = ["https", "http"].first(where: { small.hasPrefix($0 + "://") }) else { return nil }
        let rest = text.dropFirst(scheme.utf8.count + 3)
        let authority = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(authority.count)
        // A mark of a query or a fragment: another place than the repository, or a part of it.
        guard !path.contains(where: { "?#\\\"<>^`{|}".contains($0) }) else { return nil }
        guard let host = Self.host(authority, usualPort: scheme == "https" ? "443" : "80") else { return nil }
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix(".git") { path = path.dropLast(4) }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard !segments.isEmpty, segments.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { return nil }
        self.text = "\(scheme)://\(host)\(path)"
    }

    private static func host(_ authority: Substring, usualPort: String) -> String? {
        let parts = authority.lowercased().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.first, !name.isEmpty,
            name.utf8.allSatisfy({
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
            })
        else { return nil }
        guard parts.count == 2 else { return String(name) }
        guard (1...5).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return parts[1] == usualPort ? String(name) : "\(name):\(parts[1])"
    }
}
