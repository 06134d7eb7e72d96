// SPDX-License-Identifier: EUPL-1.2

internal import Time

/// OpenVEX's one text about a status, with what the format has no field for at its end, for people and for this reader.
///
/// OpenVEX's schema forbids further members, and an impact statement beside a justification.
struct VEXNotes {
    var notes: String?
    var impactStatement: String?
    var expires: Timestamp?

    private static let impact = "Impact statement: "
    private static let validity = "Valid until: "

    init(notes: String? = nil, impactStatement: String? = nil, expires: Timestamp? = nil) {
        self.notes = notes
        self.impactStatement = impactStatement
        self.expires = expires
    }

    /// Takes the additions off the end again.
    init(parsing text: String?) {
        guard let text else { return }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        if let last = lines.last, last.hasPrefix(Self.validity),
            let instant = Timestamp(rfc3339: String(last.dropFirst(Self.validity.count)))
        {
            expires = instant
            lines = lines.dropLast()
        }
        if let start = lines.lastIndex(where: { $0.hasPrefix(Self.impact) }) {
            impactStatement = String(lines[start...].joined(separator: "\n").dropFirst(Self.impact.count))
            lines = lines[..<start]
        }
        notes = lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    /// The text for `status_notes`; nil where there is nothing to say.
    var text: String? {
        var parts: [String] = []
        if let notes { parts.append(notes) }
        if let impactStatement { parts.append(Self.impact + impactStatement) }
        if let expires { parts.append(Self.validity + expires.rfc3339) }
        return parts.isEmpty ? nil : parts.joined(separator: "\n")
    }
}
