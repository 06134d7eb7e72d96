// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// Why a forge could not be asked.
public enum ForgeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The address or the token cannot be used; with the reason.
    case setting(String)
    /// There was no answer.
    case unreachable(String)
    /// The forge refused; with the status.
    case refused(status: Int, what: String)
    /// The answer is not as the forge's documentation says.
    case unreadable(what: String, reason: String)
    /// A limit was reached.
    case limit(what: String, limit: Int)

    /// What, where, what next.
    public var description: String {
        switch self {
        case .setting(let text): text
        case .unreachable(let text): text
        case .refused(401, let what): "\(what): the forge answered 401; is the token right, and has it not expired?"
        case .refused(403, let what):
            "\(what): the forge answered 403; the token needs the scope read_api and membership of the project"
        case .refused(404, let what): "\(what): the forge answered 404; it does not exist, or the token may not see it"
        case .refused(let status, let what): "\(what): the forge answered \(status)"
        case .unreadable(let what, let reason): "\(what): the answer is not as documented: \(reason)"
        case .limit(let what, let limit): "\(what): more than \(limit)"
        }
    }

    /// For people in both languages; what the forge said stays as it is.
    public var localized: LocalizedText {
        LocalizedText(de: "die Plattform gab keine brauchbare Antwort (englisch: \(self))", en: description)
    }
}
