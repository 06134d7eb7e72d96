// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// An in-toto statement: what is said (the predicate) about which content (the subjects).
///
/// Source: in-toto attestation framework v1, "Statement"; v0.1 of the same for reading.
public struct Statement: Sendable, Hashable {
    /// Which version of the layer it was written in.
    public enum Version: String, Sendable, Hashable, CaseIterable {
        /// Written here.
        case v1 = "https://in-toto.io/Statement/v1"
        /// Older; only read.
        case v0_1 = "https://in-toto.io/Statement/v0.1"
    }

    /// The version.
    public let version: Version
    /// What it speaks about; at least one, each with a digest.
    public let subjects: [ResourceDescriptor]
    /// What kind of thing is said: a URI.
    public let predicateType: String
    /// What is said; an object.
    public let predicate: [String: JSONValue]

    /// Makes a statement of version 1.
    public init(subjects: [ResourceDescriptor], predicateType: String, predicate: [String: JSONValue]) {
        version = .v1
        self.subjects = subjects
        self.predicateType = predicateType
        self.predicate = predicate
    }

    /// Reads the payload of an envelope.
    ///
    /// Members that are not known are ignored, as the framework's parsing rules demand; without a predicate there is an empty one.
    public init(parsing payload: [UInt8]) throws(AttestationError) {
        let fields = try SignedJSON.object(payload, limit: AttestationLimits.documentBytes, what: "the statement")
        let type = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.string("_type") }
        guard let version = Version(rawValue: type) else {
            throw .value(
                path: "$._type",
                reason: "is \"\(type.excerpt(64))\", which is no version of the statement that is known here"
            )
        }
        self.version = version
        predicateType = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.string("predicateType") }
        guard !predicateType.isEmpty, predicateType.utf8.count <= 1024 else {
            throw .value(path: "$.predicateType", reason: "is empty or longer than 1024 bytes")
        }
        predicate = try SignedJSON.shaped { () throws(JSONShapeError) in
            try fields.optionalObject("predicate")?.members ?? [:]
        }
        let list = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.objects("subject") }
        guard !list.isEmpty else {
            throw .value(path: "$.subject", reason: "is empty: the statement speaks about nothing")
        }
        var subjects: [ResourceDescriptor] = []
        for entry in try SignedJSON.bounded(list, AttestationLimits.subjects, "subjects of a statement") {
            let subject = try SignedJSON.shaped { () throws(JSONShapeError) in try ResourceDescriptor(entry) }
            guard !subject.digests.isEmpty else {
                throw .value(path: entry.path(of: "digest"), reason: "is missing or empty")
            }
            subjects.append(subject)
        }
        self.subjects = subjects
    }

    /// The statement as it is put into an envelope; always the same bytes.
    public var bytes: [UInt8] {
        let document: JSONValue = [
            "_type": .string(version.rawValue), "subject": .array(subjects.map(\.json)),
            "predicateType": .string(predicateType), "predicate": .object(predicate),
        ]
        return document.bytes(.rfc8785)
    }
}
