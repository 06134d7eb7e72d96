// SPDX-License-Identifier: EUPL-1.2

/// Why nothing can be found out about a registry at all.
public enum ConformanceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No connection, or no answer of HTTP.
    case unreachable(registry: String, reason: String)
    /// The registry wants credentials, or others.
    case unauthorized(registry: String, hadCredentials: Bool)
    /// A token service that the credentials are not for.
    case foreignRealm(host: String)
    /// A token service whose address or answer cannot be used.
    case unusableRealm(realm: String, reason: String)
    /// Certificates that cannot be read.
    case badCertificates(file: String, reason: String)

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .unreachable(let registry, let reason):
            "\(registry) cannot be reached: \(reason); check the address, the scheme (http or https) and the network"
        case .unauthorized(let registry, let hadCredentials):
            hadCredentials
                ? "\(registry) does not accept the credentials; check --username and the password"
                : "\(registry) wants credentials; use --username and --password-file"
        case .foreignRealm(let host):
            "the registry sends to the token service at \(host), which is another host; nothing was sent there. Allow it with --realm-host \(host)"
        case .unusableRealm(let realm, let reason): "the token service \(realm) cannot be used: \(reason)"
        case .badCertificates(let file, let reason): "the certificates in \(file) cannot be read: \(reason)"
        }
    }
}
