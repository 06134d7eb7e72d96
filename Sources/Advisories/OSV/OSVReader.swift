// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import Time

/// Turns the JSON of one record into advisories.
struct OSVReader {
    let limits: OSV.Limits

    /// What of the record holds for all its packages.
    private struct Head {
        let id: String
        let aliases: [String]
        let upstream: [String]
        let related: [String]
        let summary: String?
        let vectors: [String]
        let word: String?
    }

    func read(_ fields: JSONFields) throws(JSONShapeError) -> OSV.Record {
        var record = OSV.Record()
        let id = try name(fields, "id")
        record.modified = try modified(fields)
        if fields.has("withdrawn") {
            _ = try fields.string("withdrawn")
            record.isWithdrawn = true
            return record
        }
        let specific = try? fields.optionalObject("database_specific")
        let head = Head(
            id: id,
            aliases: try identifiers(fields, "aliases"),
            upstream: try identifiers(fields, "upstream"),
            related: try identifiers(fields, "related"),
            summary: try fields.optionalString("summary").map { bounded($0) },
            vectors: try vectors(fields),
            // The word of GHSA's database; other databases write other things there.
            word: specific?.members["severity"]?.stringValue.map { String($0.prefix(80)) }
        )
        if isNotSecurity(head) {
            record.isNotSecurity = true
            return record
        }
        let affected = try fields.optionalObjects("affected") ?? []
        guard affected.count <= limits.affected else {
            throw JSONShapeError(
                path: fields.path(of: "affected"),
                expected: "at most \(limits.affected) entries",
                found: "\(affected.count)"
            )
        }
        var places: [Place: Int] = [:]
        for entry in affected { try read(entry, head, &record, &places) }
        return record
    }

    /// What an advisory is filed under: entries of one record about the same package are one advisory.
    private struct Place: Hashable {
        let ecosystem: String
        let release: String
        let package: String
    }

    private func read(
        _ entry: JSONFields,
        _ head: Head,
        _ record: inout OSV.Record,
        _ places: inout [Place: Int]
    ) throws(JSONShapeError) {
        // A package is not demanded by the schema: a record may be about a repository's commits.
        guard let package = try entry.optionalObject("package") else {
            record.unmatchable += 1
            return
        }
        let ecosystem = OSVEcosystem(try name(package, "ecosystem"))
        let place = Place(
            ecosystem: ecosystem.ecosystem,
            release: ecosystem.release,
            package: PackageNames.normalised(try name(package, "name"), ecosystem: ecosystem.ecosystem)
        )
        var ranges = try ranges(entry, "ranges")
        let versions = try versions(entry)
        if ecosystem.base == "go", let custom = try customRanges(entry),
            ranges.allSatisfy({ $0.isOpenFromZero })
        {
            ranges = custom
            record.customRanges += 1
        }
        guard !ranges.isEmpty || !versions.isEmpty else {
            record.unmatchable += 1
            return
        }
        let own = try vectors(entry)
        let advisory = Advisory(
            id: head.id,
            feed: OSV.feed(ecosystem.base),
            ecosystem: place.ecosystem,
            release: place.release,
            package: place.package,
            state: .ranges(ranges, versions: ranges.isEmpty ? versions : []),
            urgency: try word(entry) ?? head.word ?? errataWord(head, ecosystem),
            summary: head.summary,
            aliases: head.aliases,
            upstream: upstream(head, ecosystem),
            // The schema: where a package has its own, the record's do not count.
            vectors: own.isEmpty ? head.vectors : own,
            isMalicious: head.id.hasPrefix("MAL-")
        )
        guard let index = places[place] else {
            places[place] = record.advisories.count
            record.advisories.append(advisory)
            record.bases.append(ecosystem.base)
            return
        }
        record.advisories[index] = record.advisories[index].joined(with: advisory)
    }

    // MARK: - Ranges

