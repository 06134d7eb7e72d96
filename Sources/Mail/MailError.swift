// SPDX-License-Identifier: EUPL-1.2

/// Why a message or a setting cannot be used; nothing was sent.
public enum MailError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A text that is no address to which mail may go.
    case address(String, reason: String)
    /// A part of a message that cannot be written: which one, and what is wrong at which place.
    case part(String, reason: String)
    /// A part of a message beyond its bound.
    case tooLarge(String, bytes: Int, limit: Int)
    /// A setting of the mail server that cannot be used.
    case setting(String)
    /// Another call is running; a sender has one caller.
    case busy

    /// What is wrong, where, and what next.
    public var description: String {
        switch self {
        case .address(let text, let reason): "\(text): not an address for mail: \(reason)"
        case .part(let name, let reason): "mail, \(name): \(reason)"
        case .tooLarge(let name, let bytes, let limit):
            "mail, \(name): \(bytes) bytes are more than the \(limit) that it may have; say less, and link to the rest"
        case .setting(let reason): "mail server: \(reason)"
        case .busy: "another call of this mail sender is running; wait for it to end"
        }
    }
}
