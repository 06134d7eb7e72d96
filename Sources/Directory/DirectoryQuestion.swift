// SPDX-License-Identifier: EUPL-1.2

public import Criteria
import Database
import OCI

/// What somebody looks for in the directory: words, and one value of each facet.
public struct DirectoryQuestion: Sendable, Hashable {
    /// Longest text that is searched for, in characters.
    public static let longestText = 255

    /// Words, each the beginning of a word of the name or of what the entry says of itself.
    public var text: String
    /// Only what this is.
    public var kind: DirectoryEntry.Kind?
    /// The area that ``level`` is about; nil for the overall level.
    public var area: Area?
    /// At least this level; `none` for what reaches no level.
    public var level: Level?
    /// Only of this category.
    public var category: String?
    /// Only under this licence.
    public var licence: String?
    /// Only of this organisation, by its name in addresses.
    public var organisation: String?
    /// Only what runs on this.
    public var architecture: String?

    /// A question; without anything it is for all there is.
    public init(
        text: String = "",
        kind: DirectoryEntry.Kind? = nil,
        area: Area? = nil,
        level: Level? = nil,
        category: String? = nil,
        licence: String? = nil,
        organisation: String? = nil,
        architecture: String? = nil
    ) {
        self.text = String(text.prefix(Self.longestText))
        self.kind = kind
        self.area = area
        self.level = level
        self.category = category
        self.licence = licence
        self.organisation = organisation
        self.architecture = architecture
    }

    /// Whether something is looked for, so that not everything is meant.
    public var isNarrow: Bool { !text.isEmpty || hasFacets }

    private var hasFacets: Bool {
        kind != nil || level != nil || category != nil || licence != nil || organisation != nil || architecture != nil
    }

    /// The facets in the words of the index; nil without any.
    ///
    /// - Parameter organisation: row of the organisation that ``organisation`` names.
    func facets(organisation: Int64?) -> FullTextQuery? {
        var words: [String] = []
        if let kind { words.append(FacetWord.kind(kind)) }
        if let level { words.append(FacetWord.level(level, of: area)) }
        if let category { words.append(FacetWord.value("c", category)) }
        if let licence { words.append(FacetWord.value("l", licence)) }
        if let architecture { words.append(FacetWord.value("a", architecture)) }
        if let organisation { words.append(FacetWord.organisation(organisation)) }
        return FullTextQuery(all: words, in: "facets")
    }

    /// What matches by its name comes before what matches by what it says of itself: one query for each, none when nothing is looked for.
    ///
    /// - Returns: nil when the text has no letter or digit, so that nothing can match it.
    func queries(organisation: Int64?) -> [FullTextQuery]? {
        let facets = facets(organisation: organisation)
        guard !text.isEmpty else { return facets.map { [$0] } ?? [] }
        guard let byName = FullTextQuery(beginnings: text, in: ["name"]),
            let byAny = FullTextQuery(beginnings: text, in: ["name", "text"])
        else { return nil }
        return [byName.and(facets), byAny.without(byName).and(facets)]
    }
}

/// Values of facets as words of the index.
enum FacetWord {
    static func kind(_ kind: DirectoryEntry.Kind) -> String { "k" + kind.word }

    /// An entry has the words of all levels that it reaches, so that one word asks for at least one.
    static func level(_ level: Level, of area: Area?) -> String {
        "v" + (area?.rawValue ?? "overall") + "\(level.rank)"
    }

    static func organisation(_ id: Int64) -> String { "o\(id)" }

    /// What strangers wrote, as a word that they cannot choose.
    static func value(_ facet: String, _ value: String) -> String {
        "x" + facet + Digest.sha256(Array(value.utf8)).hex.prefix(16)
    }

    static func words(of entry: DirectoryEntry) -> String {
        var words = [kind(entry.kind)]
        func add(_ level: Level?, _ area: Area?) {
            guard let level else { return }
            words +=
                level == .none
                ? [self.level(.none, of: area)]
                : Level.allCases.filter { $0 != .none && $0 <= level }
                    .map { self.level($0, of: area) }
        }
        add(entry.level, nil)
        for area in Area.allCases { add(entry.areas[area], area) }
        words += entry.categories.map { value("c", $0) } + entry.licences.map { value("l", $0) }
        words += entry.architectures.map { value("a", $0) }
        if let owner = entry.owner { words.append(organisation(owner.id)) }
        return words.joined(separator: " ")
    }
}
