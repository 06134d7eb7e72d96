// SPDX-License-Identifier: EUPL-1.2

internal import SBOM
internal import Time

extension Checks {
    /// Checks that rest on what suppliers sign about components, vulnerabilities and how to report them.
    static let suppliers: [Check] = [signedBill, signedVEX, vulnerabilityContact]

    // MARK: - IMG-SEC-24

    private static let signedBill = Check(
        "signed-bill",
        cases: [
            .pass("conforms", ["format", "components", "signer", "version"]),
            .fail("none"),
            .fail("rejected", ["reasons"]),
            .fail("unreadable", ["signer", "problem"]),
            .fail("does-not-conform", ["format", "signer", "fields"]),
            .unknown("undecided", ["format", "signer", "fields"]),
        ]
    ) { _, input in
        input.supplied { supplier in
            let facts = supplier.bills.map { bill in
                CriterionEvidence(
                    kind: .attestation,
                    strength: .proven,
                    text: "\(bill.format), \(bill.components) components, signed by \(bill.signer)".bounded(to: 300)
                )
            }
            guard !supplier.bills.isEmpty else { return CheckReport(hits: input.missing(.bill)) }
            func values(_ bill: AttestedBill, _ fields: [LocalizedText] = []) -> [String: PlaceValue] {
                [
                    "format": .text(bill.format), "components": .number(bill.components),
                    "signer": .text(bill.signer), "version": .text(TR03183.version),
                    "fields": .localizedList(fields, total: fields.count), "problem": .text(bill.problem ?? ""),
                ]
            }
            // One that conforms is enough: formats are attached side by side.
            if let bill = supplier.bills.first(where: { $0.conclusion == .conforms }) {
                return CheckReport(.own("conforms", values(bill)), evidence: facts)
            }
            if let bill = supplier.bills.first(where: { $0.conclusion == .undecided }) {
                return CheckReport(.own("undecided", values(bill, bill.undecided)), evidence: facts)
            }
            let hits = supplier.bills.map { bill in
                bill.conclusion == nil
                    ? Hit.own("unreadable", values(bill)) : .own("does-not-conform", values(bill, bill.missing))
            }
            return CheckReport(hits: hits, evidence: facts)
        }
    }

    // MARK: - IMG-SEC-29

    private static let signedVEX = Check(
        "signed-vex",
        cases: [
            .pass("well-formed", ["documents", "statements", "signers"]),
            .exempt("nothing-to-say", ["dates"]),
            .fail("none"),
            .fail("rejected", ["reasons"]),
            .fail("unjustified", ["vulnerabilities", "document"]),
            .fail("no-action", ["vulnerabilities", "document"]),
            .fail("refused", ["parts", "document"]),
            .fail("other-images", ["vulnerabilities", "document"]),
            .fail("older-than-bill", ["date", "bill"]),
        ]
    ) { _, input in
        input.supplied { supplier in
            guard !supplier.vex.isEmpty else {
                if let dates = input.datesOfNoFindings {
                    return CheckReport(.own("nothing-to-say", ["dates": .text(dates)]))
                }
                return CheckReport(hits: input.missing(.vex))
            }
            let facts = supplier.vex.map { vex in
                CriterionEvidence(
                    kind: .attestation,
                    strength: .proven,
                    text: "\(vex.format) \(vex.document), \(vex.statements) statements, ".bounded(to: 300)
                        + "signed by \(vex.signer)".bounded
                )
            }
            var hits = supplier.vex.flatMap(vexHits)
            if let newest = supplier.vex.compactMap(\.timestamp).max(),
                let bill = supplier.bills.compactMap(\.timestamp).max(), newest < bill
            {
                hits.append(.own("older-than-bill", ["date": .text(newest.rfc3339), "bill": .text(bill.rfc3339)]))
            }
            if hits.isEmpty {
                hits = [
                    .own(
                        "well-formed",
                        [
                            "documents": .list(supplier.vex.map { "\($0.format) \($0.document)" }),
                            "statements": .number(supplier.vex.reduce(0) { $0 + $1.statements }),
                            "signers": .list(supplier.vex.map(\.signer).distinct),
                        ]
                    )
                ]
            }
            return CheckReport(hits: hits, evidence: facts)
        }
    }

    private static func vexHits(_ vex: AttestedVEX) -> [Hit] {
        let lists = [
            ("unjustified", "vulnerabilities", vex.unjustified), ("no-action", "vulnerabilities", vex.actionless),
            ("refused", "parts", vex.refused), ("other-images", "vulnerabilities", vex.foreign),
        ]
        return lists.filter { !$0.2.isEmpty }.map { name, place, entries in
            .own(name, [place: .list(entries), "document": .text(vex.document)])
        }
    }

    // MARK: - IMG-MNT-06

