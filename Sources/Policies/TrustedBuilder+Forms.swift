// SPDX-License-Identifier: EUPL-1.2

internal import JSON

extension TrustedBuilder {
    var json: JSONValue {
        [
            "id": .string(id), "keys": .strings(keys), "level": .integer(Int64(level)),
            "operatedBy": .optional(operatedBy), "buildType": .optional(buildType),
            "parameters": .array(parameters.map { ["name": .string($0.name), "value": .string($0.value)] }),
        ]
    }

    /// Reads one row strictly.
    init(_ fields: PolicyFields) throws(PolicyReadError) {
        try fields.allow(["id", "keys", "level", "operatedBy", "buildType", "parameters"])
        self.init(
            id: try fields.line("id"),
            keys: try fields.texts("keys", atMost: TrustRules.Limits.entries),
            level: Int(try fields.demanded("level", in: Self.levels)),
            operatedBy: try fields.has("operatedBy") ? fields.line("operatedBy") : nil,
            buildType: try fields.has("buildType") ? fields.line("buildType") : nil
        )
        guard !keys.isEmpty else {
            throw fields.error("keys", "names of keys that stand under publishers", "none")
        }
        let entries = try fields.objects("parameters")
        guard entries.count <= Self.maximumParameters else {
            throw fields.error("parameters", "at most \(Self.maximumParameters)", "\(entries.count)")
        }
        for entry in entries {
            try entry.allow(["name", "value"])
            let parameter = ExpectedParameter(name: try entry.line("name"), value: try entry.line("value"))
            guard !parameters.contains(where: { $0.name == parameter.name }) else {
                throw entry.error("name", "each parameter once", "\(parameter.name.forMessage) again")
            }
            parameters.append(parameter)
        }
        guard buildType != nil || parameters.isEmpty else {
            throw fields.error("buildType", "the build type that the parameters belong to", "nothing")
        }
    }

    /// The row as it stands in the form for people.
    var yaml: String {
        let indent = "      "
        var text = "    - id: \(id.quotedForYAML)\n"
        text += "\(indent)keys: [" + keys.map(\.quotedForYAML).joined(separator: ", ") + "]\n"
        text += "\(indent)level: \(level)\n"
        if let operatedBy { text += "\(indent)operatedBy: \(operatedBy.quotedForYAML)\n" }
        guard let buildType else { return text }
        text += "\(indent)buildType: \(buildType.quotedForYAML)\n"
        guard !parameters.isEmpty else { return text }
        text += "\(indent)parameters:\n"
        for parameter in parameters {
            text += "\(indent)  - name: \(parameter.name.quotedForYAML)\n"
            text += "\(indent)    value: \(parameter.value.quotedForYAML)\n"
        }
        return text
    }
}

extension TrustRules {
    /// Reads the builder trust table; every key that it names has to be one of the rules, and each row another builder or key.
    static func builders(_ fields: PolicyFields, keys: [String]) throws(PolicyReadError) -> [TrustedBuilder] {
        var builders: [TrustedBuilder] = []
        var seen: Set<[String]> = []
        let entries = try fields.objects("builders")
        guard entries.count <= TrustedBuilder.maximum else {
            throw fields.error("builders", "at most \(TrustedBuilder.maximum) builders", "\(entries.count)")
        }
        for entry in entries {
            let builder = try TrustedBuilder(entry)
            for (index, name) in builder.keys.enumerated() {
                let named = keys.count { $0 == name }
                guard named == 1 else {
                    let found = named == 0 ? "no key of the name \(name.forMessage)" : "\(named) keys of that name"
                    throw entry.error("keys[\(index)]", "the name of exactly one key under publishers", found)
                }
                guard seen.insert([builder.id, name]).inserted else {
                    throw entry.error("id", "each builder once with a key", "\(builder.id.forMessage) again")
                }
            }
            builders.append(builder)
        }
        return builders
    }
}

extension PolicyFields {
    /// A text of one line that must be there.
    fileprivate func line(_ key: String) throws(PolicyReadError) -> String {
        let text = try demandedText(key, atMost: TrustedBuilder.textBytes)
        let isLine = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && !$0.isLineBreak }
        guard !text.isEmpty, isLine else { throw error(key, "a text of one line", text.forMessage) }
        return text
    }
}

extension Unicode.Scalar {
    fileprivate var isLineBreak: Bool { (0x80...0x9F).contains(value) || value == 0x2028 || value == 0x2029 }
}
