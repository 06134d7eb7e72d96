// SPDX-License-Identifier: EUPL-1.2

public import SBOM
public import Time

/// A language of the pages; German is the first.
public enum Language: String, Sendable, Hashable, CaseIterable {
    case de, en

    /// The language's half of a text.
    public func text(_ text: LocalizedText) -> String { self == .de ? text.de : text.en }

    /// Chooses the language of an answer: what the address asks for, else the cookie, else what the browser prefers, else German.
    ///
    /// - Parameters:
    ///   - query: value of `lang`; another word than a language is as if it were not there.
    ///   - cookie: the `Cookie` header.
    ///   - acceptLanguage: the `Accept-Language` header.
    public static func negotiate(query: String?, cookie: String?, acceptLanguage: String?) -> Language {
        if let query, let language = Language(rawValue: query) { return language }
        if let kept = SessionCookie.value(of: cookieName, in: cookie).flatMap(Language.init(rawValue:)) { return kept }
        var best: (language: Language, weight: Double)?
        for range in (acceptLanguage ?? "").prefix(1024).split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.drop { $0 == " " }.prefix { $0 != " " } }
            guard let tag = parts.first else { continue }
            let primary = tag.prefix { $0 != "-" }.lowercased()
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            guard let language = primary == "*" ? .de : Language(rawValue: primary), quality > 0, quality <= 1 else {
                continue
            }
            if best.map({ quality > $0.weight }) ?? true { best = (language, quality) }
        }
        return best?.language ?? .de
    }

    /// Name of the cookie that keeps a choice.
    static let cookieName = "kontor-lang"

    /// A day and time as people write it, in UTC: `22.11.2026, 09:14 UTC` or `22 November 2026, 09:14 UTC`.
    public func dateTime(_ instant: Timestamp) -> String {
        let second = instant.secondOfDay
        return date(instant) + ", " + Self.two(second / 3600) + ":" + Self.two(second / 60 % 60) + " UTC"
    }

    /// A day as people write it.
    public func date(_ instant: Timestamp) -> String {
        let date = instant.date
        switch self {
        case .de: return "\(Self.two(date.day)).\(Self.two(date.month)).\(date.year)"
        case .en: return "\(date.day) \(Self.months[Int(date.month) - 1]) \(date.year)"
        }
    }

    /// A size as people write it, in units of 1000.
    public func size(_ bytes: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        var value = Double(max(bytes, 0))
        var unit = 0
        while value >= 999.95, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        let number = unit == 0 || tenths >= 1000 ? String(Int(value.rounded())) : "\(tenths / 10)\(point)\(tenths % 10)"
        return number + "\u{A0}" + units[unit]
    }

    /// A whole number as people write it, in groups of three from five digits on.
    public func number(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        guard digits.count > 4 else { return String(value) }
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += self == .de ? "." : "," }
            result.append(digit)
        }
        return (value < 0 ? "−" : "") + result
    }

    /// A number with one digit after the point.
    public func decimal(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "–" }
        let tenths = Int((value * 10).rounded())
        return (tenths < 0 ? "−" : "") + "\(abs(tenths) / 10)\(point)\(abs(tenths) % 10)"
    }

    private var point: String { self == .de ? "," : "." }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
}
