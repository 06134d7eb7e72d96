// SPDX-License-Identifier: EUPL-1.2

internal import Time

extension Checks {
    /// Checks of who uses an image.
    static let reuse: [Check] = [reused]

    // MARK: - IMG-REU-08

    private static let reused = Check(
        "reused",
        parameters: ["organisations": .number, "kinds": .texts],
        cases: [
            .pass("reused", ["count", "organisations"]),
            .fail("too-few", ["organisations", "minimum"]),
            .fail("nobody", ["minimum"]),
            .unknown("no-publisher"),
            .unknown("nobody-looked"),
        ]
    ) { criterion, input in
        guard let reuse = input.reuse else { return CheckReport(.own("nobody-looked")) }
        let evidence = reuse.uses.map { use in
            CriterionEvidence(
                kind: .attestation,
                strength: .declared,
                text: "\(use.title) (\(use.kind)) uses it since \(use.since.dateText)".bounded(to: 300)
            )
        }
        // Whose own use would count as somebody else's is not for a check to guess.
        guard let publisher = reuse.publisher else { return CheckReport(.own("no-publisher"), evidence: evidence) }
        let kinds = criterion.texts("kinds")
        var seen: Set<String> = [publisher]
        let others = reuse.uses.filter { kinds.contains($0.kind) && seen.insert($0.organisation).inserted }
        let minimum = Int(criterion.number("organisations"))
        let values: [String: PlaceValue] = [
            "count": .number(others.count), "organisations": .list(others.map(\.title.bounded)),
            "minimum": .number(minimum),
        ]
        let name = others.count >= minimum ? "reused" : others.isEmpty ? "nobody" : "too-few"
        return CheckReport(.own(name, values), evidence: evidence)
    }
}
