// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Testing

/// A catalogue that is wrong in one place, and what the error must say.
struct BrokenCatalogue: CustomTestStringConvertible, Sendable {
    let name: String
    let replace: String
    let with: String
    let says: [String]

    init(_ name: String, _ replace: String, _ with: String, says: String...) {
        self.name = name
        self.replace = replace
        self.with = with
        self.says = says
    }

    var testDescription: String { name }
}

@Suite("Reading a catalogue")
struct CatalogueLoaderTests {
    static let broken: [BrokenCatalogue] = [
        BrokenCatalogue(
            "an unknown key",
            "    level: bronze\n",
            "    level: bronze\n    weight: 3\n",
            says: "IMG-SEC-01",
            "weight",
            "use:"
        ),
        BrokenCatalogue(
            "a key that occurs twice",
            "    level: bronze\n",
            "    level: bronze\n    level: gold\n",
            says: "level",
            "line"
        ),
        BrokenCatalogue(
            "an id that occurs twice",
            "id: IMG-SEC-02",
            "id: IMG-SEC-01",
            says: "IMG-SEC-01",
            "twice",
            "never reused"
        ),
        BrokenCatalogue("an id that is none", "id: IMG-SEC-02", "id: SEC-2", says: "SEC-2", "IMG-SEC-NN"),
        BrokenCatalogue("an id of another area", "id: IMG-SEC-02", "id: IMG-MNT-10", says: "IMG-MNT-10", "area"),
        BrokenCatalogue(
            "a missing language",
            "title: {de: \"Signiert, Signatur gilt für diesen Digest\", en: \"Signed, and the signature is valid for this digest\"}",
            "title: {de: \"Signiert\"}",
            says: "IMG-SEC-02",
            "title lacks the language en"
        ),
        BrokenCatalogue(
            "an unknown check",
            "check: integrity",
            "check: integer",
            says: "IMG-SEC-01",
            "no check \"integer\"",
            "integrity"
        ),
        BrokenCatalogue(
            "an unknown parameter",
            "{maximumHours: 24}",
            "{maximumHours: 24, colour: 1}",
            says: "IMG-SEC-25",
            "colour"
        ),
        BrokenCatalogue(
            "a missing parameter",
            "{criticalDays: 7, highDays: 30,",
            "{criticalDays: 7,",
            says: "IMG-SEC-28",
            "highDays"
        ),
        BrokenCatalogue(
            "a parameter of another type",
            "{maximumHours: 24}",
            "{maximumHours: soon}",
            says: "IMG-SEC-25",
            "soon",
            "number"
        ),
        BrokenCatalogue(
            "a list that is a text",
            "ports: [22, 23, 2375, 2376, 3389, 5900]",
            "ports: 22",
            says: "IMG-SEC-14",
            "not a list"
        ),
        BrokenCatalogue("an unknown level", "    level: bronze\n", "    level: platinum\n", says: "platinum", "bronze"),
        BrokenCatalogue(
            "a level that is none",
            "    level: bronze\n",
            "    level: none\n",
            says: "IMG-SEC-01",
            "bronze, silver or gold"
        ),
        BrokenCatalogue("an unknown stage", "    stage: build\n", "    stage: later\n", says: "later", "operated"),
        BrokenCatalogue("an unknown kind", "not-for: [base, artefact]", "not-for: [base, toy]", says: "toy", "builder"),
        BrokenCatalogue(
            "a place that nothing fills",
            "user is {user} (root)",
            "user is {name} (root)",
            says: "IMG-SEC-10",
            "{name}",
            "user"
        ),
        BrokenCatalogue(
            "a place that is not closed",
            "user is {user} (root)",
            "user is {user (root)",
            says: "IMG-SEC-10",
            "close"
        ),
        BrokenCatalogue("a missing case", "      unset:\n", "      unsett:\n", says: "IMG-SEC-10", "unsett", "unset"),
        BrokenCatalogue("a missing common text", "  no-components:\n", "  no-component:\n", says: "no-component"),
        BrokenCatalogue(
            "a reason for a decided criterion",
            "    check: integrity\n",
            "    check: undecided\n",
            says: "IMG-SEC-01",
            "reason"
        ),
        BrokenCatalogue("an empty text", "en: \"Minimal runtime\"", "en: \"\"", says: "IMG-SEC-20", "not a text"),
        BrokenCatalogue(
            "a version that is none",
            "version: \"2026.1\"",
            "version: \"2026-1\"",
            says: "2026-1",
            "2026.1"
        ),
        BrokenCatalogue("another catalogue", "catalogue: images", "catalogue: projects", says: "images"),
        BrokenCatalogue("broken YAML", "criteria:\n", "criteria: [\n", says: "line"),
        BrokenCatalogue("an alias", "    check: integrity\n", "    check: *x\n", says: "line"),
    ]

    @Test("names file, line, criterion and remedy", arguments: broken)
    func refused(_ broken: BrokenCatalogue) throws {
        let text = String(decoding: Catalogue.embeddedYAML, as: UTF8.self)
        let range = try #require(text.firstRange(of: broken.replace))
        let spoilt = text.replacingCharacters(in: range, with: broken.with)
        let error = #expect(throws: CatalogueError.self) { try Catalogue(yaml: Array(spoilt.utf8), file: "mine.yaml") }
        let description = try #require(error).description
        #expect(description.hasPrefix("catalogue mine.yaml"))
        for part in broken.says { #expect(description.contains(part), "\(description)") }
        #expect(description.count < 1000)
    }

    @Test("refuses what is no catalogue at all", arguments: ["", "[]", "a", "\u{0}", "{", "- - - -", "a: &a [*a]"])
    func rubbish(text: String) { #expect(throws: CatalogueError.self) { try Catalogue(yaml: Array(text.utf8)) } }

    @Test("refuses bytes that are not UTF-8, and a file that is too large")
    func bounds() {
        #expect(throws: CatalogueError.self) { try Catalogue(yaml: [0xFF, 0xFE]) }
        #expect(throws: CatalogueError.self) { try Catalogue(yaml: [UInt8](repeating: 0x20, count: 5 << 20)) }
    }

    @Test("the line in an error is the line in the file")
    func line() throws {
        let text = String(decoding: Catalogue.embeddedYAML, as: UTF8.self)
        let range = try #require(text.firstRange(of: "check: minimal-runtime"))
        let line = text[..<range.lowerBound].count { $0 == "\n" } + 1
        let spoilt = text.replacingCharacters(in: range, with: "check: nothing")
        let error = #expect(throws: CatalogueError.self) { try Catalogue(yaml: Array(spoilt.utf8)) }
        #expect(error?.line == line)
        #expect(error?.criterion == "IMG-SEC-20")
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
