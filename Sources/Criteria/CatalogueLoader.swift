// SPDX-License-Identifier: EUPL-1.2

internal import SBOM
internal import Yams

extension Catalogue {
    /// A catalogue is written by people; whatever is larger is not one.
    static let sizeLimit = 4 << 20

    /// Reads a catalogue, strictly: what the loader does not know is an error, never ignored.
    ///
    /// Refused are unknown and missing keys, ids that occur twice, texts that lack a language, checks that do not exist, parameters that the
    /// check does not take or that have another type, cases without a text, places in a text that the check does not fill, and aliases.
    ///
    /// - Parameters:
    ///   - yaml: the file's bytes, UTF-8.
    ///   - file: its name, for errors.
    /// - Throws: ``CatalogueError`` that names file, line and id and says what to do.
    public init(yaml: [UInt8], file: String = "catalogue") throws(CatalogueError) {
        let loader = CatalogueLoader(file: file)
        let root = try loader.fields(try loader.parse(yaml), criterion: nil)
        try root.allow(["catalogue", "version", "title", "notice", "licence", "common", "criteria"])
        guard try root.text("catalogue") == "images" else {
            throw root.error("catalogue", "the catalogue is not for images", "write catalogue: images")
        }
        version = try root.text("version")
        guard version.wholeMatch(of: /[0-9]{4}\.[0-9]{1,3}/) != nil else {
            throw root.error("version", "\"\(version.bounded)\" is not a version", "write YEAR.NUMBER, such as 2026.1")
        }
        _ = try root.text("licence")
        title = try root.localized("title")
        notice = try root.localized("notice")
        common = try loader.cases(root, key: "common", rules: Checks.commonCases)
        var criteria: [Criterion] = []
        var seen: Set<String> = []
        for node in try root.nodes("criteria") {
            let criterion = try loader.criterion(node)
            guard seen.insert(criterion.id).inserted else {
                throw loader.error(
                    node,
                    criterion.id,
                    "the id occurs twice",
                    "give each criterion an id of its own; ids are never reused"
                )
            }
            criteria.append(criterion)
        }
        self.criteria = criteria
    }
}

/// Turns YAML nodes into criteria.
private struct CatalogueLoader {
    let file: String

    func error(_ node: Node?, _ criterion: String?, _ problem: String, _ remedy: String) -> CatalogueError {
        CatalogueError(file: file, line: node?.mark?.line, criterion: criterion, problem: problem, remedy: remedy)
    }

