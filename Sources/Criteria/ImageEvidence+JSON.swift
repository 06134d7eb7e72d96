// SPDX-License-Identifier: EUPL-1.2

public import JSON
internal import OCI
internal import SBOM

/// Bounds on evidence that is read: it comes out of a process that has parsed hostile bytes, and may be in the hands of the image.
private enum EvidenceLimit {
    static let components = 200_000
    static let problems = 10_000
    static let users = 100_000
    static let files = 200_000
    static let secrets = 1_000
    static let checks = 1_000
    static let annotations = 10_000
    /// Scalars of one text; a label of a mebibyte is still a label.
    static let text = 1 << 20
}

extension ImageEvidence {
    /// Version of the evidence's JSON form.
    public static let schemaVersion = 1

    /// The evidence as JSON; every key is written, what is absent is null.
    public var json: JSONValue {
        [
            "schemaVersion": .integer(Int64(Self.schemaVersion)),
            "digest": .optional(digest?.description),
            "annotations": .object(annotations.mapValues { .string($0) }),
            "configuration": configuration?.json ?? .null,
            "integrity": [
                "checks": .array(integrity.checks.map(\.json)),
                "unknownMediaTypes": .array(integrity.unknownMediaTypes.map { .string($0) }),
            ],
            "distribution": distribution?.json ?? .null,
            "components": .array(components.map(\.json)),
            "problems": .array(problems.map(\.json)),
            "users": .array(users.map(\.json)),
            "groups": .array(groups.map { ["name": .string($0.name), "groupID": .integer(Int64($0.groupID))] }),
            "files": files.json,
            "secrets": secrets.json,
        ]
    }

    /// Reads evidence, strictly and within bounds.
    ///
    /// - Throws: `JSONShapeError` for a member that is missing, unknown, of another type, out of its range or beyond its bound.
    public init(json fields: JSONFields) throws(JSONShapeError) {
        try fields.allow(only: [
            "schemaVersion", "digest", "annotations", "configuration", "integrity", "distribution", "components",
            "problems", "users",
            "groups", "files", "secrets",
        ])
        let version = try fields.integer("schemaVersion")
        guard version == Int64(Self.schemaVersion) else {
            throw JSONShapeError(
                path: fields.path(of: "schemaVersion"),
                expected: String(Self.schemaVersion),
                found: String(version)
            )
        }
        var digest: Digest?
        if let text = try fields.optionalString("digest") {
            do throws(DigestError) {
                digest = try Digest(parsing: text)
            } catch {
                throw JSONShapeError(
                    path: fields.path(of: "digest"),
                    expected: "a digest",
                    found: text.bounded(to: 100)
                )
            }
        }
        let annotations = try fields.stringMap("annotations")
        guard annotations.count <= EvidenceLimit.annotations else {
            throw JSONShapeError(
                path: fields.path(of: "annotations"),
                expected: "at most \(EvidenceLimit.annotations) members",
                found: String(annotations.count)
            )
        }
        let integrity = try fields.object("integrity")
        try integrity.allow(only: ["checks", "unknownMediaTypes"])
        var distribution: Distribution?
        if let distributionFields = try fields.optionalObject("distribution") {
            distribution = try Distribution(json: distributionFields)
        }
        self.init(
            digest: digest,
            annotations: annotations,
            configuration: try Self.configuration(fields),
            integrity: IntegrityEvidence(
                checks: try integrity.list("checks", limit: EvidenceLimit.checks, IntegrityCheck.init(fields:)),
                unknownMediaTypes: try integrity.boundedStrings("unknownMediaTypes", limit: EvidenceLimit.checks)
            ),
            distribution: distribution,
            components: try fields.list("components", limit: EvidenceLimit.components, Component.init(json:)),
            problems: try fields.list("problems", limit: EvidenceLimit.problems, InventoryProblem.init(fields:)),
            users: try fields.list("users", limit: EvidenceLimit.users, UserEntry.init(fields:)),
            groups: try fields.list("groups", limit: EvidenceLimit.users) { (fields) throws(JSONShapeError) in
                try fields.allow(only: ["name", "groupID"])
                return GroupEntry(name: try fields.bounded("name"), groupID: try fields.unsigned("groupID"))
            },
            files: try FileEvidence(fields: fields.object("files")),
            secrets: try SecretEvidence(fields: fields.object("secrets"))
        )
    }

    /// Reads evidence from a value; see ``init(json:)-(JSONFields)``.
    public init(json: JSONValue) throws(JSONShapeError) { try self.init(json: JSONFields(json)) }

    private static func configuration(_ fields: JSONFields) throws(JSONShapeError) -> ImageConfiguration? {
        guard let configuration = try fields.optionalObject("configuration") else { return nil }
        do throws(ConfigurationError) {
            return try ImageConfiguration(json: configuration.value)
        } catch {
            throw JSONShapeError(
                path: fields.path(of: "configuration"),
                expected: "an image configuration",
                found: error.description.bounded(to: 300)
            )
        }
    }
}

