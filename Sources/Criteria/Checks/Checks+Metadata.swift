// SPDX-License-Identifier: EUPL-1.2

internal import OCI
internal import SBOM
internal import Time

extension Checks {
    /// Checks of what the publisher declares, and of the distribution's support.
    static let metadata: [Check] = [traceable, supported, supportPeriod, licence, source, documentation]

    // MARK: - IMG-MNT-02

    private static let traceable = Check(
        "traceable-metadata",
        parameters: ["keys": .texts],
        cases: [
            .pass("complete", ["keys"]),
            .fail("missing", ["keys", "lines"]),
            .fail("not-a-time", ["value"]),
            .fail("in-the-future", ["value"]),
        ]
    ) { criterion, input in
        guard let configuration = input.evidence.configuration else { return CheckReport(.common("no-configuration")) }
        var hits: [Hit] = []
        var missing: [String] = []
        var evidence: [CriterionEvidence] = []
        var changes: [Timestamp] = []
        for key in criterion.texts("keys") {
            switch input.evidence.metadata(key) {
            case .conflict(let annotation, let label): hits.append(.conflict(key, annotation, label))
            case .value(let value, let kind): evidence.append(CriterionEvidence(declared: key, value, kind))
            case .absent:
                // The configuration has a field of its own for the time, which every build tool fills.
                if key == Keys.created, let created = configuration.created, !created.isEmpty {
                    evidence.append(CriterionEvidence(declared: "created", created, .configuration))
                } else {
                    missing.append(key)
                }
            }
        }
        if !missing.isEmpty {
            let lines = missing.map { "LABEL \($0)=\"…\"" }.joined(separator: "; ")
            hits.append(.own("missing", ["keys": .list(missing), "lines": .text(lines)]))
        }
        let times = [
            configuration.created, input.evidence.annotations[Keys.created], configuration.labels[Keys.created],
        ]
        for case let text? in times where !text.isEmpty {
            guard let time = Timestamp(rfc3339: text) else {
                hits.append(.own("not-a-time", ["value": .text(text)]))
                break
            }
            guard time > input.context.now else { continue }
            hits.append(.own("in-the-future", ["value": .text(text)]))
            changes.append(time)
            break
        }
        return CheckReport(
            hits: hits.isEmpty
                ? [.own("complete", ["keys": .list(evidence.map(\.text), total: evidence.count)])] : hits,
            evidence: evidence,
            changesAt: changes
        )
    }

    // MARK: - IMG-MNT-03

    private static let supported = Check(
        "supported-release",
        parameters: ["longTermSupport": .flag],
        cases: [
            .pass("supported", ["release", "until"]),
            .pass("long-term", ["release", "ended", "until"]),
            .fail("long-term-not-counted", ["release", "ended", "until"]),
            .fail("ended", ["release", "ended"]),
            .fail("unreleased", ["release"]),
            .unknown("not-in-calendar", ["release"]),
        ]
    ) { criterion, input in
        guard let distribution = input.evidence.distribution else { return CheckReport(.common("no-distribution")) }
        let calendar = input.context.releases
        let now = input.context.now
        let release = PlaceValue.text(input.releaseText)
        var evidence = [
            CriterionEvidence(
                kind: .file,
                strength: .observed,
                text: "ID=\(distribution.id), VERSION_ID=\(distribution.versionID ?? "-")".bounded,
                path: "etc/os-release"
            )
        ]
        if let dates = calendar.release(of: distribution) {
            let end = dates.end?.dateText ?? "-"
            let longTerm = dates.longTermEnd?.dateText ?? "-"
            evidence.append(
                CriterionEvidence(
                    kind: .calendar,
                    strength: .observed,
                    text: "\(dates.series): eol \(end), eol-lts \(longTerm)"
                )
            )
        }
        switch calendar.support(of: distribution, at: now) {
        case .supported(let until):
            return CheckReport(
                .own("supported", ["release": release, "until": .text(until.dateText)]),
                evidence: evidence,
                changesAt: [until.endOfDay]
            )
        case .longTerm(let ended, let until):
            let counts = criterion.parameters["longTermSupport"] == .flag(true)
            return CheckReport(
                .own(
                    counts ? "long-term" : "long-term-not-counted",
                    ["release": release, "ended": .text(ended.dateText), "until": .text(until.dateText)]
                ),
                evidence: evidence,
                changesAt: [until.endOfDay]
            )
        case .ended(let end):
            return CheckReport(.own("ended", ["release": release, "ended": .text(end.dateText)]), evidence: evidence)
        case .unreleased:
            let day = calendar.release(of: distribution)?.released
            return CheckReport(
                .own("unreleased", ["release": release]),
                evidence: evidence,
                changesAt: [day].compactMap { $0 }
            )
        case .unknown: return CheckReport(.own("not-in-calendar", ["release": release]), evidence: evidence)
        }
    }

    // MARK: - IMG-MNT-05

