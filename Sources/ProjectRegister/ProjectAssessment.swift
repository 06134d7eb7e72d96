// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import ProjectCriteria

/// What one check of a project came to: a verdict under each catalogue, and what the project says of itself.
public struct ProjectAssessment: Sendable, Hashable {
    /// What a project says of itself: strangers write it, and each text is cut to a length that a list bears.
    public struct Facts: Sendable, Hashable {
        /// What it calls itself.
        public var title: String?
        /// What it does, in one sentence.
        public var description: String?
        /// What it is for, in the words of publiccode.yml.
        public var categories: [String]
        /// Licences that it declares.
        public var licences: [String]

        /// Facts; nothing by default.
        public init(
            title: String? = nil,
            description: String? = nil,
            categories: [String] = [],
            licences: [String] = []
        ) {
            self.title = title.map { Self.cut($0, 200) }.flatMap { $0.isEmpty ? nil : $0 }
            self.description = description.map { Self.cut($0, 1_000) }.flatMap { $0.isEmpty ? nil : $0 }
            self.categories = Self.values(categories)
            self.licences = Self.values(licences)
        }

        private static func values(_ values: [String]) -> [String] {
            var seen: Set<String> = []
            return Array(values.map { cut($0, 60) }.filter { !$0.isEmpty && seen.insert($0).inserted }.prefix(16))
        }

        /// One line without what only programs read, at most so long.
        private static func cut(_ text: String, _ length: Int) -> String {
            let scalars = text.unicodeScalars.lazy.map { scalar in
                scalar.value < 0x20 || scalar.value == 0x7F || scalar.properties.generalCategory == .format
                    ? " " : scalar
            }
            let words = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
            return String(words.prefix(length))
        }
    }

    /// One verdict for each catalogue.
    public var verdicts: [ProjectVerdict]
    /// What the project says of itself.
    public var facts: Facts
    /// What images that are built from it rest on; nil when nothing of it could be read.
    public var source: ReadSource?
    /// Why nothing of it could be assessed; nil when it was.
    ///
    /// Every criterion is unknown then.
    public var failure: String?

    /// What a check came to.
    public init(
        verdicts: [ProjectVerdict],
        facts: Facts = Facts(),
        source: ReadSource? = nil,
        failure: String? = nil
    ) {
        self.verdicts = verdicts
        self.facts = facts
        self.source = source
        self.failure = failure
    }
}

extension ProjectAssessment {
    /// As JSON, for the way out of a child process.
    public var json: JSONValue {
        [
            "verdicts": .array(verdicts.map(\.json)), "facts": facts.json,
            "source": source?.json ?? .null, "failure": failure.map { .string($0) } ?? .null,
        ]
    }

    /// Reads what ``json`` writes.
    public init(json: JSONValue) throws(JSONShapeError) {
        let fields = try JSONFields(json)
        var verdicts: [ProjectVerdict] = []
        for value in try fields.array("verdicts") { verdicts.append(try ProjectVerdict(json: value)) }
        self.init(
            verdicts: verdicts,
            facts: try Facts(json: fields.object("facts")),
            source: try fields.optionalObject("source").map { (fields) throws(JSONShapeError) in
                try ReadSource(json: fields)
            },
            failure: try fields.optionalString("failure")
        )
    }
}

extension ProjectAssessment.Facts {
    /// As JSON.
    public var json: JSONValue {
        [
            "title": title.map { .string($0) } ?? .null, "description": description.map { .string($0) } ?? .null,
            "categories": .array(categories.map { .string($0) }), "licences": .array(licences.map { .string($0) }),
        ]
    }

    init(json: JSONFields) throws(JSONShapeError) {
        self.init(
            title: try json.optionalString("title"),
            description: try json.optionalString("description"),
            categories: try json.optionalStrings("categories") ?? [],
            licences: try json.optionalStrings("licences") ?? []
        )
    }
}
