// SPDX-License-Identifier: EUPL-1.2

internal import Crypto
internal import JSON
import Synchronization
public import Time

/// What a registry token is good for in one repository.
public struct TokenGrant: Sendable, Hashable {
    /// Name of the repository.
    public let repository: String
    /// Key of the repository; nil while there was none.
    ///
    /// One that is made anew under an old name has another, and inherits nothing.
    public let repositoryID: Int64?
    /// What it allows there, at most: every request also asks what the account may do now.
    public let rights: Rights

    /// Makes a grant.
    public init(repository: String, repositoryID: Int64?, rights: Rights) {
        self.repository = repository
        self.repositoryID = repositoryID
        self.rights = rights
    }
}

/// Who a registry token speaks for, and how far.
public struct TokenClaims: Sendable, Hashable {
    /// The account, as it was when the token was made; nil for nobody in particular.
    public let account: Account?
    /// What it allows.
    public let grants: [TokenGrant]
    /// When it was made.
    public let issuedAt: Timestamp
    /// When it ends.
    public let expiresAt: Timestamp

    /// The grant for a repository; nil when the token says nothing about it.
    public func grant(for repository: String) -> TokenGrant? { grants.first { $0.repository == repository } }
}

/// Short-lived bearer tokens of the registry, made and read by this node alone.
///
/// JSON Web Tokens with ES256. The key is made at start and never stored: a restart ends all tokens, and clients fetch new ones. A token
/// is read only if its header is, byte for byte, the one that this node writes: there is no other algorithm, no key in the token, no
/// address of a key to be fetched.
///
/// Source: RFC 7519, RFC 7518 section 3.4; CNCF distribution, "Token Authentication Specification".
public final class RegistryTokens: Sendable {
    /// How long a token is good for.
    public static let life = Duration.seconds(300)
    /// Longest token that is looked at, in bytes.
    static let maximumBytes = 16 << 10
    private static let remembered = 4_096
    /// How far clocks may differ; all are this machine's.
    private static let skew = Duration.seconds(5)

    private let issuer: String
    private let audience: String
    private let clock: WallClock
    private let key = P256.Signing.PrivateKey()
    private let header: String
    // Owner: this mutex; tokens whose signature was right a moment ago, by their digest.
    private let verified = Mutex<[[UInt8]: TokenClaims]>([:])

    /// Tokens of a node.
    ///
    /// - Parameters:
    ///   - issuer: name of the node.
    ///   - audience: name of the service that clients see in the challenge.
    public init(issuer: String, audience: String, clock: WallClock) {
        self.issuer = issuer
        self.audience = audience
        self.clock = clock
        let thumb = SHA256.hash(data: key.publicKey.x963Representation).prefix(12)
        let kid = Base64URL.encode(Array(thumb))
        header = Base64URL.encode(
            JSONValue.object(["alg": "ES256", "kid": .string(kid), "typ": "JWT"]).bytes()
        )
    }

    /// Makes a token.
    public func issue(to account: Account?, _ grants: [TokenGrant]) throws -> (token: String, claims: TokenClaims) {
        let now = clock.now()
        // Whole seconds, as the standard's numbers are.
        let issuedAt = Timestamp(seconds: now.microseconds / 1_000_000)
        let claims = TokenClaims(
            account: account,
            grants: grants,
            issuedAt: issuedAt,
            expiresAt: issuedAt + Self.life
        )
        let payload: JSONValue = [
            "iss": .string(issuer), "aud": .string(audience), "sub": .string(account?.name ?? ""),
            "iat": .integer(claims.issuedAt.microseconds / 1_000_000),
            "nbf": .integer(claims.issuedAt.microseconds / 1_000_000),
            "exp": .integer(claims.expiresAt.microseconds / 1_000_000),
            "jti": .string(Base64URL.encode(Secret.random(12))),
            "access": .array(
                grants.map { grant in
                    [
                        "type": "repository", "name": .string(grant.repository),
                        "actions": .strings(grant.rights.words),
                        "id": grant.repositoryID.map { .integer($0) } ?? .null,
                    ]
                }
            ),
            "kontor": account.map { account in
                [
                    "account": .integer(account.id), "version": .integer(account.version),
                    "token": account.tokenID.map { .integer($0) } ?? .null,
                    "kind": .integer(account.kind.rawValue),
                    "limit": account.limit.map { limit in
                        .array(
                            limit.map {
                                ["repositories": .string($0.repositories), "rights": .integer($0.rights.rawValue)]
                            }
                        )
                    } ?? .null,
                ]
            } ?? .null,
        ]
        let signed = header + "." + Base64URL.encode(payload.bytes())
        let signature = try key.signature(for: Array(signed.utf8))
        return (signed + "." + Base64URL.encode(Array(signature.rawRepresentation)), claims)
    }

