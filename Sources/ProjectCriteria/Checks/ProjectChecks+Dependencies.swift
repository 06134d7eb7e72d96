// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import Criteria
internal import SBOM
internal import Time

extension ProjectChecks {
    /// Checks of what a project depends on.
    static let dependencies: [ProjectCheck] = [pinned, vulnerabilities, updates]

    private static let pinned = ProjectCheck(
        "pinned-dependencies",
        cases: [
            .pass("pinned", ["locks", "images"]),
            .exempt("nothing"),
            .fail("unlocked", ["files"]),
            .fail("unhashed", ["files"]),
            .fail("floating", ["references"]),
            .unknown("no-format", ["files"]),
            .unknown("unreadable", ["files"]),
        ]
    ) { _, input in
        let pipelines = PipelineFiles(input.evidence.documents)
        var floating = pipelines.floating
        var images = pipelines.pinned
        for file in input.evidence.files where ContainerFile.isOne(file.path) && !Manifests.isSample(file.path) {
            for base in ContainerFile.bases(input.document(file.path) ?? "") {
                if base.contains("@sha256:") { images += 1 } else { floating.append("\(file.path): \(base)") }
            }
        }
        let locks = input.evidence.lockFiles.filter { !Manifests.isSample($0.path) }
        let unlocked = Manifests.unlocked(input.evidence.files) { Manifests.needsLock($0, input) }
        let unhashed = locks.filter { !$0.withoutHash.isEmpty && $0.problem == nil }
        let withoutFormat = input.evidence.files.filter { file in
            Manifests.withoutLock.contains(String(file.name)) && !Manifests.isSample(file.path)
        }
        var hits: [ProjectHit] = []
        if !unlocked.isEmpty { hits.append(.own("unlocked", ["files": .list(unlocked)])) }
        if !unhashed.isEmpty {
            let texts = unhashed.map {
                LocalizedText.seen("\($0.path) (\($0.withoutHash.prefix(3).joined(separator: ", ")))")
            }
            hits.append(.own("unhashed", ["files": .list(texts, total: texts.count)]))
        }
        if !floating.isEmpty { hits.append(.own("floating", ["references": .list(floating)])) }
        if !withoutFormat.isEmpty { hits.append(.own("no-format", ["files": .list(withoutFormat.map(\.path))])) }
        let unreadable =
            locks.compactMap { lock in lock.problem.map { "\(lock.path): \($0)" } } + pipelines.unreadable
        if !unreadable.isEmpty { hits.append(.own("unreadable", ["files": .list(unreadable)])) }
        let facts =
            locks.prefix(20).map { CriterionEvidence.file($0.path, "\($0.ecosystem), \($0.components.count) pinned") }
            + floating.prefix(20).map { .forge($0) }
        guard hits.isEmpty else { return ProjectReport(hits: hits, evidence: facts) }
        if locks.isEmpty, images == 0 { return ProjectReport(.own("nothing")) }
        return ProjectReport(
            .own("pinned", ["locks": .number(locks.count), "images": .number(images)]),
            evidence: facts
        )
    }

    private static let vulnerabilities = ProjectCheck(
        "dependency-vulnerabilities",
        cases: [
            .pass("none", ["components", "dates"]),
            .exempt("nothing"),
            .fail("affected", ["findings"]),
            .unknown("no-advisories"),
            .unknown("stale", ["feeds"]),
            .unknown("not-assessed", ["components"]),
            .unknown("unlocked", ["files"]),
        ]
    ) { _, input in
        let locks = input.evidence.lockFiles.filter { !Manifests.isSample($0.path) }
        let components = locks.flatMap(\.components)
        let unlocked =
            Manifests.unlocked(input.evidence.files) { Manifests.needsLock($0, input) }
            + input.evidence.files.map(\.path).filter { path in
                Manifests.withoutLock.contains(path.split(separator: "/").last.map(String.init) ?? "")
                    && !Manifests.isSample(path)
            }
            + locks.filter { $0.problem != nil }.map(\.path)
        var hits: [ProjectHit] = []
        if !unlocked.isEmpty { hits.append(.own("unlocked", ["files": .list(unlocked)])) }
        if components.isEmpty {
            return ProjectReport(hits: hits.isEmpty ? [.own("nothing")] : hits)
        }
        guard let assessed = input.context.assessed else { return ProjectReport(hits: hits + [.own("no-advisories")]) }
        let bad = assessed.findings.filter { finding in
            finding.isOpen && (finding.severity >= .high || finding.kev != nil)
        }
        if !bad.isEmpty {
            let texts = bad.map { LocalizedText.seen("\($0.componentName) \($0.componentVersion): \($0.id)") }
            hits.append(.own("affected", ["findings": .list(texts, total: texts.count)]))
        }
        let unrated = assessed.findings.filter { $0.isOpen && $0.severity == .unknown && $0.kev == nil }
        var gaps = assessed.notAssessed.map { gap in
            LocalizedText(
                de: "\(gap.components) × \(gap.ecosystem.bounded) (\(gap.reason.de))",
                en: "\(gap.components) × \(gap.ecosystem.bounded) (\(gap.reason.en))"
            )
        }
        gaps += unrated.map { finding in
            LocalizedText(
                de: "\(finding.id.bounded) (ohne Bewertung)",
                en: "\(finding.id.bounded) (not rated)"
            )
        }
        if !gaps.isEmpty { hits.append(.own("not-assessed", ["components": .list(gaps, total: gaps.count)])) }
        let feeds = input.context.feeds
        let stale = feeds.filter { input.context.ageLimits.expiry(of: $0) <= input.context.now }
        if !stale.isEmpty { hits.append(.own("stale", ["feeds": .list(stale.map(\.name))])) }
        let facts = feeds.map { feed in
            CriterionEvidence(
                kind: .feed,
                strength: .proven,
                text: "\(feed.name), \(feed.count) records, \(feed.digest)".bounded(to: 300)
            )
        }
        if hits.isEmpty {
            let dates = feeds.map { "\(($0.newestRecord ?? $0.asOf).dateText) (\($0.name))" }
            hits = [.own("none", ["components": .number(components.count), "dates": .list(dates)])]
        }
        return ProjectReport(
            hits: hits,
            evidence: facts,
            changesAt: feeds.map { input.context.ageLimits.expiry(of: $0) }
        )
    }