    private static let supportPeriod = Check(
        "support-period",
        cases: [
            .pass("running", ["month"]),
            .fail("missing"),
            .fail("not-a-month", ["value"]),
            .fail("over", ["month"]),
        ]
    ) { _, input in
        guard input.evidence.configuration != nil else { return CheckReport(.common("no-configuration")) }
        switch input.evidence.metadata(Keys.supportEnd) {
        case .absent: return CheckReport(.own("missing"))
        case .conflict(let annotation, let label): return CheckReport(.conflict(Keys.supportEnd, annotation, label))
        case .value(let text, let kind):
            let evidence = [CriterionEvidence(declared: Keys.supportEnd, text, kind)]
            guard let end = monthAfter(text) else {
                return CheckReport(.own("not-a-month", ["value": .text(text)]), evidence: evidence)
            }
            let month: [String: PlaceValue] = ["month": .text(text)]
            // The month that is named still belongs to the period.
            guard input.context.now < end else { return CheckReport(.own("over", month), evidence: evidence) }
            return CheckReport(.own("running", month), evidence: evidence, changesAt: [end])
        }
    }

    /// The first instant after a month that is written `YYYY-MM`; nil when it is none.
    private static func monthAfter(_ text: String) -> Timestamp? {
        let digits = Array(text.utf8)
        guard digits.count == 7, digits.enumerated().allSatisfy({ $0 == 4 ? $1 == 0x2D : (0x30...0x39).contains($1) }),
            let year = Int(text.prefix(4)), let month = Int(text.suffix(2)), (1...12).contains(month)
        else { return nil }
        let (nextYear, next) = month == 12 ? (year + 1, 1) : (year, month + 1)
        func padded(_ number: Int, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
        }
        return Timestamp(date: "\(padded(nextYear, 4))-\(padded(next, 2))-01")
    }

    // MARK: - IMG-REU-01

    private static let licence = Check(
        "licence",
        parameters: ["allowed": .texts],
        cases: [
            .pass("allowed", ["expression"]),
            .fail("missing"),
            .fail("not-spdx", ["expression", "problem"]),
            .fail("not-allowed", ["expression", "licences"]),
        ]
    ) { criterion, input in
        guard input.evidence.configuration != nil else { return CheckReport(.common("no-configuration")) }
        switch input.evidence.metadata(Keys.licenses) {
        case .absent: return CheckReport(.own("missing"))
        case .conflict(let annotation, let label): return CheckReport(.conflict(Keys.licenses, annotation, label))
        case .value(let text, let kind):
            let evidence = [CriterionEvidence(declared: Keys.licenses, text, kind)]
            do throws(SPDXExpressionError) {
                let expression = try SPDXExpression(parsing: text)
                let allowed = Set(criterion.texts("allowed").map { $0.lowercased() })
                let others = expression.identifiers.filter { !allowed.contains($0.lowercased()) }
                let hit =
                    others.isEmpty
                    ? Hit.own("allowed", ["expression": .text(text)])
                    : .own("not-allowed", ["expression": .text(text), "licences": .list(others)])
                return CheckReport(hit, evidence: evidence)
            } catch {
                let values: [String: PlaceValue] = [
                    "expression": .text(text), "problem": .text(String(describing: error)),
                ]
                return CheckReport(.own("not-spdx", values), evidence: evidence)
            }
        }
    }

    // MARK: - IMG-REU-02

    private static let source = Check(
        "source-declared",
        parameters: ["schemes": .texts, "revisionLengths": .numbers],
        cases: [
            .pass("declared", ["source", "revision"]),
            .fail("no-source"),
            .fail("bad-source", ["source", "schemes"]),
            .fail("no-revision"),
            .fail("bad-revision", ["revision"]),
        ]
    ) { criterion, input in
        guard input.evidence.configuration != nil else { return CheckReport(.common("no-configuration")) }
        var hits: [Hit] = []
        var values: [String: PlaceValue] = [:]
        var evidence: [CriterionEvidence] = []
        switch input.evidence.metadata(Keys.source) {
        case .absent: hits.append(.own("no-source"))
        case .conflict(let annotation, let label): hits.append(.conflict(Keys.source, annotation, label))
        case .value(let text, let kind):
            let shown = WebAddress.masked(text)
            evidence.append(CriterionEvidence(declared: Keys.source, shown, kind))
            values["source"] = .text(shown)
            if !WebAddress.isWellFormed(text, schemes: criterion.texts("schemes")) {
                hits.append(.own("bad-source", ["source": .text(shown), "schemes": .list(criterion.texts("schemes"))]))
            }
        }
        switch input.evidence.metadata(Keys.revision) {
        case .absent: hits.append(.own("no-revision"))
        case .conflict(let annotation, let label): hits.append(.conflict(Keys.revision, annotation, label))
        case .value(let text, let kind):
            evidence.append(CriterionEvidence(declared: Keys.revision, text, kind))
            values["revision"] = .text(text)
            let isHex = text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            if !isHex || !criterion.numbers("revisionLengths").contains(Double(text.utf8.count)) {
                hits.append(.own("bad-revision", ["revision": .text(text)]))
            }
        }
        return CheckReport(hits: hits.isEmpty ? [.own("declared", values)] : hits, evidence: evidence)
    }

