// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Directory
import JSON

/// What answers about the directory are made of.
extension ManagementDocument {
    static var directorySchemas: [String: JSONValue] {
        [
            "DirectoryEntry": object([
                "kind": words(DirectoryEntry.Kind.allCases.map(\.word)), "name": text, "label": text,
                "namespace": orNull(text), "organisation": orNull(object(["name": text, "title": text])),
                "level": orNull(level),
                "areas": object(Dictionary(uniqueKeysWithValues: Area.allCases.map { ($0.rawValue, orNull(level)) })),
                "categories": list(text), "licences": list(text), "architectures": list(text),
                "facts": object([
                    "title": orNull(text), "description": orNull(text), "tag": orNull(text), "digest": orNull(text),
                    "source": orNull(text), "evaluatedAt": orNull(instant),
                    "steps": orNull(
                        object([
                            "to": text, "count": number, "criterion": text, "title": localized, "advice": localized,
                        ])
                    ),
                    "fix": orNull(
                        object([
                            "id": text, "source": text, "component": text, "purl": orNull(text), "version": text,
                            "fixedIn": text, "risk": ["type": "number"], "exploited": ["type": "boolean"],
                            "further": number, "command": orNull(text),
                        ])
                    ),
                ]),
            ]),
            "DirectoryUse": object([
                "id": number, "subject": text, "organisation": text, "title": text, "since": text, "purpose": text,
                "contact": orNull(text), "saidAt": instant,
            ]),
            "LevelReply": object([
                "id": number, "repository": orNull(text), "digest": orNull(text), "project": orNull(text),
                "level": orNull(level), "revision": orNull(text), "resultsSince": orNull(instant),
                "outdated": described(
                    orNull(words(AnsweredLevel.Difference.allCases.map(\.rawValue))),
                    "How the level that it was said to differs from what stands there now; null where it does not."
                ),
                "disputes": ["type": "boolean"], "text": text, "author": text, "saidAt": instant,
            ]),
        ]
    }

    /// An object with one of two members, and not with both.
    static func eitherOf(_ first: String, _ second: String, _ schema: JSONValue) -> JSONValue {
        var members = schema.objectValue ?? [:]
        members["oneOf"] = .array([first, second].map { ["required": .strings([$0])] })
        return .object(members)
    }

    /// A registered project, where something is said of it.
    static let projectName = described(text, "Name of the registered project: team/app.")

    private static var level: JSONValue { words(Level.allCases.map(\.rawValue)) }

    private static var facetValues: JSONValue { list(object(["name": text, "title": text, "count": number])) }

    /// A page of the directory.
    static var directoryPage: JSONValue {
        object([
            "items": list(OpenAPIDocument.reference("DirectoryEntry")), "next": orNull(text),
            "facets": orNull(
                object([
                    "total": number, "isAtLeast": ["type": "boolean"], "kinds": facetValues, "levels": facetValues,
                    "categories": facetValues, "licences": facetValues, "organisations": facetValues,
                    "architectures": facetValues,
                ])
            ),
        ])
    }

    static var directoryOverview: JSONValue {
        object([
            "organisation": OpenAPIDocument.reference("Organisation"), "operatesFor": list(text),
            "operatedBy": list(text), "counted": number, "isAtLeast": ["type": "boolean"],
            "levels": ["type": "object"], "unknown": number,
            "items": list(OpenAPIDocument.reference("DirectoryEntry")),
            "uses": list(OpenAPIDocument.reference("DirectoryUse")), "next": orNull(text),
        ])
    }

    static var levelsOverTime: JSONValue {
        object(["image": text, "items": list(object(["at": instant, "level": level]))])
    }
}
