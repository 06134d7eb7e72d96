// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
public import JSON
import SBOM
import Time

extension ProjectVerdict {
    /// Reads a verdict back.
    ///
    /// - Throws: `JSONShapeError` that names the path of the first member that is not as ``json`` writes it.
    public init(json: JSONValue) throws(JSONShapeError) {
        let fields = try JSONFields(json)
        let version = try fields.integer("schemaVersion")
        guard version == Int64(Self.schemaVersion) else {
            throw JSONShapeError(path: fields.path + ".schemaVersion", expected: "1", found: String(version))
        }
        let catalogue = try fields.object("catalogue")
        var badges: [Badge] = []
        for entry in try fields.objects("badges") {
            badges.append(
                Badge(
                    id: try entry.string("id"),
                    title: try LocalizedText(json: entry.object("title")),
                    level: try Self.level(entry, "level")
                )
            )
        }
        var results: [Result] = []
        for entry in try fields.objects("criteria") { results.append(try Result(json: entry)) }
        var findings: [Finding] = []
        for entry in try fields.objects("findings") { findings.append(try Finding(json: entry)) }
        var feeds: [FeedState] = []
        for entry in try fields.objects("feeds") { feeds.append(try FeedState(json: entry)) }
        self.init(
            project: try fields.string("project"),
            commit: try fields.optionalString("commit"),
            branch: try fields.optionalString("branch"),
            catalogue: try catalogue.string("name"),
            notice: try LocalizedText(json: catalogue.object("notice")),
            level: try Self.level(fields, "level"),
            badges: badges,
            results: results,
            findings: findings,
            feeds: feeds,
            snapshot: try fields.optionalString("snapshot"),
            evaluatedAt: try Self.time(fields, "evaluatedAt"),
            validUntil: fields.has("validUntil") ? try Self.time(fields, "validUntil") : nil
        )
    }

    fileprivate static func level(_ fields: JSONFields, _ key: String) throws(JSONShapeError) -> Level {
        try fields.word(key)
    }

    private static func time(_ fields: JSONFields, _ key: String) throws(JSONShapeError) -> Timestamp {
        let text = try fields.string(key)
        guard let time = Timestamp(rfc3339: text) else {
            throw JSONShapeError(path: fields.path(of: key), expected: "a time", found: String(text.prefix(64)))
        }
        return time
    }
}

extension ProjectVerdict.Result {
    init(json fields: JSONFields) throws(JSONShapeError) {
        var needs: [ProjectCriterion.Source] = []
        for word in try fields.strings("needs") {
            guard let source = ProjectCriterion.Source(rawValue: word) else {
                throw JSONShapeError(
                    path: fields.path(of: "needs"),
                    expected: "what must be looked at",
                    found: String(word.prefix(64))
                )
            }
            needs.append(source)
        }
        self.init(
            badge: try fields.string("badge"),
            needs: needs,
            criterion: try CriterionResult(ofProject: fields),
            cap: fields.has("allowsAtMost") ? try ProjectVerdict.level(fields, "allowsAtMost") : .gold
        )
    }
}

extension CriterionResult {
    /// Reads a result as a project's verdict holds it: its stage goes without saying.
    fileprivate init(ofProject fields: JSONFields) throws(JSONShapeError) {
        var evidence: [CriterionEvidence] = []
        for entry in try fields.objects("evidence") {
            evidence.append(
                CriterionEvidence(
                    kind: try entry.word("kind"),
                    strength: try entry.word("strength"),
                    text: try entry.string("text"),
                    path: try entry.optionalString("path"),
                    layer: try entry.optionalInt("layer")
                )
            )
        }
        var advice: LocalizedText?
        if let text = try fields.optionalObject("advice") { advice = try LocalizedText(json: text) }
        self.init(
            id: try fields.string("id"),
            area: try fields.word("area"),
            level: try fields.word("level"),
            stage: .build,
            title: try LocalizedText(json: fields.object("title")),
            result: try fields.word("result"),
            evidence: evidence,
            explanation: try LocalizedText(json: fields.object("explanation")),
            advice: advice
        )
    }
}

extension JSONFields {
    /// One word of a fixed list.
    fileprivate func word<Value: RawRepresentable & CaseIterable>(_ key: String) throws(JSONShapeError) -> Value
    where Value.RawValue == String {
        let text = try string(key)
        guard let value = Value(rawValue: text) else {
            let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw JSONShapeError(path: path(of: key), expected: "one of \(words)", found: String(text.prefix(64)))
        }
        return value
    }
}
