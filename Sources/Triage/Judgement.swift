// SPDX-License-Identifier: EUPL-1.2

public import Advisories
import JSON
import SBOM
public import Time

/// What somebody says about a finding.
public struct Judgement: Sendable, Hashable {
    /// Longest text, in bytes.
    public static let longestText = 4_000
    /// How far ahead an end may lie.
    public static let longestValidity = Duration.seconds(5 * 366 * 86_400)

    /// What is said.
    public var status: VEXStatus
    /// Why it is not affected, one of the five labels of OpenVEX and CSAF.
    public var justification: VEXJustification?
    /// Why it is not affected, or what the vulnerability does, in words.
    public var impact: String?
    /// What is to be done.
    public var action: String?
    /// From when on it no longer counts.
    public var expires: Timestamp?

    /// Makes a judgement.
    public init(
        status: VEXStatus,
        justification: VEXJustification? = nil,
        impact: String? = nil,
        action: String? = nil,
        expires: Timestamp? = nil
    ) {
        self.status = status
        self.justification = justification
        self.impact = impact
        self.action = action
        self.expires = expires
    }

    /// Reads what somebody typed: words of OpenVEX, an instant or a day; empty is absent.
    public init(
        status: String,
        justification: String? = nil,
        impact: String? = nil,
        action: String? = nil,
        expires: String? = nil
    ) throws(TriageError) {
        guard let word = VEXStatus(rawValue: status) else {
            throw .invalid(
                de: "Status ist \(VEXStatus.allCases.map(\.rawValue).joined(separator: ", ")).",
                en: "status is one of \(VEXStatus.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        self.status = word
        if let text = Self.filled(justification) {
            guard let label = VEXJustification.common.first(where: { $0.rawValue == text }) else {
                throw Self.isMissingFix(text) ? Self.missingFix : Self.unknownJustification
            }
            self.justification = label
        }
        self.impact = Self.filled(impact)
        self.action = Self.filled(action)
        if let text = Self.filled(expires) {
            guard let instant = Timestamp(rfc3339: text) ?? Timestamp(date: text) else {
                throw .invalid(
                    de: "Das Ende ist ein Zeitpunkt, 2027-01-31T00:00:00Z, oder ein Tag, 2027-01-31.",
                    en: "expires is an instant, 2027-01-31T00:00:00Z, or a day, 2027-01-31"
                )
            }
            self.expires = instant
        }
    }

    private static func filled(_ text: String?) -> String? {
        guard let text, !text.unicodeScalars.allSatisfy(\.properties.isWhitespace) else { return nil }
        return text
    }

    /// Refuses what would clear a finding without a ground, or say nothing.
    func check(at now: Timestamp) throws(TriageError) {
        for text in [impact, action] { try Self.check(text) }
        if let expires, expires <= now || expires > now + Self.longestValidity {
            throw .invalid(
                de: "Das Ende muss in der Zukunft liegen, höchstens fünf Jahre voraus.",
                en: "expires lies in the future, at most five years ahead"
            )
        }
        switch status {
        case .notAffected:
            // A label beside it makes it no better: the text says that the image stays as vulnerable as it is.
            if let impact, VEXStatement.isOnlyMissingFix(impact) { throw Self.missingFix }
            guard justification != nil else { throw Self.unknownJustification }
        case .affected, .fixed, .underInvestigation:
            guard justification == nil else {
                throw .invalid(
                    de: "Eine Begründung (justification) gehört nur zu not_affected.",
                    en: "a justification belongs to not_affected only"
                )
            }
            if status == .affected, action == nil {
                throw .invalid(
                    de:
                        "affected braucht eine Maßnahme: was die Nutzer des Images tun sollen, auch wenn es keine Korrektur gibt.",
                    en:
                        "affected needs an action statement: what users of the image shall do, also where there is no fix"
                )
            }
        }
    }

    /// Control characters and those that turn the direction of text have no place in a sentence.
    private static func check(_ text: String?) throws(TriageError) {
        guard let text else { return }
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "\n", "\r", "\t": true
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": false
            default: true
            }
        }
        guard isPlain, text.utf8.count <= longestText else {
            throw .invalid(
                de: "Ein Text hat höchstens \(longestText) Bytes und keine Steuerzeichen.",
                en: "a text has at most \(longestText) bytes and no control characters"
            )
        }
    }

    private static func isMissingFix(_ word: String) -> Bool {
        let words = String(word.map { $0 == "_" || $0 == "-" ? " " : $0 })
        // CSAF's and CycloneDX's own labels for it.
        return VEXStatement.isOnlyMissingFix(words) || ["none_available", "no_fix_planned"].contains(word)
    }

    private static let missingFix = TriageError.invalid(
        de:
            "Dass es keine Korrektur gibt, begründet not_affected nicht: Das Image bleibt verwundbar. Der Status ist affected, mit dem, was bis "
            + "zur Korrektur zu tun ist; oder eine der fünf Begründungen trifft zu: \(labels).",
        en:
            "that there is no fix does not justify not_affected: the image stays vulnerable. The status is affected, with what is to be done "
            + "until there is one; or one of the five justifications holds: \(labels)"
    )
    private static let unknownJustification = TriageError.invalid(
        de: "not_affected braucht eine der fünf Begründungen: \(labels).",
        en: "not_affected needs one of the five justifications: \(labels)"
    )
    private static let labels = VEXJustification.common.map(\.rawValue).joined(separator: ", ")
}
