// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// Turns the members of the tracker's JSON into advisories and counts them.
struct DebianTrackerReader {
    let limits: DebianTracker.Limits
    var summary = DebianTracker.Summary()
    private var releases = Set<String>()

    init(limits: DebianTracker.Limits) { self.limits = limits }

    mutating func read(source: String, _ value: JSONValue, _ body: (Advisory) throws -> Void) throws {
        try check(source, "a source package's name", at: "source package \(summary.sources + 1)")
        guard case .object(let issues) = value else {
            throw error(source, expected: "an object of CVEs", found: value.kindName)
        }
        summary.sources += 1
        for (id, issue) in issues.sorted(by: { $0.key < $1.key }) {
            guard id.hasPrefix("CVE-") || id.hasPrefix("TEMP-") else {
                throw error(
                    "\(source) \(id.prefix(80))",
                    expected: "an identifier that begins with CVE- or TEMP-",
                    found: "\"\(id.prefix(80))\""
                )
            }
            try check(id, "an identifier", at: source)
            let place = "\(source) \(id)"
            do {
                let fields = try JSONFields(issue)
                let summary = try fields.optionalString("description").map { bounded($0) }
                for (release, record) in try fields.object("releases").members.sorted(by: { $0.key < $1.key }) {
                    try check(release, "a release's name", at: place)
                    let advisory = try advisory(
                        id,
                        source,
                        release,
                        JSONFields(record, path: "$.releases.\(release)"),
                        summary
                    )
                    try count(release)
                    try body(advisory)
                }
            } catch let shape as JSONShapeError {
                throw error("\(place) \(shape.path)", expected: shape.expected, found: shape.found)
            }
        }
    }

    private func advisory(
        _ id: String,
        _ source: String,
        _ release: String,
        _ record: JSONFields,
        _ summary: String?
    ) throws -> Advisory {
        let urgency = try record.optionalString("urgency")
        let status = try record.string("status")
        let state: AdvisoryState
        switch status {
        case "resolved":
            let fixed = try record.optionalString("fixed_version")
            if let fixed { try check(fixed, "a fixed version", at: "\(source) \(id) \(release)") }
            // "0" is what the tracker writes for a release that never had the vulnerable code.
            // Without a version nothing can be compared, and "resolved" alone does not say that an image has the fix.
            state = fixed.map { $0 == "0" ? .notAffected : .resolved(fixed: $0) } ?? .undetermined
        case "open":
            state = .open(reason: try openReason(record, urgency: urgency))
        case "undetermined": state = .undetermined
        default:
            throw error(
                "\(source) \(id) \(release)",
                expected: "status resolved, open or undetermined",
                found: "\"\(status.prefix(80))\""
            )
        }
        return Advisory(
            id: id,
            feed: DebianTracker.feed,
            ecosystem: "deb",
            release: release,
            package: source,
            state: state,
            urgency: urgency.map { String($0.prefix(80)) },
            summary: summary
        )
    }

    /// Why an open issue is open: `nodsa` holds words and `nodsa_reason` a code, which is empty for a plain no-dsa.
    private func openReason(_ record: JSONFields, urgency: String?) throws -> AdvisoryState.OpenReason? {
        let words = try record.optionalString("nodsa")
        let code = try record.optionalString("nodsa_reason")
        if urgency == "end-of-life" || code == "end-of-life" { return .endOfLife }
        return switch code {
        case "ignored": .ignored
        case "postponed": .postponed
        case nil where words == nil: nil
        // A reason that a later tracker may add still says that no advisory is planned.
        default: .noDSA
        }
    }

    private mutating func count(_ release: String) throws {
        summary.count += 1
        guard summary.count <= limits.records else {
            throw error("the file", expected: "at most \(limits.records) records", found: "more")
        }
        if releases.insert(release).inserted { summary.releases.append(release) }
    }

    private func check(_ text: String, _ what: String, at place: String) throws {
        let sound =
            !text.isEmpty && text.utf8.count <= limits.nameBytes && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard sound else {
            throw error(
                place,
                expected: "\(what) of 1 to \(limits.nameBytes) printable ASCII characters",
                found:
                    "\"\(text.unicodeScalars.prefix(80).map { $0.isASCII && $0.value > 0x20 && $0.value < 0x7F ? String($0) : "?" }.joined())\""
            )
        }
    }

    private func bounded(_ text: String) -> String {
        guard text.utf8.count > limits.summaryBytes else { return text }
        return String(decoding: text.utf8.prefix(limits.summaryBytes - 4), as: UTF8.self) + "…"
    }

    private func error(_ location: String, expected: String, found: String) -> FeedReadError {
        FeedReadError(feed: DebianTracker.name, location: location, expected: expected, found: found)
    }
}
