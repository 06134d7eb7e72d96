// SPDX-License-Identifier: EUPL-1.2

internal import SBOM

extension Checks {
    /// Checks of secrets and of the list of components.
    static let contents: [Check] = [noSecrets, bill]

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
