// SPDX-License-Identifier: EUPL-1.2

internal import OCI
internal import SBOM
internal import Time

extension Checks {
    /// Checks that rest on who built an image, from what.
    static let provenance: [Check] = [builtByTrusted, pinnedBase, hardenedBuild, reproduced]

    // MARK: - IMG-SEC-05

    private static let builtByTrusted = Check(
        "signed-provenance",
        parameters: ["minimumLevel": .number, "predicateTypes": .texts],
        cases: [
            .pass("trusted", ["builder", "level", "signer"]),
            .fail("none"),
            .fail("rejected", ["reasons"]),
            .fail("level-too-low", ["builder", "level", "minimum", "signer"]),
            .fail("unknown-builder", ["builder", "signer"]),
            .fail("other-form", ["types"]),
        ]
    ) { criterion, input in
        input.supplied { supplier in
            let minimum = Int(criterion.number("minimumLevel"))
            let types = criterion.texts("predicateTypes")
            let facts = supplier.provenance.map(CriterionEvidence.init(provenance:))
            let counted = supplier.provenance.filter { types.contains($0.predicateType) }
            guard let best = counted.max(by: { $0.level < $1.level }) else {
                var hits = input.missing(.provenance)
                if !supplier.provenance.isEmpty {
                    hits = [.own("other-form", ["types": .list(supplier.provenance.map(\.predicateType).distinct)])]
                }
                return CheckReport(hits: hits, evidence: facts)
            }
            let values: [String: PlaceValue] = [
                "builder": .text(best.builder), "level": .number(best.level), "signer": .text(best.signer),
                "minimum": .number(minimum),
            ]
            let name = best.level >= minimum ? "trusted" : best.level == 0 ? "unknown-builder" : "level-too-low"
            return CheckReport(.own(name, values), evidence: facts)
        }
    }

    // MARK: - IMG-SEC-06

    private static let pinnedBase = Check(
        "pinned-base",
        parameters: ["minimumLevel": .text],
        cases: [
            .pass("trusted", ["images"]),
            .pass("scratch"),
            .fail("not-named"),
            .fail("not-pinned", ["images"]),
            .fail("malformed", ["digest"]),
            .fail("differs", ["digest", "images"]),
            .fail("below", ["images", "minimum"]),
            .unknown("not-here", ["images"]),
        ]
    ) { criterion, input in
        input.supplied { supplier in
            let minimum = Level(rawValue: criterion.text("minimumLevel")) ?? .bronze
            return BaseImages(input, supplier).report(minimum: minimum)
        }
    }

    // MARK: - IMG-SEC-07

    private static let hardenedBuild = Check(
        "hardened-build",
        parameters: [
            "minimumLevel": .number, "minimumBase": .text, "minimumProject": .text, "maximumProjectDays": .number,
        ],
        cases: [
            .pass("hardened", ["builder", "source", "revision"]),
            .fail("none"),
            .fail("rejected", ["reasons"]),
            .fail("level-too-low", ["builder", "level", "minimum"]),
            .fail("no-expectation", ["builder"]),
            .fail("unexpected", ["builder", "differences"]),
            .fail("no-source", ["builder"]),
            .fail("source-differs", ["declared", "attested"]),
            .fail("revision-differs", ["declared", "attested"]),
            .fail("base", ["minimum"]),
            .unknown("base-unknown"),
            .unknown("project-unknown", ["source"]),
            .unknown("project-read-too-long-ago", ["source", "date", "days"]),
            .fail("project-below", ["source", "level", "minimum"]),
            .unknown("project-undetermined", ["source", "level", "minimum"]),
            .unknown("protection-unknown", ["source", "revision", "reason"]),
            .fail("unprotected", ["source", "revision"]),
        ]
    ) { criterion, input in
        input.supplied { supplier in
            let facts = supplier.provenance.map(CriterionEvidence.init(provenance:))
            let minimum = Int(criterion.number("minimumLevel"))
            guard let best = supplier.provenance.max(by: { $0.level < $1.level }) else {
                return CheckReport(hits: input.missing(.provenance))
            }
            let hardened = supplier.provenance.filter { $0.level >= minimum }
            guard !hardened.isEmpty else {
                let values: [String: PlaceValue] = [
                    "builder": .text(best.builder), "level": .number(best.level), "minimum": .number(minimum),
                ]
                return CheckReport(.own("level-too-low", values), evidence: facts)
            }
            let all = hardened.map { hardenedHits($0, criterion, input, supplier) }
            // One that holds is enough; else what the first one lacks is told.
            let hits = all.first { $0.allSatisfy { $0.name == "hardened" } } ?? all[0]
            let changes = supplier.projects.values.map { end(of: $0, criterion) }
            return CheckReport(hits: hits, evidence: facts, changesAt: changes)
        }
    }