    private func ranges(_ fields: JSONFields, _ key: String) throws(JSONShapeError) -> [VersionRange] {
        var result: [VersionRange] = []
        var count = 0
        for range in try fields.optionalObjects(key) ?? [] {
            let type = try range.string("type")
            let events = try range.objects("events")
            count += events.count
            guard count <= limits.events else {
                throw JSONShapeError(path: range.path, expected: "at most \(limits.events) events", found: "more")
            }
            switch type {
            case "SEMVER": result.append(VersionRange(kind: .semver, events: try self.events(events)))
            case "ECOSYSTEM": result.append(VersionRange(kind: .ecosystem, events: try self.events(events)))
            case "GIT": continue
            default:
                throw JSONShapeError(
                    path: range.path(of: "type"),
                    expected: "SEMVER, ECOSYSTEM or GIT",
                    found: "\"\(type.prefix(40))\""
                )
            }
        }
        return result
    }

    private func events(_ objects: [JSONFields]) throws(JSONShapeError) -> [VersionRange.Event] {
        var events: [VersionRange.Event] = []
        var hasIntroduced = false
        var (hasFixed, hasLast) = (false, false)
        for object in objects {
            guard object.members.count == 1, let key = object.members.keys.first else {
                throw JSONShapeError(
                    path: object.path,
                    expected: "exactly one event",
                    found: "\(object.members.count) members"
                )
            }
            let version = try name(object, key)
            switch key {
            case "introduced":
                hasIntroduced = true
                events.append(.introduced(version))
            case "fixed":
                hasFixed = true
                events.append(.fixed(version))
            case "last_affected":
                hasLast = true
                events.append(.lastAffected(version))
            case "limit": events.append(.limit(version))
            default:
                throw JSONShapeError(
                    path: object.path,
                    expected: "introduced, fixed, last_affected or limit",
                    found: "\"\(key.prefix(40))\""
                )
            }
        }
        guard hasIntroduced else {
            throw JSONShapeError(path: objects.first?.path ?? "$", expected: "an introduced event", found: "none")
        }
        guard !(hasFixed && hasLast) else {
            throw JSONShapeError(
                path: objects.first?.path ?? "$",
                expected: "either fixed or last_affected in one range",
                found: "both"
            )
        }
        return events
    }

    /// The bounds that the Go database keeps for modules whose versions its proxy does not know.
    private func customRanges(_ entry: JSONFields) throws(JSONShapeError) -> [VersionRange]? {
        guard let specific = try entry.optionalObject("ecosystem_specific"), specific.has("custom_ranges") else {
            return nil
        }
        let custom = try ranges(specific, "custom_ranges")
        return custom.isEmpty ? nil : custom
    }

    private func versions(_ entry: JSONFields) throws(JSONShapeError) -> [String] {
        let versions = try entry.optionalStrings("versions") ?? []
        guard versions.count <= limits.versions else {
            throw JSONShapeError(
                path: entry.path(of: "versions"),
                expected: "at most \(limits.versions) versions",
                found: "\(versions.count)"
            )
        }
        return versions
    }

    // MARK: - Ratings

    private func vectors(_ fields: JSONFields) throws(JSONShapeError) -> [String] {
        var vectors: [String] = []
        for severity in try fields.optionalObjects("severity") ?? [] {
            let score = try severity.string("score")
            if try severity.string("type").hasPrefix("CVSS_") { vectors.append(String(score.prefix(300))) }
        }
        return vectors
    }

    private func word(_ entry: JSONFields) throws(JSONShapeError) -> String? {
        for severity in try entry.optionalObjects("severity") ?? [] where try severity.string("type") == "Ubuntu" {
            return String(try severity.string("score").prefix(80))
        }
        // Free form by the schema, so nothing in it can be wrong.
        for key in ["ecosystem_specific", "database_specific"] {
            if let text = entry.members[key]?["severity"]?.stringValue { return String(text.prefix(80)) }
        }
        return nil
    }

