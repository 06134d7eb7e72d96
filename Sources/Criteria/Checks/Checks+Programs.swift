// SPDX-License-Identifier: EUPL-1.2

internal import OCI
internal import SBOM

extension Checks {
    /// Checks of programs and of who can change them.
    static let programs: [Check] = [protections]

    // MARK: - IMG-SEC-21

    private static let protections = Check(
        "program-protections",
        parameters: ["minimumProtected": .number],
        cases: [
            .pass("protected", ["protected", "programs"]),
            .pass("no-programs"),
            .fail("weak", ["weak", "programs", "examples", "minimum"]),
            .fail("root"),
            .fail("changeable", ["files", "user", "command"]),
            .unknown("unread-programs", ["unread", "programs"]),
            .unknown("user-not-known", ["user"]),
        ]
    ) { criterion, input in
        let programs = input.evidence.files.programs
        let minimum = criterion.number("minimumProtected")
        let facts = [
            CriterionEvidence(
                kind: .inventory,
                strength: .observed,
                text:
                    "\(programs.total) ELF programs, \(programs.weak) lack PIE, full RELRO, NX or stack protection, \(programs.unread) could not be read"
            )
        ]
        var hits: [Hit] = []
        func isEnough(_ count: Int) -> Bool { Double(count) >= Double(programs.total) * minimum - 1e-9 }
        if !isEnough(programs.total - programs.weak) {
            let examples = programs.examples.map { program in
                "/\(program.path) (\(program.missing.map(\.word).joined(separator: ", ")))"
            }
            hits.append(
                .own(
                    "weak",
                    [
                        "weak": .number(programs.weak), "programs": .number(programs.total),
                        "examples": .list(examples, total: programs.weak), "minimum": .number(Int(minimum * 100)),
                    ]
                )
            )
        } else if !isEnough(programs.total - programs.weak - programs.unread) {
            // Whatever stands in those that could not be read decides.
            hits.append(
                .own("unread-programs", ["unread": .number(programs.unread), "programs": .number(programs.total)])
            )
        }
        hits += changes(input)
        if let unread = input.unreadFiles, !hits.contains(where: { $0.name != "user-not-known" }) {
            hits.append(unread)
        }
        guard hits.isEmpty else { return CheckReport(hits: hits, evidence: facts) }
        guard programs.total > 0 else { return CheckReport(.own("no-programs"), evidence: facts) }
        let values: [String: PlaceValue] = [
            "protected": .number(programs.total - programs.weak), "programs": .number(programs.total),
        ]
        return CheckReport(.own("protected", values), evidence: facts)
    }

    /// What the user that the image names can change of what it runs.
    private static func changes(_ input: CheckInput) -> [Hit] {
        guard let configuration = input.evidence.configuration else { return [.common("no-configuration")] }
        let setting = UserSetting(configuration.user, evidence: input.evidence)
        let user: UInt32
        switch setting.identity {
        case .number(let id): user = id
        case .entry(let entry): user = entry.userID
        case .unset: user = 0
        case .missing, .malformed: return [.own("user-not-known", ["user": .text(configuration.user)])]
        }
        guard user != 0 else {
            // Of a base image the descendants choose the user.
            return input.kind == .base ? [] : [.own("root")]
        }
        let files = input.evidence.files
        func canChange(_ file: FileFact) -> Bool {
            if file.userID == user { return true }
            if let group = setting.group, file.groupID == group { return file.mode & 0o020 != 0 }
            return file.mode & 0o002 != 0
        }
        // In a sticky directory only its owner replaces what others put there.
        let directories = files.openCodeDirectories.items.filter { $0.mode & 0o1000 == 0 || $0.userID == user }
        let open = (files.openCode.items + directories).filter(canChange)
        if !open.isEmpty {
            return [
                .own(
                    "changeable",
                    [
                        "files": .list(
                            open.map { "/\($0.path) (\(String($0.mode, radix: 8)), \($0.userID):\($0.groupID))" }
                        ),
                        "user": .text(configuration.user),
                        "command": .text(Shell.command("chown root:root", paths: open.map { "/" + $0.path })),
                    ]
                )
            ]
        }
        return [files.openCode.cutHit, files.openCodeDirectories.cutHit].compactMap { $0 }
    }
}

extension ProgramProtection {
    /// The field's own word.
    fileprivate var word: String {
        switch self {
        case .positionIndependent: "PIE"
        case .readOnlyRelocations: "RELRO"
        case .nonExecutableStack: "NX"
        case .stackProtector: "stack protector"
        }
    }
}