    private static func hardenedHits(
        _ provenance: AttestedProvenance,
        _ criterion: Criterion,
        _ input: CheckInput,
        _ supplier: SupplierEvidence
    ) -> [Hit] {
        var hits: [Hit] = []
        let builder = PlaceValue.text(provenance.builder)
        switch provenance.unexpected {
        case nil: hits.append(.own("no-expectation", ["builder": builder]))
        case let differences? where !differences.isEmpty:
            hits.append(.own("unexpected", ["builder": builder, "differences": .list(differences)]))
        default: break
        }
        if let source = provenance.source, let revision = provenance.revision {
            hits += differences(Keys.source, "source-differs", SourceAddress.bare(source), input) {
                SourceAddress.bare($0)
            }
            hits += differences(Keys.revision, "revision-differs", revision, input) { $0 }
            hits += projectHits(supplier, source: source, revision: revision, criterion, input)
        } else {
            hits.append(.own("no-source", ["builder": builder]))
        }
        let minimum = Level(rawValue: criterion.text("minimumBase")) ?? .silver
        let base = BaseImages(input, supplier).report(minimum: minimum).hits.compactMap { $0.outcome }
        if base.contains(.fail) {
            hits.append(.own("base", ["minimum": .localized(minimum.title)]))
        } else if base.contains(.unknown) {
            hits.append(.own("base-unknown"))
        }
        guard hits.isEmpty else { return hits }
        return [
            .own(
                "hardened",
                [
                    "builder": builder, "source": .text(WebAddress.masked(provenance.source ?? "-")),
                    "revision": .text(provenance.revision ?? "-"),
                ]
            )
        ]
    }

    /// What the image declares under a key and what is attested have to be the same.
    private static func differences(
        _ key: String,
        _ name: String,
        _ attested: String,
        _ input: CheckInput,
        form: (String) -> String
    ) -> [Hit] {
        switch input.evidence.metadata(key) {
        case .conflict(let annotation, let label): return [.conflict(key, annotation, label)]
        case .value(let text, _) where form(text) == attested: return []
        case .value(let text, _):
            return [
                .own(
                    name,
                    [
                        "declared": .text(WebAddress.masked(text)), "attested": .text(WebAddress.masked(attested)),
                    ]
                )
            ]
        case .absent: return [.own(name, ["declared": .text("–"), "attested": .text(WebAddress.masked(attested))])]
        }
    }

    /// Until when what is known of a project counts.
    private static func end(of project: SourceProject, _ criterion: Criterion) -> Timestamp {
        project.judgedAt + .seconds(Int64(criterion.number("maximumProjectDays") * 86_400))
    }

