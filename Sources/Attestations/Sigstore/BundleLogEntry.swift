// SPDX-License-Identifier: EUPL-1.2

import JSON

/// That an entry is in a log: the way from the entry to the root that a checkpoint signs.
///
/// Plain values: hashing the way is the work of the room that knows the tree.
public struct InclusionProof: Sendable, Hashable {
    /// Number of the entry in the tree, from 0.
    public var logIndex: Int64
    /// Root of the tree.
    public var rootHash: [UInt8]
    /// Entries of the tree.
    public var treeSize: Int64
    /// Sibling hashes, from the leaf up.
    public var hashes: [[UInt8]]
    /// The signed note that names root and size.
    public var checkpoint: String

    /// Makes a proof.
    public init(logIndex: Int64, rootHash: [UInt8], treeSize: Int64, hashes: [[UInt8]], checkpoint: String) {
        self.logIndex = logIndex
        self.rootHash = rootHash
        self.treeSize = treeSize
        self.hashes = hashes
        self.checkpoint = checkpoint
    }
}

/// An entry of a log inside a bundle.
///
/// Source: sigstore/protobuf-specs v0.4, "sigstore_rekor.proto" (TransparencyLogEntry); numbers of 64 bits are JSON strings there.
public struct BundleLogEntry: Sendable, Hashable {
    /// The entry.
    public var entry: LogEntry
    /// Name of the kind of ``LogEntry/body``: `dsse`, `hashedrekord`.
    public var kind: String
    /// Version of the kind.
    public var version: String
    /// The log's promise over the entry.
    public var promise: [UInt8]?
    /// That the promise was kept.
    public var inclusionProof: InclusionProof?

    /// Makes an entry.
    public init(
        entry: LogEntry,
        kind: String,
        version: String = LogBody.version,
        promise: [UInt8]?,
        inclusionProof: InclusionProof?
    ) {
        self.entry = entry
        self.kind = kind
        self.version = version
        self.promise = promise
        self.inclusionProof = inclusionProof
    }

    init(_ fields: JSONFields) throws(AttestationError) {
        try SignedJSON.refuseUnknown(
            fields,
            known: [
                "logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise", "inclusionProof",
                "canonicalizedBody",
            ]
        )
        let logID = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.object("logId") }
        let id = try SignedJSON.base64(logID, "keyId")
        let kind = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.object("kindVersion") }
        self.kind = try SignedJSON.shaped { () throws(JSONShapeError) in try kind.string("kind") }
        version = try SignedJSON.shaped { () throws(JSONShapeError) in try kind.string("version") }
        let body = try SignedJSON.base64(fields, "canonicalizedBody")
        guard body.count <= AttestationLimits.logEntryBytes else {
            throw .tooLarge(what: "the entry of the log", limit: AttestationLimits.logEntryBytes)
        }
        entry = LogEntry(
            body: body,
            integratedTime: try fields.number64("integratedTime", absent: 0),
            logIndex: try fields.number64("logIndex", absent: 0),
            logID: id
        )
        let promise = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.optionalObject("inclusionPromise")
        }
        if let promise {
            self.promise = try SignedJSON.base64(promise, "signedEntryTimestamp")
        } else {
            self.promise = nil
        }
        let proof = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.optionalObject("inclusionProof") }
        if let proof { inclusionProof = try InclusionProof(proof) } else { inclusionProof = nil }
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "logIndex": .string(String(entry.logIndex)), "logId": ["keyId": .string(Base64.encoded(entry.logID))],
            "kindVersion": ["kind": .string(kind), "version": .string(version)],
            "integratedTime": .string(String(entry.integratedTime)),
            "canonicalizedBody": .string(Base64.encoded(entry.body)),
        ]
        if let promise { members["inclusionPromise"] = ["signedEntryTimestamp": .string(Base64.encoded(promise))] }
        if let inclusionProof { members["inclusionProof"] = inclusionProof.json }
        return .object(members)
    }
}

extension InclusionProof {
    init(_ fields: JSONFields) throws(AttestationError) {
        logIndex = try fields.number64("logIndex", absent: 0)
        treeSize = try fields.number64("treeSize")
        rootHash = try SignedJSON.base64(fields, "rootHash")
        let texts = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.optionalStrings("hashes") ?? [] }
        var hashes: [[UInt8]] = []
        for text in try SignedJSON.bounded(texts, AttestationLimits.proofHashes, "hashes in an inclusion proof") {
            guard let hash = Base64.decoded(text), hash.count == 32 else {
                throw .base64(path: fields.path(of: "hashes"))
            }
            hashes.append(hash)
        }
        self.hashes = hashes
        let checkpoint = try SignedJSON.shaped { () throws(JSONShapeError) in
            try fields.object("checkpoint").string("envelope")
        }
        guard checkpoint.utf8.count <= AttestationLimits.checkpointBytes else {
            throw .tooLarge(what: "the checkpoint", limit: AttestationLimits.checkpointBytes)
        }
        self.checkpoint = checkpoint
        guard rootHash.count == 32, treeSize > 0, logIndex < treeSize else {
            throw .value(path: fields.path, reason: "names no entry of a tree")
        }
    }

    var json: JSONValue {
        [
            "logIndex": .string(String(logIndex)), "rootHash": .string(Base64.encoded(rootHash)),
            "treeSize": .string(String(treeSize)), "hashes": .strings(hashes.map { Base64.encoded($0) }),
            "checkpoint": ["envelope": .string(checkpoint)],
        ]
    }
}

extension JSONFields {
    /// A number of 64 bits as protocol buffers write it: a text of digits, or a number; not negative.
    func number64(_ key: String, absent: Int64? = nil) throws(AttestationError) -> Int64 {
        let value: Int64?
        switch members[key] {
        case nil, .null?:
            guard let absent else {
                throw .shape(JSONShapeError(path: path(of: key), expected: "integer", found: "nothing"))
            }
            value = absent
        case .integer(let number)?: value = number
        case .string(let text)?: value = text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? Int64(text) : nil
        default: value = nil
        }
        guard let value, value >= 0 else { throw .value(path: path(of: key), reason: "is no number of 63 bits") }
        return value
    }
}
