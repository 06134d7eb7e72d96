// SPDX-License-Identifier: EUPL-1.2

public import JSON
internal import SBOM
internal import Time

extension SignedEvidence {
    /// The evidence as it stands in a verdict.
    public var json: JSONValue {
        [
            "trust": trust.json, "signatures": .array(signatures.map(\.json)),
            "statements": .array(statements.map(\.json)), "gaps": .array(gaps.map(\.json)),
            "tags": .array(tags.map(\.json)), "firstSeen": firstSeen.map { .string($0.rfc3339) } ?? .null,
        ]
    }

    /// Reads the evidence back.
    public init(json fields: JSONFields) throws(JSONShapeError) {
        self.init(
            trust: try Trust(fields: fields.object("trust")),
            signatures: try fields.list("signatures", FoundSignature.init(fields:)),
            statements: try fields.list("statements", FoundStatement.init(fields:)),
            gaps: try fields.list("gaps") { (fields) throws(JSONShapeError) in try LocalizedText(json: fields) },
            tags: try fields.list("tags", TagEvidence.init(fields:)),
            // Verdicts of older versions have none.
            firstSeen: try fields.optionalTime("firstSeen")
        )
    }
}

extension SignedEvidence.Trust {
    fileprivate var json: JSONValue {
        switch self {
        case .absent: ["state": "absent", "revision": nil, "threshold": nil]
        case .unreadable: ["state": "unreadable", "revision": nil, "threshold": nil]
        case .inForce(let revision, let threshold):
            ["state": "inForce", "revision": .integer(revision), "threshold": .integer(Int64(threshold))]
        }
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        switch try fields.string("state") {
        case "absent": self = .absent
        case "unreadable": self = .unreadable
        case "inForce":
            self = .inForce(revision: try fields.integer("revision"), threshold: try fields.int("threshold"))
        case let other:
            throw JSONShapeError(
                path: fields.path(of: "state"),
                expected: "one of absent, unreadable, inForce",
                found: other.bounded(to: 64)
            )
        }
    }
}

extension FoundSignature {
    fileprivate var json: JSONValue {
        ["form": .string(form.rawValue), "source": .string(source), "proof": proof.json]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        self.init(
            form: try fields.choice("form"),
            source: try fields.string("source"),
            proof: try SignatureProof(fields: fields.object("proof"))
        )
    }
}

extension FoundStatement {
    fileprivate var json: JSONValue {
        [
            "predicateType": .string(predicateType), "payload": .string(payload), "form": .string(form.rawValue),
            "proof": proof.json, "statedAt": .optional(statedAt?.rfc3339),
        ]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        self.init(
            predicateType: try fields.string("predicateType"),
            payload: try fields.string("payload"),
            form: try fields.choice("form"),
            proof: try SignatureProof(fields: fields.object("proof")),
            statedAt: try fields.optionalTime("statedAt")
        )
    }
}

extension SignatureProof {
    fileprivate var json: JSONValue {
        [
            "signer": signer?.json ?? .null, "isAccepted": .bool(isAccepted), "problems": .array(problems.map(\.json)),
            "provenAt": .optional(provenAt?.rfc3339), "provenBy": .optional(provenBy),
            "changesAt": .optional(changesAt?.rfc3339),
        ]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        self.init(
            signer: try fields.optionalObject("signer").map { (fields) throws(JSONShapeError) in
                try EvidenceSigner(fields: fields)
            },
            isAccepted: try fields.bool("isAccepted"),
            problems: try fields.list("problems") { (fields) throws(JSONShapeError) in try LocalizedText(json: fields)
            },
            provenAt: try fields.optionalTime("provenAt"),
            provenBy: try fields.optionalString("provenBy"),
            changesAt: try fields.optionalTime("changesAt")
        )
    }
}

extension EvidenceSigner {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "fingerprint": .string(fingerprint),
            "publisher": publisher.map { ["name": .string($0.name), "contact": .optional($0.contact)] } ?? .null,
            "isNode": .bool(isNode),
        ]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        self.init(
            name: try fields.string("name"),
            fingerprint: try fields.string("fingerprint"),
            publisher: try fields.optionalObject("publisher").map { (fields) throws(JSONShapeError) in
                EvidencePublisher(name: try fields.string("name"), contact: try fields.optionalString("contact"))
            },
            isNode: try fields.bool("isNode")
        )
    }
}

extension TagEvidence {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "setAt": .string(setAt.rfc3339), "setBy": .string(setBy),
            "isRelease": .bool(isRelease), "hasMoved": .bool(hasMoved),
        ]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        self.init(
            name: try fields.string("name"),
            setAt: try fields.time("setAt"),
            setBy: try fields.string("setBy"),
            isRelease: try fields.bool("isRelease"),
            hasMoved: try fields.bool("hasMoved")
        )
    }
}
