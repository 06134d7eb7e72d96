// SPDX-License-Identifier: EUPL-1.2

import API
import Criteria
import Testing

@Suite("Badge")
struct BadgeTests {
    private static let messages: [Badge.Message] =
        Level.allCases.flatMap { level in Stage.allCases.map { .level(level, $0) } } + [.pending, .failed, .unknown]

    @Test(
        "is well-formed, has a title and says the level by word and dots",
        arguments: messages,
        Badge.Language.allCases
    )
    func wellFormed(_ message: Badge.Message, _ language: Badge.Language) throws {
        let badge = Badge(message, catalogueVersion: "2026.1", language: language)
        let picture = try Markup(badge.svg, isHTML: false)
        let root = try #require(picture.all("svg").first)
        #expect(root.attributes["role"] == "img")
        #expect(root.attributes["lang"] == language.rawValue)
        #expect(root.attributes["aria-labelledby"] == picture.all("title").first?.attributes["id"])
        #expect(picture.text.contains(badge.title.replacing(";", with: ";")))
        #expect(picture.text.contains(badge.word))
        #expect(picture.all("script").isEmpty && picture.all("style").isEmpty && picture.all("a").isEmpty)
        let filled = picture.all("circle").filter { $0.attributes["fill"] == "#111111" }.count
        if case .level(let level, _) = message {
            #expect(picture.all("circle").count == 3 && filled == level.rank)
        } else {
            #expect(picture.all("circle").isEmpty)
        }
    }

    @Test("7.2/55: texts are escaped, also where a combining character hides a mark")
    func escaping() throws {
        let badge = Badge(.level(.gold, .build), catalogueVersion: "<\"\u{301}&'\u{0}\u{1F}>", isExercise: true)
        let picture = try Markup(badge.svg, isHTML: false)
        #expect(picture.text.contains("Übungsdaten"))
        #expect(badge.svg.contains("&lt;&quot;\u{301}&amp;&#39;\u{FFFD}\u{FFFD}&gt;"))
    }

    @Test("the title says that it is computed and a proposal, in both languages")
    func words() {
        #expect(Badge(.level(.silver, .build), catalogueVersion: "2026.1").title.contains("Silber (Bauphase)"))
        #expect(Badge(.level(.silver, .build), catalogueVersion: "2026.1").title.contains("ein Vorschlag"))
        #expect(Badge(.level(.silver, .build), catalogueVersion: "2026.1", language: .en).title.contains("a proposal"))
    }
}
