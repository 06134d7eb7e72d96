// SPDX-License-Identifier: EUPL-1.2

public import JSON
internal import Time

extension ContentPolicy {
    /// The policy as it is stored and as the API gives it; every member is there, absent is `null`.
    public var json: JSONValue {
        [
            "immutableTags": .array(immutableTags.map(\.json)),
            "retention": .array(retention.map(\.json)),
            "pull": .array(pull.map(\.json)),
            "push": .array(push.map(\.json)),
            "quotaBytes": .optional(quotaBytes),
            "openUploads": .optional(openUploads),
            "trust": trust?.json ?? .null,
        ]
    }

    /// Reads the JSON form, strictly; see ``init(json:)``.
    public init(parsingJSON text: String) throws(PolicyReadError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: text, limits: JSONLimits(depth: 8, bytes: Limits.bytes, values: 50_000))
        } catch {
            throw PolicyReadError(path: "", expected: "JSON", found: error.description)
        }
        try self.init(json: value)
    }

    /// Reads the JSON form, strictly: an unknown key, a wrong type or a value out of range is an error, never ignored.
    ///
    /// Absent and `null` are the same.
    public init(json: JSONValue) throws(PolicyReadError) {
        let fields = try PolicyFields(json, path: "")
        try fields.allow(["immutableTags", "retention", "pull", "push", "quotaBytes", "openUploads", "trust"])
        self.init(
            immutableTags: try fields.objects("immutableTags").map { (entry) throws(PolicyReadError) in
                try ImmutableTagRule(entry)
            },
            retention: try fields.objects("retention").map { (entry) throws(PolicyReadError) in
                try RetentionRule(entry)
            },
            pull: try fields.objects("pull").map { (entry) throws(PolicyReadError) in try PullRule(entry) },
            push: try fields.objects("push").map { (entry) throws(PolicyReadError) in try PushRule(entry) },
            quotaBytes: try fields.integer("quotaBytes", in: Limits.quotaBytes),
            openUploads: try fields.integer("openUploads", in: Limits.openUploads).map(Int.init),
            trust: try fields.object("trust").map { (entry) throws(PolicyReadError) in try TrustRules(entry) }
        )
    }
}

extension ImmutableTagRule {
    fileprivate var json: JSONValue {
        ["repository": .optional(repository?.text), "tags": .globs(tags), "except": .globs(except)]
    }

    fileprivate init(_ fields: PolicyFields) throws(PolicyReadError) {
        try fields.allow(["repository", "tags", "except"])
        self.init(
            repository: try fields.repository(),
            tags: try fields.tags("tags", isDemanded: true),
            except: try fields.tags("except")
        )
    }
}

extension RetentionRule {
    fileprivate var json: JSONValue {
        [
            "repository": .optional(repository?.text),
            "keep": .optional(keep.map { .array($0.map(\.json)) }),
            "removeUntaggedAfterDays": .optional(removeUntaggedAfterDays),
            "allowEmpty": .bool(allowEmpty),
        ]
    }

    fileprivate init(_ fields: PolicyFields) throws(PolicyReadError) {
        try fields.allow(["repository", "keep", "removeUntaggedAfterDays", "allowEmpty"])
        var keep: [KeepRule]?
        if fields.has("keep") {
            keep = try fields.objects("keep").map { (entry) throws(PolicyReadError) in try KeepRule(entry) }
            // Nothing that keeps would mean that all tags go; whoever wants that has to say so in another way.
            guard keep?.isEmpty == false else {
                throw fields.error("keep", "at least one entry, or no key \"keep\" at all", "an empty list")
            }
        }
        let days = try fields.integer("removeUntaggedAfterDays", in: ContentPolicy.Limits.days)
        guard keep != nil || days != nil else {
            throw PolicyReadError(
                path: fields.path,
                expected: "\"keep\" or \"removeUntaggedAfterDays\"",
                found: "neither"
            )
        }
        self.init(
            repository: try fields.repository(),
            keep: keep,
            removeUntaggedAfterDays: days.map(Int.init),
            allowEmpty: try fields.flag("allowEmpty")
        )
    }
}

extension KeepRule {
    fileprivate var json: JSONValue {
        switch condition {
        case .newest(let count): ["newest": .integer(Int64(count)), "tags": .globs(tags)]
        case .pushedWithin(let days): ["pushedWithinDays": .integer(Int64(days)), "tags": .globs(tags)]
        case .pulledWithin(let days): ["pulledWithinDays": .integer(Int64(days)), "tags": .globs(tags)]
        case .matching: ["matching": .globs(tags)]
        }
    }

