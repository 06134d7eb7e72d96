// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// Reader of Alpine's security database: one JSON per release and repository, with the versions that fixed something.
///
/// Only what is fixed is listed there; what is not fixed yet cannot be seen.
///
/// Source: the files `vX.Y/REPOSITORY.json` of Alpine's secdb.
public enum AlpineSecDB {
    /// What one file says.
    public struct Database: Sendable, Hashable {
        /// Its release, as ``AdvisorySubject/release`` has it: `alpine 3.19`.
        public let release: String
        /// The part of the release: `main`, `community`.
        public let repository: String
        /// One advisory per package and vulnerability.
        public let advisories: [Advisory]
    }

    /// Name of the feed of a release: `alpine-secdb-3.19`.
    public static func feed(release: String) -> String {
        "alpine-secdb-" + release.split(separator: " ").dropFirst().joined()
    }

    /// True when a file that begins so is one of them.
    public static func detect(_ prefix: UnsafeRawBufferPointer) -> Bool {
        var scanner = PrefixScanner(prefix)
        guard scanner.take(0x7B) else { return false }
        let text = String(decoding: prefix.prefix(64 << 10), as: UTF8.self)
        guard text.contains("\"secfixes\"") || text.contains("\"packages\"") else { return false }
        return text.contains("\"distroversion\"") || (text.contains("\"reponame\"") && text.contains("\"urlprefix\""))
    }

    /// Reads a file.
    ///
    /// - Throws: ``FeedReadError`` naming the path.
    public static func read(_ bytes: [UInt8]) throws(FeedReadError) -> Database {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(
                parsing: bytes,
                limits: JSONLimits(depth: 16, bytes: 256 << 20, values: 20_000_000)
            )
        } catch {
            throw FeedReadError(
                feed: "alpine-secdb",
                location: "byte \(error.offset)",
                expected: "JSON of Alpine's security database",
                found: error.description
            )
        }
        do throws(JSONShapeError) { return try read(JSONFields(value)) } catch {
            throw FeedReadError(
                feed: "alpine-secdb",
                location: error.path,
                expected: error.expected,
                found: error.found
            )
        }
    }

    private static func read(_ fields: JSONFields) throws(JSONShapeError) -> Database {
        let version = try text(fields, "distroversion")
        let release = "alpine \(version.first == "v" ? String(version.dropFirst()) : version)"
        let repository = try text(fields, "reponame")
        var advisories: [Advisory] = []
        for entry in try fields.objects("packages") {
            let package = try entry.object("pkg")
            advisories += try fixes(of: package, release)
        }
        guard !advisories.isEmpty else {
            throw JSONShapeError(path: fields.path(of: "packages"), expected: "at least one fix", found: "none")
        }
        return Database(release: release, repository: repository, advisories: advisories)
    }

    private static func fixes(of package: JSONFields, _ release: String) throws(JSONShapeError) -> [Advisory] {
        let name = try text(package, "name")
        guard let fixes = try package.optionalObject("secfixes") else { return [] }
        var states: [String: (state: AdvisoryState, aliases: Set<String>)] = [:]
        for version in fixes.keys {
            try check(version, at: fixes.path)
            let state = version == "0" ? AdvisoryState.notAffected : .resolved(fixed: version)
            for entry in try fixes.optionalStrings(version) ?? [] {
                let (vulnerabilities, others) = identifiers(in: entry)
                for id in vulnerabilities {
                    let known = states[id]
                    let aliases = vulnerabilities.count == 1 ? Set(others) : []
                    states[id] = (later(known?.state, state), (known?.aliases ?? []).union(aliases))
                }
            }
        }
        return states.sorted { $0.key < $1.key }.map { id, entry in
            Advisory(
                id: id,
                feed: feed(release: release),
                ecosystem: "apk",
                release: release,
                package: name,
                state: entry.state,
                aliases: entry.aliases.sorted()
            )
        }
    }

    /// An entry may hold several identifiers and remarks: the CVEs in it, and what else they are called; without a CVE its first one.
    private static func identifiers(in entry: String) -> (vulnerabilities: [String], others: [String]) {
        let words = entry.split { $0 == " " || $0 == "," || $0 == "\t" }.map(String.init).filter { word in
            word.utf8.count <= 64 && word.contains("-") && word.utf8.contains { (0x30...0x39).contains($0) }
                && word.utf8.allSatisfy { $0 > 0x2C && $0 < 0x7B }
        }
        let isCVE = words.map { CVEIdentifier.isValid($0.utf8) }
        let vulnerabilities = zip(words, isCVE).filter(\.1).map(\.0)
        let others = zip(words, isCVE).filter { !$0.1 }.map(\.0)
        return vulnerabilities.isEmpty
            ? (Array(others.prefix(1)), Array(others.dropFirst())) : (vulnerabilities, others)
    }

    /// The same vulnerability under two versions: it was fixed again, so that the later fix counts.
    private static func later(_ known: AdvisoryState?, _ new: AdvisoryState) -> AdvisoryState {
        guard let known else { return new }
        guard case .resolved(let left) = known else { return known == .notAffected ? new : known }
        guard case .resolved(let right) = new else { return known }
        guard let scheme = VersionScheme(purlType: "apk") else { return .undetermined }
        do throws(VersionError) { return try scheme.order(left, right) < 0 ? new : known } catch {
            return .undetermined
        }
    }

    private static func text(_ fields: JSONFields, _ key: String) throws(JSONShapeError) -> String {
        let text = try fields.string(key)
        try check(text, at: fields.path(of: key))
        return text
    }

    private static func check(_ text: String, at path: String) throws(JSONShapeError) {
        guard !text.isEmpty, text.utf8.count <= 256, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw JSONShapeError(path: path, expected: "1 to 256 printable ASCII characters", found: "other bytes")
        }
    }
}
