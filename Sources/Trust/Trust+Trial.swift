// SPDX-License-Identifier: EUPL-1.2

public import Accounts
internal import Criteria
internal import Database
public import OCI
public import Policies
public import Registry
public import SBOM
public import Time

/// What a trust policy would change about one image.
public struct TrustTrial: Sendable, Hashable {
    /// Whether an image counts as signed.
    public enum Standing: String, Sendable, Hashable {
        /// So many keys as the policy asks for signed it.
        case signed
        /// They did not.
        case unsigned
        /// Not everything beside the image could be read, or the policy cannot be.
        case unknown
        /// Nobody says whom to believe.
        case noPolicy
    }

    /// Where it lies.
    public let repository: RepositoryName
    /// The image.
    public let digest: Digest
    /// As it counts under the policy in force.
    public let before: Standing
    /// As it would count.
    public let after: Standing
    /// When that changes by itself, because a key begins or ceases to count; nil when it does not.
    public let changesAt: Timestamp?
    /// As it would count from then on.
    public let becomes: Standing?
    /// Keys whose signatures would count, by what the policy calls them.
    public let signers: [String]
    /// What was not read.
    public let gaps: [LocalizedText]
}

/// What a trust policy would change about some images of a namespace.
public struct TrustTrialPage: Sendable, Hashable {
    /// Images that were looked at.
    public var looked = 0
    /// Those that count as signed now and would not.
    public var losing = 0
    /// Those that do not count as signed now and would.
    public var gaining = 0
    /// Those that count as before, and would change later by themselves.
    public var later = 0
    /// Those of which it cannot be told.
    public var unknown = 0
    /// All but those that count as before and stay so.
    public var found: [TrustTrial] = []
    /// Where the next page begins, when there may be more.
    public var next: ImagePosition?
}

extension Trust {
    /// Instants at which one image is judged again.
    private static let maximumSteps = 4

    /// What a trust policy would change, image by image: whose signature would count and whose would not any more.
    ///
    /// - Parameters:
    ///   - policy: to try; the one in force when nil, which shows what changes by itself.
    ///   - limit: images that are looked at; all that lies beside each is read and verified.
    /// - Throws: what another attempt may cure.
    public func tryTrust(
        _ policy: ContentPolicy?,
        of namespace: Namespace,
        after: ImagePosition? = nil,
        limit: Int = 50
    ) async throws -> TrustTrialPage {
        let images = try await registry.images(of: namespace, after: after, limit: limit)
        var current: TrustRules?
        var isReadable = true
        do {
            current = try await database.lookUp { t in try PolicyStore.current(t, of: namespace.id).policy.trust }
        } catch is PolicyUnreadable { isReadable = false }
        let proposed = policy.map(\.trust) ?? current
        var page = TrustTrialPage(next: images.next)
        for (repository, digest) in images.page {
            try Task.checkCancellation()
            let gathered = try await gathered(digest, in: repository)
            let now = clock.now()
            let before = isReadable ? Judgement(gathered, current, at: now).standing : .unknown
            let after =
                policy == nil && !isReadable
                ? Judgement(standing: .unknown) : Judgement(gathered, proposed, at: now)
            var (later, step): (Judgement?, Timestamp?) = (nil, after.changesAt)
            for _ in 0..<Self.maximumSteps {
                guard let instant = step else { break }
                let next = Judgement(gathered, proposed, at: instant)
                if next.standing != after.standing {
                    later = next
                    break
                }
                step = next.changesAt.flatMap { $0 > instant ? $0 : nil }
            }
            page.looked += 1
            switch (before, after.standing) {
            case (_, .unknown): page.unknown += 1
            case (.signed, .unsigned), (.signed, .noPolicy): page.losing += 1
            case (.unsigned, .signed), (.noPolicy, .signed), (.unknown, .signed): page.gaining += 1
            default:
                if later != nil { page.later += 1 } else if before == after.standing { continue }
            }
            page.found.append(
                TrustTrial(
                    repository: repository,
                    digest: digest,
                    before: before,
                    after: after.standing,
                    changesAt: later == nil ? nil : step,
                    becomes: later?.standing,
                    signers: after.signers,
                    gaps: gathered.gaps
                )
            )
        }
        return page
    }
}

/// What some rules say about what lies beside one image, at one instant.
private struct Judgement {
    var standing: TrustTrial.Standing
    var signers: [String] = []
    var changesAt: Timestamp?

    init(standing: TrustTrial.Standing) { self.standing = standing }

    init(_ gathered: Trust.Gathered, _ rules: TrustRules?, at instant: Timestamp) {
        guard let rules else {
            standing = .noPolicy
            return
        }
        let trusted = gathered.signers(by: rules)
        let reports = trusted.reports(on: gathered.found, about: gathered.subject, at: instant)
        let signed = trusted.judged(gathered.found, reports)
        signers = signed.acceptedSigners.map(\.name)
        changesAt = signed.signatures.compactMap(\.proof.changesAt).filter { $0 > instant }.min()
        if signers.count >= max(1, rules.threshold) {
            standing = .signed
        } else {
            // What was not read could be the one that counts.
            standing = gathered.gaps.isEmpty ? .unsigned : .unknown
        }
    }
}
