// SPDX-License-Identifier: EUPL-1.2

/// Why a text is no policy.
public struct LogPolicyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Line, from 1; 0 for the whole.
    public let line: Int
    /// What is wrong there.
    public let reason: String

    /// Where and what.
    public var description: String { line == 0 ? "policy: \(reason)" : "policy, line \(line): \(reason)" }
}

/// Which logs are believed, and how many witnesses must have cosigned a checkpoint.
///
/// Source: C2SP tlog-policy.
public struct LogPolicy: Sendable, Hashable {
    /// Most bytes of a policy.
    public static let maximumBytes = 1 << 18
    /// Most logs, witnesses and groups, each.
    public static let maximumCount = 256

    /// A group: so many of its members must have witnessed.
    private struct Group: Sendable, Hashable {
        let threshold: Int
        let members: [String]
    }

    private enum Member: Sendable, Hashable {
        case witness(NoteKey)
        case group(Group)
    }

    /// Keys of the logs.
    public private(set) var logs: [NoteKey] = []
    /// Keys of the witnesses.
    public private(set) var witnesses: [NoteKey] = []
    private var members: [String: Member] = [:]
    // In the order of the file: a group names only what stands before it, so one walk decides.
    private var order: [String] = []
    private var grouped: Set<String> = []
    private var quorum: String?

    /// Reads a policy.
    public init(parsing text: String) throws(LogPolicyError) {
        guard text.utf8.count <= Self.maximumBytes else { throw LogPolicyError(line: 0, reason: "it is too long") }
        guard text.utf8.allSatisfy({ $0 == 0x09 || $0 == 0x0a || ($0 >= 0x20 && $0 != 0x7f) }) else {
            throw LogPolicyError(line: 0, reason: "it has a control character")
        }
        for (offset, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            if let reason = take(first, Array(words.dropFirst())) {
                throw LogPolicyError(line: offset + 1, reason: reason)
            }
        }
        guard quorum != nil else { throw LogPolicyError(line: 0, reason: "it has no quorum line") }
    }

    /// Takes one line; returns what is wrong with it.
    private mutating func take(_ keyword: String, _ words: [String]) -> String? {
        switch keyword {
        case "log":
            guard (1...2).contains(words.count) else { return "expected: log VKEY [URL]" }
            return key(words[0], isLog: true).reason
        case "witness":
            guard (2...3).contains(words.count) else { return "expected: witness NAME VKEY [URL]" }
            if let reason = refusal(of: words[0]) { return reason }
            let (key, reason) = key(words[1], isLog: false)
            guard let key else { return reason }
            define(words[0], .witness(key))
            return nil
        case "group": return takeGroup(words)
        case "quorum":
            guard words.count == 1, quorum == nil else { return "expected one line: quorum NAME" }
            guard words[0] == "none" || members[words[0]] != nil else { return "\(words[0]) is not defined before" }
            quorum = words[0]
            return nil
        default: return "\"\(keyword.prefix(32))\" is none of log, witness, group, quorum"
        }
    }

    private mutating func takeGroup(_ words: [String]) -> String? {
        guard words.count >= 3 else { return "expected: group NAME all|any|K MEMBER…" }
        if let reason = refusal(of: words[0]) { return reason }
        let names = Array(words.dropFirst(2))
        for name in names {
            guard members[name] != nil else { return "\(name) is not defined before" }
            // Else one witness could be counted twice.
            guard grouped.insert(name).inserted else { return "\(name) is a member already" }
        }
        let threshold: Int? =
            switch words[1] {
            case "all": names.count
            case "any": 1
            default: Decimal.parse(words[1])
            }
        guard let threshold, (1...names.count).contains(threshold) else {
            return "\(words[1].prefix(16)) is no number of \(names.count) members"
        }
        define(words[0], .group(Group(threshold: threshold, members: names)))
        return nil
    }

    private mutating func key(_ text: String, isLog: Bool) -> (key: NoteKey?, reason: String?) {
        do {
            let key = try NoteKey(parsing: text)
            guard (key.algorithm == .cosignature) != isLog else {
                return (nil, "a key of kind \(key.algorithm.rawValue) is none of a \(isLog ? "log" : "witness")")
            }
            let known = isLog ? logs : witnesses
            guard known.count < Self.maximumCount, !known.contains(where: { $0.publicKey == key.publicKey }) else {
                return (nil, "this key stands there already, or there are too many")
            }
            if isLog { logs.append(key) } else { witnesses.append(key) }
            return (key, nil)
        } catch { return (nil, error.description) }
    }

    private func refusal(of name: String) -> String? {
        if name == "none" { return "none is no name" }
        if members[name] != nil { return "\(name) is defined twice" }
        return order.count < 2 * Self.maximumCount ? nil : "there are too many names"
    }

    private mutating func define(_ name: String, _ member: Member) {
        members[name] = member
        order.append(name)
    }

    /// Whether enough witnesses are among those who signed.
    public func isSatisfied(by signers: [NoteKey]) -> Bool {
        guard let quorum else { return false }
        if quorum == "none" { return true }
        var witnessed: Set<String> = []
        for name in order {
            switch members[name] {
            case .witness(let key) where signers.contains(key): witnessed.insert(name)
            case .group(let group) where group.members.count(where: witnessed.contains) >= group.threshold:
                witnessed.insert(name)
            default: break
            }
        }
        return witnessed.contains(quorum)
    }

    /// Reads a checkpoint that one of the logs and enough witnesses have signed.
    ///
    /// - Throws: ``NoteError``; ``NoteError/noKnownSignature`` also when witnesses are missing.
    public func verified(_ checkpoint: [UInt8]) throws(NoteError) -> SignedCheckpoint {
        let signed = try SignedCheckpoint(verifying: checkpoint, by: logs + witnesses)
        guard isSatisfied(by: signed.signers) else { throw .noKnownSignature }
        return signed
    }
}
