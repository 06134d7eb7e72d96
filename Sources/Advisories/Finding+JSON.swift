// SPDX-License-Identifier: EUPL-1.2

public import JSON

extension Finding {
    /// Reads what ``json`` writes.
    ///
    /// - Throws: ``JSONShapeError`` naming the path, also for a status or a severity that is not known.
    public init(json: JSONFields) throws(JSONShapeError) {
        let component = try json.object("component")
        let statusText = try json.string("status")
        guard let status = FindingStatus(rawValue: statusText) else {
            throw JSONShapeError(path: json.path(of: "status"), expected: "a status", found: statusText)
        }
        let severityText = try json.string("severity")
        guard let severity = Severity(rawValue: severityText) else {
            throw JSONShapeError(path: json.path(of: "severity"), expected: "a severity", found: severityText)
        }
        var kev: KEVEntry?
        if let fields = try json.optionalObject("kev") { kev = try KEVEntry(json: fields) }
        // Verdicts that were stored before there were ratings have none.
        var ratings: [FindingRating] = []
        for fields in try json.optionalObjects("ratings") ?? [] { ratings.append(try FindingRating(json: fields)) }
        var epss: EPSSScore?
        if let fields = try json.optionalObject("epss") { epss = try EPSSScore(json: fields) }
        var statement: FindingStatement?
        if let fields = try json.optionalObject("statement") { statement = try FindingStatement(json: fields) }
        self.init(
            id: try json.string("id"),
            aliases: try json.strings("aliases"),
            componentName: try component.string("name"),
            componentVersion: try component.string("version"),
            componentPURL: try component.optionalString("purl"),
            status: status,
            fixedIn: try json.optionalString("fixedIn"),
            severity: severity,
            severitySource: try json.optionalString("severitySource"),
            ratings: ratings,
            kev: kev,
            epss: epss,
            risk: try json.double("risk"),
            riskExplanation: try json.string("riskExplanation"),
            evidence: try FindingEvidence(json: try json.object("evidence")),
            statement: statement
        )
    }

    /// The finding as an object; absent values are null.
    public var json: JSONValue {
        [
            "id": .string(id),
            "aliases": .strings(aliases),
            "component": [
                "name": .string(componentName),
                "version": .string(componentVersion),
                "purl": .optional(componentPURL),
            ],
            "status": .string(status.rawValue),
            "fixedIn": .optional(fixedIn),
            "severity": .string(severity.rawValue),
            "severitySource": .optional(severitySource),
            "ratings": .array(ratings.map(\.json)),
            "kev": .optional(kev?.json),
            "epss": .optional(epss?.json),
            "risk": .double(risk),
            "riskExplanation": .string(riskExplanation),
            "evidence": evidence.json,
            "statement": statement?.json ?? .null,
        ]
    }
}
