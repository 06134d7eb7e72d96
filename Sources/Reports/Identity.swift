// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import Criteria
internal import OCI

/// What makes a result the same result in the next build: never the version of a package or the digest of an image, which change with it.
struct IdentityTable {
    private var seen: [String: Int] = [:]

    /// SHA-256 in hexadecimal digits; the second result with the same parts gets another one.
    mutating func fingerprint(_ parts: String...) -> String {
        // The length before each part keeps ("a", "bc") and ("ab", "c") apart.
        let key = parts.map { "\($0.utf8.count):\($0)" }.joined()
        let number = seen[key, default: 0]
        seen[key] = number + 1
        return Digest.sha256(Array("\(key)#\(number)".utf8)).hex
    }

    /// The identity of a criterion's result.
    mutating func fingerprint(of result: CriterionResult) -> String { fingerprint("criterion", result.id) }

    /// The identity of an advisory in a source package.
    mutating func fingerprint(of group: AdvisoryGroup) -> String {
        fingerprint("finding", group.finding.id, group.finding.ecosystem, group.sourceName)
    }
}

extension Finding {
    /// Type of the component's purl, `deb`; empty without a purl.
    var ecosystem: String {
        guard let purl = componentPURL, purl.hasPrefix("pkg:") else { return "" }
        return String(purl.dropFirst(4).prefix { $0 != "/" && $0 != "@" })
    }
}

extension Report {
    /// Where results are in the caller's repository, as a relative path: the named file, else the image's name without its transport.
    var locationPath: String {
        var path = location ?? name
        if location == nil {
            for transport in ["oci:", "oci-archive:", "docker-archive:", "dir:"] where path.hasPrefix(transport) {
                path.removeFirst(transport.count)
                break
            }
        }
        // Code hosts take relative paths only, and none that leaves the repository.
        let parts = path.split(separator: "/").filter { $0 != "." && $0 != ".." }
        return parts.isEmpty ? "image" : parts.joined(separator: "/").plain(limit: 1000)
    }
}
