// SPDX-License-Identifier: EUPL-1.2

import Criteria
import JSON
public import ProjectCriteria
import SBOM
import Time

/// The badge of a source project: one area's level as a picture, and why, as a subset of SARIF.
public struct ProjectBadge: Sendable {
    /// What there is to say.
    public enum Message: Sendable {
        /// What came of an evaluation for one badge of its catalogue.
        case verdict(ProjectVerdict, ProjectVerdict.Badge)
        /// No evaluation has ended yet.
        case pending
        /// There is no such project, badge or evaluation here.
        case unknown
    }

    /// What there is to say.
    public let message: Message
    /// Language of the words.
    public let language: Badge.Language

    /// Makes a badge.
    public init(_ message: Message, language: Badge.Language = .de) {
        self.message = message
        self.language = language
    }

    /// The word on the badge.
    public var word: String {
        switch message {
        case .verdict(let verdict, let badge):
            verdict.standing(of: badge).level.map { text($0.title) } ?? text("unbekannt", "unknown")
        case .pending: text("wird geprüft", "being checked")
        case .unknown: text("unbekannt", "unknown")
        }
    }

    /// The whole statement, for those who cannot see the badge.
    public var title: String {
        guard case .verdict(let verdict, let badge) = message else { return "Kontor: " + word }
        return "Kontor: \(text(badge.title)): \(word); \(text(verdict.notice))"
    }

    /// The picture: well-formed XML without script, style or outside reference.
    public var svg: String {
        var label = "Kontor"
        var level: Level?
        if case .verdict(let verdict, let badge) = message {
            label = text(badge.title)
            level = verdict.standing(of: badge).level
        }
        return BadgePicture(
            label: label,
            word: word,
            dots: level?.rank,
            title: title,
            fill: level.map { BadgePicture.fill(of: $0) } ?? BadgePicture.plain,
            language: language
        ).svg
    }

    func text(_ text: LocalizedText) -> String { language == .de ? text.de : text.en }

    private func text(_ de: String, _ en: String) -> String { language == .de ? de : en }
}

/// Why a badge is as it is.
///
/// Source: OASIS SARIF 2.1.0; that openCode's Badge API answers with `badgeId`, `badgeUrl` and a subset of SARIF.
struct ProjectExplanation {
    let verdict: ProjectVerdict
    let badge: ProjectVerdict.Badge
    /// Address of the picture.
    let picture: String
    let language: Badge.Language
    /// Version of the program.
    let version: String

    /// One run's tool and results beside what the badge says.
    var json: JSONValue {
        [
            "badgeId": .string(badge.id), "badgeUrl": .string(picture), "badgeTitle": badge.title.json,
            "level": .string(verdict.standing(of: badge).word), "repository": .string(verdict.project),
            "commit": .optional(verdict.commit), "branch": .optional(verdict.branch),
            "catalogue": .string(verdict.catalogue), "notice": .string(text(verdict.notice)),
            "evaluatedAt": .string(verdict.evaluatedAt.rfc3339),
            "validUntil": .optional(verdict.validUntil?.rfc3339), "snapshot": .optional(verdict.snapshot),
            "tool": tool, "results": results,
        ]
    }

    /// The same as a SARIF log.
    var sarif: JSONValue {
        [
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                [
                    "tool": tool, "results": results, "columnKind": "unicodeCodePoints",
                    "properties": [
                        "badgeId": .string(badge.id), "badgeUrl": .string(picture),
                        "level": .string(verdict.standing(of: badge).word), "repository": .string(verdict.project),
                        "commit": .optional(verdict.commit), "catalogue": .string(verdict.catalogue),
                        "notice": .string(text(verdict.notice)),
                        "evaluatedAt": .string(verdict.evaluatedAt.rfc3339),
                    ],
                ]
            ],
        ]
    }

    private var own: [ProjectVerdict.Result] { verdict.results(of: badge) }

    private var tool: JSONValue {
        let catalogue = try? ProjectCatalogue.embedded(verdict.catalogue)
        let rules: [JSONValue] = own.map { result in
            let criterion = catalogue?.criterion(result.criterion.id)
            return [
                "id": .string(result.criterion.id),
                "shortDescription": ["text": .string(text(result.criterion.title))],
                "fullDescription": ["text": .string(text(criterion?.description ?? result.criterion.title))],
                "help": [
                    "text": .string(text(criterion?.advice ?? result.criterion.advice ?? result.criterion.explanation))
                ],
                "properties": [
                    "tags": .strings([result.criterion.area.rawValue, result.criterion.level.rawValue]),
                    "sources": .strings(criterion?.sources ?? []),
                ],
            ]
        }
        return [
            "driver": [
                "name": "Kontor", "version": .string(version), "language": .string(language.rawValue),
                "rules": .array(rules),
            ]
        ]
    }

    private var results: JSONValue {
        .array(
            own.enumerated().map { index, result in
                let criterion = result.criterion
                // Only a fail has a level in SARIF; what is unknown is open, and neither passed nor failed.
                let (kind, level): (String, String) =
                    switch criterion.result {
                    case .pass: ("pass", "none")
                    case .fail: ("fail", criterion.level == .bronze ? "error" : "warning")
                    case .unknown: ("open", "none")
                    case .notApplicable: ("notApplicable", "none")
                    }
                return [
                    "ruleId": .string(criterion.id), "ruleIndex": .integer(Int64(index)), "kind": .string(kind),
                    "level": .string(level), "message": ["text": .string(text(criterion.explanation))],
                    "properties": [
                        "outcome": .string(criterion.result.rawValue), "asks": .string(criterion.level.rawValue),
                        "allowsAtMost": result.cap == .gold ? .null : .string(result.cap.rawValue),
                        "needs": .strings(result.needs.map(\.rawValue)),
                        "advice": .optional(criterion.advice.map { text($0) }),
                        "evidence": .strings(
                            criterion.evidence.map { fact in fact.path.map { "\($0): \(fact.text)" } ?? fact.text }
                        ),
                    ],
                ]
            }
        )
    }

    private func text(_ text: LocalizedText) -> String { language == .de ? text.de : text.en }
}
