// SPDX-License-Identifier: EUPL-1.2

public import JSON

extension ImageConfiguration {
    /// Reads a configuration strictly.
    ///
    /// - Throws: ``ConfigurationError`` that names the path of what is wrong.
    public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits(depth: 32, bytes: 16 << 20, values: 1_000_000))
        throws(ConfigurationError)
    {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: bytes, limits: limits) } catch { throw .json(error) }
        try self.init(json: value)
    }

    /// Reads a configuration from a value.
    public init(json value: JSONValue) throws(ConfigurationError) {
        let fields: JSONFields
        let settings: JSONFields?
        let rootFileSystem: JSONFields
        do throws(JSONShapeError) {
            fields = try JSONFields(value)
            settings = try fields.optionalObject("config")
            rootFileSystem = try fields.object("rootfs")
        } catch { throw .shape(error) }
        // Readers that ignore case would take `user` for `User` and run as somebody else than we judged.
        try Self.refuseLookalikes(
            fields,
            of: ["architecture", "os", "config", "rootfs", "history", "created", "variant"]
        )
        if let settings { try Self.refuseLookalikes(settings, of: Self.settingNames) }
        do throws(JSONShapeError) {
            try self.init(
                architecture: fields.string("architecture"),
                os: fields.string("os"),
                variant: fields.optionalString("variant"),
                created: fields.optionalString("created"),
                history: Self.history(fields)
            )
            if let settings { try read(settings) }
        } catch { throw .shape(error) }
        diffIDs = try Self.diffIDs(rootFileSystem)
    }

    /// The configuration as a document that reads back as the same.
    public var json: JSONValue {
        var settings: [String: JSONValue] = [:]
        if !user.isEmpty { settings["User"] = .string(user) }
        if !exposedPorts.isEmpty { settings["ExposedPorts"] = Self.set(exposedPorts) }
        if !environment.isEmpty { settings["Env"] = .strings(environment) }
        if let entrypoint { settings["Entrypoint"] = .strings(entrypoint) }
        if let command { settings["Cmd"] = .strings(command) }
        if !volumes.isEmpty { settings["Volumes"] = Self.set(volumes) }
        if !workingDirectory.isEmpty { settings["WorkingDir"] = .string(workingDirectory) }
        if !labels.isEmpty { settings["Labels"] = .stringMap(labels) }
        if let stopSignal { settings["StopSignal"] = .string(stopSignal) }
        if hasHealthcheck { settings["Healthcheck"] = ["Test": ["CMD"]] }
        var members: [String: JSONValue] = [
            "architecture": .string(architecture), "os": .string(os), "config": .object(settings),
            "rootfs": ["type": "layers", "diff_ids": .strings(diffIDs.map(\.description))],
            "history": .array(history.map(\.json)),
        ]
        if let variant { members["variant"] = .string(variant) }
        if let created { members["created"] = .string(created) }
        return .object(members)
    }

    private static let settingNames = [
        "User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal",
        "Healthcheck",
    ]

    private mutating func read(_ settings: JSONFields) throws(JSONShapeError) {
        user = try settings.optionalString("User") ?? ""
        exposedPorts = try settings.optionalObject("ExposedPorts")?.keys ?? []
        environment = try settings.optionalStrings("Env") ?? []
        entrypoint = try settings.optionalStrings("Entrypoint")
        command = try settings.optionalStrings("Cmd")
        volumes = try settings.optionalObject("Volumes")?.keys ?? []
        workingDirectory = try settings.optionalString("WorkingDir") ?? ""
        labels = try settings.optionalStringMap("Labels") ?? [:]
        stopSignal = try settings.optionalString("StopSignal")
        let test = try settings.optionalObject("Healthcheck")?.optionalStrings("Test") ?? []
        hasHealthcheck = !test.isEmpty && test.first != "NONE"
    }

    private static func history(_ fields: JSONFields) throws(JSONShapeError) -> [HistoryEntry] {
        var result: [HistoryEntry] = []
        for entry in try fields.optionalObjects("history") ?? [] {
            result.append(
                HistoryEntry(
                    created: try entry.optionalString("created"),
                    createdBy: try entry.optionalString("created_by"),
                    author: try entry.optionalString("author"),
                    comment: try entry.optionalString("comment"),
                    emptyLayer: try entry.optionalBool("empty_layer") ?? false
                )
            )
        }
        return result
    }

    private static func diffIDs(_ fields: JSONFields) throws(ConfigurationError) -> [Digest] {
        let type: String
        let texts: [String]
        do throws(JSONShapeError) {
            type = try fields.string("type")
            texts = try fields.optionalStrings("diff_ids") ?? []
        } catch { throw .shape(error) }
        guard type == "layers" else { throw .rootFileSystemType(type.excerpt(64)) }
        var result: [Digest] = []
        result.reserveCapacity(texts.count)
        for (index, text) in texts.enumerated() {
            do throws(DigestError) { result.append(try Digest(parsing: text)) } catch {
                throw .digest(path: "\(fields.path).diff_ids[\(index)]", error)
            }
        }
        return result
    }

    private static func refuseLookalikes(_ fields: JSONFields, of names: [String]) throws(ConfigurationError) {
        for key in fields.members.keys where key.utf8.count <= 32 && !names.contains(key) {
            if let name = names.first(where: { $0.lowercased() == key.lowercased() }) {
                throw .ambiguous("\(fields.path(of: key)) differs from \"\(name)\" in case only")
            }
        }
    }

    private static func set(_ names: [String]) -> JSONValue {
        .object(Dictionary(names.map { ($0, JSONValue.object([:])) }, uniquingKeysWith: { first, _ in first }))
    }
}

extension HistoryEntry {
    /// The entry as it stands in a configuration.
    public var json: JSONValue {
        var members: [String: JSONValue] = [:]
        if let created { members["created"] = .string(created) }
        if let createdBy { members["created_by"] = .string(createdBy) }
        if let author { members["author"] = .string(author) }
        if let comment { members["comment"] = .string(comment) }
        if emptyLayer { members["empty_layer"] = true }
        return .object(members)
    }
}
