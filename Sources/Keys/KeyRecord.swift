// SPDX-License-Identifier: EUPL-1.2

internal import Crypto
internal import FoundationEssentials
public import JSON
public import Time

/// The public half of a key, and from when to when it counts.
public struct KeyRecord: Sendable, Hashable {
    /// Where a key stands at an instant.
    public enum State: String, Sendable, Hashable {
        /// Announced: others may learn it, it does not sign yet.
        case announced
        /// Signs.
        case active
        /// Signs no more; what it signed stays good.
        case retired
        /// Nothing that it signed after the given instant counts.
        case revoked
    }

    /// First 16 digits of the fingerprint: names the key in files, commands and logs.
    public var id: String { String(fingerprint.prefix(16)) }
    /// What it is for.
    public let role: KeyRole
    /// How it signs.
    public let algorithm: KeyAlgorithm
    /// SubjectPublicKeyInfo, DER.
    public let publicKey: [UInt8]
    /// When it was made.
    public let created: Timestamp
    /// From when it signs.
    public var signsFrom: Timestamp
    /// Until when it signs; nil: until it is replaced.
    public var signsUntil: Timestamp?
    /// From when nothing counts that it signed; nil: it is not revoked.
    public var revokedFrom: Timestamp?
    /// Why it was revoked.
    public var revocationReason: String?
    /// The token that holds the private half; nil: a file does.
    public var token: TokenLocation?

    /// Lower-case hex of the SHA-256 of the SubjectPublicKeyInfo: cosign's and the log's identifier of a key.
    public var fingerprint: String { SHA256.hash(data: publicKey).map { Self.hex($0) }.joined() }

    /// The fingerprint for people: groups of four digits.
    public var printableFingerprint: String {
        let digits = Array(fingerprint.utf8)
        return stride(from: 0, to: digits.count, by: 4)
            .map { String(decoding: digits[$0..<min($0 + 4, digits.count)], as: UTF8.self) }.joined(separator: " ")
    }

    /// The public key as a PEM block with a newline at its end, as Go's tools write and hash it.
    public var pem: String { PEM.encode(publicKey, label: "PUBLIC KEY") }

    /// The 32 bytes of an Ed25519 key; nil for other algorithms.
    public var rawEd25519: [UInt8]? {
        algorithm == .ed25519 ? Array(publicKey.dropFirst(Self.ed25519Header.count)) : nil
    }

    /// Where the key stands.
    public func state(at now: Timestamp) -> State {
        if revokedFrom != nil { return .revoked }
        if now < signsFrom { return .announced }
        if let signsUntil, now >= signsUntil { return .retired }
        return .active
    }

    static let ed25519Header: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}

extension KeyRecord {
    /// The record as it is kept and sent.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "role": .string(role.rawValue), "algorithm": .string(algorithm.rawValue),
            "publicKey": .string(Data(publicKey).base64EncodedString()), "created": .string(created.rfc3339),
            "signsFrom": .string(signsFrom.rfc3339), "signsUntil": .optional(signsUntil?.rfc3339),
            "revokedFrom": .optional(revokedFrom?.rfc3339), "revocationReason": .optional(revocationReason),
        ]
        if let token { members["token"] = token.json }
        return .object(members)
    }

    /// Reads a record.
    public init(json value: JSONValue, path: String) throws(JSONShapeError) {
        let fields = try JSONFields(value, path: path)
        guard let role = KeyRole(rawValue: try fields.string("role")) else {
            throw JSONShapeError(path: fields.path(of: "role"), expected: "a role", found: "another text")
        }
        guard let algorithm = KeyAlgorithm(rawValue: try fields.string("algorithm")) else {
            throw JSONShapeError(path: fields.path(of: "algorithm"), expected: "an algorithm", found: "another text")
        }
        guard let key = Data(base64Encoded: try fields.string("publicKey")), Self.isKey(Array(key), algorithm) else {
            throw JSONShapeError(
                path: fields.path(of: "publicKey"),
                expected: algorithm.rawValue,
                found: "something else"
            )
        }
        guard let created = try Self.time(fields, "created"), let signsFrom = try Self.time(fields, "signsFrom") else {
            throw JSONShapeError(path: path, expected: "an instant", found: "nothing")
        }
        self.init(
            role: role,
            algorithm: algorithm,
            publicKey: Array(key),
            created: created,
            signsFrom: signsFrom,
            signsUntil: try Self.time(fields, "signsUntil"),
            revokedFrom: try Self.time(fields, "revokedFrom"),
            revocationReason: try fields.optionalString("revocationReason"),
            token: try fields.optionalObject("token").map { value throws(JSONShapeError) in
                try TokenLocation(json: value)
            }
        )
    }

    private static func isKey(_ der: [UInt8], _ algorithm: KeyAlgorithm) -> Bool {
        switch algorithm {
        case .ecdsaP256: (try? P256.Signing.PublicKey(derRepresentation: der)) != nil
        case .ed25519: der.count == ed25519Header.count + 32 && der.starts(with: ed25519Header)
        }
    }

    private static func time(_ fields: JSONFields, _ key: String) throws(JSONShapeError) -> Timestamp? {
        guard let text = try fields.optionalString(key) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw JSONShapeError(path: fields.path(of: key), expected: "an instant", found: "another text")
        }
        return time
    }
}
