// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM
internal import Yams

extension ProjectCatalogue {
    /// Reads a catalogue, strictly: what the loader does not know is an error, never ignored.
    ///
    /// - Parameters:
    ///   - yaml: the file's bytes, UTF-8.
    ///   - file: its name, for errors.
    public init(yaml: [UInt8], file: String) throws(ProjectCatalogueError) {
        texts = try Self.checkTexts.get()
        let root = try ProjectFields.parse(yaml, file)
        try root.allow(["catalogue", "name", "licence", "title", "notice", "badges", "overall", "criteria"])
        guard try root.text("catalogue") == "projects" else {
            throw root.error("catalogue", "the catalogue is not for projects; write catalogue: projects")
        }
        _ = try root.text("licence")
        name = try root.text("name")
        title = try root.localized("title")
        notice = try root.localized("notice")
        var badges: [Badge] = []
        for fields in try root.list("badges") {
            try fields.allow(["id", "area", "title"])
            badges.append(
                Badge(id: try fields.text("id"), area: try fields.choice("area"), title: try fields.localized("title"))
            )
        }
        self.badges = badges
        let overall = try root.mapping("overall")
        try overall.allow(["decisive", "at-least-bronze"])
        decisive = try overall.texts("decisive")
        atLeastBronze = overall.has("at-least-bronze") ? try overall.texts("at-least-bronze") : []
        for id in decisive + atLeastBronze where !badges.contains(where: { $0.id == id }) {
            throw root.error("overall", "there is no badge \(id)")
        }
        var criteria: [ProjectCriterion] = []
        for fields in try root.list("criteria") {
            let criterion = try Self.criterion(fields, badges)
            guard !criteria.contains(where: { $0.id == criterion.id }) else {
                throw fields.error("id", "the id \(criterion.id) occurs twice; ids are never reused")
            }
            criteria.append(criterion)
        }
        self.criteria = criteria
    }

    private static func criterion(
        _ fields: ProjectFields,
        _ badges: [Badge]
    ) throws(ProjectCatalogueError) -> ProjectCriterion {
        try fields.allow([
            "id", "badge", "level", "check", "evidence", "parameters", "sources", "title", "description", "advice",
            "reason",
        ])
        let badgeID = try fields.text("badge")
        guard let badge = badges.first(where: { $0.id == badgeID }) else {
            throw fields.error("badge", "there is no badge \(badgeID)")
        }
        let name = try fields.text("check")
        guard let check = ProjectChecks.byName[name] else {
            throw fields.error("check", "there is no check \"\(name)\"; use one of: \(ProjectChecks.names)")
        }
        let level: Level = try fields.choice("level")
        guard level != .none else { throw fields.error("level", "none is not a level of a criterion") }
        let isUndecided = name == ProjectChecks.undecidedName
        guard isUndecided == fields.has("reason") else {
            throw fields.error("check", "a reason goes with the check undecided, and only with it")
        }
        var evidence: [ProjectCriterion.Source] = []
        for text in try fields.texts("evidence") {
            guard let source = ProjectCriterion.Source(rawValue: text) else {
                throw fields.error("evidence", "\"\(text)\" is nothing to look at")
            }
            evidence.append(source)
        }
        return ProjectCriterion(
            id: try fields.text("id"),
            badge: badge.id,
            area: badge.area,
            level: level,
            check: name,
            evidence: evidence,
            parameters: try parameters(fields, check),
            sources: try fields.texts("sources"),
            title: try fields.localized("title"),
            description: try fields.localized("description"),
            advice: try fields.localized("advice"),
            reason: isUndecided ? try fields.localized("reason") : nil
        )
    }

    private static func parameters(
        _ fields: ProjectFields,
        _ check: ProjectCheck
    ) throws(ProjectCatalogueError) -> [String: ParameterValue] {
        guard fields.has("parameters") != check.parameters.isEmpty else {
            let names = check.parameters.keys.sorted().joined(separator: ", ")
            throw fields.error(
                "check",
                "the check \(check.name) takes these parameters: \(names.isEmpty ? "none" : names)"
            )
        }
        guard !check.parameters.isEmpty else { return [:] }
        let given = try fields.mapping("parameters")
        try given.allow(Set(check.parameters.keys))
        var values: [String: ParameterValue] = [:]
        for (name, kind) in check.parameters.sorted(by: { $0.key < $1.key }) {
            switch kind {
            case .number: values[name] = .number(try given.number(name))
            case .flag: values[name] = .flag(try given.flag(name))
            case .texts: values[name] = .texts(try given.texts(name))
            }
        }
        return values
    }

    // MARK: - checks.yaml

    private static let checkTexts: Result<[String: [String: ProjectCaseText]], ProjectCatalogueError> = {
        do throws(ProjectCatalogueError) {
            return .success(try readTexts(PackageResources.checks_yaml))
        } catch {
            return .failure(error)
        }
    }()

