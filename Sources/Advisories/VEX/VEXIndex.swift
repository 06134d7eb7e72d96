// SPDX-License-Identifier: EUPL-1.2

public import SBOM
public import Time

/// What VEX statements are looked up for: an image, by everything that names it.
public struct VEXSubject: Sendable, Hashable {
    /// Digests of its manifest and of the indices that list it: `sha256:…`.
    public var digests: [String]
    /// Its package URLs: `pkg:oci/app@sha256:…?repository_url=registry.example/gov/app`.
    public var purls: [PackageURL]
    /// Other names: `urn:cdx:…/1` of its SBOM, IRIs.
    public var ids: [String]

    /// Makes a subject.
    public init(digests: [String] = [], purls: [PackageURL] = [], ids: [String] = []) {
        self.digests = digests
        self.purls = purls
        self.ids = ids
    }

    /// The link by which CycloneDX documents refer to a bill, `urn:cdx:…/1`; nil for a serial number that makes none.
    public static func link(serialNumber: String, version: Int) -> String? {
        CycloneDXReferences.link(serialNumber: serialNumber, version: version)
    }
}

/// Statements of many documents, to be asked which one counts.
///
/// A lookup takes the time of the statements about the same vulnerability in the same product; how many others there are does not
/// matter.
public struct VEXIndex: Sendable {
    /// A statement and where it is from.
    public struct Entry: Sendable, Hashable {
        /// The statement.
        public let statement: VEXStatement
        /// Where it is from.
        public let source: VEXSource

        /// Makes an entry.
        public init(_ statement: VEXStatement, source: VEXSource) {
            self.statement = statement
            self.source = source
        }
    }

    /// Vulnerability, product and part, each as its number; -1 for the product as a whole.
    private struct Key: Hashable {
        let vulnerability: Int32
        let product: Int32
        let component: Int32
    }

    private struct Reference {
        let entry: Int32
        let product: Int32
        /// Index of the subcomponent; -1 for the product as a whole.
        let component: Int32
    }

    private let entries: [Entry]
    private var numbers: [String: Int32] = [:]
    private var references: [Key: [Reference]] = [:]

    /// Indexes the statements of documents.
    public init(_ documents: [VEXDocument]) {
        self.init(
            entries: documents.flatMap { document in
                document.statements.enumerated().map { Entry($1, source: VEXSource(document, statement: $0)) }
            }
        )
    }

    /// Indexes statements.
    public init(entries: [Entry]) {
        self.entries = entries
        for (index, entry) in entries.enumerated() { add(entry.statement, Int32(index)) }
    }

    /// How many statements there are.
    public var count: Int { entries.count }

    // MARK: - Lookup

    /// The statement that counts for a finding; nil where none is about it.
    ///
    /// - Parameters:
    ///   - finding: gives the vulnerability, its aliases and the component.
    ///   - image: what the component was found in.
    ///   - instant: statements that have expired by then do not count.
    public func match(_ finding: Finding, in image: VEXSubject, at instant: Timestamp) -> VEXMatch? {
        match(
            vulnerability: finding.id,
            aliases: finding.aliases,
            component: finding.componentPURL.flatMap { try? PackageURL(parsing: $0) },
            in: image,
            at: instant
        )
    }

    /// The statement that counts for a vulnerability in a component of an image; nil where none is about it.
    public func match(
        vulnerability: String,
        aliases: [String] = [],
        component: PackageURL?,
        in image: VEXSubject,
        at instant: Timestamp
    ) -> VEXMatch? {
        matches(vulnerability: vulnerability, aliases: aliases, component: component, in: image, at: instant).first
    }

    /// All statements about a vulnerability in a component of an image, the one that counts first.
    ///
    /// The image's own statements come before those about the component in general, since they are about another product and know more:
    /// that a library is affected does not say that an image which never calls it is. Within one product the latest counts, then the
    /// higher version of the document, then the more cautious word.
    public func matches(
        vulnerability: String,
        aliases: [String] = [],
        component: PackageURL?,
        in image: VEXSubject,
        at instant: Timestamp
    ) -> [VEXMatch] {
        let names = [vulnerability] + aliases
        let vulnerabilities = Set(names.compactMap { numbers[Self.key(vulnerability: $0)] })
        guard !vulnerabilities.isEmpty else { return [] }
        let cves = Self.cves(names)
        let parts = [-1] + (component.flatMap { numbers[Self.key(purl: $0)] }.map { [$0] } ?? [])
        var found: [Int32: VEXMatch] = [:]
        for candidate in candidates(component: component, image: image) {
            for vulnerability in vulnerabilities {
                for part in parts {
                    let key = Key(vulnerability: vulnerability, product: candidate.number, component: part)
                    for reference in references[key] ?? [] {
                        guard let match = match(reference, candidate, component, instant),
                            Self.isSame(match.statement.vulnerability, as: cves)
                        else { continue }
                        if let other = found[reference.entry], other.basis <= match.basis { continue }
                        found[reference.entry] = match
                    }
                }
            }
        }
        return found.values.sorted { $0.counts(before: $1) }
    }

