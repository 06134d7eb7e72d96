// SPDX-License-Identifier: EUPL-1.2

internal import OCI
internal import SBOM

extension Checks {
    /// Checks of the image configuration, and of digests.
    static let configuration: [Check] = [integrity, userNotRoot, leastPrivilege, noRemoteAccess]

    // MARK: - IMG-SEC-01

    private static let integrity = Check(
        "integrity",
        cases: [
            .pass("intact", ["count"]),
            .fail("damaged", ["problems"]),
            .fail("media-type", ["types"]),
            .unknown("not-recomputed", ["subjects"]),
            .unknown("no-manifest"),
        ]
    ) { _, input in
        let checks = input.evidence.integrity.checks
        guard input.evidence.digest != nil, !checks.isEmpty else { return CheckReport(.own("no-manifest")) }
        var hits: [Hit] = []
        let damaged = checks.filter { check in
            check.problem != nil || (check.actual.map { $0 != check.expected } ?? false)
        }
        if !damaged.isEmpty {
            let texts = damaged.map {
                "\($0.subject): \($0.problem ?? "expected \($0.expected), found \($0.actual ?? "nothing")")"
            }
            hits.append(.own("damaged", ["problems": .list(texts)]))
        }
        let types = input.evidence.integrity.unknownMediaTypes
        if !types.isEmpty { hits.append(.own("media-type", ["types": .list(types)])) }
        let open = checks.filter { $0.actual == nil && $0.problem == nil }
        if !open.isEmpty { hits.append(.own("not-recomputed", ["subjects": .list(open.map(\.subject))])) }
        if hits.isEmpty { hits.append(.own("intact", ["count": .number(checks.count)])) }
        return CheckReport(
            hits: hits,
            evidence: checks.map { check in
                CriterionEvidence(
                    kind: .digest,
                    strength: check.actual == nil ? .observed : .proven,
                    text: check.problem.map { "\(check.subject): \($0)".bounded }
                        ?? "\(check.subject): \(check.actual ?? "not recomputed")".bounded
                )
            }
        )
    }

    // MARK: - IMG-SEC-10

    private static let userNotRoot = Check(
        "user-not-root",
        cases: [
            .pass("user", ["user", "uid"]),
            .fail("unset"),
            .fail("root", ["user"]),
            .fail("name-is-root", ["user"]),
            .fail("not-in-passwd", ["user"]),
            .fail("malformed", ["user"]),
            .unknown("passwd-unreadable", ["user"]),
        ]
    ) { _, input in
        guard let configuration = input.evidence.configuration else { return CheckReport(.common("no-configuration")) }
        let evidence = [
            CriterionEvidence(
                kind: .configuration,
                strength: .observed,
                text: configuration.user.isEmpty
                    ? "config.User is not set" : "config.User = \"\(configuration.user.bounded)\""
            )
        ]
        let user = UserSetting(configuration.user, evidence: input.evidence)
        let shown = PlaceValue.text(configuration.user)
        switch user.identity {
        case .unset: return CheckReport(.own("unset"), evidence: evidence)
        case .number(0): return CheckReport(.own("root", ["user": shown]), evidence: evidence)
        case .number(let id):
            return CheckReport(.own("user", ["user": shown, "uid": .number(Int(id))]), evidence: evidence)
        case .entry(let entry):
            let line = CriterionEvidence(
                kind: .file,
                strength: .observed,
                text: "\(entry.name):x:\(entry.userID):\(entry.groupID)".bounded,
                path: "etc/passwd"
            )
            // "toor:x:0:0" is root by another name.
            let name = entry.userID > 0 ? "user" : entry.name == "root" ? "root" : "name-is-root"
            return CheckReport(
                .own(name, ["user": shown, "uid": .number(Int(entry.userID))]),
                evidence: evidence + [line]
            )
        case .missing(let name):
            if name == "root" { return CheckReport(.own("root", ["user": shown]), evidence: evidence) }
            let isUnreadable = input.evidence.problems.contains { $0.path == "etc/passwd" }
            return CheckReport(
                .own(isUnreadable ? "passwd-unreadable" : "not-in-passwd", ["user": shown]),
                evidence: evidence
            )
        case .malformed: return CheckReport(.own("malformed", ["user": shown]), evidence: evidence)
        }
    }

    // MARK: - IMG-SEC-11

