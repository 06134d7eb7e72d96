// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import Time

/// Who built something from what, as a builder says it.
///
/// Read from either version of the predicate that is in use. What is here is what was said, not what is true: the level of a build follows
/// from ``builderID`` together with the key that signed, and from nothing in the document.
///
/// Source: SLSA v1.2, "Build: Provenance"; SLSA v0.2, "Provenance".
public struct BuildProvenance: Sendable, Hashable {
    /// The builder: a URI.
    public let builderID: String
    /// The kind of build: a URI that explains the parameters.
    public let buildType: String
    /// What the one who started the build could choose; of v0.2 `configSource` and `parameters` under their names.
    public let externalParameters: [String: JSONValue]
    /// What went into it: `resolvedDependencies`, or `materials` of v0.2.
    public let dependencies: [ResourceDescriptor]
    /// This run of the build.
    public let invocationID: String?
    /// When it began.
    public let started: Timestamp?
    /// When it ended.
    public let finished: Timestamp?

    /// Reads the predicate of a statement.
    ///
    /// - Throws: ``AttestationError`` when the type is none of the two, or what they demand is missing.
    public init(_ statement: Statement) throws(AttestationError) {
        let fields = try SignedJSON.shaped { () throws(JSONShapeError) in
            try JSONFields(.object(statement.predicate), path: "$.predicate")
        }
        switch statement.predicateType {
        case PredicateType.provenance:
            self = try SignedJSON.shaped { () throws(JSONShapeError) in try BuildProvenance(v1: fields) }
        case PredicateType.provenanceV0_2:
            self = try SignedJSON.shaped { () throws(JSONShapeError) in try BuildProvenance(v0_2: fields) }
        default: throw .value(path: "$.predicateType", reason: "is no SLSA provenance of version 1 or 0.2")
        }
    }

    private init(v1 fields: JSONFields) throws(JSONShapeError) {
        let definition = try fields.object("buildDefinition")
        let details = try fields.object("runDetails")
        builderID = try details.object("builder").string("id")
        buildType = try definition.string("buildType")
        externalParameters = try definition.object("externalParameters").members
        dependencies = try ResourceDescriptor.list(definition.optionalObjects("resolvedDependencies") ?? [])
        let metadata = try details.optionalObject("metadata")
        invocationID = try metadata?.optionalString("invocationId")
        started = try metadata?.optionalTime("startedOn")
        finished = try metadata?.optionalTime("finishedOn")
    }

    private init(v0_2 fields: JSONFields) throws(JSONShapeError) {
        builderID = try fields.object("builder").string("id")
        buildType = try fields.string("buildType")
        var parameters: [String: JSONValue] = [:]
        if let invocation = try fields.optionalObject("invocation") {
            for key in ["configSource", "parameters"] where invocation.has(key) {
                parameters[key] = invocation.members[key]
            }
        }
        externalParameters = parameters
        dependencies = try ResourceDescriptor.list(fields.optionalObjects("materials") ?? [])
        let metadata = try fields.optionalObject("metadata")
        invocationID = try metadata?.optionalString("buildInvocationId")
        started = try metadata?.optionalTime("buildStartedOn")
        finished = try metadata?.optionalTime("buildFinishedOn")
    }
}
