// SPDX-License-Identifier: EUPL-1.2

/// What a connection to a mail server was doing.
public enum SMTPStep: String, Sendable, Hashable {
    /// The first words of the server.
    case greeting = "the connection"
    /// Naming itself, and asking what is offered.
    case hello = "EHLO"
    /// Making the connection a secret one.
    case startTLS = "STARTTLS"
    /// Showing name and password.
    case authentication = "AUTH"
    /// Forgetting the message before.
    case reset = "RSET"
    /// Naming the sender.
    case sender = "MAIL FROM"
    /// Naming the receiver.
    case recipient = "RCPT TO"
    /// Announcing the message.
    case data = "DATA"
    /// Sending the message.
    case content = "the message"
    /// Leaving.
    case quit = "QUIT"
}

/// Why a message was not delivered, or is not known to be.
public enum SMTPProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// No connection.
    case unreachable(String)
    /// The TLS handshake failed, the certificate for one.
    case tls(String)
    /// The server does not offer STARTTLS, or somebody on the way took the offer out.
    case startTLSNotOffered
    /// Bytes in the clear behind the answer to STARTTLS: somebody on the way put them there (CVE-2011-0411 and its
    /// kin).
    case startTLSInjection
    /// None of the ways to show a password that this program knows; those that the server offered.
    case authenticationNotOffered([String])
    /// The server said no.
    case reply(SMTPReply, to: SMTPStep)
    /// Bytes that are no reply, or a reply that nobody asked for.
    case invalidReply(String)
    /// The server said nothing, or took nothing, for too long.
    case timeout(SMTPStep, seconds: Int64)
    /// The connection ended by itself.
    case connectionLost(String)
    /// The message is longer than the server takes.
    case tooLarge(bytes: Int, limit: Int)
    /// The caller gave up after the message had been handed over.
    case cancelled

    /// What happened, where, and what next.
    public var description: String {
        switch self {
        case .unreachable(let reason):
            "the mail server cannot be reached (\(reason)); check host, port, and that a firewall lets this node out"
        case .tls(let reason):
            "no TLS with the mail server (\(reason)); check the authorities file, and that its certificate names the host"
        case .startTLSNotOffered:
            "the mail server offers no STARTTLS, or somebody on the way took the offer out; nothing was sent: use TLS from the "
                + "first byte (port 465) or repair the server"
        case .startTLSInjection:
            "bytes in the clear came behind the mail server's answer to STARTTLS; nothing was sent: look for who sits between, "
                + "or use TLS from the first byte (port 465)"
        case .authenticationNotOffered(let offered):
            "the mail server offers neither AUTH PLAIN nor AUTH LOGIN (\(offered.isEmpty ? "none" : offered.joined(separator: ", "))); "
                + "allow one of them at the server, or let it take this node's mail without a password"
        case .reply(let reply, let step):
            switch step {
            case .authentication: "the mail server refused name and password (\(reply)); check both"
            default: "the mail server answered \(step.rawValue) with \(reply)"
            }
        case .invalidReply(let reason):
            "the mail server broke the rules of SMTP (\(reason)); check that the port is one for mail"
        case .timeout(let step, let seconds): "the mail server did not answer \(step.rawValue) within \(seconds) s"
        case .connectionLost(let reason): "the mail server ended the connection (\(reason)); see its own log"
        case .tooLarge(let bytes, let limit): "\(bytes) bytes are more than the \(limit) that the mail server takes"
        case .cancelled: "stopped while the mail server had the message and had not answered"
        }
    }
}

/// What became of a message.
public enum MailOutcome: Sendable, Equatable {
    /// The server has taken it, and answers for it from now on.
    case delivered(SMTPReply)
    /// It will never be taken in this form.
    case rejected(SMTPProblem)
    /// It was not taken; later it may be. Faults of settings and of the server are also here: they are none of the
    /// message.
    case deferred(SMTPProblem)
    /// It was handed over to its last byte, and the answer was lost: it may have been taken.
    ///
    /// Send it again under the same Message-ID: the receiver may see it twice, and can tell.
    case unknown(SMTPProblem)
}
