// SPDX-License-Identifier: EUPL-1.2

import Criteria
import JSON

/// The schemas of answers.
enum OpenAPISchemas {
    static var all: [String: JSONValue] {
        [
            "Verdict": verdict, "Progress": progress, "FindingsPage": findingsPage,
            "RepositoriesPage": repositoriesPage,
            "Feeds": feeds, "Problem": problem, "Attestation": attestation, "Attestations": attestations,
        ]
    }

    private static var attestation: JSONValue {
        let text: JSONValue = ["type": "string"]
        let orNull: JSONValue = ["type": ["string", "null"]]
        return [
            "type": "object",
            "required": ["id", "kind", "predicateType", "state", "payload", "logged", "madeAt", "madeBy"],
            "properties": [
                "id": ["type": "integer"],
                "kind": ["type": "string", "enum": ["sbom", "scan", "vex", "verdict", "criteria", "audit"]],
                "predicateType": text, "state": ["type": "string", "enum": ["pending", "published"]],
                "payload": text, "envelope": orNull, "referrer": orNull, "key": orNull,
                "logged": ["type": "boolean"], "logIndex": ["type": ["integer", "null"]], "madeAt": text,
                "madeBy": text, "validUntil": orNull,
            ],
        ]
    }

    private static var attestations: JSONValue {
        [
            "type": "object",
            "required": ["image", "pending", "problem", "items"],
            "properties": [
                "image": ["type": "object", "properties": ["digest": ["type": "string"]]],
                "pending": ["type": "boolean"], "problem": ["type": ["string", "null"]],
                "items": ["type": "array", "items": OpenAPIDocument.reference("Attestation")],
            ],
        ]
    }

    /// The schema that ships with the catalogue; its own references are relative to its `$id`, so it is named, not copied.
    private static var verdict: JSONValue {
        [
            "type": "object",
            "description": .string(
                "A verdict, schemaVersion 1; its full schema is at \(APIOperation.root)\(APIOperation.verdictSchema.template)."
            ),
            "required": [
                "schemaVersion", "image", "stage", "kind", "level", "areas", "criteria", "findings", "components",
                "catalogue", "feeds",
            ],
            "properties": ["schemaVersion": ["const": 1], "level": level],
        ]
    }

    private static var level: JSONValue { ["type": "string", "enum": .strings(Level.allCases.map(\.rawValue))] }

    private static var progress: JSONValue {
        object([
            "state": ["type": "string", "enum": ["queued", "running", "failed"]], "reason": nullable("string"),

            "image": object(["digest": ["type": "string"]]),
        ])
    }

    private static var findingsPage: JSONValue {
        object([
            "image": object(["digest": ["type": "string"]]), "evaluatedAt": dateTime, "feeds": ["type": "array"],
            "snapshot": nullable("string"), "exerciseData": ["type": "boolean"], "note": nullable("object"),
            "total": ["type": "integer", "minimum": 0], "findings": ["type": "array", "items": ["type": "object"]],
            "notAssessed": ["type": "array"], "next": nullable("string"),
        ])
    }

    private static var repositoriesPage: JSONValue {
        let entry = object([
            "name": ["type": "string"], "firstSeen": dateTime, "tag": nullable("string"), "digest": nullable("string"),
            "level": ["anyOf": [level, ["type": "null"]]],
            "state": ["type": "string", "enum": ["ready", "pending", "failed", "noImage"]],
        ])
        return object(["repositories": ["type": "array", "items": entry], "next": nullable("string")])
    }

    private static var feeds: JSONValue {
        object(["snapshot": nullable("string"), "feeds": ["type": "array", "items": ["type": "object"]]])
    }

    private static var problem: JSONValue {
        object([
            "type": ["type": "string", "format": "uri"], "title": ["type": "string"], "status": ["type": "integer"],
            "detail": ["type": "string"],
        ])
    }

    private static var dateTime: JSONValue { ["type": "string", "format": "date-time"] }

    private static func nullable(_ type: String) -> JSONValue { ["type": [.string(type), "null"]] }

    private static func object(_ properties: [String: JSONValue]) -> JSONValue {
        ["type": "object", "required": .strings(properties.keys.sorted()), "properties": .object(properties)]
    }
}
