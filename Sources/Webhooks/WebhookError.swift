// SPDX-License-Identifier: EUPL-1.2

/// Why a registration, a message or a setting cannot be used; nothing was sent.
public enum WebhookError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A text that is no URL to which webhooks go. It is not repeated: such texts hold passwords.
    case url(String)
    /// A place to which this node sends nothing.
    case destination(String, reason: String)
    /// A secret that cannot be used; not repeated either.
    case secret(String)
    /// A part of a message that cannot be written.
    case message(String)
    /// A setting that cannot be used.
    case setting(String)

    /// What is wrong, where, and what next.
    public var description: String {
        switch self {
        case .url(let reason): "webhook URL: \(reason)"
        case .destination(let place, let reason): "webhook to \(place): \(reason)"
        case .secret(let reason): "webhook secret: \(reason)"
        case .message(let reason): "webhook message: \(reason)"
        case .setting(let reason): "webhook setting: \(reason)"
        }
    }
}
