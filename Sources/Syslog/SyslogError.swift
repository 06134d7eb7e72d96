// SPDX-License-Identifier: EUPL-1.2

/// Why messages were not handed to a syslog receiver, or are not known to have been read by it.
public enum SyslogError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file or a number that cannot be used; nothing was sent.
    case setting(String)
    /// No connection, or one that the receiver or its certificate refused; nothing was sent.
    case unreachable(String)
    /// The receiver took nothing for the given time; some of the batch may have arrived.
    case stalled(seconds: Int64)
    /// The connection ended by itself; what was sent since the last confirmation may be lost.
    case connectionLost(String)
    /// The receiver did not answer the end of the connection; what was sent on it may be lost.
    case notConfirmed(String)
    /// A message or a batch beyond its bound; nothing was sent.
    case tooLarge(bytes: Int, limit: Int)
    /// Another call is running; a sender has one caller.
    case busy

    /// Whether sending the same again may succeed.
    public var isRetryable: Bool {
        switch self {
        case .unreachable, .stalled, .connectionLost, .notConfirmed, .busy: true
        case .setting, .tooLarge: false
        }
    }

    /// What happened, and what next where something can be done.
    public var description: String {
        switch self {
        case .setting(let reason): reason
        case .unreachable(let reason):
            "the syslog receiver cannot be reached (\(reason)); check address, certificate (CA file) and whether it listens for TLS"
        case .stalled(let seconds): "the syslog receiver took nothing for \(seconds) s"
        case .connectionLost(let reason): "the syslog receiver ended the connection (\(reason)); see its own log"
        case .notConfirmed(let reason):
            "the syslog receiver did not answer the end of the connection (\(reason)), so it is not known what it read"
        case .tooLarge(let bytes, let limit): "\(bytes) bytes are more than the \(limit) that may be sent at once"
        case .busy: "another call of this sender is running"
        }
    }
}