    private static let vulnerabilityContact = Check(
        "vulnerability-contact",
        parameters: ["maximumDays": .number],
        cases: [
            .pass("reachable", ["place", "date"]),
            .fail("expired", ["place", "date"]),
            .fail("no-file", ["place", "date"]),
            .fail("no-contact", ["place"]),
            .fail("no-policy", ["place"]),
            .unknown("read-too-long-ago", ["place", "date", "days"]),
            .unknown("not-read", ["places"]),
            .unknown("not-named"),
        ]
    ) { criterion, input in
        input.supplied(needsPolicy: false) { supplier in
            let contacts = supplier.allContacts
            let facts = contacts.map { contact in
                CriterionEvidence(
                    kind: .attestation,
                    strength: contact.readAt == nil ? .declared : .observed,
                    text: "\(WebAddress.masked(contact.place)), named by \(contact.namedBy)".bounded(to: 300)
                )
            }
            guard !contacts.isEmpty else { return CheckReport(input.incomplete ?? .own("not-named")) }
            let days = criterion.number("maximumDays")
            let now = input.context.now
            let read = contacts.compactMap { contact in contact.readAt.map { (contact, $0) } }
            guard !read.isEmpty else {
                let places = contacts.map { WebAddress.masked($0.place) }.distinct
                return CheckReport(.own("not-read", ["places": .list(places)]), evidence: facts)
            }
            var changes: [Timestamp] = []
            var hits: [Hit] = []
            for (contact, readAt) in read {
                let end = readAt + .seconds(Int64(days * 86_400))
                changes += [end, contact.expires].compactMap { $0 }
                var values: [String: PlaceValue] = [
                    "place": .text(WebAddress.masked(contact.place)), "date": .text(readAt.dateText),
                    "days": .number(Int(days)),
                ]
                var name = "reachable"
                if end <= now {
                    name = "read-too-long-ago"
                } else if let expires = contact.expires, expires <= now {
                    name = "expired"
                    values["date"] = .text(expires.dateText)
                } else if !contact.isFound {
                    name = "no-file"
                } else if !contact.hasContact {
                    name = "no-contact"
                } else if !contact.hasPolicy {
                    name = "no-policy"
                }
                hits.append(.own(name, values))
            }
            if let reachable = hits.first(where: { $0.name == "reachable" }) { hits = [reachable] }
            return CheckReport(hits: hits, evidence: facts, changesAt: changes)
        }
    }
}

extension CheckInput {
    /// What suppliers attest, for a check that rests on it.
    ///
    /// - Parameter needsPolicy: whether nothing can be said where the namespace trusts nobody.
    func supplied(needsPolicy: Bool = true, _ check: (SupplierEvidence) -> CheckReport) -> CheckReport {
        guard let suppliers, let signed else { return CheckReport(.common("attestations-not-read")) }
        if needsPolicy {
            guard case .inForce = signed.trust else { return CheckReport(.common("no-trust-policy")) }
        }
        var report = check(suppliers)
        report.changesAt += signed.statements.compactMap(\.proof.changesAt)
        return report
    }

    /// Why attestations may be missing; nil when all were looked at.
    var incomplete: Hit? {
        let gaps = (signed?.gaps ?? []) + (suppliers?.gaps ?? [])
        guard !gaps.isEmpty else { return nil }
        return .common("attestations-incomplete", ["problems": .localizedList(gaps, total: gaps.count)])
    }

    /// What is said where no attestation of a kind counts.
    func missing(_ kind: AttestationKind) -> [Hit] {
        if let incomplete { return [incomplete] }
        let refused = (signed?.statements ?? []).filter {
            !$0.proof.isAccepted && AttestationKind(predicateType: $0.predicateType) == kind
        }
        guard !refused.isEmpty else { return [.own("none")] }
        let reasons = refused.map { found in
            let name = [found.predicateType.bounded, found.proof.signer?.name.bounded].compactMap { $0 }
                .joined(separator: ", ")
            return LocalizedText(
                de: "\(name): \(found.proof.problems.map(\.de).joined(separator: ", "))",
                en: "\(name): \(found.proof.problems.map(\.en).joined(separator: ", "))"
            )
        }.distinct
        return [.own("rejected", ["reasons": .localizedList(reasons, total: reasons.count)])]
    }

    /// The dates of the advisories by which there is no finding, statements left aside; nil while there is one, or nobody can tell.
    fileprivate var datesOfNoFindings: String? {
        let feeds = coveringFeeds + languageFeeds
        guard assessed.findings.isEmpty, inventoryGaps.isEmpty, coverageGaps.isEmpty, !coveringFeeds.isEmpty,
            staleness(of: feeds) == nil
        else { return nil }
        return dateText(of: feeds)
    }
}

extension Array where Element: Hashable {
    /// Each element once, in the order of its first place.
    var distinct: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