    /// An erratum of the Red Hat family begins its summary with its rating: `Important: kernel security update`.
    private func errataWord(_ head: Head, _ ecosystem: OSVEcosystem) -> String? {
        guard ecosystem.ecosystem == "rpm", let summary = head.summary, let colon = summary.firstIndex(of: ":") else {
            return nil
        }
        let word = summary[..<colon]
        return ["Critical", "Important", "Moderate", "Low"].contains(word) ? String(word) : nil
    }

    /// AlmaLinux and Rocky list the CVEs that an erratum fixes as `related`, which elsewhere means no more than "see also".
    private func upstream(_ head: Head, _ ecosystem: OSVEcosystem) -> [String] {
        guard head.upstream.isEmpty, ecosystem.ecosystem == "rpm" else { return head.upstream }
        return head.related.filter { CVEIdentifier.isValid($0.utf8) }
    }

    /// Errata of the Red Hat family are about security (`…SA`), bugs (`…BA`) or enhancements (`…EA`).
    private func isNotSecurity(_ head: Head) -> Bool {
        let kind = head.id.utf8.prefix { $0 != 0x2D }
        guard kind.count == 4,
            kind.elementsEqual("ALBA".utf8) || kind.elementsEqual("ALEA".utf8)
                || kind.elementsEqual("RLBA".utf8) || kind.elementsEqual("RLEA".utf8)
        else { return false }
        return !(head.aliases + head.upstream + head.related).contains { CVEIdentifier.isValid($0.utf8) }
    }

    // MARK: - Texts

    private func modified(_ fields: JSONFields) throws(JSONShapeError) -> Timestamp? {
        let text = try fields.string("modified")
        guard let time = Timestamp(rfc3339: text) else {
            throw JSONShapeError(
                path: fields.path(of: "modified"),
                expected: "a time such as 2026-11-22T09:14:00Z",
                found: "\"\(text.prefix(40))\""
            )
        }
        // The zero date of the Go database's own copy; OSV itself is from 2021.
        return time.microseconds > 0 ? time : nil
    }

    private func identifiers(_ fields: JSONFields, _ key: String) throws(JSONShapeError) -> [String] {
        let texts = try fields.optionalStrings(key) ?? []
        for text in texts { try check(text, at: fields.path(of: key)) }
        return texts
    }

    private func name(_ fields: JSONFields, _ key: String) throws(JSONShapeError) -> String {
        let text = try fields.string(key)
        try check(text, at: fields.path(of: key))
        return text
    }

    private func check(_ text: String, at path: String) throws(JSONShapeError) {
        guard !text.isEmpty, text.utf8.count <= limits.nameBytes, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            throw JSONShapeError(
                path: path,
                expected: "1 to \(limits.nameBytes) bytes without control characters",
                found: text.isEmpty ? "an empty text" : "\(text.utf8.count) bytes"
            )
        }
    }

    private func bounded(_ text: String) -> String {
        let clean =
            text.utf8.contains(0) ? String(text.unicodeScalars.filter { $0.value != 0 }.map(Character.init)) : text
        guard clean.utf8.count > limits.summaryBytes else { return clean }
        return String(decoding: clean.utf8.prefix(limits.summaryBytes - 4), as: UTF8.self) + "…"
    }
}

extension Advisory {
    /// Two entries of one record about the same package: vulnerable where one of them says so.
    fileprivate func joined(with other: Advisory) -> Advisory {
        guard case .ranges(let ranges, let versions) = state, case .ranges(let more, let moreVersions) = other.state
        else {
            return self
        }
        let joined = ranges + more.filter { !ranges.contains($0) }
        return Advisory(
            id: id,
            feed: feed,
            ecosystem: ecosystem,
            release: release,
            package: package,
            state: .ranges(joined, versions: versions + moreVersions),
            urgency: urgency ?? other.urgency,
            summary: summary,
            aliases: aliases,
            upstream: upstream,
            vectors: vectors.isEmpty ? other.vectors : vectors,
            isMalicious: isMalicious
        )
    }
}
