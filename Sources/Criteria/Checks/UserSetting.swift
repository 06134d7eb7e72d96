// SPDX-License-Identifier: EUPL-1.2

/// `user[:group]` of a configuration, resolved as container engines do.
///
/// A part made of digits is always an id, even where `/etc/passwd` has a user of that name; a name is looked up in the image's own files.
/// Source: OCI image-spec v1.1.1, "config.User"; opencontainers/runc `libcontainer/user`.
struct UserSetting {
    /// Who the user part means.
    enum Identity: Equatable {
        case unset
        case number(UInt32)
        case entry(UserEntry)
        case missing(String)
        case malformed
    }

    let identity: Identity
    /// Group id; nil when the named group is not known.
    let group: UInt32?
    /// The group is written, not implied.
    let namesGroup: Bool

    init(_ text: String, evidence: ImageEvidence) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let user = parts.first ?? ""
        identity = Self.identity(user, users: evidence.users)
        let named = parts.count > 1 ? parts[1] : ""
        namesGroup = !named.isEmpty
        if namesGroup {
            group = Self.number(named) ?? evidence.groups.first { $0.name == named }?.groupID
        } else {
            switch identity {
            case .entry(let entry): group = entry.groupID
            case .number(let id): group = evidence.users.first { $0.userID == id }?.groupID ?? 0
            default: group = 0
            }
        }
    }

    private static func identity(_ user: String, users: [UserEntry]) -> Identity {
        if user.isEmpty { return .unset }
        if let number = number(user) { return .number(number) }
        // "-1", "99999999999", "0x0": engines refuse them or read them differently, so nothing is known about who runs.
        guard let first = user.unicodeScalars.first, !("0"..."9").contains(first), first != "-", first != "+" else {
            return .malformed
        }
        return users.first { $0.name == user }.map(Identity.entry) ?? .missing(user)
    }

    private static func number(_ text: String) -> UInt32? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt32(text)
    }
}

/// One exposed port or a range of them: `8080`, `8080/tcp`, `8000-8010/udp`.
struct PortRange: Equatable {
    let lower: Int
    let upper: Int

    init?(_ text: String) {
        let sides = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(sides.count), sides.count == 1 || ["tcp", "udp", "sctp"].contains(sides[1].lowercased())
        else { return nil }
        let ends = sides[0].split(separator: "-", omittingEmptySubsequences: false).map { Self.port($0) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
            return nil
        }
        lower = first
        upper = last
    }

    func contains(_ port: Int) -> Bool { (lower...upper).contains(port) }

    private static func port(_ text: Substring) -> Int? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(text),
            (1...65_535).contains(port)
        else { return nil }
        return port
    }
}
