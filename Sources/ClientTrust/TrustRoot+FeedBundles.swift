// SPDX-License-Identifier: EUPL-1.2

public import Attestations
public import OCI
public import Time

extension TrustRoot {
    /// What the log of this node says about a signed statement.
    public enum LogWord: Sendable, Hashable {
        /// Nothing: the bundle brings no entry.
        case absent
        /// It saw it at an instant, and proves that.
        case seen(Timestamp)
        /// The entry is not one of this log, or not about this signature.
        case wrong(String)
    }

    /// Reads what this node's log says of the statement in a Sigstore bundle: its promise, and the proof that it was kept.
    ///
    /// - Parameters:
    ///   - bundle: the bundle.
    ///   - key: that made the signature.
    ///   - digest: what the statement is about.
    public func logWord(on bundle: [UInt8], by key: PublicKey, about digest: Digest, at now: Timestamp) -> LogWord {
        guard let parsed = try? SigstoreBundle(parsing: bundle), case .envelope(let envelope) = parsed.content,
            let statement = try? Attestations.Statement(parsing: envelope.payload)
        else { return .wrong("it cannot be read") }
        guard !parsed.logEntries.isEmpty else { return .absent }
        let terms = KeyTerms(
            name: "feeds",
            claims: [.predicate(statement.predicateType)],
            validFrom: Timestamp(seconds: 0)
        )
        let policy = TrustPolicy(
            keys: [TrustedKey(key, terms)],
            logs: trustedLogs,
            logRequirement: .inclusion,
            requiresSubjectName: false,
            verifiesInclusion: { entry, _ in proves(entry) }
        )
        guard let repository = try? RepositoryName(parsing: "feeds") else { return .wrong("it cannot be read") }
        let subject = VerificationSubject(digest: digest, registry: registry, repository: repository)
        let items = Verification(policy: policy, now: now).report(on: [.bundle(bundle)], about: subject).items
        guard let report = items.first, report.isAccepted, let seen = report.loggedAt else {
            return .wrong(items.first?.failures.map { "\($0)" }.joined(separator: ", ") ?? "it cannot be read")
        }
        return .seen(seen)
    }
}