    /// Reads a token.
    ///
    /// - Returns: nil for everything that is not a token of this node that counts now; why, nobody is told.
    public func verify(_ token: String) -> TokenClaims? {
        guard token.utf8.count <= Self.maximumBytes else { return nil }
        let now = clock.now()
        let digest = [UInt8](SHA256.hash(data: Array(token.utf8)))
        if let claims = verified.withLock({ $0[digest] }) { return isCurrent(claims, at: now) ? claims : nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == header, let payload = Base64URL.decode(parts[1]),
            let raw = Base64URL.decode(parts[2]),
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: raw),
            key.publicKey.isValidSignature(
                signature,
                for: Array(token.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
            ),
            let claims = claims(payload), isCurrent(claims, at: now)
        else { return nil }
        verified.withLock { verified in
            if verified.count >= Self.remembered {
                verified = verified.filter { $0.value.expiresAt > now }
                if verified.count >= Self.remembered { verified = [:] }
            }
            verified[digest] = claims
        }
        return claims
    }

    private func isCurrent(_ claims: TokenClaims, at now: Timestamp) -> Bool {
        claims.issuedAt <= now + Self.skew && claims.expiresAt > now
    }

    /// The signature was ours; every field is required all the same: a missing one must never read as "for ever" or "for everybody".
    private func claims(_ payload: [UInt8]) -> TokenClaims? {
        do {
            let json = try JSONFields(
                JSONValue(parsing: payload, limits: JSONLimits(depth: 8, bytes: Self.maximumBytes))
            )
            guard try json.string("iss") == issuer, try json.string("aud") == audience else { return nil }
            let issuedAt = Timestamp(seconds: Int64(try json.int("iat")))
            guard try json.int("nbf") == json.int("iat") else { return nil }
            let expiresAt = Timestamp(seconds: Int64(try json.int("exp")))
            guard expiresAt > issuedAt, expiresAt <= issuedAt + Self.life else { return nil }
            var grants: [TokenGrant] = []
            for entry in try json.objects("access") {
                guard try entry.string("type") == "repository",
                    let rights = Rights(words: try entry.optionalStrings("actions") ?? [])
                else { return nil }
                grants.append(
                    TokenGrant(
                        repository: try entry.string("name"),
                        repositoryID: try entry.optionalInt("id").map { Int64($0) },
                        rights: rights
                    )
                )
            }
            var account: Account?
            if json.has("kontor") {
                let own = try json.object("kontor")
                guard let kind = Account.Kind(rawValue: Int64(try own.int("kind"))) else { return nil }
                account = Account(
                    id: Int64(try own.int("account")),
                    name: try json.string("sub"),
                    kind: kind,
                    nodeRole: nil,
                    organisationID: nil,
                    tokenID: try own.optionalInt("token").map { Int64($0) },
                    limit: try own.optionalObjects("limit")?.map { scope in
                        TokenScope(
                            repositories: try scope.string("repositories"),
                            rights: Rights(rawValue: Int64(try scope.int("rights")))
                        )
                    },
                    version: Int64(try own.int("version"))
                )
            } else if try json.string("sub") != "" {
                return nil
            }
            return TokenClaims(account: account, grants: grants, issuedAt: issuedAt, expiresAt: expiresAt)
        } catch {
            return nil
        }
    }
}
