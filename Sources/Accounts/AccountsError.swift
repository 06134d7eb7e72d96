// SPDX-License-Identifier: EUPL-1.2

/// Why something about accounts, organisations or namespaces cannot be done; each text is for the one who asked.
public enum AccountsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was given cannot be; the text says what could.
    case invalid(String)
    /// There is no such thing, or whoever asks may not know of it.
    case unknown(String)
    /// Something of that name exists.
    case exists(String)
    /// Whoever asks may not do this.
    case denied(String)
    /// It cannot be done in the state that things are in.
    case conflict(String)
    /// Too many attempts; seconds until the next is looked at.
    case tooManyAttempts(retryAfter: Int)

    /// The reason in words.
    public var description: String {
        switch self {
        case .invalid(let text), .unknown(let text), .exists(let text), .denied(let text), .conflict(let text): text
        case .tooManyAttempts(let seconds): "too many failed sign-ins; try again in \(seconds) seconds"
        }
    }
}