    func parse(_ yaml: [UInt8]) throws(CatalogueError) -> Node {
        guard yaml.count <= Catalogue.sizeLimit else {
            throw error(
                nil,
                nil,
                "the file has \(yaml.count) bytes",
                "keep a catalogue below \(Catalogue.sizeLimit) bytes"
            )
        }
        guard let text = String(validating: yaml, as: UTF8.self) else {
            throw error(nil, nil, "the file is not UTF-8", "save it as UTF-8")
        }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw error(nil, nil, "the file is empty", "write a catalogue")
            }
            return node
        } catch let problem as CatalogueError {
            throw problem
        } catch let problem as YamlError {
            throw failure(problem)
        } catch let other {
            throw error(nil, nil, "the YAML cannot be read: \(other)", "correct it")
        }
    }

    private func failure(_ problem: YamlError) -> CatalogueError {
        func at(_ mark: Mark, _ what: String) -> CatalogueError {
            CatalogueError(
                file: file,
                line: mark.line,
                criterion: nil,
                problem: what.bounded,
                remedy: "correct the YAML at this line"
            )
        }
        switch problem {
        case .scanner(_, let what, let mark, _), .parser(_, let what, let mark, _), .composer(_, let what, let mark, _):
            return at(mark, what)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { String(describing: $0) }.sorted().joined(separator: ", ")
            return at(context.mark, "keys occur twice: \(names)")
        default:
            return error(nil, nil, "the YAML cannot be read: \(String(describing: problem).bounded)", "correct it")
        }
    }

    func fields(_ node: Node, criterion: String?) throws(CatalogueError) -> Fields {
        guard case .mapping(let mapping) = node else {
            throw error(node, criterion, "here stands \(node.kindName) instead of a mapping", "write key: value lines")
        }
        var members: [String: Node] = [:]
        for (key, value) in mapping {
            guard case .scalar(let name) = key else {
                throw error(key, criterion, "a key is not a plain word", "write key: value lines")
            }
            guard members.updateValue(value, forKey: name.string) == nil else {
                throw error(key, criterion, "the key \(name.string.bounded) occurs twice", "keep one of them")
            }
        }
        return Fields(loader: self, node: node, members: members, criterion: criterion)
    }

    func criterion(_ node: Node) throws(CatalogueError) -> Criterion {
        let anonymous = try fields(node, criterion: nil)
        let id = try anonymous.text("id")
        guard id.wholeMatch(of: /IMG-(SEC|MNT|REU)-[0-9]{2}/) != nil else {
            throw anonymous.error("id", "\"\(id.bounded)\" is not an id", "write IMG-SEC-NN, IMG-MNT-NN or IMG-REU-NN")
        }
        let fields = try fields(node, criterion: id)
        try fields.allow([
            "id", "area", "level", "stage", "check", "parameters", "sources", "title", "description", "advice",
            "not-for", "reason", "cases",
        ])
        let area: Area = try fields.choice("area")
        guard id.hasPrefix("IMG-" + area.code) else {
            throw fields.error(
                "area",
                "the id does not belong to the area \(area.rawValue)",
                "write IMG-\(area.code)-NN, or change the area"
            )
        }
        let level: Level = try fields.choice("level")
        guard level != .none else {
            throw fields.error("level", "none is not a level of a criterion", "write bronze, silver or gold")
        }
        let checkName = try fields.text("check")
        guard let check = Checks.byName[checkName] else {
            let names = Checks.byName.keys.sorted().joined(separator: ", ")
            throw fields.error("check", "there is no check \"\(checkName.bounded)\"", "use one of: \(names)")
        }
        let exempt = try exemptions(fields)
        return Criterion(
            id: id,
            area: area,
            level: level,
            stage: try fields.choice("stage"),
            check: checkName,
            parameters: try parameters(fields, check: check),
            sources: try fields.texts("sources", atLeast: 1),
            title: try fields.localized("title"),
            description: try fields.localized("description"),
            advice: try fields.localized("advice"),
            notApplicableKinds: exempt.kinds,
            notApplicableVisibilities: exempt.visibilities,
            cases: try texts(fields, check: check)
        )
    }

    /// A criterion that nothing decides yet has one reason; every other has a text for each case of its check.
    private func texts(_ fields: Fields, check: Check) throws(CatalogueError) -> [String: CaseText] {
        let isUndecided = check.name == "undecided"
        let (wanted, other) = isUndecided ? ("reason", "cases") : ("cases", "reason")
        if fields.members[other] != nil {
            throw fields.error(other, "\(other) does not go with the check \(check.name)", "write \(wanted) instead")
        }
        if isUndecided { return ["undecided": CaseText(explanation: try fields.localized("reason"), advice: nil)] }
        return try cases(fields, key: "cases", rules: check.cases)
    }

    private func exemptions(_ fields: Fields) throws(CatalogueError) -> (kinds: [ImageKind], visibilities: [Visibility])
    {
        guard fields.members["not-for"] != nil else { return ([], []) }
        var kinds: [ImageKind] = []
        var visibilities: [Visibility] = []
        for word in try fields.texts("not-for", atLeast: 1) {
            if let kind = ImageKind(rawValue: word) {
                kinds.append(kind)
            } else if let visibility = Visibility(rawValue: word) {
                visibilities.append(visibility)
            } else {
                let words = ImageKind.allCases.map(\.rawValue) + Visibility.allCases.map(\.rawValue)
                throw fields.error(
                    "not-for",
                    "\"\(word.bounded)\" is no kind or visibility",
                    "use: \(words.joined(separator: ", "))"
                )
            }
        }
        return (kinds, visibilities)
    }

    private func parameters(_ fields: Fields, check: Check) throws(CatalogueError) -> [String: ParameterValue] {
        let given = try fields.members["parameters"].map { (node) throws(CatalogueError) in
            try self.fields(node, criterion: fields.criterion)
        }
        for name in (given?.members ?? [:]).keys.sorted() where check.parameters[name] == nil {
            throw fields.error(
                "parameters",
                "the check \(check.name) takes no parameter \"\(name.bounded)\"",
                check.parameters.isEmpty
                    ? "remove it" : "it takes: \(check.parameters.keys.sorted().joined(separator: ", "))"
            )
        }
        var values: [String: ParameterValue] = [:]
        for (name, kind) in check.parameters.sorted(by: { $0.key < $1.key }) {
            guard let given, given.members[name] != nil else {
                throw fields.error(
                    "parameters",
                    "the parameter \(name) is missing",
                    "add \(name): \(kind.rawValue) under parameters"
                )
            }
            switch kind {
            case .text: values[name] = .text(try given.text(name))
            case .texts: values[name] = .texts(try given.texts(name, atLeast: 1))
            case .flag: values[name] = .flag(try given.flag(name))
            case .number: values[name] = .number(try given.number(name))
            case .numbers: values[name] = .numbers(try given.numbers(name))
            }
        }
        return values
    }

    func cases(_ fields: Fields, key: String, rules: [Case]) throws(CatalogueError) -> [String: CaseText] {
        let given = try self.fields(try fields.node(key), criterion: fields.criterion)
        let names = rules.map(\.name)
        for name in given.members.keys.sorted() where !names.contains(name) {
            throw given.error(
                name,
                "there is no case \"\(name.bounded)\"",
                "use: \(names.sorted().joined(separator: ", "))"
            )
        }
        var texts: [String: CaseText] = [:]
        for rule in rules {
            let entry = try self.fields(try given.node(rule.name), criterion: fields.criterion)
            try entry.allow(["explanation", "advice"])
            let explanation = try entry.localized("explanation", places: rule.places)
            // Who fails or stays unknown is told what to do, at least the criterion's own advice; who passes has nothing to do.
            let needsAdvice = rule.outcome == .fail || rule.outcome == .unknown
            let hasAdvice = entry.members["advice"] != nil
            let advice = needsAdvice && hasAdvice ? try entry.localized("advice", places: rule.places) : nil
            if !needsAdvice, hasAdvice {
                throw entry.error(
                    "advice",
                    "the case \(rule.name) is \(rule.outcome.rawValue) and needs no advice",
                    "remove it"
                )
            }
            texts[rule.name] = CaseText(explanation: explanation, advice: advice)
        }
        return texts
    }
}

