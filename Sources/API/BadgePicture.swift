// SPDX-License-Identifier: EUPL-1.2

import Criteria

/// How a badge is drawn: a label, a word, and where there is a level its dots.
struct BadgePicture {
    let label: String
    let word: String
    /// How many of the three dots are filled; nil where there is no level to show.
    let dots: Int?
    /// The whole statement, for those who cannot see the picture.
    let title: String
    /// Colour behind the word.
    let fill: String
    let language: Badge.Language

    /// Behind what is no level.
    static let plain = "#d9dde1"

    /// Colour of a level; black text on each of these has a contrast of at least 7:1.
    static func fill(of level: Level) -> String {
        switch level {
        case .gold: "#f2c94c"
        case .silver: "#c9d1d9"
        case .bronze: "#e0a878"
        case .none: plain
        }
    }

    /// The picture: well-formed XML without script, style or outside reference.
    var svg: String {
        let padding = 8.0
        let labelWidth = TextWidth.of(label) + 2 * padding
        let wordWidth = TextWidth.of(word)
        let dotsWidth = dots == nil ? 0 : 3 * 10.0 + 4
        let width = labelWidth + padding + wordWidth + dotsWidth + padding
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.number(width))" height="24" viewBox="0 0 \(Self.number(width)) 24" \
            role="img" aria-labelledby="t" lang="\(language.rawValue)">
            <title id="t">\(XMLText.escaped(title))</title>
            <rect width="\(Self.number(width))" height="24" rx="4" fill="\(fill)"/>
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