    private static let updates = ProjectCheck(
        "dependency-updates",
        parameters: ["months": .number],
        cases: [
            .pass("updated", ["path", "date"]),
            .exempt("nothing"),
            .fail("missing"),
            .fail("idle", ["path", "months"]),
            .unknown("not-seen", ["path", "months", "reason"]),
        ]
    ) { criterion, input in
        let names = [
            "renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json", ".github/renovate.json",
            ".gitlab/renovate.json", ".github/dependabot.yml", ".github/dependabot.yaml",
        ]
        guard let path = names.first(where: { name in input.evidence.files.contains { $0.path == name } }) else {
            let hasAny = input.evidence.files.contains { file in
                (Manifests.ecosystems.contains { $0.manifests.contains(String(file.name)) }
                    && Manifests.needsLock(file, input)
                    || Manifests.withoutLock.contains(String(file.name)) || ContainerFile.isOne(file.path))
                    && !Manifests.isSample(file.path)
            }
            let hasPipeline = !PipelineFiles(input.evidence.documents).isEmpty
            return ProjectReport(.own(hasAny || hasPipeline ? "missing" : "nothing"))
        }
        let months = criterion.number("months")
        let start = input.start(months: months)
        var updates: [Timestamp] = []
        if let commits = input.evidence.history.value {
            updates += commits.filter { $0.isUpdate && $0.at > start }.map(\.at)
        }
        let (merged, gap) = input.forge(\.merged)
        updates += (merged ?? []).filter { $0.isUpdate && $0.at > start }.map(\.at)
        let values: [String: LocalizedText] = [
            "path": .seen(path), "months": .number(Int(months)), "date": .seen(updates.max()?.dateText ?? ""),
            "reason": gap?.values["reason"] ?? .seen(""),
        ]
        if !updates.isEmpty { return ProjectReport(.own("updated", values), evidence: [.file(path)]) }
        return ProjectReport(.own(merged == nil ? "not-seen" : "idle", values), evidence: [.file(path)])
    }
}

extension Manifests {
    /// Whether a manifest names anything from outside; one that names nothing needs no lock file.
    static func needsLock(_ file: ProjectFile, _ input: ProjectInput) -> Bool {
        guard let text = input.document(file.path) else { return true }
        switch file.name {
        case "package.json": return text.firstMatch(of: /"(dev|peer|optional)?[dD]ependencies"\s*:\s*\{\s*"/) != nil
        case "pyproject.toml":
            return text.firstMatch(of: /(^|\n)\s*dependencies\s*=\s*\[\s*["']|tool\.poetry\.dependencies/) != nil
        case "go.mod": return text.contains("require")
        case "Cargo.toml": return text.firstMatch(of: /\[(.*\.)?(dev-|build-)?dependencies/) != nil
        case "Package.swift": return text.contains(".package(url:") || text.contains(".package(id:")
        case "composer.json": return text.contains("\"require")
        case "requirements.txt":
            return text.split(separator: "\n").contains { !$0.trimmingSpaces.isEmpty && !$0.hasPrefix("#") }
        default: return true
        }
    }
}
