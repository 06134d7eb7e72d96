// SPDX-License-Identifier: EUPL-1.2

public import Attestations
import JSON
public import OCI
public import Time

/// A key that feed bundles are believed of, and when.
public struct FeedBundleKey: Sendable, Hashable {
    /// The key.
    public var key: PublicKey
    /// From when a bundle may have been made; nil: whenever.
    public var validFrom: Timestamp?
    /// Until when; nil while it is in use.
    public var validUntil: Timestamp?

    /// A key, without terms when it was given alone.
    public init(_ key: PublicKey, validFrom: Timestamp? = nil, validUntil: Timestamp? = nil) {
        self.key = key
        self.validFrom = validFrom
        self.validUntil = validUntil
    }

    /// The keys for feed bundles among those that a node tells at `/api/v1/trust-root`; revoked ones are left out.
    ///
    /// - Throws: ``FeedBundleError`` when it is no such file, or has no such key.
    public static func keys(trustRoot bytes: [UInt8], path: String) throws(FeedBundleError) -> [FeedBundleKey] {
        var keys: [FeedBundleKey] = []
        do {
            let fields = try JSONFields(try JSONValue(parsing: bytes))
            guard try fields.integer("schemaVersion") == 1 else {
                throw FeedBundleError(path, "it was written by a later version of the program")
            }
            for entry in try fields.objects("keys")
            where try entry.string("role") == "feeds" && !entry.has("revokedFrom") {
                keys.append(
                    FeedBundleKey(
                        try PublicKey(pem: try entry.string("pem")),
                        validFrom: try instant(entry, "signsFrom"),
                        validUntil: try instant(entry, "signsUntil")
                    )
                )
            }
        } catch let error as FeedBundleError { throw error } catch {
            throw FeedBundleError(path, "it is no trust root of a node: \(error)")
        }
        guard !keys.isEmpty else { throw FeedBundleError(path, "it has no key of the role feeds that is not revoked") }
        return keys
    }

    private static func instant(_ fields: JSONFields, _ key: String) throws(JSONShapeError) -> Timestamp? {
        guard let text = try fields.optionalString(key) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw JSONShapeError(path: fields.path(of: key), expected: "an instant", found: "another text")
        }
        return time
    }
}

/// Puts the signature of a feed bundle in a log: takes a Sigstore bundle, and gives it back with its place there.
public typealias FeedBundleLog = @Sendable (_ bundle: [UInt8]) async throws -> [UInt8]

/// What the log of a node says about a signature.
public enum FeedBundleLogged: Sendable, Hashable {
    /// It says nothing: the signature brings no entry.
    case absent
    /// It saw it.
    case seen(Timestamp)
    /// The entry is wrong, for a reason.
    case wrong(String)
}

/// Reads what a log says: of a Sigstore bundle, made by a key, about an artefact.
public typealias FeedBundleLogCheck = @Sendable (_ bundle: [UInt8], PublicKey, _ artefact: Digest) -> FeedBundleLogged

/// What was found of a bundle, before anything of it is believed.
struct FeedBundleEvidence: Sendable {
    /// The artefact's manifest, whose digest was recomputed.
    var manifest: [UInt8]
    /// Sigstore bundles that say to be about it.
    var signatures: [[UInt8]]
    /// Where it comes from, for messages.
    var place: String

    /// The statement of the first signature that a given key made about this artefact, that key, and when a log saw it.
    ///
    /// - Parameters:
    ///   - log: reads what a log says; nil: nobody asks, and whatever is there says nothing.
    ///   - requiresLog: whether a signature without an entry does not count.
    /// - Throws: ``FeedBundleError`` that says of each signature why it does not count.
    func verified(
        by keys: [FeedBundleKey],
        log: FeedBundleLogCheck? = nil,
        requiresLog: Bool = false
    ) throws(FeedBundleError) -> (FeedBundleStatement, FeedBundleKey, loggedAt: Timestamp?) {
        guard !signatures.isEmpty else {
            throw FeedBundleError(
                place,
                "it has no signature; copy the whole index (skopeo copy --all, oras cp), or export it again"
            )
        }
        var reasons: [String] = []
        for (number, signature) in signatures.enumerated() {
            do throws(FeedBundleError) {
                let name = "signature \(number + 1) of \(signatures.count)"
                let (statement, key) = try verified(signature, by: keys, name: name)
                switch log?(signature, key.key, .sha256(manifest)) ?? .absent {
                case .seen(let instant): return (statement, key, instant)
                case .absent where !requiresLog: return (statement, key, nil)
                case .absent: throw FeedBundleError(name, "it is in no log that is believed here")
                case .wrong(let reason): throw FeedBundleError(name, "what it says of its log is wrong: \(reason)")
                }
            } catch { reasons.append(error.description) }
        }
        throw FeedBundleError(place, "no signature counts: " + reasons.joined(separator: "; "))
    }

    private func verified(
        _ signature: [UInt8],
        by keys: [FeedBundleKey],
        name: String
    ) throws(FeedBundleError) -> (FeedBundleStatement, FeedBundleKey) {
        let bundle: SigstoreBundle
        do throws(AttestationError) { bundle = try SigstoreBundle(parsing: signature) } catch {
            throw FeedBundleError(name, "\(error)")
        }
        guard case .envelope(let envelope) = bundle.content else {
            throw FeedBundleError(name, "it signs a file, not a statement")
        }
        guard envelope.payloadType == DSSEEnvelope.statementType, let made = envelope.signatures.first else {
            throw FeedBundleError(name, "its envelope holds no in-toto statement")
        }
        let message = envelope.bytesToSign
        guard let key = keys.first(where: { $0.key.isValidSignature(made.bytes, for: message) }) else {
            throw FeedBundleError(name, "none of the \(keys.count) given keys made it, or it was changed")
        }
        let statement = try FeedBundleStatement(payload: envelope.payload, artefact: .sha256(manifest), place: name)
        let terms = (key.validFrom ?? statement.created)...
        guard terms.contains(statement.created), key.validUntil.map({ statement.created < $0 }) ?? true else {
            throw FeedBundleError(
                name,
                "it was made on \(statement.created.rfc3339), when the key \(key.key.fingerprint.hex.prefix(16)) did not sign"
            )
        }
        return (statement, key)
    }
}
