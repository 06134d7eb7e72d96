// SPDX-License-Identifier: EUPL-1.2

internal import OCI
internal import SBOM
internal import Time

extension Checks {
    /// Checks of who signed and released an image.
    static let signatures: [Check] = [signed, publisher, signingTime, released, uniqueVersion]

    // MARK: - IMG-SEC-02

    private static let signed = Check(
        "signed",
        cases: [
            .pass("signed", ["signers"]),
            .fail("unsigned"),
            .fail("refused", ["signatures"]),
            .fail("too-few", ["signers", "count", "threshold", "refused"]),
            .unknown("not-read", ["gaps"]),
        ] + trustCases,
        isAskedOfIndex: true
    ) { _, input in
        input.withTrust { signed, threshold in
            let evidence = signed.signatures.map(\.fact)
            let changes = signed.signatures.compactMap(\.proof.changesAt)
            let accepted = signed.acceptedSigners
            let names = PlaceValue.list(accepted.map(\.told))
            if accepted.count >= threshold {
                return CheckReport(.own("signed", ["signers": names]), evidence: evidence, changesAt: changes)
            }
            var hits: [Hit] = []
            if !signed.gaps.isEmpty {
                hits = [.own("not-read", ["gaps": .localizedList(signed.gaps, total: signed.gaps.count)])]
            } else if signed.signatures.isEmpty {
                hits = [.own("unsigned")]
            } else if accepted.isEmpty {
                hits = [.own("refused", ["signatures": signed.refusals])]
            } else {
                let counted: [String: PlaceValue] = [
                    "signers": names, "count": .number(accepted.count), "threshold": .number(threshold),
                    "refused": .number(signed.signatures.count { !$0.proof.isAccepted }),
                ]
                hits = [.own("too-few", counted)]
            }
            return CheckReport(hits: hits, evidence: evidence, changesAt: changes)
        }
    }

    // MARK: - IMG-SEC-03

    private static let publisher = Check(
        "publisher",
        cases: [
            .pass("identified", ["publisher", "contact"]),
            .fail("no-signer"),
            .fail("no-publisher", ["signers"]),
            .fail("several", ["publishers"]),
            .fail("no-vendor", ["publisher"]),
            .fail("other-vendor", ["publisher", "vendor"]),
            .fail("no-contact", ["publisher"]),
            .unknown("not-read", ["gaps"]),
        ] + trustCases
    ) { _, input in
        input.withTrust { signed, _ in
            let changes = signed.signatures.compactMap(\.proof.changesAt)
            var evidence = signed.signatures.filter(\.proof.isAccepted).map(\.fact)
            let signers = signed.acceptedSigners
            func report(_ hit: Hit) -> CheckReport { CheckReport(hit, evidence: evidence, changesAt: changes) }
            guard !signers.isEmpty else {
                return report(
                    signed.gaps.isEmpty
                        ? .own("no-signer")
                        : .own("not-read", ["gaps": .localizedList(signed.gaps, total: signed.gaps.count)])
                )
            }
            var publishers: [EvidencePublisher] = []
            for case let publisher? in signers.map(\.publisher) where !publishers.contains(publisher) {
                publishers.append(publisher)
            }
            guard let publisher = publishers.first else {
                return report(.own("no-publisher", ["signers": .list(signers.map(\.told))]))
            }
            guard publishers.count == 1 else {
                return report(.own("several", ["publishers": .list(publishers.map(\.name.bounded))]))
            }
            let name = PlaceValue.text(publisher.name.bounded)
            switch input.evidence.metadata(Keys.vendor) {
            case .absent: return report(.own("no-vendor", ["publisher": name]))
            case .conflict(let annotation, let label): return report(.conflict(Keys.vendor, annotation, label))
            case .value(let vendor, let kind):
                evidence.append(CriterionEvidence(declared: Keys.vendor, vendor, kind))
                guard vendor == publisher.name else {
                    return report(.own("other-vendor", ["publisher": name, "vendor": .text(vendor.bounded)]))
                }
            }
            guard let contact = publisher.contact else { return report(.own("no-contact", ["publisher": name])) }
            return report(.own("identified", ["publisher": name, "contact": .text(contact.bounded)]))
        }
    }

    // MARK: - IMG-SEC-04

