// SPDX-License-Identifier: EUPL-1.2

public import Criteria
import SBOM

/// The badge of an image: a small picture with the level as word and as dots.
///
/// It says the level in its title too, for those who hear pages, and it never says it by colour alone.
public struct Badge: Sendable, Hashable {
    /// Language of the words.
    public enum Language: String, Sendable, Hashable, CaseIterable {
        case de, en
    }

    /// What there is to say.
    public enum Message: Sendable, Hashable {
        /// A level, reached at a stage; open criteria of later stages do not count yet.
        case level(Level, Stage)
        /// The assessment waits or runs.
        case pending
        /// The assessment was given up.
        case failed
        /// There is no such image here.
        case unknown
    }

    /// What there is to say.
    public let message: Message
    /// Version of the catalogue; nil where there is no verdict.
    public let catalogueVersion: String?
    /// The advisories are for exercise.
    public let isExercise: Bool
    /// Language of the words.
    public var language: Language

    /// Makes a badge.
    public init(
        _ message: Message,
        catalogueVersion: String? = nil,
        isExercise: Bool = false,
        language: Language = .de
    ) {
        self.message = message
        self.catalogueVersion = catalogueVersion
        self.isExercise = isExercise
        self.language = language
    }

    /// Makes the badge of a verdict.
    public init(verdict: Verdict, language: Language = .de) {
        self.init(
            .level(verdict.level, verdict.stage),
            catalogueVersion: verdict.catalogueVersion,
            isExercise: verdict.exerciseData,
            language: language
        )
    }

    /// The word on the badge.
    public var word: String {
        switch message {
        case .level(let level, _): text(level.title)
        case .pending: text("wird geprüft", "being checked")
        case .failed: text("nicht bewertet", "not assessed")
        case .unknown: text("unbekannt", "unknown")
        }
    }

    /// The whole statement, for those who cannot see the badge.
    public var title: String {
        var title = "Kontor: " + word
        if case .level(_, let stage) = message { title += " (" + text(stage.title) + ")" }
        if isExercise { title += text(", Übungsdaten", ", exercise data") }
        if let catalogueVersion {
            title += text(
                "; automatisch berechnet nach Katalog \(catalogueVersion), ein Vorschlag",
                "; computed automatically by catalogue \(catalogueVersion), a proposal"
            )
        }
        return title
    }

    /// The picture: well-formed XML without script, style or outside reference.
    public var svg: String {
        BadgePicture(label: "Kontor", word: word, dots: dotCount, title: title, fill: fill, language: language).svg
    }

    private var dotCount: Int? {
        if case .level(let level, _) = message { level.rank } else { nil }
    }

    private var fill: String {
        if case .level(let level, _) = message { BadgePicture.fill(of: level) } else { BadgePicture.plain }
    }

    private func text(_ de: String, _ en: String) -> String { language == .de ? de : en }

    private func text(_ text: LocalizedText) -> String { language == .de ? text.de : text.en }
}
