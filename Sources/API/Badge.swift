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
        let label = "Kontor"
        let padding = 8.0
        let labelWidth = TextWidth.of(label) + 2 * padding
        let wordWidth = TextWidth.of(word)
        let dots = dotCount
        let dotsWidth = dots == nil ? 0 : 3 * 10.0 + 4
        let width = labelWidth + padding + wordWidth + dotsWidth + padding
        let background = fill
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.number(width))" height="24" viewBox="0 0 \(Self.number(width)) 24" \
            role="img" aria-labelledby="t" lang="\(language.rawValue)">
            <title id="t">\(XMLText.escaped(title))</title>
            <rect width="\(Self.number(width))" height="24" rx="4" fill="\(background)"/>
            <path d="M4 0H\(Self.number(labelWidth))V24H4A4 4 0 0 1 0 20V4A4 4 0 0 1 4 0Z" fill="#1d2b3a"/>
            <g font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" aria-hidden="true">
            \(Self.text(label, x: padding, width: TextWidth.of(label), fill: "#ffffff"))
            \(Self.text(word, x: labelWidth + padding, width: wordWidth, fill: "#111111"))
            </g>

            """
        if let dots {
            svg += "<g fill=\"none\" stroke=\"#111111\" stroke-width=\"1.5\" aria-hidden=\"true\">\n"
            for index in 0..<3 {
                let x = labelWidth + padding + wordWidth + 9 + Double(index) * 10
                svg += "<circle cx=\"\(Self.number(x))\" cy=\"12\" r=\"3\""
                svg += index < dots ? " fill=\"#111111\"/>\n" : "/>\n"
            }
            svg += "</g>\n"
        }
        return svg + "</svg>\n"
    }

    private var dotCount: Int? {
        if case .level(let level, _) = message { level.rank } else { nil }
    }

    // Black text on each of these has a contrast of at least 7:1.
    private var fill: String {
        switch message {
        case .level(.gold, _): "#f2c94c"
        case .level(.silver, _): "#c9d1d9"
        case .level(.bronze, _): "#e0a878"
        default: "#d9dde1"
        }
    }

    private func text(_ de: String, _ en: String) -> String { language == .de ? de : en }

    private func text(_ text: LocalizedText) -> String { language == .de ? text.de : text.en }

    private static func text(_ text: String, x: Double, width: Double, fill: String) -> String {
        "<text x=\"\(number(x))\" y=\"16\" textLength=\"\(number(width))\" lengthAdjust=\"spacingAndGlyphs\" fill=\"\(fill)\">"
            + XMLText.escaped(text) + "</text>"
    }

    /// Tenths are exact enough, and need no formatter.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    }
}

/// Widths of Verdana at 11 pixels; `textLength` makes every other font keep to them.
private enum TextWidth {
    static func of(_ text: String) -> Double {
        text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    private static func width(of scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "i", "j", "l", "I", ".", ",", ":", "|": 4
        case "f", "r", "t", " ", "-", "(", ")": 4.8
        case "m", "w", "M", "W": 10.2
        case "A"..."Z", "Ä", "Ö", "Ü": 7.9
        default: 6.9
        }
    }
}
