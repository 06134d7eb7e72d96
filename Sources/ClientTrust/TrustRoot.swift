// SPDX-License-Identifier: EUPL-1.2

public import Attestations
internal import JSON
public import Keys
public import MerkleLog
internal import OCI
public import Time

/// Why a file is no trust root that can be used.
public struct TrustRootError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where in the document.
    public let path: String
    /// What is wrong there.
    public let reason: String

    init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    /// What is wrong, where, and what next.
    public var description: String {
        "\(path) \(reason); fetch it again from the node: GET /api/v1/trust-root, and compare the fingerprints on another way"
    }
}

/// Whom to believe about the images of one node: the document of `GET /api/v1/trust-root`, kept locally.
///
/// Reading it proves nothing; whoever keeps it has compared its fingerprints on another way.
public struct TrustRoot: Sendable {
    /// A key of the node.
    public struct Key: Sendable, Hashable {
        /// What it is for.
        public let role: KeyRole
        /// First 16 digits of its fingerprint.
        public let id: String
        /// The key.
        public let key: PublicKey
        /// From when it signs.
        public let signsFrom: Timestamp
        /// Until when it signs; nil while it is in use.
        public let signsUntil: Timestamp?
        /// From when nothing counts that it signed; nil: it is not revoked.
        public let revokedFrom: Timestamp?

        /// From when on nothing new of it counts; nil while it is in use.
        var ends: Timestamp? {
            guard let signsUntil, let revokedFrom else { return signsUntil ?? revokedFrom }
            return min(signsUntil, revokedFrom)
        }
    }

    /// Longest document that is read, in bytes.
    public static let maximumBytes = 1 << 20
    /// Most keys of one document.
    static let maximumKeys = 256

    /// Host and port of the node's registry, as in names of images.
    public let registry: String
    /// Name of the node's log.
    public let origin: String
    /// Keys of the node, as the document lists them.
    public let keys: [Key]
    /// Keys that sign the log's checkpoints, those of earlier times too.
    public let noteKeys: [NoteKey]
    /// Keys that sign for clients that verify OpenPGP alone.
    public let openPGPKeys: [OpenPGPPublicKey]
    /// The same as a block, as programs take it; nil when there are none.
    public let openPGPBlock: String?

    /// Reads a document.
    public init(parsing bytes: [UInt8]) throws(TrustRootError) {
        let value: JSONValue
        do {
            value = try JSONValue(
                parsing: bytes,
                limits: JSONLimits(depth: 16, bytes: Self.maximumBytes, values: 100_000)
            )
        } catch { throw TrustRootError("$", "is no JSON that can be read (\(error))") }
        do throws(JSONShapeError) {
            let fields = try JSONFields(value)
            guard try fields.integer("schemaVersion") == 1 else {
                throw JSONShapeError(path: "$.schemaVersion", expected: "1", found: "another version")
            }
            registry = try fields.string("registry")
            origin = try fields.string("log")
            openPGPBlock = try fields.optionalString("openPGP")
            let list = try fields.objects("keys")
            guard list.count <= Self.maximumKeys else {
                throw JSONShapeError(path: "$.keys", expected: "at most \(Self.maximumKeys) keys", found: "more")
            }
            var keys: [Key] = []
            for entry in list {
                // A role of a later version says nothing here, so nothing is believed of its keys.
                if let key = try Self.key(entry) { keys.append(key) }
            }
            self.keys = keys
            noteKeys = try Self.noteKeys(try fields.strings("logKeys"), keys, origin: origin)
        } catch {
            throw TrustRootError(error.path, "is not as it must be: expected \(error.expected), found \(error.found)")
        }
        guard (try? Reference(parsing: registry + "/a"))?.registry == registry else {
            throw TrustRootError("$.registry", "is no host, such as registry.example:5000")
        }
        do { openPGPKeys = try openPGPBlock.map { try OpenPGPPublicKey.keys(armored: $0) } ?? [] } catch {
            throw TrustRootError("$.openPGP", "cannot be read: \(error)")
        }
    }

    private static func key(_ fields: JSONFields) throws(JSONShapeError) -> Key? {
        guard let role = KeyRole(rawValue: try fields.string("role")) else { return nil }
        let key: PublicKey
        do { key = try PublicKey(pem: try fields.string("pem")) } catch {
            throw JSONShapeError(path: fields.path(of: "pem"), expected: "a public key", found: "\(error)")
        }
        guard try fields.string("fingerprint") == key.fingerprint.hex else {
            throw JSONShapeError(
                path: fields.path(of: "fingerprint"),
                expected: "the SHA-256 of the key, \(key.fingerprint.hex)",
                found: "another text"
            )
        }
        guard try fields.string("algorithm") == key.algorithm.rawValue,
            key.algorithm.rawValue == role.algorithm.rawValue
        else {
            throw JSONShapeError(
                path: fields.path(of: "algorithm"),
                expected: role.algorithm.rawValue,
                found: key.algorithm.rawValue
            )
        }
        guard let signsFrom = try time(fields, "signsFrom") else {
            throw JSONShapeError(path: fields.path(of: "signsFrom"), expected: "an instant", found: "nothing")
        }
        return Key(
            role: role,
            id: String(key.fingerprint.hex.prefix(16)),
            key: key,
            signsFrom: signsFrom,
            signsUntil: try time(fields, "signsUntil"),
            revokedFrom: try time(fields, "revokedFrom")
        )
    }

    private static func time(_ fields: JSONFields, _ key: String) throws(JSONShapeError) -> Timestamp? {
        guard let text = try fields.optionalString(key) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw JSONShapeError(path: fields.path(of: key), expected: "an instant in RFC 3339", found: "another text")
        }
        return time
    }

    /// Checkpoints of earlier times were signed by earlier keys, which stand among the keys of the node; a revoked one proves nothing,
    /// because a checkpoint does not say when it was signed.
    private static func noteKeys(_ texts: [String], _ keys: [Key], origin: String) throws(JSONShapeError) -> [NoteKey] {
        guard texts.count <= maximumKeys else {
            throw JSONShapeError(path: "$.logKeys", expected: "at most \(maximumKeys) keys", found: "more")
        }
        var known: [NoteKey] = []
        do throws(NoteError) {
            let own = keys.filter { $0.role == .logNotes || $0.role == .logTimestamps }
            for key in own where key.revokedFrom == nil { known.append(try noteKey(key.key, origin)) }
            let revoked = try own.filter { $0.revokedFrom != nil }.map { key throws(NoteError) in
                try noteKey(key.key, origin)
            }
            for text in texts {
                let key = try NoteKey(parsing: text)
                guard key.name == origin else { throw .badName(key.name) }
                if !known.contains(key), !revoked.contains(key) { known.append(key) }
            }
        } catch { throw JSONShapeError(path: "$.logKeys", expected: "keys of the log \(origin)", found: "\(error)") }
        return known
    }

    private static func noteKey(_ key: PublicKey, _ origin: String) throws(NoteError) -> NoteKey {
        switch key.algorithm {
        case .ed25519: try NoteKey(name: origin, algorithm: .ed25519, publicKey: key.point)
        case .ecdsaP256SHA256: try NoteKey(name: origin, algorithm: .ecdsaP256, publicKey: key.spki)
        }
    }

    /// Keys of a role that were not revoked, in the order of the document.
    public func valid(_ role: KeyRole) -> [Key] { keys.filter { $0.role == role && $0.revokedFrom == nil } }
}