    /// The identifiers that name exactly one vulnerability.
    static func cves(_ names: [String]) -> Set<String> {
        Set(names.lazy.map { $0.uppercased() }.filter { CVEIdentifier.isValid($0.utf8) })
    }

    /// An erratum is an alias of every vulnerability that it repairs: that two share one does not make them the same, where their CVEs differ.
    static func isSame(_ vulnerability: VEXVulnerability, as cves: Set<String>) -> Bool {
        guard !cves.isEmpty else { return true }
        let stated = Self.cves([vulnerability.name] + vulnerability.aliases)
        return stated.isEmpty || !stated.isDisjoint(with: cves)
    }

    private struct Candidate {
        let number: Int32
        let basis: VEXMatch.Basis
        let purl: PackageURL?
    }

    private func candidates(component: PackageURL?, image: VEXSubject) -> [Candidate] {
        var result: [Candidate] = []
        func add(_ key: String, _ basis: VEXMatch.Basis, _ purl: PackageURL? = nil) {
            guard let number = numbers[key] else { return }
            result.append(Candidate(number: number, basis: basis, purl: purl))
        }
        for digest in image.digests { add(Self.key(digest: digest), .imageDigest) }
        for purl in image.purls {
            if let digest = purl.imageDigest { add(Self.key(digest: digest), .imageDigest) }
            add(Self.key(purl: purl), .imagePURL, purl)
        }
        for id in image.ids { add(Self.key(id: id), .imageID) }
        if let component { add(Self.key(purl: component), .component, component) }
        return result
    }

    private func match(
        _ reference: Reference,
        _ candidate: Candidate,
        _ component: PackageURL?,
        _ instant: Timestamp
    ) -> VEXMatch? {
        let entry = entries[Int(reference.entry)]
        if let expires = entry.statement.expires, expires <= instant { return nil }
        let product = entry.statement.products[Int(reference.product)]
        if let purl = candidate.purl {
            guard let stated = product.identity.purl, stated.covers(purl) else { return nil }
        }
        if reference.component >= 0 {
            guard let component, let stated = product.subcomponents[Int(reference.component)].purl,
                stated.covers(component)
            else { return nil }
        }
        return VEXMatch(statement: entry.statement, source: entry.source, product: product, basis: candidate.basis)
    }

    // MARK: - Building

    private mutating func add(_ statement: VEXStatement, _ entry: Int32) {
        let names = [statement.vulnerability.name] + statement.vulnerability.aliases
        let vulnerabilities = Set(names.map { number(Self.key(vulnerability: $0)) })
        for (index, product) in statement.products.enumerated() {
            for key in Self.keys(of: product.identity) {
                let productNumber = number(key)
                func insert(_ component: Int32, at position: Int32) {
                    for vulnerability in vulnerabilities {
                        let key = Key(vulnerability: vulnerability, product: productNumber, component: component)
                        let reference = Reference(entry: entry, product: Int32(index), component: position)
                        references[key, default: []].append(reference)
                    }
                }
                if product.subcomponents.isEmpty { insert(-1, at: -1) }
                for (position, part) in product.subcomponents.enumerated() {
                    if let purl = part.purl { insert(number(Self.key(purl: purl)), at: Int32(position)) }
                }
            }
        }
    }

    private mutating func number(_ key: String) -> Int32 {
        if let number = numbers[key] { return number }
        let number = Int32(numbers.count)
        numbers[key] = number
        return number
    }

    /// What a product can be found by.
    private static func keys(of product: VEXComponent) -> [String] {
        var keys = Set(product.digests.map { key(digest: $0) })
        if let purl = product.purl {
            if let digest = purl.imageDigest { keys.insert(key(digest: digest)) }
            // A purl without a version beside a digest names the thing that has the digest; it does not mean all versions.
            if purl.version != nil || product.digests.isEmpty { keys.insert(key(purl: purl)) }
        }
        if let id = product.id { keys.insert(key(id: id)) }
        return Array(keys)
    }

    /// Databases differ in the case of identifiers: `GHSA-…` has a lower-case tail in one and not in another.
    private static func key(vulnerability: String) -> String { "v" + vulnerability.uppercased() }
    private static func key(digest: String) -> String { "d" + digest.lowercased() }
    private static func key(id: String) -> String { "i" + id }
    private static func key(purl: PackageURL) -> String { "p\(purl.type)/\(purl.namespace ?? "")\n\(purl.name)" }
}