extension IntegrityCheck {
    fileprivate var json: JSONValue {
        [
            "subject": .string(subject), "expected": .string(expected), "actual": .optional(actual),
            "problem": .optional(problem),
        ]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        try fields.allow(only: ["subject", "expected", "actual", "problem"])
        self.init(
            subject: try fields.bounded("subject"),
            expected: try fields.bounded("expected"),
            actual: try fields.optionalBounded("actual"),
            problem: try fields.optionalBounded("problem")
        )
    }
}

extension InventoryProblem {
    fileprivate var json: JSONValue {
        [
            "path": .optional(path), "layer": .optional(layer.map(Int64.init)), "reason": .string(reason),
            "affectsComponents": .bool(affectsComponents),
        ]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        try fields.allow(only: ["path", "layer", "reason", "affectsComponents"])
        self.init(
            path: try fields.optionalBounded("path"),
            layer: try fields.layer("layer"),
            reason: try fields.bounded("reason"),
            affectsComponents: try fields.bool("affectsComponents")
        )
    }
}

extension UserEntry {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "userID": .integer(Int64(userID)), "groupID": .integer(Int64(groupID)),
            "home": .string(home),
            "shell": .string(shell),
        ]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        try fields.allow(only: ["name", "userID", "groupID", "home", "shell"])
        self.init(
            name: try fields.bounded("name"),
            userID: try fields.unsigned("userID"),
            groupID: try fields.unsigned("groupID"),
            home: try fields.bounded("home"),
            shell: try fields.bounded("shell")
        )
    }
}

extension FileFact {
    fileprivate var json: JSONValue {
        [
            "path": .string(path), "mode": .integer(Int64(mode)), "userID": .integer(Int64(userID)),
            "groupID": .integer(Int64(groupID)), "size": .integer(size), "layer": .integer(Int64(layer)),
            "owner": .optional(owner),
            "hasCapabilities": .bool(hasCapabilities),
        ]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        try fields.allow(only: ["path", "mode", "userID", "groupID", "size", "layer", "owner", "hasCapabilities"])
        let mode = try fields.unsigned("mode")
        guard mode <= 0o7777 else {
            throw JSONShapeError(path: fields.path(of: "mode"), expected: "permission bits", found: String(mode))
        }
        self.init(
            path: try fields.bounded("path"),
            mode: mode,
            userID: try fields.unsigned("userID"),
            groupID: try fields.unsigned("groupID"),
            size: try fields.natural("size"),
            layer: try fields.layer("layer") ?? 0,
            owner: try fields.optionalBounded("owner"),
            hasCapabilities: try fields.bool("hasCapabilities")
        )
    }
}

extension FileList {
    fileprivate var json: JSONValue { ["total": .integer(Int64(total)), "items": .array(items.map(\.json))] }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        try fields.allow(only: ["total", "items"])
        let items = try fields.list("items", limit: EvidenceLimit.files, FileFact.init(fields:))
        let total = try fields.natural("total")
        // A list longer than its own total would make "and n more" negative.
        guard total >= Int64(items.count) else {
            throw JSONShapeError(
                path: fields.path(of: "total"),
                expected: "at least \(items.count)",
                found: String(total)
            )
        }
        self.init(total: Int(total), items: items)
    }
}

extension FileEvidence {
    fileprivate var json: JSONValue {
        [
            "entries": .integer(Int64(entries)), "visibleBytes": .integer(visibleBytes),
            "hiddenBytes": .integer(hiddenBytes),
            "executables": executables.json, "unownedExecutables": .integer(Int64(unownedExecutables)),
            "libraries": .integer(Int64(libraries)), "unownedLibraries": .integer(Int64(unownedLibraries)),
            "privileged": privileged.json,
            "worldWritableFiles": worldWritableFiles.json, "worldWritableDirectories": worldWritableDirectories.json,
            "packageCaches": packageCaches.json, "versionControlDirectories": versionControlDirectories.json,
            "notable": notable.json, "programs": programs.json, "openCode": openCode.json,
            "openCodeDirectories": openCodeDirectories.json,
        ]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        try fields.allow(only: [
            "entries", "visibleBytes", "hiddenBytes", "executables", "unownedExecutables", "libraries",
            "unownedLibraries", "privileged", "worldWritableFiles", "worldWritableDirectories", "packageCaches",
            "versionControlDirectories", "notable", "programs", "openCode", "openCodeDirectories",
        ])
        self.init(
            entries: Int(try fields.natural("entries")),
            visibleBytes: try fields.natural("visibleBytes"),
            hiddenBytes: try fields.natural("hiddenBytes"),
            executables: try FileList(fields: fields.object("executables")),
            unownedExecutables: Int(try fields.natural("unownedExecutables")),
            libraries: Int(try fields.natural("libraries")),
            unownedLibraries: Int(try fields.natural("unownedLibraries")),
            privileged: try FileList(fields: fields.object("privileged")),
            worldWritableFiles: try FileList(fields: fields.object("worldWritableFiles")),
            worldWritableDirectories: try FileList(fields: fields.object("worldWritableDirectories")),
            packageCaches: try FileList(fields: fields.object("packageCaches")),
            versionControlDirectories: try FileList(fields: fields.object("versionControlDirectories")),
            notable: try FileList(fields: fields.object("notable")),
            programs: try ProgramEvidence(fields: fields.object("programs")),
            openCode: try FileList(fields: fields.object("openCode")),
            openCodeDirectories: try FileList(fields: fields.object("openCodeDirectories"))
        )
    }
}