    private static let signingTime = Check(
        "signing-time",
        cases: [
            .pass("proven", ["times"]),
            .fail("no-signer"),
            .fail("not-proven", ["signers"]),
            .unknown("not-read", ["gaps"]),
        ] + trustCases,
        isAskedOfIndex: true
    ) { _, input in
        input.withTrust { signed, _ in
            let accepted = signed.signatures.filter(\.proof.isAccepted)
            let proven = accepted.filter { $0.proof.provenAt != nil }
            let changes = signed.signatures.compactMap(\.proof.changesAt)
            let evidence = accepted.map(\.fact)
            guard proven.isEmpty else {
                let times = proven.map { found in
                    let time = found.proof.provenAt?.rfc3339 ?? "-"
                    return [time, found.proof.provenBy.map { "(\($0.bounded))" }].compactMap { $0 }
                        .joined(separator: " ")
                }
                return CheckReport(.own("proven", ["times": .list(times)]), evidence: evidence, changesAt: changes)
            }
            let hit: Hit =
                if !signed.gaps.isEmpty {
                    .own("not-read", ["gaps": .localizedList(signed.gaps, total: signed.gaps.count)])
                } else if accepted.isEmpty {
                    .own("no-signer")
                } else {
                    .own("not-proven", ["signers": .list(signed.acceptedSigners.map(\.told))])
                }
            return CheckReport(hit, evidence: evidence, changesAt: changes)
        }
    }

    // MARK: - IMG-SEC-09

    private static let released = Check(
        "released-through-gate",
        parameters: ["predicates": .texts],
        cases: [
            .pass("released", ["tag", "time", "verdict"]),
            .fail("no-tag"),
            .fail("not-released", ["tags"]),
            .fail("no-verdict", ["tag", "time"]),
            .fail("verdict-too-late", ["tag", "time", "verdict"]),
            .unknown("not-read", ["gaps"]),
        ] + trustCases
    ) { criterion, input in
        input.withTrust { signed, _ in
            let evidence = signed.tags.map(\.fact)
            let changes = signed.statements.compactMap(\.proof.changesAt)
            func report(_ hit: Hit) -> CheckReport { CheckReport(hit, evidence: evidence, changesAt: changes) }
            guard !signed.tags.isEmpty else { return report(.own("no-tag")) }
            let releases = signed.tags.filter(\.isRelease)
            guard !releases.isEmpty else {
                let tags = signed.tags.map { "\($0.name) (\($0.setBy.bounded))" }
                return report(.own("not-released", ["tags": .list(tags)]))
            }
            // A log's word on the time goes before the signer's own.
            let times = criterion.texts("predicates").flatMap { signed.accepted($0) }.compactMap {
                $0.proof.provenAt ?? $0.statedAt
            }
            var late: (TagEvidence, Timestamp)?
            for tag in releases {
                if let time = times.filter({ $0 <= tag.setAt }).max() {
                    return report(
                        .own(
                            "released",
                            [
                                "tag": .text(tag.name), "time": .text(tag.setAt.rfc3339),
                                "verdict": .text(time.rfc3339),
                            ]
                        )
                    )
                }
                if let time = times.min() { late = late ?? (tag, time) }
            }
            if let (tag, time) = late {
                return report(
                    .own(
                        "verdict-too-late",
                        ["tag": .text(tag.name), "time": .text(tag.setAt.rfc3339), "verdict": .text(time.rfc3339)]
                    )
                )
            }
            guard signed.gaps.isEmpty else {
                return report(.own("not-read", ["gaps": .localizedList(signed.gaps, total: signed.gaps.count)]))
            }
            let tag = releases[0]
            return report(.own("no-verdict", ["tag": .text(tag.name), "time": .text(tag.setAt.rfc3339)]))
        }
    }

    // MARK: - IMG-MNT-01

