// SPDX-License-Identifier: EUPL-1.2

public import ProjectCriteria
public import Time

/// What only people know about a project, as far as files that are created need it.
public struct ProjectAnswers: Sendable, Hashable {
    /// Name for people.
    public var name: String
    /// Address of the repository; nil when nobody said.
    public var url: String?
    /// Where vulnerabilities are reported: an e-mail address or an https address; nil when nobody said.
    public var contact: String?
    /// Who holds the copyright.
    public var owner: String

    /// Takes the answers.
    public init(name: String, url: String?, contact: String?, owner: String) {
        self.name = name
        self.url = url
        self.contact = contact
        self.owner = owner
    }

    /// The contact as RFC 9116 wants it.
    var contactAddress: String? { contact.map { $0.contains("://") ? $0 : "mailto:\($0)" } }

    /// What is wrong with the answers; nil when nothing is.
    ///
    /// They become lines of files: nothing in them may begin another line or end a text.
    public var problem: String? {
        for (what, text) in [("name", name), ("owner", owner), ("url", url ?? "-"), ("contact", contact ?? "-")] {
            let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }
            if text.isEmpty || text.utf8.count > 200 || !isPlain || text.contains("\"") || text.contains("\\") {
                return "\(what): expected 1 to 200 characters without quotation marks and backslashes"
            }
        }
        if let url, url.wholeMatch(of: /https?:\/\/[^\s\/]+\/\S+/) == nil { return "url: expected https://HOST/PATH" }
        if let contact, contact.wholeMatch(of: /[^\s@:]+@[^\s@]+\.[^\s@]+|https:\/\/\S+/) == nil {
            return "contact: expected an e-mail address or an https address"
        }
        return nil
    }
}

/// Files that a project lacks, made for it.
public struct ProjectDraft: Sendable, Hashable {
    /// A file to create.
    public struct File: Sendable, Hashable {
        /// Path from the root.
        public var path: String
        /// Its text.
        public var text: String
    }

    /// Files to create, in order of their paths.
    public private(set) var files: [File] = []
    /// What was not created, with the reason.
    public private(set) var left: [String] = []

    /// Makes what is missing.
    public init(_ evidence: ProjectEvidence, answers: ProjectAnswers, now: Timestamp) {
        let paths = Set(evidence.files.map { $0.path.lowercased() })
        func has(_ names: String...) -> Bool { names.contains { paths.contains($0.lowercased()) } }
        let licence = ProjectLicenceState(evidence)
        let texts = DraftTexts(answers: answers, licence: licence.identifier ?? "EUPL-1.2", now: now)

        if !licence.exists {
            add("LICENSE", texts.licenceText)
            add("LICENSES/EUPL-1.2.txt", texts.licenceText)
        }
        if !has("REUSE.toml", ".reuse/dep5") {
            if licence.exists, licence.identifier == nil {
                left.append("REUSE.toml: the project's licence was not recognised")
            } else {
                add("REUSE.toml", texts.reuse)
                if let id = licence.identifier, !paths.contains("licenses/\(id).txt".lowercased()) {
                    if let text = licence.text {
                        add("LICENSES/\(id).txt", text)
                    } else {
                        left.append("LICENSES/\(id).txt: get the text with `reuse download \(id)`")
                    }
                }
            }
        }
        if !has("README.md", "README", "README.rst", "README.adoc", "README.txt") { add("README.md", texts.readme) }
        if !has("SECURITY.md") { need(answers.contact, "SECURITY.md", "--contact") { texts.security($0) } }
        if !evidence.files.contains(where: { $0.path.hasSuffix("security.txt") }) {
            need(answers.contactAddress, ".well-known/security.txt", "--contact") { texts.securityText($0) }
        }
        if !has("publiccode.yml") { need(answers.url, "publiccode.yml", "--url") { texts.publiccode($0) } }
        if !has("CONTRIBUTING.md", "CONTRIBUTING") { add("CONTRIBUTING.md", texts.contributing) }
        if !has("CODE_OF_CONDUCT.md", "CODE_OF_CONDUCT") { add("CODE_OF_CONDUCT.md", texts.conduct) }
        if !has("CHANGELOG.md", "CHANGELOG", "CHANGES.md", "CHANGES", "NEWS.md", "NEWS", "CHANGELOG.rst") {
            add("CHANGELOG.md", texts.changes)
        }
        if !evidence.files.contains(where: { ProjectDocuments.isPipeline($0.path) }) {
            add(".gitlab-ci.yml", texts.pipeline(tests: Self.testCommand(paths)))
        }
        if !has(
            "renovate.json",
            "renovate.json5",
            ".renovaterc",
            ".renovaterc.json",
            ".github/renovate.json",
            ".github/dependabot.yml",
            ".github/dependabot.yaml"
        ) {
            add("renovate.json", texts.renovate)
        }
        files.sort { $0.path < $1.path }
    }

    private mutating func add(_ path: String, _ text: String) { files.append(File(path: path, text: text)) }

    private mutating func need(_ answer: String?, _ path: String, _ option: String, _ text: (String) -> String) {
        guard let answer else {
            left.append("\(path): name \(option)")
            return
        }
        add(path, text(answer))
    }

    /// How the project's tests are run, by the files in its root.
    private static func testCommand(_ paths: Set<String>) -> String {
        let commands = [
            ("makefile", "make test"), ("package.swift", "swift test"), ("cargo.toml", "cargo test --locked"),
            ("go.mod", "go test ./..."), ("package-lock.json", "npm ci && npm test"), ("gradlew", "./gradlew check"),
            ("pom.xml", "mvn --batch-mode verify"), ("pyproject.toml", "python3 -m pytest"),
        ]
        return commands.first { paths.contains($0.0) }?.1 ?? "make test"
    }

    // MARK: - The patch

    /// The files as a patch that `git apply` takes.
    public var patch: String { files.map { Patch.creation(of: $0.path, $0.text) }.joined() }
}

/// The licence that a project already has.
private struct ProjectLicenceState {
    let exists: Bool
    let identifier: String?
    let text: String?

    init(_ evidence: ProjectEvidence) {
        let found = ProjectDocuments.licence(of: evidence)
        exists = found.exists
        identifier = found.identifier
        text = found.path.flatMap { evidence.documents[$0] }
    }
}
