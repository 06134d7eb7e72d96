// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
public import JSON
internal import SBOM
internal import Time

extension Verdict {
    /// Version of the verdict's JSON form.
    public static let schemaVersion = 1

    /// The verdict as JSON; every key is written, what is absent is null.
    public var json: JSONValue {
        [
            "schemaVersion": .integer(Int64(Self.schemaVersion)),
            "image": ["digest": .optional(image.digest), "platform": .optional(image.platform)],
            "stage": .string(stage.rawValue),
            "visibility": .string(visibility.rawValue),
            "kind": .string(kind.rawValue),
            "level": .string(level.rawValue),
            "areas": .object(
                Dictionary(
                    uniqueKeysWithValues: Area.allCases.map {
                        ($0.rawValue, JSONValue.object(["level": .string(level(of: $0).rawValue)]))
                    }
                )
            ),
            "criteria": .array(criteria.map(\.json)),
            "findings": .array(findings.map(\.json)),
            "components": .array(components.map(\.json)),
            "notAssessed": .array(notAssessed.map(\.json)),
            "catalogue": ["version": .string(catalogueVersion)],
            "feeds": .array(feeds.map(\.json)),
            "snapshot": .optional(snapshot),
            "exerciseData": .bool(exerciseData),
            "note": note?.json ?? .null,
            "evaluatedAt": .string(evaluatedAt.rfc3339),
            "validUntil": .optional(validUntil?.rfc3339),
            "signed": signed?.json ?? .null,
            "platforms": platforms.map { .array($0.map(\.json)) } ?? .null,
        ]
    }

    /// Reads a verdict back.
    ///
    /// - Throws: `JSONShapeError` that names the path of the first member that is not as the schema says.
    public init(json fields: JSONFields) throws(JSONShapeError) { try self.init(fields: fields, nested: false) }

    /// Reads a verdict back from a value.
    public init(json: JSONValue) throws(JSONShapeError) { try self.init(fields: JSONFields(json), nested: false) }

    private init(fields: JSONFields, nested: Bool) throws(JSONShapeError) {
        let version = try fields.integer("schemaVersion")
        guard version == Int64(Self.schemaVersion) else {
            throw JSONShapeError(path: fields.path + ".schemaVersion", expected: "1", found: String(version))
        }
        let image = try fields.object("image")
        let areaFields = try fields.object("areas")
        var areas: [Area: Level] = [:]
        for area in Area.allCases {
            areas[area] = try areaFields.object(area.rawValue).choice("level")
        }
        // An index holds images, never an index: deeper nesting is refused rather than followed.
        if nested, fields.has("platforms") {
            throw JSONShapeError(path: fields.path + ".platforms", expected: "null", found: "array")
        }
        self.init(
            image: Image(digest: try image.optionalString("digest"), platform: try image.optionalString("platform")),
            stage: try fields.choice("stage"),
            visibility: try fields.choice("visibility"),
            kind: try fields.choice("kind"),
            level: try fields.choice("level"),
            areas: areas,
            criteria: try fields.list("criteria", CriterionResult.init(fields:)),
            findings: try fields.list("findings", Finding.init(json:)),
            components: try fields.list("components", Component.init(fields:)),
            notAssessed: try fields.list("notAssessed", NotAssessed.init(json:)),
            catalogueVersion: try fields.object("catalogue").string("version"),
            feeds: try fields.list("feeds", Feed.init(fields:)),
            snapshot: try fields.optionalString("snapshot"),
            exerciseData: try fields.bool("exerciseData"),
            evaluatedAt: try fields.time("evaluatedAt"),
            validUntil: try fields.optionalTime("validUntil"),
            signed: try fields.optionalObject("signed").map { (fields) throws(JSONShapeError) in
                try SignedEvidence(json: fields)
            },
            platforms: fields.has("platforms")
                ? try fields.list("platforms") { (fields) throws(JSONShapeError) in
                    try Verdict(fields: fields, nested: true)
                }
                : nil
        )
    }
}

extension CriterionResult {
    /// The result as JSON, as it stands in a verdict.
    public var json: JSONValue {
        [
            "id": .string(id),
            "area": .string(area.rawValue),
            "level": .string(level.rawValue),
            "stage": .string(stage.rawValue),
            "title": title.json,
            "result": .string(result.rawValue),
            "evidence": .array(
                evidence.map {
                    [
                        "kind": .string($0.kind.rawValue),
                        "strength": .string($0.strength.rawValue),
                        "text": .string($0.text),
                        "path": .optional($0.path),
                        "layer": .optional($0.layer.map(Int64.init)),
                    ]
                }
            ),
            "explanation": explanation.json,
            "advice": advice?.json ?? .null,
        ]
    }

    init(fields: JSONFields) throws(JSONShapeError) {
        self.init(
            id: try fields.string("id"),
            area: try fields.choice("area"),
            level: try fields.choice("level"),
            stage: try fields.choice("stage"),
            title: try LocalizedText(json: fields.object("title")),
            result: try fields.choice("result"),
            evidence: try fields.list("evidence") { (fields) throws(JSONShapeError) in
                CriterionEvidence(
                    kind: try fields.choice("kind"),
                    strength: try fields.choice("strength"),
                    text: try fields.string("text"),
                    path: try fields.optionalString("path"),
                    layer: try fields.optionalInt("layer")
                )
            },
            explanation: try LocalizedText(json: fields.object("explanation")),
            advice: try fields.localized("advice")
        )
    }
}

extension Verdict.Component {
    var json: JSONValue {
        [
            "type": .string(type), "name": .string(name), "version": .string(version), "purl": .optional(purl),
            "ownedBy": .optional(ownedBy),
        ]
    }

    init(fields: JSONFields) throws(JSONShapeError) {
        self.init(
            type: try fields.string("type"),
            name: try fields.string("name"),
            version: try fields.string("version"),
            purl: try fields.optionalString("purl"),
            ownedBy: try fields.optionalString("ownedBy")
        )
    }

    init(_ component: Component) {
        self.init(
            type: component.ecosystem,
            name: component.name,
            version: component.version,
            purl: component.purl?.description,
            ownedBy: component.ownedBy
        )
    }
}

extension Verdict.Feed {
    var json: JSONValue {
        [
            "name": .string(name), "date": .string(date.rfc3339), "newestRecord": .optional(newestRecord?.rfc3339),
            "digest": .string(digest), "count": .integer(Int64(count)),
        ]
    }

    init(fields: JSONFields) throws(JSONShapeError) {
        self.init(
            name: try fields.string("name"),
            date: try fields.time("date"),
            newestRecord: try fields.optionalTime("newestRecord"),
            digest: try fields.string("digest"),
            count: try fields.int("count")
        )
    }

    init(_ feed: FeedState) {
        self.init(
            name: feed.name,
            date: feed.asOf,
            newestRecord: feed.newestRecord,
            digest: feed.digest,
            count: feed.count
        )
    }
}
