// SPDX-License-Identifier: EUPL-1.2

/// An image of this node as it is named in paths: `repository`, `repository:tag` or `repository@digest`.
///
/// Read from the right: a repository name may hold slashes and every reserved word, but neither `@` nor `:`.
public struct LocalReference: Sendable, Hashable, CustomStringConvertible {
    /// Which image of the repository.
    public enum Selector: Sendable, Hashable {
        /// The one that stands for the repository.
        case standIn
        /// What a tag points to.
        case tag(Tag)
        /// Exactly this one.
        case digest(Digest)
    }

    /// The repository.
    public let repository: RepositoryName
    /// Which image of it.
    public let selector: Selector

    /// Makes a reference of its parts.
    public init(repository: RepositoryName, _ selector: Selector = .standIn) {
        self.repository = repository
        self.selector = selector
    }

    /// Reads a reference.
    public init(parsing text: String) throws(ReferenceError) {
        let count = text.utf8.count
        guard count > 0, count <= 1024 else { throw .length(count) }
        var name = text[...]
        if let at = text.lastIndex(of: "@") {
            do throws(DigestError) {
                selector = .digest(try Digest(parsing: String(text[text.index(after: at)...])))
            } catch { throw .digest(error) }
            name = text[..<at]
        } else if let colon = text.lastIndex(of: ":") {
            do throws(TagError) { selector = .tag(try Tag(parsing: String(text[text.index(after: colon)...]))) } catch {
                throw .tag(error)
            }
            name = text[..<colon]
        } else {
            selector = .standIn
        }
        do throws(NameError) { repository = try RepositoryName(parsing: String(name)) } catch { throw .name(error) }
    }

    /// Reads a reference from a part of a URL's path, which may be percent-encoded as a whole or in pieces.
    ///
    /// Decoded exactly once; what is left of a double encoding is refused by the grammar of names.
    public init(percentEncoded text: String) throws(ReferenceError) {
        guard text.utf8.count <= 3072 else { throw .length(text.utf8.count) }
        guard let bytes = PercentEncoding.decode(text.utf8), let decoded = String(validating: bytes, as: UTF8.self)
        else { throw .encoding }
        try self.init(parsing: decoded)
    }

    /// The reference as it is written; safe in the path of a URL as it is.
    public var description: String {
        switch selector {
        case .standIn: repository.text
        case .tag(let tag): repository.text + ":" + tag.text
        case .digest(let digest): repository.text + "@" + digest.description
        }
    }
}
