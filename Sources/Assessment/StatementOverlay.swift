// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Database
public import OCI
public import SBOM
public import Time
import Vulnerabilities

/// Words about vulnerabilities, laid over what advisories found in an image.
///
/// A finding stays, with the word and whose it is; only its status changes. The image's own word goes before one about the image that it stands
/// on, and that before one about the component in general.
public struct StatementOverlay: Sendable {
    /// An image that findings are of.
    public struct Subject: Sendable {
        /// Where it is; nil for what is in no repository, about which the words of no namespace count.
        public let repository: RepositoryName?
        /// Digests that name it: its own, and of an index the children's.
        public let digests: [Digest]
        /// Other names of it.
        let names: VEXSubject
        /// Images whose layers are its lower ones, with the repositories that hold them.
        public let bases: [Base]

        /// An image.
        public init(repository: RepositoryName, digests: [Digest], bases: [Base]) {
            self.repository = repository
            self.digests = digests
            self.bases = bases
            names = VEXSubject(digests: digests.map(\.description))
        }

        /// Something without an image, by its names.
        public init(_ names: VEXSubject) {
            repository = nil
            digests = []
            bases = []
            self.names = names
        }
    }

    /// An image that another one stands on.
    public struct Base: Sendable, Hashable {
        /// Its digest.
        public let digest: Digest
        /// A repository that holds it.
        public let repository: RepositoryName
        /// Rows of its components: a word about the base speaks only of what the base brought.
        let components: Set<Int64>
    }

    /// The words of one place, indexed.
    private struct Voice: Sendable {
        let place: StatementPlace
        let index: VEXIndex
        /// When words of this place end by themselves.
        let ends: [Timestamp]

        /// Whether its words count there; what is in no repository hears those of the whole node alone.
        func counts(in repository: RepositoryName?) -> Bool {
            guard let repository else { return place.namespace == nil && place.repository == nil }
            return place.includes(repository)
        }

        /// Names under which a word of this place may speak of the images of a repository.
        func ids(_ repository: RepositoryName?) -> [String] {
            guard let repository else { return [] }
            return [StatementPlace.product(ofRepository: repository.text)]
                + (place.namespace.map { [StatementPlace.product(ofNamespace: $0)] } ?? [])
        }
    }

    private let voices: [Voice]
    private let words: [VEXSource: Statements.Word]
    /// Digests of the products that words are about.
    private let named: Set<String>
    /// Names of the products that are all images of a repository.
    private let places: Set<String>

    /// Whether nothing is said.
    public var isEmpty: Bool { voices.isEmpty }

