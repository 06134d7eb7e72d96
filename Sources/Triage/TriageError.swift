// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// Why a finding was not assessed; each text is for the one who asked.
public enum TriageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was given cannot be; the text says what could.
    case invalid(LocalizedText)
    /// There is no such thing, or whoever asks may not know of it.
    case unknown(LocalizedText)
    /// There is no verdict yet whose findings could be assessed.
    case notReady(LocalizedText)

    /// The reason in both languages.
    public var text: LocalizedText {
        switch self {
        case .invalid(let text), .unknown(let text), .notReady(let text): text
        }
    }

    /// The reason in English words.
    public var description: String { text.en }
}

extension TriageError {
    static func invalid(de: String, en: String) -> TriageError { .invalid(LocalizedText(de: de, en: en)) }

    static func unknown(de: String, en: String) -> TriageError { .unknown(LocalizedText(de: de, en: en)) }
}
