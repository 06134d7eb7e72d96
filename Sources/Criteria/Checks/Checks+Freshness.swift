// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import OCI
internal import SBOM
internal import Time

extension Checks {
    /// Checks of whether an image is kept up to date.
    static let freshness: [Check] = [fresh]

    // MARK: - IMG-MNT-04

    private static let fresh = Check(
        "fresh",
        parameters: ["maximumDays": .number, "baseDays": .number],
        cases: [
            .pass("young", ["tag", "date", "days"]),
            .pass("current-base", ["bases", "dates"]),
            .pass("no-base", ["dates"]),
            .fail("fix-waiting", ["age"]),
            .fail("old-base", ["age", "bases"]),
            .unknown("not-young", ["age"]),
            .unknown("base-unknown"),
            .unknown("undetermined", ["findings"]),
            .unknown("nobody-looked"),
        ]
    ) { criterion, input in
        guard let signed = input.signed else { return CheckReport(.own("nobody-looked")) }
        let tags = signed.tags.map(\.fact)
        let days = criterion.number("maximumDays")
        let age = ImageAge(signed, input.suppliers)
        if let tag = age.tag, let since = age.since {
            let end = since + .seconds(Int64(days * 86_400))
            if end > input.context.now {
                let values: [String: PlaceValue] = [
                    "tag": .text(tag.bounded), "date": .text(since.dateText), "days": .number(Int(days)),
                ]
                return CheckReport(.own("young", values), evidence: tags, changesAt: [end])
            }
        }
        var report = unchanged(age.told(days: Int(days)), input, criterion)
        report.evidence = tags + report.evidence
        // The base can have moved on without anything that is said of this image.
        report.changesAt.append(input.context.now + .seconds(Int64(criterion.number("baseDays") * 86_400)))
        return report
    }

    /// Whether an image that is not young is as a new build would be: on a base that is current, with nothing that could be mended.
    private static func unchanged(_ age: LocalizedText, _ input: CheckInput, _ criterion: Criterion) -> CheckReport {
        let notYoung = Hit.own("not-young", ["age": .localized(age)])
        let proof = Proof(input, feeds: input.coveringFeeds)
        if var stale = proof.stale {
            stale.hits.insert(notYoung, at: 0)
            return stale
        }
        let sorting = Sorting(input, criterion: criterion)
        let open = sorting.open.map(\.finding)
        let fixable = open.filter { $0.status == .affected }
        let doubtful = open.filter { !$0.status.isAffected }
        let base = BaseState(input)
        var fails: [Hit] = []
        if !fixable.isEmpty {
            fails = [.own("fix-waiting", ["age": .localized(age)])] + sorting.hits(affected: fixable)
        }
        if case .old(let names) = base {
            fails.append(.own("old-base", ["age": .localized(age), "bases": .list(names)]))
        }
        var unknowns = sorting.undetermined(doubtful) + proof.gaps
        if case .unknown = base { unknowns.append(.own("base-unknown")) }
        if fails.isEmpty, !unknowns.isEmpty { unknowns.insert(notYoung, at: 0) }
        let pass: Hit =
            if case .current(let names) = base {
                .own("current-base", ["bases": .list(names), "dates": .text(proof.dates)])
            } else {
                .own("no-base", ["dates": .text(proof.dates)])
            }
        return CheckReport(
            hits: fails.isEmpty && unknowns.isEmpty ? [pass] : fails + unknowns,
            evidence: input.facts(of: proof.feeds)
                + (fixable + doubtful).worstFirst.map(CriterionEvidence.init(finding:)),
            changesAt: input.expiries(of: proof.feeds)
        )
    }
}

/// Since when an image is known to be there.
private struct ImageAge {
    /// The earliest instant that the repository, a tag, a signature or provenance proves; nil when none does.
    ///
    /// A tag alone proves nothing: one that is taken away and set again would make any image young.
    let since: Timestamp?
    /// A tag that always stood for this image, the first that was set; nil when there is none.
    let tag: String?
    private let moved: [String]

    init(_ signed: SignedEvidence, _ suppliers: SupplierEvidence?) {
        let proofs =
            signed.signatures.filter(\.proof.isAccepted).compactMap(\.proof.provenAt)
            + (suppliers?.provenance ?? []).compactMap(\.loggedAt)
        since = ([signed.firstSeen].compactMap(\.self) + signed.tags.map(\.setAt) + proofs).min()
        // One that moved says when it came back, perhaps to an image that it left before.
        tag = signed.tags.filter { !$0.hasMoved }.min { $0.setAt < $1.setAt }?.name
        moved = signed.tags.filter(\.hasMoved).map(\.name)
    }

    /// Why the image does not count as young.
    func told(days: Int) -> LocalizedText {
        if tag == nil {
            guard !moved.isEmpty else {
                return LocalizedText(de: "Kein Tag steht für das Image", en: "No tag stands for the image")
            }
            let names = PlaceValue.list(moved.map(\.bounded))
            return LocalizedText(
                de: "Seit wann es das Image gibt, belegen Tags nicht, die schon für andere standen (\(names.german))",
                en: "Since when the image exists is not proven by tags that stood for others (\(names.english))"
            )
        }
        let date = since?.dateText ?? "?"
        return LocalizedText(
            de: "Das Image gibt es seit \(date), länger als \(days) Tage",
            en: "The image has been there since \(date), longer than \(days) days"
        )
    }
}

/// Whether the images that another one is built on are still what their tags stand for.
private enum BaseState {
    case none
    case current([String])
    case old([String])
    case unknown

    init(_ input: CheckInput) {
        guard let suppliers = input.suppliers else {
            self = .unknown
            return
        }
        var facts: [CriterionEvidence] = []
        let bases = BaseImages(input, suppliers).bases(&facts)
        guard bases.hits.isEmpty else {
            self = bases.hits.allSatisfy { !$0.isCommon && $0.name == "scratch" } ? .none : .unknown
            return
        }
        let known = bases.digests.map { digest in (digest, suppliers.images[digest]) }
        func names(_ images: [(Digest, KnownImage?)]) -> [String] {
            images.map { digest, image in "\((image?.repository ?? "?").bounded)@\(digest)" }
        }
        let old = known.filter { $0.1?.isCurrent == false }
        if !old.isEmpty {
            self = .old(names(old))
        } else if known.allSatisfy({ $0.1?.isCurrent == true }) {
            self = .current(names(known))
        } else {
            self = .unknown
        }
    }
}
