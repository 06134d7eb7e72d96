// SPDX-License-Identifier: EUPL-1.2

internal import FoundationEssentials
internal import JSON

/// What must not be published, beside what can be told by looking at the bytes.
public struct PublicationRules: Sendable {
    /// Names of accounts of people, which would name them for ever.
    public var accountNames: @Sendable () async throws -> Set<String>
    /// Whether a namespace is internal: nothing about it may be published.
    public var isInternal: @Sendable (_ namespace: String) async throws -> Bool

    /// Rules; asked for every batch, so both should remember what they know.
    public init(
        accountNames: @escaping @Sendable () async throws -> Set<String>,
        isInternal: @escaping @Sendable (_ namespace: String) async throws -> Bool
    ) {
        self.accountNames = accountNames
        self.isInternal = isInternal
    }
}

/// Looks for persons in bytes that are to be published for ever.
///
/// It reads texts, values of JSON, and base64 inside both, two layers deep (keys are PEM in base64). It is a net, not a proof: what is
/// compressed, encrypted or spelled otherwise passes. Names of less than three characters are not looked for.
public struct PersonalDataLinter: Sendable {
    /// Why something may not be published; never the value itself, which would then stand in lists and logs.
    public struct Finding: Error, Sendable, Hashable, CustomStringConvertible {
        /// What was found, in English.
        public let description: String
    }

    private static let layers = 2
    private static let shortestName = 3
    /// Shorter runs of base64 are words.
    private static let shortestEncoding = 24
    /// In bytes that are no text, shorter matches are chance: one in some ten million signatures at this length.
    private static let shortestMatchInBinary = 10

    private let names: Set<String>

    /// A linter that knows names of accounts; case does not matter.
    public init(accountNames: Set<String> = []) {
        names = Set(accountNames.filter { $0.count >= Self.shortestName }.map { $0.lowercased() })
    }

    /// The first thing that names a person; nil when nothing does.
    public func finding(in bytes: [UInt8]) -> Finding? {
        if let finding = finding(in: bytes[...], layer: 0) { return finding }
        guard !names.isEmpty else { return nil }
        let texts: [String]
        if let json = try? JSONValue(parsing: bytes) {
            texts = Self.strings(of: json)
        } else if let text = String(validating: bytes, as: UTF8.self) {
            texts = [text]
        } else {
            return nil
        }
        for text in texts where hasName(text) { return Finding(description: "it contains the name of an account") }
        return nil
    }

    private func hasName(_ text: String) -> Bool {
        text.split { " \t\r\n/:,;<>()[]{}\"'=|".contains($0) }.contains { names.contains($0.lowercased()) }
    }

    private func finding(in bytes: ArraySlice<UInt8>, layer: Int) -> Finding? {
        let isText = String(validating: bytes, as: UTF8.self) != nil && !bytes.contains { $0 < 0x09 }
        if Self.hasAddress(bytes, shortest: isText ? 0 : Self.shortestMatchInBinary) {
            return Finding(
                description: layer == 0 ? "it contains an e-mail address" : "it contains an e-mail address in base64"
            )
        }
        guard layer < Self.layers, isText else { return nil }
        for run in bytes.split(whereSeparator: { !Self.isBase64($0) }) where run.count >= Self.shortestEncoding {
            guard let inner = Self.decoded(run) else { continue }
            if let finding = finding(in: inner[...], layer: layer + 1) { return finding }
        }
        // PEM wraps its lines; together they are one text.
        let joined = bytes.filter { $0 != 0x0a && $0 != 0x0d }
        guard layer > 0, joined.count < bytes.count else { return nil }
        for run in joined.split(separator: 0x2d) where run.count >= Self.shortestEncoding {
            guard let inner = Self.decoded(run[...]) else { continue }
            if let finding = finding(in: inner[...], layer: layer + 1) { return finding }
        }
        return nil
    }

    /// Something before an `@`, and behind it a host with a dot and a last label of letters.
    private static func hasAddress(_ bytes: ArraySlice<UInt8>, shortest: Int) -> Bool {
        for at in bytes.indices where bytes[at] == 0x40 {
            let local = bytes[..<at].reversed().prefix { isLocal($0) }.count
            let host = bytes[(at + 1)...].prefix { isAlphanumeric($0) || $0 == 0x2d || $0 == 0x2e }
            let labels = host.split(separator: 0x2e, omittingEmptySubsequences: false)
            guard local > 0, local + host.count >= shortest, labels.count >= 2,
                labels.dropLast().allSatisfy({ !$0.isEmpty })
            else { continue }
            // A sentence may end behind the address.
            let last = labels.last.map { $0.isEmpty ? labels[labels.count - 2] : $0 } ?? []
            if last.count >= 2, last.allSatisfy(isLetter) { return true }
        }
        return false
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
        default: isAlphanumeric(byte)
        }
    }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool { isLetter(byte) || (0x30...0x39).contains(byte) }
    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: isAlphanumeric(byte)
        }
    }

    /// Base64 of either alphabet, padded or not.
    private static func decoded(_ run: ArraySlice<UInt8>) -> [UInt8]? {
        var text = run.filter { $0 != 0x3d }.map { $0 == 0x2d ? 0x2b : $0 == 0x5f ? 0x2f : $0 }
        guard text.count % 4 != 1 else { return nil }
        text += [UInt8](repeating: 0x3d, count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: Data(text)).map { [UInt8]($0) }
    }

    private static func strings(of value: JSONValue) -> [String] {
        // The parser bounds depth and count.
        switch value {
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(strings)
        case .object(let members): members.values.flatMap(strings)
        default: []
        }
    }
}
