// SPDX-License-Identifier: EUPL-1.2

import Foundation
import Portal
import Testing

/// The style sheet's colours against the thresholds of WCAG 2.2: 4.5 to 1 for text, 3 to 1 for what is not text.
@Suite("Contrast")
struct ContrastTests {
    enum Scheme: String, CaseIterable { case light, dark }

    @Test("text is readable on every background, in both schemes", arguments: Scheme.allCases)
    func text(_ scheme: Scheme) async throws {
        let colours = try await Self.colours(scheme)
        let words = [
            "kern-color-layout-text-default", "kern-color-layout-text-muted", "kern-color-action-default",
            "kern-color-feedback-danger-default", "kern-color-feedback-warning-default",
            "kern-color-feedback-success-default", "kern-color-feedback-info-default",
        ]
        let backgrounds = [
            "kern-color-layout-background-default", "kern-color-layout-background-hued",
            "kern-color-layout-background-code",
        ]
        for word in words {
            for background in backgrounds {
                let ratio = try Self.contrast(#require(colours[word]), #require(colours[background]))
                #expect(ratio >= 4.5, "\(word) on \(background), \(scheme): \(ratio)")
            }
        }
        let notice = try #require(colours["kern-color-feedback-warning-background"])
        for word in ["kern-color-layout-text-default", "kern-color-layout-text-muted", "kern-color-action-default"] {
            #expect(try Self.contrast(#require(colours[word]), notice) >= 4.5, "\(word) on a notice, \(scheme)")
        }
        for level in ["gold", "silver", "bronze", "none"] {
            let ratio = try Self.contrast(
                #require(colours["kontor-level-text"]),
                #require(colours["kontor-level-\(level)"])
            )
            #expect(ratio >= 7, "\(level): \(ratio)")
        }
        for background in backgrounds + ["kern-color-feedback-warning-background"] {
            let ratio = try Self.contrast(
                #require(colours["kern-color-action-focus"]),
                #require(colours[background])
            )
            #expect(ratio >= 3, "focus on \(background), \(scheme): \(ratio)")
        }
    }

    @Test("colours are tokens, so that a style sheet laid over ours reaches them all")
    func tokens() async throws {
        let sheet = try await Self.sheet()
        let rules = try #require(sheet.range(of: "* { box-sizing")).lowerBound
        let print = try #require(sheet.range(of: "@media print")).lowerBound
        #expect(sheet[rules..<print].firstMatch(of: #/#[0-9a-fA-F]{3,8}\b(?![^{]*\{)/#) == nil)
    }

    private static func sheet() async throws -> String {
        let page = try Markup(try await TestSite().get("/").body, isHTML: true)
        let link = try #require(page.all("link").first { $0.attributes["rel"] == "stylesheet" })
        return try await TestSite().get(try #require(link.attributes["href"])).body
    }

    /// The tokens of a scheme; those that the dark one does not name it takes from the light one.
    private static func colours(_ scheme: Scheme) async throws -> [String: String] {
        let sheet = try await sheet()
        let dark = try #require(sheet.range(of: "@media (prefers-color-scheme: dark)")).lowerBound
        let rules = try #require(sheet.range(of: "* { box-sizing")).lowerBound
        var colours: [String: String] = [:]
        for part in scheme == .light ? [sheet[..<dark]] : [sheet[..<dark], sheet[dark..<rules]] {
            for match in part.matches(of: #/--([a-z-]+): #([0-9a-f]{6});/#) {
                colours[String(match.output.1)] = String(match.output.2)
            }
        }
        return colours
    }

    private static func contrast(_ one: String, _ other: String) throws -> Double {
        let (a, b) = (try luminance(one), try luminance(other))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    private static func luminance(_ hex: String) throws -> Double {
        let value = try #require(Int(hex, radix: 16))
        let parts = [value >> 16, value >> 8, value].map { part -> Double in
            let channel = Double(part & 255) / 255
            return channel <= 0.04045 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}
