// SPDX-License-Identifier: EUPL-1.2

/// Why something about notices cannot be done; each text is for the one who asked.
public enum NoticesError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was given cannot be; the text says what could.
    case invalid(String)
    /// There is no such thing, or whoever asks may not know of it.
    case unknown(String)
    /// Whoever asks may not do this.
    case denied(String)
    /// It cannot be done in the state that things are in.
    case conflict(String)

    /// The reason in words.
    public var description: String {
        switch self {
        case .invalid(let text), .unknown(let text), .denied(let text), .conflict(let text): text
        }
    }
}