    fileprivate init(_ fields: PolicyFields) throws(PolicyReadError) {
        let names = ["newest", "pushedWithinDays", "pulledWithinDays", "matching"]
        try fields.allow(names + ["tags"])
        let given = names.filter(fields.has)
        guard given.count == 1, let name = given.first else {
            throw PolicyReadError(
                path: fields.path,
                expected: "exactly one of: \(names.joined(separator: ", "))",
                found: given.isEmpty ? "none" : given.joined(separator: " and ")
            )
        }
        if name == "matching" {
            guard !fields.has("tags") else {
                throw fields.error("tags", "no \"tags\" beside \"matching\"", "both")
            }
            self.init(.matching, tags: try fields.tags("matching", isDemanded: true))
            return
        }
        let tags = try fields.tags("tags")
        switch name {
        case "newest":
            self.init(.newest(Int(try fields.demanded(name, in: ContentPolicy.Limits.newest))), tags: tags)
        case "pushedWithinDays":
            self.init(.pushedWithin(days: Int(try fields.demanded(name, in: ContentPolicy.Limits.days))), tags: tags)
        default:
            self.init(.pulledWithin(days: Int(try fields.demanded(name, in: ContentPolicy.Limits.days))), tags: tags)
        }
    }
}

extension PullRule {
    fileprivate var json: JSONValue {
        [
            "repository": .optional(repository?.text), "level": .optional(level?.rawValue),
            "refuseExploited": .bool(refusesExploited), "signed": .bool(requiresRelease), "logged": .bool(requiresLog),
            "approvedBy": .optional(approvedBy), "graceDays": .integer(Int64(graceDays)),
            "effectiveFrom": .optional(effectiveFrom?.rfc3339),
        ]
    }

    fileprivate init(_ fields: PolicyFields) throws(PolicyReadError) {
        try fields.allow([
            "repository", "level", "refuseExploited", "signed", "logged", "approvedBy", "graceDays", "effectiveFrom",
        ])
        self.init(
            repository: try fields.repository(),
            level: try fields.word("level", PullLevel.self),
            refusesExploited: try fields.flag("refuseExploited"),
            requiresRelease: try fields.flag("signed"),
            requiresLog: try fields.flag("logged"),
            approvedBy: try fields.organisation("approvedBy"),
            graceDays: try fields.integer("graceDays", in: ContentPolicy.Limits.graceDays).map(Int.init)
                ?? Self.standardGraceDays,
            effectiveFrom: try fields.instant("effectiveFrom")
        )
        guard level != nil || refusesExploited || requiresRelease || requiresLog || approvedBy != nil else {
            throw PolicyReadError(
                path: fields.path,
                expected: "\"level\", \"approvedBy\", or \"refuseExploited\", \"signed\" or \"logged\" with true",
                found: "none of them"
            )
        }
    }
}

extension PushRule {
    fileprivate var json: JSONValue {
        [
            "repository": .optional(repository?.text), "tags": .globs(tags), "except": .globs(except),
            "signed": .bool(requiresRelease), "bases": .optional(bases.map { .strings($0.map(\.description)) }),
            "mediaTypes": .optional(mediaTypes.map { .globs($0) }), "effectiveFrom": .optional(effectiveFrom?.rfc3339),
        ]
    }

    fileprivate init(_ fields: PolicyFields) throws(PolicyReadError) {
        try fields.allow(["repository", "tags", "except", "signed", "bases", "mediaTypes", "effectiveFrom"])
        self.init(
            repository: try fields.repository(),
            tags: try fields.tags("tags"),
            except: try fields.tags("except"),
            requiresRelease: try fields.flag("signed"),
            bases: try fields.bases("bases"),
            mediaTypes: try fields.mediaTypes("mediaTypes"),
            effectiveFrom: try fields.instant("effectiveFrom")
        )
        guard requiresRelease || bases != nil || mediaTypes != nil else {
            throw PolicyReadError(
                path: fields.path,
                expected: "\"signed: true\", \"bases\" or \"mediaTypes\"",
                found: "none of them"
            )
        }
        // An image arrives before it can be released: without tags the rule would let nothing in, ever.
        guard !requiresRelease || !tags.isEmpty else {
            throw fields.error("tags", "a list of at least one pattern beside \"signed\"", "nothing")
        }
        guard except.isEmpty || !tags.isEmpty else {
            throw fields.error("tags", "a list of at least one pattern beside \"except\"", "nothing")
        }
    }
}

extension JSONValue {
    fileprivate static func globs(_ globs: [Glob]) -> JSONValue { .strings(globs.map(\.text)) }
}
