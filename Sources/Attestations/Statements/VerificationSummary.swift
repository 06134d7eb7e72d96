// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import Time

/// Why a verification summary would say something that its format forbids.
public enum VerificationSummaryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A level is not made of capital letters, digits and underscores (bounded to 64 characters).
    case malformedLevel(String)
    /// A level begins with `SLSA_` without being one of SLSA's (bounded to 64 characters).
    case reservedLevel(String)
    /// Two levels of one track of SLSA.
    case twoLevelsOfTrack(String)
    /// A passed summary names no level.
    case noLevel

    /// One sentence in English.
    public var description: String {
        switch self {
        case .malformedLevel(let text):
            "\"\(text)\" is no level: use capital letters, digits and underscores, such as CATALOGUE_GOLD"
        case .reservedLevel(let text): "\"\(text)\" begins with SLSA_, which is reserved, and is none of SLSA's levels"
        case .twoLevelsOfTrack(let track): "there are two levels of the track \(track); one is allowed"
        case .noLevel: "a summary that says PASSED names at least one level"
        }
    }
}

/// What a verifier found when it judged an image by a policy: passed at these levels, or failed.
///
/// Source: SLSA v1.2, "Verification Summary Attestation".
public struct VerificationSummary: Sendable, Hashable {
    /// Who judged: a URI that consumers hold together with the key.
    public let verifierID: String
    /// Versions of the verifier's parts.
    public let verifierVersions: [String: String]
    /// When it was judged.
    public let timeVerified: Timestamp?
    /// What was judged, as it is fetched: `registry.example/gov/app@sha256:…` or a purl.
    public let resourceURI: String
    /// By what it was judged.
    public let policy: ResourceDescriptor
    /// Every attestation that went into it; empty when that is not said.
    public let inputAttestations: [ResourceDescriptor]
    /// Levels that were reached; nil when it failed.
    public let verifiedLevels: [String]?
    /// Until when the verdict holds, as an extension field; the format itself has no end.
    public let validUntil: Timestamp?

    /// Whether the image passed.
    public var isPassed: Bool { verifiedLevels != nil }

    /// Makes a summary.
    ///
    /// - Parameter verifiedLevels: levels that were reached, such as `SLSA_BUILD_LEVEL_3` or `KONTOR_2026_1_GOLD`; nil when it failed.
    public init(
        verifierID: String,
        verifierVersions: [String: String] = [:],
        timeVerified: Timestamp,
        resourceURI: String,
        policy: ResourceDescriptor,
        inputAttestations: [ResourceDescriptor] = [],
        verifiedLevels: [String]?,
        validUntil: Timestamp? = nil
    ) throws(VerificationSummaryError) {
        if let verifiedLevels { try Self.check(verifiedLevels) }
        self.verifierID = verifierID
        self.verifierVersions = verifierVersions
        self.timeVerified = timeVerified
        self.resourceURI = resourceURI
        self.policy = policy
        self.inputAttestations = inputAttestations
        self.verifiedLevels = verifiedLevels
        self.validUntil = validUntil
    }

    private static let tracks = ["SLSA_BUILD_LEVEL_": 0...3, "SLSA_SOURCE_LEVEL_": 0...4]

    private static func check(_ levels: [String]) throws(VerificationSummaryError) {
        guard !levels.isEmpty else { throw .noLevel }
        var seen: Set<String> = []
        for level in levels {
            let wellFormed = level.utf8.allSatisfy {
                ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F
            }
            guard wellFormed, (1...128).contains(level.utf8.count) else { throw .malformedLevel(level.excerpt(64)) }
            guard level.hasPrefix("SLSA_") else { continue }
            guard let track = tracks.first(where: { level.hasPrefix($0.key) }),
                let number = Int(level.dropFirst(track.key.count)), track.value.contains(number)
            else { throw .reservedLevel(level.excerpt(64)) }
            guard seen.insert(track.key).inserted else { throw .twoLevelsOfTrack(track.key) }
        }
    }

