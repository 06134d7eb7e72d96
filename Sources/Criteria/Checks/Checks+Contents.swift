// SPDX-License-Identifier: EUPL-1.2

internal import SBOM

extension Checks {
    /// Checks of secrets and of the list of components.
    static let contents: [Check] = [noSecrets, bill, truthful]

    // MARK: - IMG-SEC-16

    private static let noSecrets = Check(
        "no-secrets",
        cases: [
            .pass("none", ["bytes"]),
            .pass("only-suspicious", ["count", "places"]),
            .fail("file", ["places", "command"]),
            .fail("environment", ["places"]),
            .fail("label", ["places"]),
            .fail("history", ["places"]),
            .unknown("incomplete"),
        ]
    ) { _, input in
        let secrets = input.evidence.secrets
        let sure = secrets.hits.filter { $0.confidence == .high }
        let evidence = (sure + secrets.hits.filter { $0.confidence != .high }).map(CriterionEvidence.init(secret:))
        var hits: [Hit] = []
        for place in [SecretHit.Place.file, .environment, .label, .history] {
            let found = sure.filter { $0.place == place }
            guard !found.isEmpty else { continue }
            var values: [String: PlaceValue] = ["places": .list(found.map(\.placeText))]
            if place == .file {
                var paths: [String] = []
                for hit in found where !paths.contains("/" + hit.subject) { paths.append("/" + hit.subject) }
                values["command"] = .text(Shell.command("rm", paths: paths))
            }
            hits.append(.own(place.rawValue, values))
        }
        if !secrets.complete { hits.append(.own("incomplete")) }
        if hits.isEmpty {
            hits.append(
                secrets.hits.isEmpty
                    ? .own("none", ["bytes": .number(secrets.bytesScanned)])
                    : .own(
                        "only-suspicious",
                        ["count": .number(secrets.hits.count), "places": .list(secrets.hits.map(\.placeText))]
                    )
            )
        }
        return CheckReport(hits: hits, evidence: evidence)
    }

    // MARK: - IMG-SEC-23

    private static let truthful = Check(
        "bill-is-truthful",
        parameters: ["minimumOwned": .number, "minimumIdentified": .number],
        cases: [
            .pass("attributed", ["files", "owned", "components"]),
            .fail("unowned", ["unowned", "files", "examples", "minimum"]),
            .fail("unidentified", ["count", "components", "examples", "minimum"]),
            .fail("without-version", ["examples"]),
        ]
    ) { criterion, input in
        let files = input.evidence.files
        let total = files.executables.total + files.libraries
        let unowned = files.unownedExecutables + files.unownedLibraries
        let components = input.packages
        let unidentified = components.filter { $0.purl == nil }
        // What a package of the distribution brought goes by the package's version.
        let versionless = components.filter { $0.version.isEmpty && $0.ownedBy == nil }
        let facts = [
            CriterionEvidence(
                kind: .inventory,
                strength: .observed,
                text:
                    "\(total) programs, scripts and libraries, \(unowned) without an owner; \(components.count) components, \(unidentified.count) without a purl, \(versionless.count) without a version"
            )
        ]
        var hits: [Hit] = []
        let isAllRead = !input.evidence.problems.contains(where: \.affectsComponents)
        let (owned, identified) = (criterion.number("minimumOwned"), criterion.number("minimumIdentified"))
        // What could not be read may hold the owner: only a complete reading proves that there is none.
        if isAllRead, Double(unowned) > Double(total) * (1 - owned) {
            let examples = files.executables.items.filter { $0.owner == nil }.map { "/" + $0.path }
            hits.append(
                .own(
                    "unowned",
                    [
                        "unowned": .number(unowned), "files": .number(total),
                        "examples": .list(examples, total: unowned), "minimum": .number(Int(owned * 100)),
                    ]
                )
            )
        }
        if Double(unidentified.count) > Double(components.count) * (1 - identified) {
            hits.append(
                .own(
                    "unidentified",
                    [
                        "count": .number(unidentified.count), "components": .number(components.count),
                        "examples": .list(unidentified.map(\.name)), "minimum": .number(Int(identified * 100)),
                    ]
                )
            )
        }
        if !versionless.isEmpty {
            hits.append(.own("without-version", ["examples": .list(versionless.map(\.name))]))
        }
        hits += input.inventoryGaps
        guard hits.isEmpty else { return CheckReport(hits: hits, evidence: facts) }
        let values: [String: PlaceValue] = [
            "files": .number(total), "owned": .number(total - unowned), "components": .number(components.count),
        ]
        return CheckReport(.own("attributed", values), evidence: facts)
    }

    // MARK: - IMG-SEC-22

    private static let bill = Check(
        "bill-of-materials",
        cases: [
            .pass("analysed", ["count", "release"]),
            .pass("analysed-unowned", ["count", "release", "unowned"]),
            .fail("nothing-identified", ["executables", "files"]),
        ]
    ) { _, input in
        let components = input.packages
        let files = input.evidence.files
        let facts = [
            CriterionEvidence(
                kind: .inventory,
                strength: .observed,
                text:
                    "\(components.count) components, \(files.executables.total) executables, \(files.unownedExecutables) without an owner"
            )
        ]
        // The database may stand in what could not be read: its absence is proven only when everything was.
        let isAllRead = !input.evidence.problems.contains(where: \.affectsComponents)
        if components.isEmpty, files.executables.total > 0, isAllRead {
            let list = PlaceValue.list(files.executables.items.map { "/" + $0.path }, total: files.executables.total)
            let values: [String: PlaceValue] = ["executables": .number(files.executables.total), "files": list]
            return CheckReport(.own("nothing-identified", values), evidence: facts)
        }
        let gaps = input.inventoryGaps
        if !gaps.isEmpty { return CheckReport(hits: gaps, evidence: facts) }
        var values: [String: PlaceValue] = ["count": .number(components.count), "release": .text(input.releaseText)]
        guard files.unownedExecutables > 0 else { return CheckReport(.own("analysed", values), evidence: facts) }
        values["unowned"] = .number(files.unownedExecutables)
        return CheckReport(.own("analysed-unowned", values), evidence: facts)
    }
}

extension SecretHit {
    /// "private-key in /root/.ssh/id_ed25519 (layer 2)".
    fileprivate var placeText: String {
        let layerText = layer.map { " (layer \($0))" } ?? ""
        return switch place {
        case .file: "\(rule): /\(subject)\(layerText)"
        case .environment: "\(rule): ENV \(subject)"
        case .label: "\(rule): LABEL \(subject)"
        case .history: "\(rule): history \(subject)"
        }
    }
}

extension CriterionEvidence {
    fileprivate init(secret hit: SecretHit) {
        let kind: Kind =
            switch hit.place {
            case .file: .file
            case .environment: .configuration
            case .label: .label
            case .history: .history
            }
        self.init(
            kind: kind,
            strength: .observed,
            text:
                "\(hit.rule), \(hit.confidence.rawValue) confidence, \(hit.subject), offset \(hit.offset): \(hit.excerpt)"
                .bounded,
            path: hit.place == .file ? hit.subject : nil,
            layer: hit.layer
        )
    }
}
