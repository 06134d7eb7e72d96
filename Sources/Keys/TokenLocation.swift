// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// Where a private key lies that is in a token (PKCS#11): a smart card, a hardware module, or SoftHSM.
public struct TokenLocation: Sendable, Hashable {
    /// Path of the library that speaks to the token; it runs inside the signer.
    public var module: String
    /// Label of the token.
    public var token: String
    /// Label of the key; nil: its identifier tells it.
    public var label: String?
    /// Identifier of the key (CKA_ID); nil: its label tells it.
    public var id: [UInt8]?
    /// Path of the file with the user's PIN, mode 0600.
    public var pinFile: String
    /// Variables that the library wants, such as SoftHSM's `SOFTHSM2_CONF`.
    public var environment: [String: String]

    /// Names a place.
    public init(
        module: String,
        token: String,
        label: String? = nil,
        id: [UInt8]? = nil,
        pinFile: String,
        environment: [String: String] = [:]
    ) {
        self.module = module
        self.token = token
        self.label = label
        self.id = id
        self.pinFile = pinFile
        self.environment = environment
    }

    /// The key and its token, for people.
    public var text: String {
        let names = [label.map { "\"\($0)\"" }, id.map { "id " + Self.hex($0) }].compactMap(\.self)
        return "key \(names.joined(separator: ", ")) of the token \"\(token)\" (\(module))"
    }

    /// Digits of an identifier; nil for what is none.
    public static func identifier(hex text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard !digits.isEmpty, digits.count % 2 == 0, digits.count <= 128 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index..<(index + 2)], as: UTF8.self)
            guard pair.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }), let byte = UInt8(pair, radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Refuses what no token can be asked with.
    func check() throws(KeysError) {
        func refuse(_ reason: String) -> KeysError { .token(place: text, reason: reason) }
        guard module.hasPrefix("/"), pinFile.hasPrefix("/") else {
            throw refuse("the paths of library and PIN file begin with /")
        }
        let texts = [module, token, label ?? "x", pinFile] + environment.keys + environment.values
        guard texts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 1_000 && !$0.utf8.contains(0) }) else {
            throw refuse("each of its texts has 1 to 1000 bytes")
        }
        guard token.utf8.count <= 32 else { throw refuse("the label of a token has at most 32 bytes") }
        guard label != nil || id != nil else { throw refuse("a key is named by its label, its identifier or both") }
        // These decide which code a process runs.
        guard environment.keys.allSatisfy({ !$0.hasPrefix("LD_") && !$0.contains("=") && $0 != "PATH" }) else {
            throw refuse("variables of the loader are not set for a library")
        }
    }

    var json: JSONValue {
        [
            "module": .string(module), "token": .string(token), "label": .optional(label),
            "id": .optional(id.map(Self.hex)), "pinFile": .string(pinFile), "environment": .stringMap(environment),
        ]
    }

    init(json fields: JSONFields) throws(JSONShapeError) {
        let text = try fields.optionalString("id")
        let id = text.flatMap(Self.identifier)
        guard (text == nil) == (id == nil) else {
            throw JSONShapeError(path: fields.path(of: "id"), expected: "pairs of digits", found: "another text")
        }
        self.init(
            module: try fields.string("module"),
            token: try fields.string("token"),
            label: try fields.optionalString("label"),
            id: id,
            pinFile: try fields.string("pinFile"),
            environment: try fields.optionalStringMap("environment") ?? [:]
        )
    }
}