/// The members of one mapping, with errors that name the line.
private struct Fields {
    let loader: CatalogueLoader
    let node: Node
    let members: [String: Node]
    let criterion: String?

    func error(_ key: String, _ problem: String, _ remedy: String) -> CatalogueError {
        loader.error(members[key] ?? node, criterion, problem, remedy)
    }

    func allow(_ names: Set<String>) throws(CatalogueError) {
        for key in members.keys.sorted() where !names.contains(key) {
            throw error(key, "unknown key \"\(key.bounded)\"", "use: \(names.sorted().joined(separator: ", "))")
        }
    }

    func node(_ key: String) throws(CatalogueError) -> Node {
        guard let found = members[key] else { throw error(key, "the key \(key) is missing", "add it") }
        return found
    }

    func nodes(_ key: String) throws(CatalogueError) -> [Node] {
        guard case .sequence(let sequence) = try node(key) else {
            throw error(key, "\(key) is not a list", "write - entries")
        }
        return Array(sequence)
    }

    func text(_ key: String) throws(CatalogueError) -> String { try scalar(try node(key), key) }

    func texts(_ key: String, atLeast count: Int) throws(CatalogueError) -> [String] {
        var texts: [String] = []
        for node in try nodes(key) { texts.append(try scalar(node, key)) }
        guard texts.count >= count else { throw error(key, "\(key) is empty", "name at least one") }
        guard Set(texts).count == texts.count else {
            throw error(key, "\(key) lists an entry twice", "keep one of them")
        }
        return texts
    }

    private func scalar(_ node: Node, _ key: String) throws(CatalogueError) -> String {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            throw loader.error(node, criterion, "\(key) is not a text", "write a text that is not empty")
        }
        return scalar.string
    }

    func number(_ key: String) throws(CatalogueError) -> Double { try number(try text(key), key) }

    func numbers(_ key: String) throws(CatalogueError) -> [Double] {
        var numbers: [Double] = []
        for text in try texts(key, atLeast: 1) { numbers.append(try number(text, key)) }
        return numbers
    }

    private func number(_ text: String, _ key: String) throws(CatalogueError) -> Double {
        guard let number = Double(text), number.isFinite, (0...1e12).contains(number) else {
            throw error(key, "\"\(text.bounded)\" is not a number", "write a number from 0 on")
        }
        return number
    }

    func flag(_ key: String) throws(CatalogueError) -> Bool {
        switch try text(key) {
        case "true": return true
        case "false": return false
        default: throw error(key, "\(key) is neither true nor false", "write true or false")
        }
    }

    func choice<Value: RawRepresentable & CaseIterable>(_ key: String) throws(CatalogueError) -> Value
    where Value.RawValue == String {
        let word = try text(key)
        guard let value = Value(rawValue: word) else {
            let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(key, "\"\(word.bounded)\" is not a known \(key)", "use one of: \(words)")
        }
        return value
    }

    func localized(_ key: String, places: Set<String> = []) throws(CatalogueError) -> LocalizedText {
        let texts = try loader.fields(try node(key), criterion: criterion)
        try texts.allow(["de", "en"])
        for language in ["de", "en"] {
            guard texts.members[language] != nil else {
                throw error(key, "\(key) lacks the language \(language)", "add \(language): …")
            }
            guard let found = Template.places(in: try texts.text(language)) else {
                throw texts.error(language, "a place such as {user} is not closed", "close the brace")
            }
            for place in found where !places.contains(place) {
                let known =
                    places.isEmpty ? "this text has no places" : "use: \(places.sorted().joined(separator: ", "))"
                throw texts.error(language, "nothing fills the place {\(place.bounded)}", known)
            }
        }
        return LocalizedText(de: try texts.text("de"), en: try texts.text("en"))
    }
}

extension Node {
    fileprivate var kindName: String {
        switch self {
        case .scalar: "a text"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

extension Area {
    fileprivate var code: String {
        switch self {
        case .security: "SEC"
        case .maintenance: "MNT"
        case .reuse: "REU"
        }
    }
}
