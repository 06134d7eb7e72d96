// SPDX-License-Identifier: EUPL-1.2

public import Certificates
import JSON
public import Time

/// What is looked at in every piece of evidence.
public enum VerificationCheckName: String, Sendable, Hashable, CaseIterable {
    /// It can be read, and says nothing that is not understood.
    case format
    /// A trusted key made it.
    case signature
    /// The signer's certificate leads to a trusted root, and counted when the signature was made.
    case certificate
    /// The certificate is for somebody who is trusted.
    case identity
    /// A trusted log saw it.
    case log
    /// The log shows that it holds the entry.
    case inclusion
    /// The key was valid, and not revoked, when it was made.
    case keyValidity
    /// The key may say such a thing there.
    case keyScope
    /// It is about this content.
    case digest
    /// It is about this repository.
    case repository
    /// It is about this tag.
    case tag
    /// It has not ended.
    case expiry
}

/// Why a check failed.
public enum VerificationFailure: Sendable, Hashable, CustomStringConvertible {
    /// It is not what it should be (the text is bounded).
    case malformed(String)
    /// No trusted key made the signature.
    case noTrustedKey
    /// The signer's certificate is not believed.
    case certificate(CertificateProblem)
    /// The signature is not of the certificate's key.
    case foreignCertificate
    /// There is no entry of a trusted log.
    case notLogged
    /// The entry is of a log that is not trusted.
    case wrongLog
    /// The log's signature over the entry is not valid, or the log was not in use then.
    case invalidLogEntry
    /// The entry is about another signature.
    case foreignLogEntry
    /// The proof does not lead from the entry to a root that the log signed.
    case invalidInclusion
    /// The key was not in use yet.
    case notYetValid(from: Timestamp)
    /// The key, the signature or the statement had ended.
    case expired(at: Timestamp)
    /// The key is revoked.
    case revoked(from: Timestamp?)
    /// The key may not say this.
    case claimNotAllowed(Claim)
    /// The key may not say it there.
    case outOfScope
    /// It is about other content.
    case wrongDigest
    /// It is about another repository, or about none (the text is bounded).
    case wrongRepository(String)
    /// It is about another tag, or about none.
    case wrongTag(String?)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .malformed(let reason): reason
        case .noTrustedKey: "no trusted key made the signature"
        case .certificate(let problem): problem.description
        case .foreignCertificate: "the signature is not of the key in its certificate"
        case .notLogged: "no trusted log has an entry of it"
        case .wrongLog: "the entry is of a log that is not trusted"
        case .invalidLogEntry: "the log's signature over the entry is not valid"
        case .foreignLogEntry: "the entry of the log is about another signature"
        case .invalidInclusion: "the entry is not shown to be in the log"
        case .notYetValid(let time): "the key is valid only from \(time)"
        case .expired(let time): "it ended at \(time)"
        case .revoked(let time): "the key is revoked" + (time.map { " from \($0)" } ?? "")
        case .claimNotAllowed(let claim): "the key may not sign \(claim.description.excerpt(128))"
        case .outOfScope: "the key may not sign for this repository"
        case .wrongDigest: "it is about other content"
        case .wrongRepository(let text): "it is about \"\(text)\""
        case .wrongTag(let text): text.map { "it is about the tag \"\($0)\"" } ?? "it names no tag"
        }
    }
}

/// How a check came out.
public enum VerificationOutcome: Sendable, Hashable {
    /// As it should be.
    case passed
    /// Not as it should be.
    case failed(VerificationFailure)
    /// Could not be found out; counts as little as a failure.
    case notAssessed(String)
}

/// One check of one piece of evidence.
public struct VerificationCheck: Sendable, Hashable {
    /// What was looked at.
    public let name: VerificationCheckName
    /// How it came out.
    public let outcome: VerificationOutcome
}

/// What is to be thought of one piece of evidence.
public struct EvidenceReport: Sendable, Hashable {
    /// Place of the evidence in what was handed over, from 0.
    public let index: Int
    /// The checks, in the order in which they were made.
    public internal(set) var checks: [VerificationCheck] = []
    /// What it says; nil unless a trusted key signed it.
    public internal(set) var claim: Claim?
    /// Name of the key that signed; nil unless that is a trusted one.
    public internal(set) var signer: String?
    /// What identifies that key: `sha256:…`, or the 40 digits of OpenPGP.
    public internal(set) var fingerprint: String?
    /// Whose key it is by the policy; nil where that says nothing.
    public internal(set) var publisher: String?
    /// The statement; nil unless a trusted key signed it.
    ///
    /// Only ``isAccepted`` says whether it counts.
    public internal(set) var statement: Statement?
    /// When a trusted log saw it.
    public internal(set) var loggedAt: Timestamp?
    /// Name of that log.
    public internal(set) var loggedBy: String?
    /// Whom the signer's certificate names, and who vouches for that; nil where a key signed, or nobody who is trusted.
    public internal(set) var identity: String?
    /// Latest of the instants that count for a certificate: of a log, or of a time-stamp authority.
    var provenAt: Timestamp?
    /// Next instant at which it can begin or cease to be accepted by itself.
    public internal(set) var changesAt: Timestamp?

    init(index: Int) { self.index = index }

    /// Whether every check passed.
    public var isAccepted: Bool { !checks.isEmpty && checks.allSatisfy { $0.outcome == .passed } }

    /// Why it is not accepted: the failures, in the order of the checks.
    public var failures: [VerificationFailure] {
        checks.compactMap { if case .failed(let failure) = $0.outcome { failure } else { nil } }
    }

    /// Notes who signed.
    mutating func signed(_ terms: KeyTerms, fingerprint: String) {
        signer = terms.name
        publisher = terms.publisher
        self.fingerprint = fingerprint
    }

    /// Notes instants at which something begins or ends; those that are over change nothing.
    mutating func changes(at instants: [Timestamp?], after now: Timestamp) {
        changesAt = (instants.compactMap { $0 }.filter { $0 > now } + [changesAt].compactMap { $0 }).min()
    }

    mutating func note(_ name: VerificationCheckName, _ failure: VerificationFailure?) {
        checks.append(VerificationCheck(name: name, outcome: failure.map { .failed($0) } ?? .passed))
    }

    mutating func note(_ name: VerificationCheckName, notAssessed reason: String) {
        checks.append(VerificationCheck(name: name, outcome: .notAssessed(reason)))
    }
}

/// What is to be thought of all evidence about an image.
public struct VerificationReport: Sendable, Hashable {
    /// One report for each piece of evidence that was looked at.
    public let items: [EvidenceReport]
    /// Pieces beyond ``AttestationLimits/evidence`` that were not looked at.
    public let skipped: Int

    /// The evidence that says this and passed every check.
    public func accepted(_ claim: Claim) -> [EvidenceReport] { items.filter { $0.isAccepted && $0.claim == claim } }
}
