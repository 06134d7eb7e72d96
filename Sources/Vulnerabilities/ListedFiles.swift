// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
import OCI

/// Files that an advisory of the operator is about, by the hash of their bytes.
///
/// OSV knows packages only and leaves room for others' words: `affected[].database_specific.sha256` is a list of hashes, with or without
/// `sha256:` before the digits. Each becomes a package of the ecosystem `file` that is called by its hash, so that one reader reads all.
enum ListedFiles {
    private static let limits = JSONLimits(depth: 32, bytes: 16 << 20, values: 1_000_000)
    private static let member = "sha256"

    /// The record with its hashes as packages; the same bytes where there are none, or where it is no record.
    ///
    /// - Throws: ``OwnAdvisoryError`` for a hash that is none.
    static func asPackages(_ bytes: [UInt8]) throws(OwnAdvisoryError) -> [UInt8] {
        guard case .object(var record)? = try? JSONValue(parsing: bytes, limits: limits),
            let affected = record["affected"]?.arrayValue
        else { return bytes }
        var entries: [JSONValue] = []
        var hashes = Set<String>()
        for (place, entry) in affected.enumerated() {
            let (listed, rest) = try split(entry, "affected[\(place)].database_specific.\(member)")
            hashes.formUnion(listed)
            if let rest { entries.append(rest) }
        }
        // Only what this reads may be of that ecosystem: its names must be hashes.
        for entry in entries where isFile(entry) {
            throw OwnAdvisoryError(
                reason: "files are listed under affected[].database_specific.\(member), not as packages of \"file\""
            )
        }
        guard !hashes.isEmpty else { return bytes }
        entries += hashes.sorted().map { hash in
            [
                "package": ["ecosystem": .string(AdvisorySubject.fileEcosystem), "name": .string(hash)],
                "versions": [.string(hash)],
            ]
        }
        record["affected"] = .array(entries)
        return JSONValue.object(record).bytes()
    }

    private static func isFile(_ entry: JSONValue) -> Bool {
        guard let ecosystem = entry["package"]?["ecosystem"]?.stringValue else { return false }
        return OSVEcosystem(ecosystem).ecosystem == AdvisorySubject.fileEcosystem
    }

    /// The hashes of an entry, and what else is in it; nil where that is nothing.
    private static func split(
        _ entry: JSONValue,
        _ path: String
    ) throws(OwnAdvisoryError) -> (hashes: [String], rest: JSONValue?) {
        guard let listed = entry["database_specific"]?[member] else { return ([], entry) }
        guard let texts = listed.arrayValue?.map(\.stringValue), texts.allSatisfy({ $0 != nil }) else {
            throw OwnAdvisoryError(reason: "\(path) is a list of texts")
        }
        guard texts.count <= OwnAdvisories.maximumRecords else {
            throw OwnAdvisoryError(
                reason: "\(path) has more than \(OwnAdvisories.maximumRecords) hashes; write several advisories"
            )
        }
        var hashes: [String] = []
        for (place, text) in texts.compactMap({ $0 }).enumerated() {
            let digits = (text.hasPrefix("sha256:") ? String(text.dropFirst("sha256:".count)) : text).lowercased()
            guard let digest = try? Digest(parsing: "sha256:" + digits) else {
                throw OwnAdvisoryError(
                    reason: "\(path)[\(place)], \"\(text.excerpt(80))\", is no SHA-256 of 64 hexadecimal digits"
                )
            }
            hashes.append(digest.description)
        }
        if case .some = entry["package"] { return (hashes, entry) }
        return (hashes, Optional.none)
    }
}
