// SPDX-License-Identifier: EUPL-1.2

public import JSON

extension Advisory {
    /// Reads what ``json`` writes.
    public init(json: JSONFields) throws(JSONShapeError) {
        self.init(
            id: try json.string("id"),
            feed: try json.string("feed"),
            ecosystem: try json.string("ecosystem"),
            release: try json.optionalString("release") ?? "",
            package: try json.string("package"),
            state: try AdvisoryState(json: json),
            urgency: try json.optionalString("urgency"),
            summary: try json.optionalString("summary"),
            aliases: try json.optionalStrings("aliases") ?? [],
            upstream: try json.optionalStrings("upstream") ?? [],
            vectors: try json.optionalStrings("vectors") ?? [],
            isMalicious: try json.optionalBool("malicious") ?? false
        )
    }

    /// The advisory as an object; what is absent is left out, because a snapshot holds a hundred thousand of them.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id), "feed": .string(feed), "ecosystem": .string(ecosystem), "package": .string(package),
        ]
        if !release.isEmpty { members["release"] = .string(release) }
        if let urgency { members["urgency"] = .string(urgency) }
        if let summary { members["summary"] = .string(summary) }
        if !aliases.isEmpty { members["aliases"] = .strings(aliases) }
        if !upstream.isEmpty { members["upstream"] = .strings(upstream) }
        if !vectors.isEmpty { members["vectors"] = .strings(vectors) }
        if isMalicious { members["malicious"] = .bool(true) }
        state.write(into: &members)
        return .object(members)
    }
}

extension AdvisoryState {
    fileprivate init(json: JSONFields) throws(JSONShapeError) {
        let text = try json.string("state")
        switch text {
        case "resolved": self = .resolved(fixed: try json.string("fixed"))
        case "open":
            guard let text = try json.optionalString("reason") else {
                self = .open(reason: nil)
                return
            }
            guard let reason = OpenReason(rawValue: text) else {
                throw JSONShapeError(path: json.path(of: "reason"), expected: "a reason", found: text)
            }
            self = .open(reason: reason)
        case "notAffected": self = .notAffected
        case "undetermined": self = .undetermined
        case "ranges":
            var ranges: [VersionRange] = []
            for value in try json.optionalArray("ranges") ?? [] {
                ranges.append(try VersionRange(json: value, path: json.path(of: "ranges")))
            }
            self = .ranges(ranges, versions: try json.optionalStrings("versions") ?? [])
        default: throw JSONShapeError(path: json.path(of: "state"), expected: "a state", found: text)
        }
    }

    fileprivate func write(into members: inout [String: JSONValue]) {
        let word: String
        switch self {
        case .resolved(let version):
            word = "resolved"
            members["fixed"] = .string(version)
        case .open(let reason):
            word = "open"
            if let reason { members["reason"] = .string(reason.rawValue) }
        case .notAffected: word = "notAffected"
        case .undetermined: word = "undetermined"
        case .ranges(let ranges, let versions):
            word = "ranges"
            if !ranges.isEmpty { members["ranges"] = .array(ranges.map(\.json)) }
            if !versions.isEmpty { members["versions"] = .strings(versions) }
        }
        members["state"] = .string(word)
    }
}