    private static func projectHits(
        _ supplier: SupplierEvidence,
        source: String,
        revision: String,
        _ criterion: Criterion,
        _ input: CheckInput
    ) -> [Hit] {
        let shown = PlaceValue.text(WebAddress.masked(source))
        guard let project = supplier.projects[SourceRevision(written: source, revision: revision)] else {
            return [.own("project-unknown", ["source": shown])]
        }
        guard end(of: project, criterion) > input.context.now else {
            let values: [String: PlaceValue] = [
                "source": shown, "date": .text(project.judgedAt.dateText),
                "days": .number(Int(criterion.number("maximumProjectDays"))),
            ]
            return [.own("project-read-too-long-ago", values)]
        }
        let minimum = Level(rawValue: criterion.text("minimumProject")) ?? .silver
        var hits: [Hit] = []
        if project.security < minimum {
            let values: [String: PlaceValue] = [
                "source": shown, "level": .localized(project.security.title), "minimum": .localized(minimum.title),
            ]
            hits.append(.own(project.atMost < minimum ? "project-below" : "project-undetermined", values))
        }
        if project.isProtected != true {
            let name = project.isProtected == nil ? "protection-unknown" : "unprotected"
            let gap = project.gap ?? LocalizedText(de: "niemand hat nachgesehen", en: "nobody looked")
            hits.append(.own(name, ["source": shown, "revision": .text(revision), "reason": .localized(gap)]))
        }
        return hits
    }

    // MARK: - IMG-SEC-08

    private static let reproduced = Check(
        "reproduced",
        parameters: ["operators": .number],
        cases: [
            .pass("reproduced", ["operators"]),
            .fail("none"),
            .fail("rejected", ["reasons"]),
            .fail("too-few", ["operators", "minimum"]),
            .fail("no-operator", ["builders"]),
        ]
    ) { criterion, input in
        input.supplied { supplier in
            let facts = supplier.provenance.map(CriterionEvidence.init(provenance:))
            guard !supplier.provenance.isEmpty else { return CheckReport(hits: input.missing(.provenance)) }
            let minimum = Int(criterion.number("operators"))
            let known = supplier.provenance.filter { $0.level > 0 && $0.operatedBy != nil }
            // Two names for who holds one key are one operator.
            var operators: [String] = []
            var signers: Set<String> = []
            for provenance in known {
                guard let name = provenance.operatedBy, !operators.contains(name),
                    signers.insert(provenance.signer).inserted
                else { continue }
                operators.append(name)
            }
            let values: [String: PlaceValue] = ["operators": .list(operators), "minimum": .number(minimum)]
            if operators.isEmpty {
                let builders = supplier.provenance.map(\.builder).distinct
                return CheckReport(.own("no-operator", ["builders": .list(builders)]), evidence: facts)
            }
            return CheckReport(.own(operators.count >= minimum ? "reproduced" : "too-few", values), evidence: facts)
        }
    }
}

/// What an image is built on, by its provenance and by its annotations.
struct BaseImages {
    private let input: CheckInput
    private let supplier: SupplierEvidence
    private var evidence: ImageEvidence { input.evidence }

    init(_ input: CheckInput, _ supplier: SupplierEvidence) {
        self.input = input
        self.supplier = supplier
    }

    func report(minimum: Level) -> CheckReport {
        var facts: [CriterionEvidence] = []
        let bases = bases(&facts)
        return CheckReport(
            hits: bases.hits.isEmpty ? hits(bases.digests, minimum: minimum) : bases.hits,
            evidence: facts
        )
    }

