// SPDX-License-Identifier: EUPL-1.2

extension Checks {
    /// Checks of what the file system holds.
    static let files: [Check] = [fileModes, noBuildTools, minimalRuntime]

    // MARK: - IMG-SEC-18

    private static let fileModes = Check(
        "file-modes",
        cases: [
            .pass("clean"),
            .fail("privileged", ["files", "command"]),
            .fail("capabilities", ["files", "command"]),
            .fail("writable-files", ["files", "command"]),
            .fail("writable-directories", ["files", "command"]),
        ]
    ) { _, input in
        let files = input.evidence.files
        var hits: [Hit] = []
        let setID = files.privileged.items.filter { $0.mode & 0o6000 != 0 }
        let capable = files.privileged.items.filter { $0.mode & 0o6000 == 0 }
        // The list may be cut: the total says how many there are, whatever their sort.
        if !setID.isEmpty {
            hits.append(hit("privileged", setID, total: files.privileged.total - capable.count, "chmod u-s,g-s"))
        }
        if !capable.isEmpty { hits.append(hit("capabilities", capable, total: capable.count, "setcap -r")) }
        if setID.isEmpty, capable.isEmpty, files.privileged.total > 0 {
            hits.append(hit("privileged", [], total: files.privileged.total, "chmod u-s,g-s"))
        }
        if files.worldWritableFiles.total > 0 {
            hits.append(
                hit(
                    "writable-files",
                    files.worldWritableFiles.items,
                    total: files.worldWritableFiles.total,
                    "chmod o-w"
                )
            )
        }
        if files.worldWritableDirectories.total > 0 {
            let list = files.worldWritableDirectories
            hits.append(hit("writable-directories", list.items, total: list.total, "chmod +t"))
        }
        if hits.isEmpty, let unread = input.unreadFiles { hits.append(unread) }
        let seen = files.privileged.items + files.worldWritableFiles.items + files.worldWritableDirectories.items
        return CheckReport(
            hits: hits.isEmpty ? [.own("clean")] : hits,
            evidence: seen.map(CriterionEvidence.init(file:))
        )
    }

    private static func hit(_ name: String, _ files: [FileFact], total: Int, _ command: String) -> Hit {
        .own(
            name,
            [
                "files": .list(
                    files.map { "/\($0.path) (\(String($0.mode, radix: 8)))" },
                    total: max(total, files.count)
                ),
                "command": .text(Shell.command(command, paths: files.map { "/" + $0.path })),
            ]
        )
    }

    // MARK: - IMG-SEC-19

    private static let noBuildTools = Check(
        "no-build-baggage",
        parameters: ["tools": .texts, "hiddenShare": .number],
        cases: [
            .pass("clean"),
            .fail("tools", ["files"]),
            .fail("caches", ["files", "count"]),
            .fail("version-control", ["files", "command"]),
            .fail("hidden", ["percent", "limit", "hidden"]),
        ]
    ) { criterion, input in
        let files = input.evidence.files
        var hits: [Hit] = []
        let tools = files.executables.named(criterion.texts("tools"))
        if !tools.isEmpty { hits.append(.own("tools", ["files": .list(tools.map { "/" + $0.path })])) }
        if files.packageCaches.total > 0 {
            let list = PlaceValue.list(
                files.packageCaches.items.map { "/" + $0.path },
                total: files.packageCaches.total
            )
            hits.append(.own("caches", ["files": list, "count": .number(files.packageCaches.total)]))
        }
        if files.versionControlDirectories.total > 0 {
            let paths = files.versionControlDirectories.items.map { "/" + $0.path }
            hits.append(
                .own(
                    "version-control",
                    [
                        "files": .list(paths, total: files.versionControlDirectories.total),
                        "command": .text(Shell.command("rm -rf", paths: paths)),
                    ]
                )
            )
        }
        let hidden = Double(max(files.hiddenBytes, 0))
        let all = hidden + Double(max(files.visibleBytes, 0))
        let share = all > 0 ? hidden / all : 0
        if share >= criterion.number("hiddenShare"), hidden > 0 {
            hits.append(
                .own(
                    "hidden",
                    [
                        "percent": .text(percent(share)), "limit": .text(percent(criterion.number("hiddenShare"))),
                        "hidden": .number(files.hiddenBytes),
                    ]
                )
            )
        }
        if hits.isEmpty, let cut = files.executables.cutHit { hits.append(cut) }
        if hits.isEmpty, let unread = input.unreadFiles { hits.append(unread) }
        let seen = tools + files.packageCaches.items + files.versionControlDirectories.items
        return CheckReport(
            hits: hits.isEmpty ? [.own("clean")] : hits,
            evidence: seen.map(CriterionEvidence.init(file:))
        )
    }

    /// One decimal place, with a point in both languages' numbers kept out by rounding to whole percent where it is whole.
    private static func percent(_ share: Double) -> String {
        let tenths = Int((share * 1000).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }

    // MARK: - IMG-SEC-20

    private static let minimalRuntime = Check(
        "minimal-runtime",
        parameters: ["shells": .texts, "packageManagers": .texts, "downloadTools": .texts],
        cases: [
            .pass("minimal"),
            .fail("shells", ["files"]),
            .fail("package-managers", ["files"]),
            .fail("download-tools", ["files"]),
        ]
    ) { criterion, input in
        let executables = input.evidence.files.executables
        var hits: [Hit] = []
        var seen: [FileFact] = []
        for (name, parameter) in [
            ("shells", "shells"), ("package-managers", "packageManagers"), ("download-tools", "downloadTools"),
        ] {
            let found = executables.named(criterion.texts(parameter))
            guard !found.isEmpty else { continue }
            hits.append(.own(name, ["files": .list(found.map { "/" + $0.path })]))
            seen += found
        }
        if hits.isEmpty, let cut = executables.cutHit { hits.append(cut) }
        if hits.isEmpty, let unread = input.unreadFiles { hits.append(unread) }
        return CheckReport(
            hits: hits.isEmpty ? [.own("minimal")] : hits,
            evidence: seen.map(CriterionEvidence.init(file:))
        )
    }
}

/// Commands that people copy.
enum Shell {
    /// At most so many paths are named in a command.
    private static let limit = 20

    /// The command with its paths, quoted; a path out of an image must not become a second command.
    static func command(_ command: String, paths: [String]) -> String {
        let shown = paths.prefix(limit).map(quoted)
        guard !shown.isEmpty else { return command }
        return "\(command) \(shown.joined(separator: " "))" + (paths.count > limit ? " …" : "")
    }

    static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2B, 0x2D, 0x2E, 0x2F, 0x3A, 0x40, 0x5F].contains(byte)
        }
        if isPlain, !text.isEmpty { return text }
        return "'" + text.bounded.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
            + "'"
    }
}