extension ProgramEvidence {
    fileprivate var json: JSONValue {
        [
            "total": .integer(Int64(total)), "unread": .integer(Int64(unread)), "weak": .integer(Int64(weak)),
            "examples": .array(
                examples.map {
                    [
                        "path": .string($0.path), "layer": .integer(Int64($0.layer)),
                        "missing": .strings($0.missing.map(\.rawValue)),
                    ]
                }
            ),
        ]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        try fields.allow(only: ["total", "unread", "weak", "examples"])
        let examples = try fields.list("examples", limit: EvidenceLimit.files) { fields throws(JSONShapeError) in
            try fields.allow(only: ["path", "layer", "missing"])
            var missing: [ProgramProtection] = []
            for name in try fields.strings("missing") {
                guard let protection = ProgramProtection(rawValue: name), !missing.contains(protection) else {
                    throw JSONShapeError(
                        path: fields.path(of: "missing"),
                        expected: "names of protections, each once",
                        found: String(name.prefix(40))
                    )
                }
                missing.append(protection)
            }
            return WeakProgram(
                path: try fields.bounded("path"),
                layer: try fields.layer("layer") ?? 0,
                missing: missing
            )
        }
        let total = try fields.natural("total")
        let (unread, weak) = (try fields.natural("unread"), try fields.natural("weak"))
        guard unread <= total, weak <= total - unread, weak >= Int64(examples.count) else {
            throw JSONShapeError(
                path: fields.path(of: "weak"),
                expected: "at least the examples, at most the programs that were read",
                found: String(weak)
            )
        }
        self.init(total: Int(total), unread: Int(unread), weak: Int(weak), examples: examples)
    }
}

extension SecretEvidence {
    fileprivate var json: JSONValue {
        [
            "bytesScanned": .integer(bytesScanned), "complete": .bool(complete),
            "hits": .array(
                hits.map {
                    [
                        "rule": .string($0.rule), "place": .string($0.place.rawValue),
                        "confidence": .string($0.confidence.rawValue),
                        "subject": .string($0.subject), "layer": .optional($0.layer.map(Int64.init)),
                        "offset": .integer($0.offset),
                        "excerpt": .string($0.excerpt),
                    ]
                }
            ),
        ]
    }

    fileprivate init(fields: JSONFields) throws(JSONShapeError) {
        try fields.allow(only: ["bytesScanned", "complete", "hits"])
        self.init(
            bytesScanned: try fields.natural("bytesScanned"),
            complete: try fields.bool("complete"),
            hits: try fields.list("hits", limit: EvidenceLimit.secrets) { (fields) throws(JSONShapeError) in
                try fields.allow(only: ["rule", "place", "confidence", "subject", "layer", "offset", "excerpt"])
                return SecretHit(
                    rule: try fields.bounded("rule"),
                    place: try fields.choice("place"),
                    confidence: try fields.choice("confidence"),
                    subject: try fields.bounded("subject"),
                    layer: try fields.layer("layer"),
                    offset: try fields.natural("offset"),
                    excerpt: try fields.bounded("excerpt")
                )
            }
        )
    }
}

extension JSONFields {
    fileprivate func bounded(_ key: String) throws(JSONShapeError) -> String {
        let text = try string(key)
        guard text.utf8.count <= EvidenceLimit.text else {
            throw JSONShapeError(
                path: path(of: key),
                expected: "at most \(EvidenceLimit.text) bytes",
                found: "\(text.utf8.count) bytes"
            )
        }
        return text
    }

    fileprivate func optionalBounded(_ key: String) throws(JSONShapeError) -> String? {
        has(key) ? try bounded(key) : nil
    }

    fileprivate func boundedStrings(_ key: String, limit: Int) throws(JSONShapeError) -> [String] {
        let texts = try strings(key)
        guard texts.count <= limit else {
            throw JSONShapeError(path: path(of: key), expected: "at most \(limit) elements", found: String(texts.count))
        }
        return texts
    }

    fileprivate func natural(_ key: String) throws(JSONShapeError) -> Int64 {
        let number = try integer(key)
        guard number >= 0 else {
            throw JSONShapeError(path: path(of: key), expected: "a number from 0 on", found: String(number))
        }
        return number
    }

    fileprivate func unsigned(_ key: String) throws(JSONShapeError) -> UInt32 {
        let number = try integer(key)
        guard let value = UInt32(exactly: number) else {
            throw JSONShapeError(path: path(of: key), expected: "a number from 0 to 4294967295", found: String(number))
        }
        return value
    }

    fileprivate func layer(_ key: String) throws(JSONShapeError) -> Int? {
        guard has(key) else { return nil }
        let number = try natural(key)
        guard number < 100_000 else {
            throw JSONShapeError(path: path(of: key), expected: "the index of a layer", found: String(number))
        }
        return Int(number)
    }
}
