// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// A build system, and how far its provenance is believed: a row of the builder trust table.
///
/// How well a system builds cannot be seen in what it says. The id says which system and which mode of it; only together with the key that
/// signed is it more than a claim.
///
/// Source: SLSA v1.2, "Verifying artifacts", step 1.
public struct TrustedBuilder: Sendable, Hashable {
    /// `runDetails.builder.id`: a URI, compared as a text.
    public var id: String
    /// Names of the keys, or rules on certificates, that sign for it, of those in the same rules.
    public var keys: [String]
    /// Highest SLSA build level that is believed of it.
    public var level: Int
    /// Who operates it; nil where nobody says.
    ///
    /// Two builders of one operator are one witness, and one of nobody is none.
    public var operatedBy: String?
    /// The build type that is expected of it; nil where none is registered.
    public var buildType: String?
    /// The external parameters that a build may have, all others are unexpected.
    public var parameters: [ExpectedParameter]

    /// Levels that can be believed.
    public static let levels: ClosedRange<Int64> = 1...3
    /// Most rows of the table.
    public static let maximum = 100
    /// Most parameters of one builder.
    public static let maximumParameters = 64
    /// Bytes of a URI or a value.
    public static let textBytes = 1024

    /// Makes a row.
    public init(
        id: String,
        keys: [String],
        level: Int,
        operatedBy: String? = nil,
        buildType: String? = nil,
        parameters: [ExpectedParameter] = []
    ) {
        self.id = id
        self.keys = keys
        self.level = level
        self.operatedBy = operatedBy
        self.buildType = buildType
        self.parameters = parameters
    }

    /// What differs from the build that is expected, in English words; nil where none is registered.
    ///
    /// A parameter that nobody expected is a difference: what one does not know can change everything.
    public func differences(buildType type: String, parameters given: [String: JSONValue]) -> [String]? {
        guard let buildType else { return nil }
        var differences: [String] = []
        if type != buildType { differences.append("buildType is \(type.forMessage)") }
        for (name, value) in given.sorted(by: { $0.key < $1.key }) {
            let text = value.stringValue ?? value.text(.compact)
            guard let expected = parameters.first(where: { $0.name == name }) else {
                differences.append("\(name.forMessage) is not expected")
                continue
            }
            if !expected.matches(text) { differences.append("\(name.forMessage) is \(text.forMessage)") }
        }
        return differences
    }
}

/// A parameter that a build may have, and its value.
public struct ExpectedParameter: Sendable, Hashable {
    /// Its name among `externalParameters`.
    public var name: String
    /// Its value: a text in which `*` stands for any characters; what is no text is compared as compact JSON.
    public var value: String

    /// Makes a parameter.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Whether a text is such a value.
    ///
    /// - Complexity: linear in the text for each piece of the pattern: the first place for a piece is as good as any later one.
    public func matches(_ text: String) -> Bool {
        let pieces = value.split(separator: "*", omittingEmptySubsequences: false).map { Array($0.utf8) }
        let bytes = Array(text.utf8)
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return value == text }
        guard bytes.count >= first.count + last.count, bytes.starts(with: first), bytes.suffix(last.count) == last[...]
        else { return false }
        var rest = bytes[first.count..<(bytes.count - last.count)]
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let place = Self.first(piece, in: rest) else { return false }
            rest = rest[(place + piece.count)...]
        }
        return true
    }

    private static func first(_ piece: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= piece.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - piece.count)).first { start in
            bytes[start..<(start + piece.count)] == piece[...]
        }
    }
}

extension TrustRules {
    /// What is believed of a builder when a key signed for it; nil when the table does not have the two together.
    ///
    /// - Parameter fingerprint: of the key, as it stands in reports.
    public func builder(_ id: String, signedBy fingerprint: String) -> TrustedBuilder? {
        let signers =
            keys.map { ($0.key.material.fingerprint, $0.key.name) }
            + certificates.map { ($0.rule.fingerprint, $0.rule.name) }
        let names = Set(signers.lazy.filter { $0.0 == fingerprint }.map(\.1))
        return builders.filter { $0.id == id && !names.isDisjoint(with: $0.keys) }.max { $0.level < $1.level }
    }
}