    /// A text for each thing that each check can come to, and none else.
    private static func readTexts(_ yaml: [UInt8]) throws(ProjectCatalogueError) -> [String: [String: ProjectCaseText]]
    {
        let root = try ProjectFields.parse(yaml, "checks.yaml")
        var groups = ProjectChecks.byName.mapValues(\.cases)
        groups[ProjectChecks.undecidedName] = nil
        groups[ProjectChecks.commonName] = ProjectChecks.common
        try root.allow(Set(groups.keys))
        var texts: [String: [String: ProjectCaseText]] = [:]
        for (name, cases) in groups.sorted(by: { $0.key < $1.key }) {
            let group = try root.mapping(name)
            try group.allow(Set(cases.map(\.name)))
            for rule in cases {
                let entry = try group.mapping(rule.name)
                try entry.allow(["explanation", "advice"])
                guard !rule.outcome.isPassed || !entry.has("advice") else {
                    throw entry.error("advice", "who passes \(name) needs no advice")
                }
                texts[name, default: [:]][rule.name] = ProjectCaseText(
                    explanation: try entry.localized("explanation", places: rule.places),
                    advice: entry.has("advice") ? try entry.localized("advice", places: rule.places) : nil
                )
            }
        }
        return texts
    }
}

/// The members of one mapping, with errors that name the line.
struct ProjectFields {
    let file: String
    let node: Node
    let members: [String: Node]

    /// A catalogue is written by people; whatever is larger is not one.
    private static let sizeLimit = 4 << 20

    static func parse(_ yaml: [UInt8], _ file: String) throws(ProjectCatalogueError) -> ProjectFields {
        guard yaml.count <= sizeLimit, let text = String(validating: yaml, as: UTF8.self) else {
            throw ProjectCatalogueError(file: file, line: nil, problem: "it is no UTF-8 text below \(sizeLimit) bytes")
        }
        let node: Node?
        do { node = try Yams.compose(yaml: text) } catch {
            throw ProjectCatalogueError(file: file, line: nil, problem: "the YAML cannot be read: \(error)")
        }
        guard let node else { throw ProjectCatalogueError(file: file, line: nil, problem: "the file is empty") }
        return try ProjectFields(node, file)
    }

    init(_ node: Node, _ file: String) throws(ProjectCatalogueError) {
        self.file = file
        self.node = node
        guard case .mapping(let mapping) = node else {
            throw ProjectCatalogueError(file: file, line: node.mark?.line, problem: "expected key: value lines")
        }
        var members: [String: Node] = [:]
        for (key, value) in mapping {
            guard case .scalar(let name) = key, members.updateValue(value, forKey: name.string) == nil else {
                throw ProjectCatalogueError(
                    file: file,
                    line: key.mark?.line,
                    problem: "a key occurs twice or is no word"
                )
            }
        }
        self.members = members
    }

    func error(_ key: String, _ problem: String) -> ProjectCatalogueError {
        ProjectCatalogueError(file: file, line: (members[key] ?? node).mark?.line, problem: problem)
    }

    func has(_ key: String) -> Bool { members[key] != nil }

    func allow(_ names: Set<String>) throws(ProjectCatalogueError) {
        for key in members.keys.sorted() where !names.contains(key) {
            throw error(key, "unknown key \"\(key)\"; use: \(names.sorted().joined(separator: ", "))")
        }
    }

    private func member(_ key: String) throws(ProjectCatalogueError) -> Node {
        guard let found = members[key] else { throw error(key, "the key \(key) is missing") }
        return found
    }

    func mapping(_ key: String) throws(ProjectCatalogueError) -> ProjectFields {
        try ProjectFields(try member(key), file)
    }

    func list(_ key: String) throws(ProjectCatalogueError) -> [ProjectFields] {
        guard case .sequence(let sequence) = try member(key) else { throw error(key, "\(key) is not a list") }
        var fields: [ProjectFields] = []
        for node in sequence { fields.append(try ProjectFields(node, file)) }
        return fields
    }

    func text(_ key: String) throws(ProjectCatalogueError) -> String { try scalar(try member(key), key) }

    func texts(_ key: String) throws(ProjectCatalogueError) -> [String] {
        guard case .sequence(let sequence) = try member(key) else { throw error(key, "\(key) is not a list") }
        var texts: [String] = []
        for node in sequence { texts.append(try scalar(node, key)) }
        guard !texts.isEmpty, Set(texts).count == texts.count else {
            throw error(key, "\(key) is empty or lists an entry twice")
        }
        return texts
    }

    private func scalar(_ node: Node, _ key: String) throws(ProjectCatalogueError) -> String {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else { throw error(key, "\(key) is not a text") }
        return scalar.string
    }

    func number(_ key: String) throws(ProjectCatalogueError) -> Double {
        guard let number = Double(try text(key)), number.isFinite, (0...1e12).contains(number) else {
            throw error(key, "\(key) is not a number from 0 on")
        }
        return number
    }

    func flag(_ key: String) throws(ProjectCatalogueError) -> Bool {
        switch try text(key) {
        case "true": return true
        case "false": return false
        default: throw error(key, "\(key) is neither true nor false")
        }
    }

    func choice<Value: RawRepresentable & CaseIterable>(_ key: String) throws(ProjectCatalogueError) -> Value
    where Value.RawValue == String {
        let word = try text(key)
        guard let value = Value(rawValue: word) else {
            let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(key, "\"\(word)\" is none of: \(words)")
        }
        return value
    }

    func localized(_ key: String, places: Set<String> = []) throws(ProjectCatalogueError) -> LocalizedText {
        let fields = try mapping(key)
        try fields.allow(["de", "en"])
        let text = LocalizedText(de: try fields.text("de"), en: try fields.text("en"))
        for language in [text.de, text.en] {
            guard let used = Template.places(in: language), Set(used).isSubset(of: places) else {
                throw error(
                    key,
                    "\(key) uses a place that nothing fills; there are: \(places.sorted().joined(separator: ", "))"
                )
            }
        }
        return text
    }
}
