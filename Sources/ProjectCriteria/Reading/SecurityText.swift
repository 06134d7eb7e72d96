// SPDX-License-Identifier: EUPL-1.2

internal import Time

/// A `security.txt`, judged by RFC 9116.
struct SecurityText {
    /// Where a project keeps one.
    static func isOne(_ path: String) -> Bool {
        path == "security.txt" || path == ".well-known/security.txt" || path.hasSuffix("/.well-known/security.txt")
    }

    /// What is wrong; empty when nothing is.
    let problems: [String]
    /// When it expires; nil when it does not say.
    let expires: Timestamp?

    init(_ text: String, now: Timestamp) {
        var contacts: [String] = []
        var dates: [String] = []
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].trimmingSpaces
            switch line[..<colon].trimmingSpaces.lowercased() {
            case "contact": contacts.append(value)
            case "expires": dates.append(value)
            default: break
            }
        }
        var problems: [String] = []
        if contacts.isEmpty { problems.append("Contact is missing") }
        for contact in contacts where contact.wholeMatch(of: /(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+|tel:\S+)/) == nil {
            problems.append("Contact \"\(contact)\" is no mailto:, https: or tel: address")
        }
        let expires = dates.first.flatMap { Timestamp(rfc3339: $0.uppercased()) }
        if dates.count != 1 {
            problems.append(dates.isEmpty ? "Expires is missing" : "Expires occurs \(dates.count) times")
        } else if let expires {
            if expires <= now { problems.append("it expired on \(expires.dateText)") }
        } else {
            problems.append("Expires is no time such as 2027-11-27T00:00:00Z")
        }
        self.problems = problems
        self.expires = expires
    }
}
