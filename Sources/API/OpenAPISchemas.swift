// SPDX-License-Identifier: EUPL-1.2

import Criteria
import JSON

/// The schemas of answers.
enum OpenAPISchemas {
    static var all: [String: JSONValue] {
        [
            "Verdict": verdict, "Progress": progress, "FindingsPage": findingsPage,
            "RepositoriesPage": repositoriesPage,
            "Feeds": feeds, "Problem": problem,
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
