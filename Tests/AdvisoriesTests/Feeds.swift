// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import TestKit
import Testing

/// The real feeds, where they are at hand.
enum Feeds {
    /// The Debian tracker's JSON, unpacked; nil without feeds.
    static func debianTracker() async throws -> [UInt8]? { try await unpacked("debian/security-tracker.json.gz") }

    /// The catalogue of exploited vulnerabilities; nil without feeds.
    static func kev() throws -> [UInt8]? {
        guard let path = try path("kev/known_exploited_vulnerabilities.json") else { return nil }
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The scores, unpacked; nil without feeds.
    static func epss() async throws -> [UInt8]? { try await unpacked("epss/epss_scores-2026-08-16.csv.gz") }

    /// The OpenVEX documents by name; nil without feeds.
    static func openVEX() async throws -> [(name: String, bytes: [UInt8])]? {
        try await members("openvex/docker-hardened-images.zip")
    }

    /// The CSAF documents by name, not all of them VEX; nil without feeds.
    static func csaf() async throws -> [(name: String, bytes: [UInt8])]? { try await members("csaf/cisa.zip") }

    private static func members(_ name: String) async throws -> [(name: String, bytes: [UInt8])]? {
        guard let path = try path(name) else { return nil }
        let directory = try TemporaryDirectory("feed")
        try await tool("python3").check(["-m", "zipfile", "-e", path, directory.path])
        let names = try FileManager.default.subpathsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".json") }
        return try names.sorted().map {
            ($0, Array(try Data(contentsOf: URL(fileURLWithPath: directory.file($0)))))
        }
    }

    private static func unpacked(_ name: String) async throws -> [UInt8]? {
        guard let path = try path(name) else { return nil }
        let directory = try TemporaryDirectory("feed")
        let packed = directory.file("feed.gz")
        try FileManager.default.copyItem(atPath: path, toPath: packed)
        try await tool("gzip").check(["-d", "-f", packed])
        return Array(try Data(contentsOf: URL(fileURLWithPath: directory.file("feed"))))
    }

    /// Where there is a folder of feeds, CI demands each of them; without the folder there is nothing to compare with.
    private static func path(_ name: String) throws -> String? {
        guard let feedsDirectory else {
            print("no feeds at hand: \(name) is not tested")
            return nil
        }
        let path = feedsDirectory + "/" + name
        if FileManager.default.fileExists(atPath: path) { return path }
        guard ProcessInfo.processInfo.environment["CI"] == nil else {
            throw MissingFeed(description: "\(path): not there, and CI demands it")
        }
        print("not at hand: \(path)")
        return nil
    }
}

/// A feed that CI demands.
private struct MissingFeed: Error, CustomStringConvertible {
    let description: String
}