    private static let uniqueVersion = Check(
        "unique-version",
        cases: [
            .pass("unique", ["tags"]),
            .fail("no-tag"),
            .fail("no-version", ["tags"]),
            .fail("moved", ["tags"]),
            .unknown("nobody-looked"),
        ]
    ) { _, input in
        guard let signed = input.signed else { return CheckReport(.own("nobody-looked")) }
        let evidence = signed.tags.map(\.fact)
        guard !signed.tags.isEmpty else { return CheckReport(.own("no-tag")) }
        let versions = signed.tags.filter { $0.name.looksLikeVersion }
        guard !versions.isEmpty else {
            return CheckReport(.own("no-version", ["tags": .list(signed.tags.map(\.name))]), evidence: evidence)
        }
        let fixed = versions.filter { !$0.hasMoved }
        return CheckReport(
            fixed.isEmpty
                ? .own("moved", ["tags": .list(versions.map(\.name))])
                : .own("unique", ["tags": .list(fixed.map(\.name))]),
            evidence: evidence
        )
    }

    // MARK: - Trust

    /// What every check of signatures can come to before it looks at one.
    private static let trustCases: [Case] = [
        .unknown("nobody-looked"), .unknown("no-policy"), .unknown("policy-unreadable"),
    ]
}

extension CheckInput {
    /// Decides by the policy of the namespace, and says what is missing where there is none.
    fileprivate func withTrust(_ decide: (SignedEvidence, _ threshold: Int) -> CheckReport) -> CheckReport {
        guard let signed else { return CheckReport(.own("nobody-looked")) }
        switch signed.trust {
        case .absent: return CheckReport(.own("no-policy"), evidence: signed.signatures.map(\.fact))
        case .unreadable: return CheckReport(.own("policy-unreadable"))
        case .inForce(_, let threshold): return decide(signed, max(1, threshold))
        }
    }
}

extension SignedEvidence {
    /// Whose signatures count, each key once: several signatures of one key are one word.
    package var acceptedSigners: [EvidenceSigner] {
        var seen = Set<String>()
        return signatures.compactMap { found in
            guard found.proof.isAccepted, let signer = found.proof.signer else { return nil }
            // The node signs each release with two keys: that is one word too.
            return seen.insert(signer.isNode ? "" : signer.fingerprint).inserted ? signer : nil
        }
    }

    /// Signatures that do not count, with the reasons.
    fileprivate var refusals: PlaceValue {
        let texts = signatures.filter { !$0.proof.isAccepted }.map { found -> LocalizedText in
            let name = [found.form.title, found.proof.signer?.name.bounded].compactMap { $0 }.joined(separator: " ")
            let why = found.proof.problems
            return LocalizedText(
                de: "\(name): \(why.map(\.de).joined(separator: ", "))",
                en: "\(name): \(why.map(\.en).joined(separator: ", "))"
            )
        }
        return .localizedList(texts, total: texts.count)
    }
}

extension EvidenceSigner {
    /// Name and fingerprint, as people compare them.
    fileprivate var told: String { "\(name.bounded) (\(fingerprint.bounded))" }
}

extension FoundSignature {
    fileprivate var fact: CriterionEvidence {
        let signer = proof.signer.map { "\($0.name) \($0.fingerprint)" } ?? "no trusted key"
        let time = proof.provenAt.map { ", proven at \($0.rfc3339)" } ?? ""
        let problems = proof.problems.isEmpty ? "" : ": " + proof.problems.map(\.en).joined(separator: ", ")
        return CriterionEvidence(
            kind: .signature,
            strength: proof.isAccepted ? .proven : .observed,
            text: "\(form.title) \(source), \(signer)\(time)\(problems)".bounded
        )
    }
}

extension TagEvidence {
    var fact: CriterionEvidence {
        var text = "\(name) set at \(setAt.rfc3339) by \(setBy)"
        if isRelease { text += ", a release" }
        if hasMoved { text += ", moved" }
        return CriterionEvidence(kind: .tag, strength: .observed, text: text.bounded)
    }
}

extension String {
    /// Whether a tag names one version: digits with at least one dot, as SemVer and dates have them, perhaps after a "v".
    var looksLikeVersion: Bool {
        var rest = self[...]
        if rest.first == "v" { rest = rest.dropFirst() }
        let core = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty }) else { return false }
        let tail = rest.dropFirst(core.count)
        guard tail.isEmpty || tail.first == "-" || tail.first == "_" else { return false }
        // A date may be written without dots: 20261127, or 2026-11-27.
        if parts.count == 1 { return core.count == 8 || (core.count == 4 && tail.count >= 6) }
        // 1.4 names a line of versions that moves on, unless it is a date such as 2026.11.
        return parts.count >= 3 || parts[0].count == 4
    }
}
