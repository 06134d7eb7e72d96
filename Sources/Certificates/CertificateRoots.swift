// SPDX-License-Identifier: EUPL-1.2

public import Time

/// What a certificate is used for.
public enum CertificatePurpose: Sendable, Hashable {
    /// Signing content.
    case codeSigning
    /// Saying when something existed.
    case timeStamping

    fileprivate var oid: OID { self == .codeSigning ? .codeSigning : .timeStamping }
}

/// Whose certificates are believed: roots, and what stands between them and signers.
///
/// What is between them is believed only as far as a chain to a root goes; so anybody's certificates may be added to it.
public struct CertificateRoots: Sendable, Hashable {
    /// The ends of chains.
    public let roots: [Certificate]
    /// Authorities below them.
    public let intermediates: [Certificate]
    /// From when what they issue counts, beside their own validity; nil: always.
    public var validFrom: Timestamp?
    /// Until when; nil while they are in use.
    public var validUntil: Timestamp?

    /// Takes the chain of an authority, its root at the end, as `trusted_root.json` has it.
    public init(chain: [Certificate]) throws(CertificateError) {
        guard let root = chain.last else { throw .malformed("has no root") }
        guard chain.count <= CertificateLimits.certificates else {
            throw .tooMany(limit: CertificateLimits.certificates)
        }
        roots = [root]
        intermediates = chain.dropLast()
    }

    /// Reads certificates in PEM: what its holder issued is a root, everything else stands between.
    public init(pem: String) throws(CertificateError) {
        let all = try Certificate.list(pem: pem, atMost: CertificateLimits.configured)
        roots = all.filter(\.isSelfIssued)
        intermediates = all.filter { !$0.isSelfIssued }
        guard !roots.isEmpty else { throw .malformed("holds no root: no certificate that its holder issued") }
    }

    /// The certificates in PEM, roots first.
    public var pem: String { (roots + intermediates).map(\.pem).joined() }

    /// The chain from a signer to a root, by names, signatures and what each authority may do, at all of some times.
    ///
    /// Authorities must have been valid when the signer's certificate begins, too: what issued nothing then is not asked later.
    ///
    /// - Parameters:
    ///   - others: authorities that the signer sent along.
    ///   - times: instants at which all of the chain must count; at least one.
    public func path(
        from leaf: Certificate,
        through others: [Certificate] = [],
        for purpose: CertificatePurpose,
        at times: [Timestamp]
    ) throws(CertificateProblem) -> [Certificate] {
        guard !times.isEmpty else { throw .noProvenTime }
        if let problem = leaf.problem(asSignerFor: purpose, at: times) { throw problem }
        if let validFrom, times.contains(where: { $0 < validFrom }) { throw .notYetValid(from: validFrom) }
        if let validUntil, times.contains(where: { $0 >= validUntil }) { throw .expired(at: validUntil) }
        var search = PathSearch(
            roots: roots,
            others: intermediates + others.prefix(CertificateLimits.certificates),
            purpose: purpose,
            times: times + [leaf.notBefore]
        )
        if let path = search.extended([leaf]) { return path }
        throw search.problem ?? .noPath
    }
}

extension Certificate {
    /// Why it cannot be a signer's; nil when it can.
    fileprivate func problem(asSignerFor purpose: CertificatePurpose, at times: [Timestamp]) -> CertificateProblem? {
        if let unknown = extensions.unknown { return .unknownExtension(unknown.description) }
        if extensions.isAuthority == true { return .authority }
        guard let usage = extensions.keyUsage, usage & CertificateExtensions.Usage.digitalSignature != 0 else {
            return .keyUsage
        }
        guard let purposes = extensions.purposes, purposes.contains(purpose.oid), key.signsContent else {
            return .purpose
        }
        // RFC 3161, section 2.3: a key for time stamps is for nothing else, and its certificate says so.
        if purpose == .timeStamping, purposes.count != 1 || !extensions.isPurposeCritical { return .purpose }
        return times.lazy.compactMap { problem(at: $0) }.first
    }

    /// Why it cannot stand above some certificates of a chain, the signer's among them; nil when it can.
    fileprivate func problem(above count: Int, for purpose: CertificatePurpose, at times: [Timestamp])
        -> CertificateProblem?
    {
        if let unknown = extensions.unknown { return .unknownExtension(unknown.description) }
        guard extensions.isAuthority == true, let usage = extensions.keyUsage,
            usage & CertificateExtensions.Usage.certificateSigning != 0
        else { return .noAuthority }
        if let most = extensions.pathLength, count - 1 > most { return .pathTooLong }
        if let purposes = extensions.purposes, !purposes.contains(purpose.oid), !purposes.contains(.anyPurpose) {
            return .purpose
        }
        return times.lazy.compactMap { problem(at: $0) }.first
    }
}

/// Looks for one chain; what strangers send bounds neither its depth nor its work.
private struct PathSearch {
    let roots: [Certificate]
    let others: [Certificate]
    let purpose: CertificatePurpose
    let times: [Timestamp]
    private(set) var problem: CertificateProblem?
    private var checks = 0

    init(roots: [Certificate], others: [Certificate], purpose: CertificatePurpose, times: [Timestamp]) {
        self.roots = roots
        self.others = others
        self.purpose = purpose
        self.times = times
    }

    mutating func extended(_ path: [Certificate]) -> [Certificate]? {
        guard let last = path.last else { return nil }
        for root in roots where root.subject == last.issuer && !path.contains(root) && counts(root, above: path) {
            return path + [root]
        }
        let candidates = others.filter { $0.subject == last.issuer && !path.contains($0) && !roots.contains($0) }
        guard !candidates.isEmpty else { return nil }
        // One place is left for a root.
        guard path.count + 2 <= CertificateLimits.depth else {
            problem = problem ?? .pathTooLong
            return nil
        }
        for candidate in candidates where counts(candidate, above: path) {
            if let found = extended(path + [candidate]) { return found }
        }
        return nil
    }

    private mutating func counts(_ issuer: Certificate, above path: [Certificate]) -> Bool {
        if let found = issuer.problem(above: path.count, for: purpose, at: times) {
            problem = problem ?? found
            return false
        }
        checks += 1
        guard checks <= CertificateLimits.signatureChecks, let last = path.last, last.isSigned(by: issuer) else {
            problem = problem ?? .badSignature
            return false
        }
        return true
    }
}
