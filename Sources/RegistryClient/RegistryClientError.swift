// SPDX-License-Identifier: EUPL-1.2

public import OCI

/// Why a registry did not give what was asked of it.
public enum RegistryClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No connection, or it broke.
    case unreachable(registry: String, reason: String)
    /// Something answers, but not as a registry does.
    case notARegistry(registry: String, status: Int)
    /// Credentials are needed, or those given are not accepted.
    case unauthorized(registry: String, what: String, hadCredentials: Bool)
    /// The registry knows who asks and refuses.
    case denied(registry: String, what: String)
    /// Not there, or not visible to who asks.
    case notFound(registry: String, what: String)
    /// Asked too often.
    case tooManyRequests(registry: String)
    /// Any other status, with the registry's own words.
    case refused(registry: String, what: String, status: Int, message: String)
    /// Longer than announced, or than may be read.
    case tooLarge(what: String, limit: Int64)
    /// Shorter than announced.
    case truncated(what: String, expected: Int64, actual: Int64)
    /// Bytes that do not have the digest that was asked for.
    case digestMismatch(what: String, expected: Digest, actual: Digest)
    /// An answer that cannot be understood.
    case invalidAnswer(registry: String, what: String, reason: String)
    /// A redirect or token service that would send data in the clear.
    case insecure(registry: String, target: String)
    /// A name that is not a host.
    case badRegistryName(String)

    /// Whether the same request may succeed later.
    public var isRetryable: Bool {
        switch self {
        case .unreachable, .tooManyRequests, .truncated: true
        case .refused(_, _, let status, _): status >= 500
        default: false
        }
    }

    /// What is wrong, where, and what to do next.
    public var description: String {
        switch self {
        case .unreachable(let registry, let reason):
            "registry \(registry) cannot be reached: \(reason); check the name and the network (plain HTTP is used only for this machine or with --plain-http)"
        case .notARegistry(let registry, let status):
            "\(registry) answers /v2/ with status \(status); it is not a container registry, or another one than meant"
        case .unauthorized(let registry, let what, let hadCredentials):
            hadCredentials
                ? "registry \(registry) does not accept the credentials for \(what); log in again, or check --username and the password"
                : "registry \(registry) wants credentials for \(what); log in with podman or skopeo login, or use --username NAME --password-stdin"
        case .denied(let registry, let what): "registry \(registry) denies access to \(what) for this account"
        case .notFound(let registry, let what):
            "registry \(registry) has no \(what), or does not show it to this account; check the name and the tag"
        case .tooManyRequests(let registry): "registry \(registry) asks to slow down (429); try again later"
        case .refused(let registry, let what, let status, let message):
            "registry \(registry) answered \(status) for \(what)" + (message.isEmpty ? "" : ": \(message)")
        case .tooLarge(let what, let limit): "\(what) is longer than \(limit) bytes and was not read to its end"
        case .truncated(let what, let expected, let actual): "\(what) ended after \(actual) of \(expected) bytes"
        case .digestMismatch(let what, let expected, let actual):
            "\(what) has digest \(actual) instead of \(expected): the registry, or something on the way, changed it"
        case .invalidAnswer(let registry, let what, let reason):
            "registry \(registry) gave an unusable answer for \(what): \(reason)"
        case .insecure(let registry, let target):
            "registry \(registry) points to \(target), which is not encrypted; nothing was sent there (--plain-http allows it)"
        case .badRegistryName(let name): "\"\(name.prefix(300))\" is not the name of a registry (HOST or HOST:PORT)"
        }
    }
}

/// Text from outside, made fit for a terminal: no control characters, at most `limit` characters.
func sanitised(_ text: String, limit: Int = 300) -> String {
    String(
        text.unicodeScalars.prefix(limit).map {
            $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? " " : Character($0)
        }
    )
}
