// SPDX-License-Identifier: EUPL-1.2

import JSON

/// Why a text does not name an image.
public enum ReferenceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is empty or longer than any reference can be.
    case length(Int)
    /// A `%` is not followed by two hexadecimal digits, or the decoded bytes are no UTF-8.
    case encoding
    /// The part before the first slash is no host with an optional port (bounded to 64 characters).
    case registry(String)
    /// The repository name is not valid.
    case name(NameError)
    /// The tag is not valid.
    case tag(TagError)
    /// The digest is not valid.
    case digest(DigestError)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .length(let count): "an image reference has between 1 and 1024 bytes, not \(count)"
        case .encoding: "the image reference has a malformed percent-encoding"
        case .registry(let text): "\"\(text)\" is not a registry host, such as registry.example:5000"
        case .name(let error): error.description
        case .tag(let error): error.description
        case .digest(let error): error.description
        }
    }
}

/// The name of an image as people write it: `[registry/]repository[:tag][@digest]`.
///
/// The first component is the registry when it has a dot, a colon or square brackets or is `localhost`; no registry is ever assumed.
public struct Reference: Sendable, Hashable, CustomStringConvertible {
    /// Host and optional port; nil when the text names none.
    public let registry: String?
    /// The repository.
    public let repository: RepositoryName
    /// The tag, if there is one.
    public let tag: Tag?
    /// The digest, if there is one; it decides when there is a tag too.
    public let digest: Digest?

    /// Makes a reference from its parts.
    public init(registry: String? = nil, repository: RepositoryName, tag: Tag? = nil, digest: Digest? = nil) {
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// Reads a reference.
    public init(parsing text: String) throws(ReferenceError) {
        let count = text.utf8.count
        guard count > 0, count <= 1024 else { throw .length(count) }
        var rest = text[...]
        var registry: String?
        if let slash = rest.firstIndex(of: "/") {
            let first = rest[..<slash]
            if first == "localhost" || first.contains(where: { $0 == "." || $0 == ":" || $0 == "[" }) {
                guard Self.isHost(first) else { throw .registry(first.excerpt(64)) }
                registry = String(first)
                rest = rest[rest.index(after: slash)...]
            }
        }
        do throws(DigestError) {
            if let at = rest.lastIndex(of: "@") {
                digest = try Digest(parsing: String(rest[rest.index(after: at)...]))
                rest = rest[..<at]
            } else {
                digest = nil
            }
        } catch { throw .digest(error) }
        do throws(TagError) {
            if let colon = rest.lastIndex(of: ":") {
                tag = try Tag(parsing: String(rest[rest.index(after: colon)...]))
                rest = rest[..<colon]
            } else {
                tag = nil
            }
        } catch { throw .tag(error) }
        do throws(NameError) { repository = try RepositoryName(parsing: String(rest)) } catch { throw .name(error) }
        self.registry = registry
    }

    /// The reference as it is written.
    public var description: String {
        (registry.map { $0 + "/" } ?? "") + repository.text + (tag.map { ":" + $0.text } ?? "")
            + (digest.map { "@" + $0.description } ?? "")
    }

    /// Host name, IPv4 address or IPv6 address in brackets, with an optional port.
    static func isHost(_ text: Substring) -> Bool {
        var host = text
        if host.first == "[" {
            guard let close = host.firstIndex(of: "]") else { return false }
            let address = host[host.index(after: host.startIndex)..<close]
            guard address.contains(":"), address.utf8.allSatisfy({ isHexDigit($0) || $0 == 0x3A || $0 == 0x2E }) else {
                return false
            }
            let port = host[host.index(after: close)...]
            return port.isEmpty || (port.first == ":" && isPort(port.dropFirst()))
        }
        if let colon = host.firstIndex(of: ":") {
            guard isPort(host[host.index(after: colon)...]) else { return false }
            host = host[..<colon]
        }
        guard host.utf8.count <= 253 else { return false }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.utf8.first, let last = label.utf8.last, label.utf8.count <= 63 else { return false }
            return first != 0x2D && last != 0x2D && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D }
        }
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(text) else { return false }
        return port > 0
    }

    private static func isHexDigit(_ unit: UInt8) -> Bool {
        (unit >= 0x30 && unit <= 0x39) || (unit | 0x20 >= 0x61 && unit | 0x20 <= 0x66)
    }

    private static func isAlphanumeric(_ unit: UInt8) -> Bool {
        (unit >= 0x30 && unit <= 0x39) || (unit | 0x20 >= 0x61 && unit | 0x20 <= 0x7A)
    }
}