    private static let leastPrivilege = Check(
        "least-privilege",
        parameters: ["minimumUserID": .number, "minimumPort": .number],
        cases: [
            .pass("least", ["uid", "gid"]),
            .pass("least-on-base"),
            .fail("user-is-name", ["user"]),
            .fail("user-too-low", ["user", "minimum"]),
            .fail("user-unset"),
            .fail("group-zero-implied", ["user"]),
            .fail("low-port", ["ports", "minimum"]),
            .fail("malformed-port", ["ports"]),
        ]
    ) { criterion, input in
        guard let configuration = input.evidence.configuration else { return CheckReport(.common("no-configuration")) }
        let minimumUser = UInt32(min(criterion.number("minimumUserID"), Double(UInt32.max)))
        let minimumPort = Int(criterion.number("minimumPort"))
        var hits: [Hit] = []
        var pass = Hit.own("least-on-base")
        let shown = PlaceValue.text(configuration.user)
        if input.kind != .base {
            let user = UserSetting(configuration.user, evidence: input.evidence)
            switch user.identity {
            case .unset: hits.append(.own("user-unset"))
            case .entry, .missing, .malformed: hits.append(.own("user-is-name", ["user": shown]))
            case .number(let id):
                if id < minimumUser {
                    hits.append(.own("user-too-low", ["user": shown, "minimum": .number(Int(minimumUser))]))
                }
                // "65532:0" is the pattern of platforms that give any user and group 0; a 0 that nobody wrote is an oversight.
                if user.group == 0, !user.namesGroup { hits.append(.own("group-zero-implied", ["user": shown])) }
                pass = .own("least", ["uid": .number(Int(id)), "gid": .number(Int(user.group ?? 0))])
            }
        }
        let ports = configuration.exposedPorts.map { (text: $0, range: PortRange($0)) }
        let malformed = ports.filter { $0.range == nil }.map(\.text)
        if !malformed.isEmpty { hits.append(.own("malformed-port", ["ports": .list(malformed)])) }
        let low = ports.filter { $0.range.map { $0.lower < minimumPort } ?? false }.map(\.text)
        if !low.isEmpty { hits.append(.own("low-port", ["ports": .list(low), "minimum": .number(minimumPort)])) }
        return CheckReport(hits: hits.isEmpty ? [pass] : hits, evidence: configuration.userAndPorts)
    }

    // MARK: - IMG-SEC-14

    private static let noRemoteAccess = Check(
        "no-remote-access",
        parameters: ["programs": .texts, "packages": .texts, "ports": .numbers],
        cases: [
            .pass("none"),
            .fail("program", ["files", "command"]),
            .fail("package", ["packages", "command"]),
            .fail("port", ["ports"]),
            .fail("malformed-port", ["ports"]),
        ]
    ) { criterion, input in
        var hits: [Hit] = []
        var evidence =
            input.evidence.configuration?.userAndPorts.filter { $0.text.hasPrefix("config.ExposedPorts") } ?? []
        let programs = input.evidence.files.executables.named(criterion.texts("programs"))
        if !programs.isEmpty {
            hits.append(
                .own(
                    "program",
                    ["files": .list(programs.map { "/" + $0.path }), "command": .text(Self.removal(of: programs))]
                )
            )
            evidence += programs.map(CriterionEvidence.init(file:))
        }
        let packages = Set(criterion.texts("packages"))
        let installed = input.evidence.components.filter { packages.contains($0.name) }
        if !installed.isEmpty {
            let names = installed.map(\.name)
            let command = Shell.command("apt-get purge", paths: names)
            hits.append(.own("package", ["packages": .list(names), "command": .text(command)]))
            evidence += installed.map(CriterionEvidence.init(component:))
        }
        let forbidden = criterion.numbers("ports").map { Int($0) }
        let ports = (input.evidence.configuration?.exposedPorts ?? []).map { (text: $0, range: PortRange($0)) }
        let open = ports.filter { port in port.range.map { range in forbidden.contains { range.contains($0) } } ?? false
        }
        if !open.isEmpty { hits.append(.own("port", ["ports": .list(open.map(\.text))])) }
        let malformed = ports.filter { $0.range == nil }.map(\.text)
        if !malformed.isEmpty { hits.append(.own("malformed-port", ["ports": .list(malformed)])) }
        if let cut = input.evidence.files.executables.cutHit, hits.isEmpty { hits.append(cut) }
        if let unread = input.unreadFiles, hits.isEmpty { hits.append(unread) }
        if input.evidence.configuration == nil, hits.isEmpty { hits.append(.common("no-configuration")) }
        return CheckReport(hits: hits.isEmpty ? [.own("none")] : hits, evidence: evidence)
    }

    /// What removes programs: their packages where all have one, else the files.
    private static func removal(of programs: [FileFact]) -> String {
        let packages = programs.map { $0.owner.flatMap { try? PackageURL(parsing: $0) }?.name }
        let owners = Set(packages.compactMap(\.self)).sorted()
        if packages.contains(nil) || owners.isEmpty {
            return Shell.command("rm", paths: programs.map { "/" + $0.path })
        }
        return Shell.command("apt-get purge", paths: owners)
    }
}

extension ImageConfiguration {
    /// The user and every exposed port as facts.
    fileprivate var userAndPorts: [CriterionEvidence] {
        var facts = [
            CriterionEvidence(
                kind: .configuration,
                strength: .observed,
                text: user.isEmpty ? "config.User is not set" : "config.User = \"\(user.bounded)\""
            )
        ]
        for port in exposedPorts {
            facts.append(
                CriterionEvidence(
                    kind: .configuration,
                    strength: .observed,
                    text: "config.ExposedPorts: \(port.bounded)"
                )
            )
        }
        return facts
    }
}