    // MARK: - IMG-REU-03

    private static let documentation = Check(
        "documentation",
        parameters: ["minimumDescription": .number, "schemes": .texts],
        cases: [
            .pass("documented", ["description", "link"]),
            .fail("no-description"),
            .fail("short-description", ["description", "minimum"]),
            .fail("no-link"),
            .fail("bad-link", ["link"]),
        ]
    ) { criterion, input in
        guard input.evidence.configuration != nil else { return CheckReport(.common("no-configuration")) }
        var hits: [Hit] = []
        var values: [String: PlaceValue] = [:]
        var evidence: [CriterionEvidence] = []
        switch input.evidence.metadata(Keys.description) {
        case .absent: hits.append(.own("no-description"))
        case .conflict(let annotation, let label): hits.append(.conflict(Keys.description, annotation, label))
        case .value(let text, let kind):
            evidence.append(CriterionEvidence(declared: Keys.description, text, kind))
            values["description"] = .text(text)
            let minimum = Int(criterion.number("minimumDescription"))
            // Blanks are no description.
            if text.unicodeScalars.count(where: { !$0.properties.isWhitespace }) < minimum {
                hits.append(.own("short-description", ["description": .text(text), "minimum": .number(minimum)]))
            }
        }
        switch input.evidence.metadata(Keys.documentation) {
        case .absent: hits.append(.own("no-link"))
        case .conflict(let annotation, let label): hits.append(.conflict(Keys.documentation, annotation, label))
        case .value(let text, let kind):
            let shown = WebAddress.masked(text)
            evidence.append(CriterionEvidence(declared: Keys.documentation, shown, kind))
            values["link"] = .text(shown)
            if !WebAddress.isWellFormed(text, schemes: criterion.texts("schemes")) {
                hits.append(.own("bad-link", ["link": .text(shown)]))
            }
        }
        return CheckReport(hits: hits.isEmpty ? [.own("documented", values)] : hits, evidence: evidence)
    }
}

/// Keys of the OCI image-spec, "Annotations".
enum Keys {
    static let created = "org.opencontainers.image.created"
    static let source = "org.opencontainers.image.source"
    static let vendor = "org.opencontainers.image.vendor"
    static let revision = "org.opencontainers.image.revision"
    static let licenses = "org.opencontainers.image.licenses"
    static let description = "org.opencontainers.image.description"
    static let documentation = "org.opencontainers.image.documentation"
    static let baseName = "org.opencontainers.image.base.name"
    static let baseDigest = "org.opencontainers.image.base.digest"
    /// Until when the publisher promises security updates, `YYYY-MM`; a key of ours, since the specification has none.
    static let supportEnd = "eu.kontor.image.support-end"
}

/// Addresses of the web and of repositories, looked at as text only: nothing is fetched.
enum WebAddress {
    /// The text with `user:password@` masked: a verdict is public, and must not spread what somebody left in a label.
    ///
    /// Masks up to the last `@` of the first word, since a password may hold any character; a colon and an at sign in the path of an
    /// address without a password stay, because the authority before them ends at a slash without an `@`.
    static func masked(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        let word = text[scheme.upperBound...].prefix { !$0.isWhitespace }
        let authority = word.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let hasPort =
            authority.split(separator: ":").count == 2
            && authority.split(separator: ":").last.map { UInt16($0) != nil } == true
        guard let at = word.lastIndex(of: "@"), word[..<at].contains(":"), authority.contains("@") || !hasPort else {
            return text
        }
        return text[..<scheme.upperBound] + "***" + text[at...]
    }

    /// `scheme://host/…` with an allowed scheme, a plain host name with a dot, and no user, password, blank or control character.
    static func isWellFormed(_ text: String, schemes: [String]) -> Bool {
        guard text.utf8.count <= 2048,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3C && $0 != 0x3E && $0 != 0x5C })
        else { return false }
        guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0 + "://") }) else { return false }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // A user in the address can carry a password; only ssh addresses need one, and then only a name.
        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.count == 1 || (scheme == "ssh" && !parts[0].contains(":") && !parts[0].isEmpty)
        else { return false }
        let hostAndPort = parts[parts.count - 1].split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(hostAndPort.count), hostAndPort.count == 1 || UInt16(hostAndPort[1]) != nil else {
            return false
        }
        let labels = hostAndPort[0].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                            || byte == 0x2D
                    }
            }
    }
}

extension Hit {
    static func conflict(_ key: String, _ annotation: String, _ label: String) -> Hit {
        .common(
            "conflict",
            [
                "key": .text(key), "annotation": .text(WebAddress.masked(annotation)),
                "label": .text(WebAddress.masked(label)),
            ]
        )
    }
}

extension CriterionEvidence {
    init(declared key: String, _ value: String, _ kind: Kind) {
        self.init(kind: kind, strength: .declared, text: "\(key)=\(WebAddress.masked(value))".bounded(to: 300))
    }
}
