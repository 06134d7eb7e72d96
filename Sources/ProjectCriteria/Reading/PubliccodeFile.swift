// SPDX-License-Identifier: EUPL-1.2

internal import SBOM
internal import Yams

/// A `publiccode.yml`, judged by the standard's versions 0.2 to 0.7.
///
/// Source: publiccode.yml, "The Standard (core)", v0.7.0; the changes of the earlier versions from its change log.
public struct PubliccodeFile: Sendable, Hashable {
    /// Largest file that is read.
    static let sizeLimit = 1 << 20

    /// `publiccodeYmlVersion`; empty when the file names none.
    public private(set) var version = ""
    /// Address of the repository; nil when missing.
    public private(set) var url: String?
    /// SPDX expression of the licence; nil when missing.
    public private(set) var licence: String?
    /// What the software is called; nil when missing.
    public private(set) var name: String?
    /// What it does, in one sentence, by language.
    public private(set) var summaries: [String: String] = [:]
    /// What it is for, in the words of the standard.
    public private(set) var categories: [String] = []
    /// Whether somebody is named who maintains it.
    public private(set) var namesMaintainers = false
    /// What is wrong, each with the key; empty when the file is valid.
    public private(set) var problems: [String] = []

    /// Reads and judges a file.
    public init(text: String) {
        guard text.utf8.count <= Self.sizeLimit else {
            problems = ["the file has \(text.utf8.count) bytes; at most \(Self.sizeLimit) are read"]
            return
        }
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            problems = ["it is no YAML: \("\(error)".split(separator: "\n").first.map(String.init) ?? "")"]
            return
        }
        guard let root, case .mapping(let mapping) = root else {
            problems = ["it is no mapping of keys to values"]
            return
        }
        judge(mapping)
    }

    private mutating func judge(_ root: Node.Mapping) {
        version = text(root, "publiccodeYmlVersion") ?? ""
        let isVersion = version.wholeMatch(of: /0(\.([2-7])(\.[0-9]{1,2})?)?/)
        if isVersion == nil { problem("publiccodeYmlVersion", "expected 0.2 to 0.7, found \"\(version)\"") }
        let minor = isVersion?.output.2.flatMap { Int($0) } ?? 7
        demand(root, "name")
        name = text(root, "name")
        categories = texts(root, "categories")
        url = text(root, "url")
        if let url {
            if !Self.isAddress(url) { problem("url", "\"\(url)\" is no http or https address") }
        } else {
            problem("url", "it is missing")
        }
        if let landing = text(root, "landingURL"), !Self.isAddress(landing) {
            problem("landingURL", "\"\(landing)\" is no http or https address")
        }
        if let date = text(root, "releaseDate"), date.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) == nil {
            problem("releaseDate", "\"\(date)\" is no date such as 2026-11-27")
        }
        if texts(root, "platforms").isEmpty { problem("platforms", "it is missing or empty") }
        if minor < 5, texts(root, "categories").isEmpty { problem("categories", "versions before 0.5 demand it") }
        choose(root, "developmentStatus", ["concept", "development", "beta", "stable", "obsolete"])
        choose(
            root,
            "softwareType",
            [
                "standalone/mobile", "standalone/iot", "standalone/desktop", "standalone/web", "standalone/backend",
                "standalone/other", "addon", "library", "configurationFiles",
            ]
        )
        judgeDescription(root)
        judgeLegal(root)
        judgeMaintenance(root)
        judgeLocalisation(root)
        if let organisation = mapping(root, "organisation"), text(organisation, "uri") == nil {
            problem("organisation/uri", "it is missing")
        }
    }

    private mutating func judgeDescription(_ root: Node.Mapping) {
        guard let languages = mapping(root, "description"), !languages.isEmpty else {
            return problem("description", "it is missing: describe the software in at least one language")
        }
        var hasLongText = false
        var hasFeatures = false
        for (key, value) in languages {
            let language = key.scalar?.string ?? ""
            let place = "description/\(language)"
            if language.wholeMatch(of: /[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*/) == nil {
                problem(place, "\"\(language)\" is no language such as de")
            }
            guard case .mapping(let description) = value else {
                problem(place, "expected keys and values")
                continue
            }
            switch text(description, "shortDescription") {
            case nil: problem(place + "/shortDescription", "it is missing")
            case let short?:
                summaries[language.lowercased()] = short
                if short.count > 150 { problem(place + "/shortDescription", "\(short.count) characters; at most 150") }
            }
            if let long = text(description, "longDescription") {
                hasLongText = true
                if !(150...10_000).contains(long.count) {
                    problem(place + "/longDescription", "\(long.count) characters; from 150 to 10000")
                }
            }
            if !texts(description, "features").isEmpty { hasFeatures = true }
        }
        if !hasLongText { problem("description/…/longDescription", "it is missing in every language") }
        if !hasFeatures { problem("description/…/features", "it is missing in every language") }
    }

    private mutating func judgeLegal(_ root: Node.Mapping) {
        licence = mapping(root, "legal").flatMap { text($0, "license") }
        guard let licence else { return problem("legal/license", "it is missing") }
        do { _ = try SPDXExpression(parsing: licence) } catch { problem("legal/license", "\(error)") }
    }

    private mutating func judgeMaintenance(_ root: Node.Mapping) {
        guard let maintenance = mapping(root, "maintenance") else { return problem("maintenance", "it is missing") }
        let type = text(maintenance, "type") ?? ""
        let people: String?
        switch type {
        case "internal", "community": people = "contacts"
        case "contract": people = "contractors"
        case "none": people = nil
        default:
            problem("maintenance/type", "expected internal, contract, community or none, found \"\(type)\"")
            people = nil
        }
        guard let people else { return }
        let entries = maintenance[Node(people)]?.sequence.map { Array($0) } ?? []
        let named = entries.filter { entry in
            guard case .mapping(let person) = entry else { return false }
            return text(person, "name") != nil
        }
        namesMaintainers = !named.isEmpty
        if entries.isEmpty { problem("maintenance/\(people)", "maintenance of type \(type) demands at least one") }
        if named.count < entries.count { problem("maintenance/\(people)", "an entry has no name") }
    }

    private mutating func judgeLocalisation(_ root: Node.Mapping) {
        guard let localisation = mapping(root, "localisation") else { return problem("localisation", "it is missing") }
        switch text(localisation, "localisationReady")?.lowercased() {
        case "true", "false", "yes", "no": break
        case nil: problem("localisation/localisationReady", "it is missing")
        case let other?: problem("localisation/localisationReady", "\"\(other)\" is neither true nor false")
        }
        if texts(localisation, "availableLanguages").isEmpty {
            problem("localisation/availableLanguages", "it is missing or empty")
        }
    }

    // MARK: - Members

    private mutating func problem(_ key: String, _ text: String) { problems.append("\(key): \(text)") }

    private mutating func demand(_ mapping: Node.Mapping, _ key: String) {
        if text(mapping, key) == nil { problem(key, "it is missing") }
    }

    private mutating func choose(_ mapping: Node.Mapping, _ key: String, _ words: [String]) {
        guard let word = text(mapping, key) else { return problem(key, "it is missing") }
        if !words.contains(word) { problem(key, "\"\(word)\" is none of \(words.joined(separator: ", "))") }
    }

    private func text(_ mapping: Node.Mapping, _ key: String) -> String? {
        guard case .scalar(let scalar) = mapping[Node(key)] else { return nil }
        let text = scalar.string.trimmingSpaces
        return text.isEmpty ? nil : text
    }

    private func texts(_ mapping: Node.Mapping, _ key: String) -> [String] {
        guard case .sequence(let sequence) = mapping[Node(key)] else { return [] }
        return sequence.compactMap { $0.scalar?.string }.filter { !$0.isEmpty }
    }

    private func mapping(_ mapping: Node.Mapping, _ key: String) -> Node.Mapping? {
        guard case .mapping(let found) = mapping[Node(key)] else { return nil }
        return found
    }

    static func isAddress(_ text: String) -> Bool { text.wholeMatch(of: /https?:\/\/[^\s\/]+(\/\S*)?/) != nil }

    /// Two addresses of one repository: without scheme, user, `.git` and a slash at the end, in lower case.
    static func isSame(_ left: String, _ right: String) -> Bool { plain(left) == plain(right) }

    private static func plain(_ text: String) -> String {
        var rest = text.lowercased()[...]
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        let authority = rest.prefix { $0 != "/" }
        if let at = authority.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        if rest.hasSuffix(".git") { rest = rest.dropLast(4) }
        return String(rest)
    }
}

extension StringProtocol {
    var trimmingSpaces: String {
        let head = drop { $0.isWhitespace }
        guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(head[...last])
    }
}
