// SPDX-License-Identifier: EUPL-1.2

import DurableFiles
import Foundation
import SBOM
import TestKit
import Time
import Vulnerabilities

/// Feeds of a few records in the publishers' formats.
enum SmallFeeds {
    static func tracker(_ fixes: [(source: String, id: String, fixed: String)], release: String = "bookworm") -> [UInt8]
    {
        var sources: [String: [String]] = [:]
        for fix in fixes {
            sources[fix.source, default: []].append(
                """
                "\(fix.id)":{"description":"x","releases":{"\(release)":{"fixed_version":"\(fix.fixed)",\
                "repositories":{"\(release)":"\(fix.fixed)"},"status":"resolved","urgency":"high"}},"scope":"local"}
                """
            )
        }
        let members = sources.sorted { $0.key < $1.key }.map { "\"\($0.key)\":{\($0.value.joined(separator: ","))}" }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }

    static let tracker = tracker([
        ("openssl", "CVE-2024-0001", "3.0.13-1"), ("curl", "CVE-2024-0002", "7.88.1-10+deb12u5"),
    ])

    static func kev(_ ids: [String], released: String = "2026-11-20T00:00:00.0000Z") -> [UInt8] {
        let entries = ids.map { id in
            """
            {"cveID":"\(id)","vendorProject":"v","product":"p","vulnerabilityName":"n","dateAdded":"2026-11-19",\
            "shortDescription":"s","requiredAction":"a","dueDate":"2026-12-01","knownRansomwareCampaignUse":"Unknown"}
            """
        }
        return Array(
            """
            {"title":"t","catalogVersion":"2026.11.20","dateReleased":"\(released)","count":\(ids.count),\
            "vulnerabilities":[\(entries.joined(separator: ","))]}
            """.utf8
        )
    }

    static func epss(_ scores: [(String, String, String)], date: String = "2026-11-20") -> [UInt8] {
        let lines = scores.map { "\($0.0),\($0.1),\($0.2)" }.joined(separator: "\n")
        let head = "#model_version:v2025.03.14,score_date:\(date)T00:00:00+0000\ncve,epss,percentile\n"
        return Array((head + lines + "\n").utf8)
    }

    static let bookworm = Distribution(id: "debian", versionID: "12", codename: "bookworm")

    static func component(
        _ name: String,
        _ version: String,
        source: String? = nil,
        distribution: Distribution? = bookworm
    ) -> Component {
        Component(
            ecosystem: "deb",
            distribution: distribution,
            name: name,
            version: version,
            sourceName: source ?? name,
            sourceVersion: version
        )
    }
}

/// A store in a directory of its own, on 2026-11-22.
struct StoreFixture {
    static let now = Timestamp(rfc3339: "2026-11-22T09:00:00Z") ?? Timestamp(seconds: 0)
    static let day = Timestamp(date: "2026-11-21") ?? Timestamp(seconds: 0)

    let directory: TemporaryDirectory
    let store: FeedStore

    init(files: FaultyFiles? = nil) throws {
        directory = try TemporaryDirectory("feeds")
        store = FeedStore(
            directory: directory.file("data/feeds"),
            files: files?.operations ?? .live,
            clock: .fixed(Self.now)
        )
    }

    /// Another opening of the same store, as another process has it.
    func reopened() -> FeedStore { FeedStore(directory: store.directory, clock: .fixed(Self.now)) }

    @discardableResult
    func importing(_ files: [(String, [UInt8])], asOf: Timestamp? = day) async throws -> ImportReport {
        let folder = "in-\(UInt64.random(in: .min ... .max))"
        for (name, bytes) in files { try directory.write(bytes, to: folder + "/" + name) }
        return try await store.importFeeds(paths: [directory.file(folder)], asOf: asOf)
    }

    func names() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: store.directory)) ?? []).sorted()
    }
}