    /// The level of a catalogue as this format names it: `KONTOR_2026_1_GOLD` of `kontor 2026.1` and `gold`.
    public static func level(catalogue: String, level: String) -> String {
        var text = ""
        for scalar in (catalogue + "_" + level).uppercased().unicodeScalars {
            let isPlain = ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
            if isPlain { text.unicodeScalars.append(scalar) } else if text.last != "_" { text += "_" }
        }
        return text
    }

    /// Reads the predicate of a statement of type ``PredicateType/verificationSummary``.
    ///
    /// A result that is neither `PASSED` nor `FAILED` is an error; levels of a failed summary are not handed on.
    public init(predicate: [String: JSONValue]) throws(AttestationError) {
        let fields = try SignedJSON.shaped { () throws(JSONShapeError) in
            try JSONFields(.object(predicate), path: "$.predicate")
        }
        self = try SignedJSON.shaped { () throws(JSONShapeError) in try VerificationSummary(fields) }
    }

    private init(_ fields: JSONFields) throws(JSONShapeError) {
        let verifier = try fields.object("verifier")
        verifierID = try verifier.string("id")
        verifierVersions = try verifier.optionalStringMap("version") ?? [:]
        timeVerified = try fields.optionalTime("timeVerified")
        resourceURI = try fields.string("resourceUri")
        policy = try ResourceDescriptor(fields.object("policy"))
        inputAttestations = try ResourceDescriptor.list(fields.optionalObjects("inputAttestations") ?? [])
        validUntil = try fields.optionalTime(Self.validUntilKey)
        switch try fields.string("verificationResult") {
        case "PASSED": verifiedLevels = try fields.strings("verifiedLevels")
        case "FAILED": verifiedLevels = nil
        case let other:
            throw JSONShapeError(
                path: fields.path(of: "verificationResult"),
                expected: "PASSED or FAILED",
                found: other.excerpt(32)
            )
        }
    }

    // Names of extension fields carry the maker's prefix: in-toto attestation framework, "Parsing rules".
    private static let validUntilKey = "kontor_validUntil"

    /// The predicate.
    public var predicate: [String: JSONValue] {
        var verifier: [String: JSONValue] = ["id": .string(verifierID)]
        if !verifierVersions.isEmpty { verifier["version"] = .stringMap(verifierVersions) }
        var members: [String: JSONValue] = [
            "verifier": .object(verifier), "resourceUri": .string(resourceURI), "policy": policy.json,
            "verificationResult": isPassed ? "PASSED" : "FAILED",
            "verifiedLevels": .strings(verifiedLevels ?? ["FAILED"]),
            "slsaVersion": "1.2",
        ]
        if let timeVerified { members["timeVerified"] = .string(timeVerified.rfc3339) }
        if let validUntil { members[Self.validUntilKey] = .string(validUntil.rfc3339) }
        if !inputAttestations.isEmpty { members["inputAttestations"] = .array(inputAttestations.map(\.json)) }
        return members
    }
}

extension ResourceDescriptor {
    /// Reads a list of descriptors; bounded by ``AttestationLimits/materials``.
    static func list(_ entries: [JSONFields]) throws(JSONShapeError) -> [ResourceDescriptor] {
        guard entries.count <= AttestationLimits.materials else {
            throw JSONShapeError(
                path: entries.first?.path ?? "$",
                expected: "at most \(AttestationLimits.materials) elements",
                found: "\(entries.count)"
            )
        }
        var result: [ResourceDescriptor] = []
        result.reserveCapacity(entries.count)
        for entry in entries { result.append(try ResourceDescriptor(entry)) }
        return result
    }
}

extension JSONFields {
    /// An instant in RFC 3339, or nil.
    func optionalTime(_ key: String) throws(JSONShapeError) -> Timestamp? {
        guard let text = try optionalString(key) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw JSONShapeError(path: path(of: key), expected: "a date-time of RFC 3339", found: "another text")
        }
        return time
    }
}