    /// The words about vulnerabilities, by any of their names.
    public init(about names: some Sequence<String>, in transaction: Transaction) throws {
        let words = try Statements.words(about: names, in: transaction)
        voices = Dictionary(grouping: words, by: \.place).map { place, words in
            Voice(
                place: place,
                index: VEXIndex(entries: words.map(\.entry)),
                ends: words.compactMap(\.entry.statement.expires)
            )
        }
        let products = words.flatMap { $0.entry.statement.products.map(\.identity) }
        named = Set(products.flatMap(\.imageDigests))
        places = Set(products.compactMap(\.id).filter { $0.hasPrefix(StatementPlace.product(ofRepository: "")) })
        self.words = Dictionary(words.map { ($0.entry.source, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// When a word that counts in a repository ends next by itself.
    func nextEnd(in repository: RepositoryName, after now: Timestamp) -> Timestamp? {
        voices.lazy.filter { $0.place.includes(repository) }.flatMap(\.ends).filter { $0 > now }.min()
    }

    /// Images below a stack of layers that some word is about, the nearest first.
    func bases(under chains: [LayerChain], of digests: [Digest], in transaction: Transaction) throws -> [Base] {
        // What stands on several stacks is an index: a word about one platform is none about the others.
        guard !named.isEmpty || !places.isEmpty, chains.count(where: \.isTop) <= 1 else { return [] }
        return try Self.images(under: chains, in: transaction) { digest, repository in
            guard !digests.contains(digest) else { return false }
            return named.contains(digest.description)
                || places.contains(StatementPlace.product(ofRepository: repository))
        }
    }

    /// Images that lie below a stack of layers, the nearest first; the image itself is the first of its own.
    ///
    /// - Parameter isWanted: tells by digest and repository which of them.
    static func images(
        under chains: [LayerChain],
        in transaction: Transaction,
        where isWanted: (Digest, String) throws -> Bool
    ) throws -> [Base] {
        var images: [Base] = []
        for chain in chains.reversed() {
            for row in try transaction.query(ReverseIndexSchema.basesOfChain, [.blob(chain.bytes)]) {
                let name = try row.text(0)
                guard let digest = try row.optionalDigest(1), try isWanted(digest, name) else { continue }
                images.append(
                    Base(
                        digest: digest,
                        repository: try RepositoryName(parsing: name),
                        components: Set(try row.components(3))
                    )
                )
            }
        }
        return images
    }

    /// The image of a row; nil where it is gone.
    public func subject(ofImage image: Int64, in transaction: Transaction) throws -> Subject? {
        guard let row = try transaction.first(ReverseIndexSchema.imageRow, [.integer(image)]),
            let digest = try row.optionalDigest(1)
        else { return nil }
        return Subject(
            repository: try RepositoryName(parsing: try row.text(0)),
            digests: [digest],
            bases: try bases(under: try row.chains(5), of: [digest], in: transaction)
        )
    }

    /// A finding as it is after all words; the same where there is none about it.
    ///
    /// - Parameters:
    ///   - finding: what advisories say.
    ///   - component: where it was found.
    ///   - row: the component's row; nil where it has none, and inherits nothing then.
    ///   - subject: the image.
    ///   - now: words that have expired do not count.
    public func applied(
        to finding: Finding,
        in component: Component,
        row: Int64?,
        of subject: Subject,
        at now: Timestamp
    ) -> Finding {
        guard !isEmpty else { return finding }
        let purl = component.statedPURL
        func best(_ home: RepositoryName?, _ names: VEXSubject) -> VEXMatch? {
            // The node's own words and those of the namespace are weighed together. Whoever may push can push a base of everybody's: a word
            // about it counts where its words count, and nowhere else.
            let heard = voices.filter { $0.counts(in: home) && $0.counts(in: subject.repository) }
            let matches = heard.flatMap { voice in
                var image = names
                image.ids += voice.ids(home)
                return voice.index.matches(
                    vulnerability: finding.id,
                    aliases: finding.aliases,
                    component: purl,
                    in: image,
                    at: now
                )
            }
            return matches.min { $0.counts(before: $1) }
        }
        let own = best(subject.repository, subject.names)
        if let own, own.basis != .component { return finding.stating(own, nil, words) }
        if let row {
            for base in subject.bases where base.components.contains(row) {
                let named = VEXSubject(digests: [base.digest.description])
                guard let match = best(base.repository, named), match.basis != .component else { continue }
                return finding.stating(match, base.digest, words)
            }
        }
        return own.map { finding.stating($0, nil, words) } ?? finding
    }
}

extension Finding {
    fileprivate func stating(
        _ match: VEXMatch,
        _ base: Digest?,
        _ words: [VEXSource: Statements.Word]
    ) -> Finding {
        let word = words[match.source]
        var finding = self
        finding.status = match.status.applied(to: status)
        finding.statement = FindingStatement(
            match,
            before: status,
            inheritedFrom: base?.description,
            importedBy: word?.importedBy ?? "",
            origin: word?.origin ?? .imported,
            adoptedFrom: word?.adoptedFrom
        )
        return finding
    }
}

extension Component {
    /// Its purl with all that statements may narrow it by: distributions write their release in different qualifiers.
    var statedPURL: PackageURL? {
        guard let purl else { return nil }
        guard let distribution else { return purl }
        var qualifiers = purl.qualifiers
        for (key, value) in [
            ("os_name", distribution.id), ("os_version", distribution.versionID), ("os_distro", distribution.codename),
        ] where qualifiers[key] == nil {
            qualifiers[key] = value
        }
        return PackageURL(
            type: purl.type,
            namespace: purl.namespace,
            name: purl.name,
            version: purl.version,
            qualifiers: qualifiers,
            subpath: purl.subpath
        ) ?? purl
    }
}