    /// The images that it is built on; where there are none, what is to be said instead.
    func bases(_ facts: inout [CriterionEvidence]) -> (digests: [Digest], hits: [Hit]) {
        let attested = supplier.provenance.flatMap(\.images).distinct
        facts = supplier.provenance.filter { !$0.images.isEmpty }.map(CriterionEvidence.init(provenance:))
        var declared: Digest?
        switch evidence.metadata(Keys.baseDigest) {
        case .absent: break
        case .conflict(let annotation, let label): return ([], [.conflict(Keys.baseDigest, annotation, label)])
        case .value(let text, let kind):
            facts.append(CriterionEvidence(declared: Keys.baseDigest, text, kind))
            guard let digest = try? Digest(parsing: text) else {
                return ([], [.own("malformed", ["digest": .text(text)])])
            }
            declared = digest
        }
        let loose = attested.filter { $0.digest == nil }
        if !loose.isEmpty { return ([], [.own("not-pinned", ["images": .list(loose.map(\.uri))])]) }
        let digests = attested.compactMap(\.digest)
        if let declared, !digests.isEmpty, !digests.contains(declared) {
            let values: [String: PlaceValue] = [
                "digest": .text(declared.description), "images": .list(digests.map(\.description)),
            ]
            return ([], [.own("differs", values)])
        }
        // Without a word which one it stands on, every image that went in has to be as good as a base.
        let bases = declared.map { [$0] } ?? digests
        return bases.isEmpty ? ([], unnamed(&facts)) : (bases, [])
    }

    private func unnamed(_ facts: inout [CriterionEvidence]) -> [Hit] {
        if case .value("scratch", let kind) = evidence.metadata(Keys.baseName) {
            facts.append(CriterionEvidence(declared: Keys.baseName, "scratch", kind))
            return [.own("scratch")]
        }
        return [input.incomplete ?? .own("not-named")]
    }

    private func hits(_ bases: [Digest], minimum: Level) -> [Hit] {
        let unknown = bases.filter { supplier.images[$0] == nil }
        let known = bases.compactMap { digest in supplier.images[digest].map { (digest, $0) } }
        let low = known.filter { $0.1.level < minimum }
        var hits: [Hit] = []
        if !low.isEmpty {
            let images = low.map { digest, image in
                LocalizedText(
                    de: "\(image.repository.bounded)@\(digest) (\(image.level.title.de))",
                    en: "\(image.repository.bounded)@\(digest) (\(image.level.title.en))"
                )
            }
            let values: [String: PlaceValue] = [
                "images": .localizedList(images, total: images.count), "minimum": .localized(minimum.title),
            ]
            hits.append(.own("below", values))
        }
        if !unknown.isEmpty { hits.append(.own("not-here", ["images": .list(unknown.map(\.description))])) }
        guard hits.isEmpty else { return hits }
        let images = known.map { digest, image in
            LocalizedText(
                de: "\(image.repository.bounded)@\(digest) (\(image.level.title.de))",
                en: "\(image.repository.bounded)@\(digest) (\(image.level.title.en))"
            )
        }
        return [.own("trusted", ["images": .localizedList(images, total: images.count)])]
    }
}

extension Hit {
    /// What a case of the check of base images means to the check that asks it.
    fileprivate var outcome: Outcome? {
        if isCommon { return Checks.commonCase(name)?.outcome }
        return Checks.byName["pinned-base"]?.cases.first { $0.name == name }?.outcome
    }
}

/// Addresses of source, as different tools write the same one.
package enum SourceAddress {
    /// Without `git+`, the reference behind the `@`, `.git` and a slash at the end; the host in lower case.
    package static func bare(_ text: String) -> String {
        var text = text.hasPrefix("git+") ? String(text.dropFirst(4)) : text
        guard let scheme = text.firstRange(of: "://") else { return text }
        let path = text[scheme.upperBound...].firstIndex(of: "/") ?? text.endIndex
        let host = text[..<path].lowercased()
        var rest = text[path...]
        if let at = rest.lastIndex(of: "@") { rest = rest[..<at] }
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        while rest.last == "/" { rest.removeLast() }
        if rest.hasSuffix(".git") { rest.removeLast(4) }
        text = host + rest
        return text
    }
}

extension CriterionEvidence {
    fileprivate init(provenance: AttestedProvenance) {
        let by = provenance.operatedBy.map { " of \($0)" } ?? ""
        self.init(
            kind: .attestation,
            strength: .proven,
            text: "\(provenance.predicateType) by \(provenance.builder)\(by), build level \(provenance.level), "
                .bounded(to: 300) + "signed by \(provenance.signer)".bounded
        )
    }
}
