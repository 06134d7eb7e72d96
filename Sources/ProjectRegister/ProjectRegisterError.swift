// SPDX-License-Identifier: EUPL-1.2

/// Why something about registered projects cannot be done; each text is for the one who asked.
public enum ProjectRegisterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was given cannot be; the text says what could.
    case invalid(String)
    /// There is no such thing, or whoever asks may not know of it.
    case unknown(String)
    /// It cannot be done in the state that things are in.
    case conflict(String)

    /// The reason in words.
    public var description: String {
        switch self {
        case .invalid(let text), .unknown(let text), .conflict(let text): text
        }
    }
}
