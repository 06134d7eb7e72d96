// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import JSON
import Node
import NodeTestKit
import TestKit
import Testing
import Time

/// What a node knows of its backups.
@Suite("Backups that a node is told of") struct BackupMarkTests {
    @Test("the time is shown as it was written, an old one is a concern, and what is no time that has been is unknown")
    func told() async throws {
        try await TestNode.run(configure: { $0.analyserExecutable = "/bin/false" }) { node in
            func health() async throws -> (last: String?, concerns: [String]) {
                let answer = try #require(try await node.client.request("GET", "/api/v1/node").json)
                let concerns = answer["concerns"]?.arrayValue?.compactMap(\.stringValue) ?? []
                return (answer["lastBackup"]?.stringValue, concerns.filter { $0.hasSuffix("Backup") })
            }
            let before = try await health()
            #expect(before.last == nil && before.concerns == ["noBackup"])
            let now = WallClock.system.now()
            let fresh = (now - .seconds(3_600)).rfc3339
            for text in [fresh, fresh + "\n", fresh + "\r\n"] {
                try node.directory.write(Array(text.utf8), to: "data/last-backup")
                let told = try await health()
                #expect(told.last == fresh && told.concerns.isEmpty, "\(text)")
            }
            let page = try await node.client.request("GET", "/node?lang=en")
            #expect(page.text.contains("by the operator’s word") && page.text.contains("datetime=\"\(fresh)\""))
            let old = (now - .seconds(3 * 86_400)).rfc3339
            try node.directory.write(Array(old.utf8), to: "data/last-backup")
            let aged = try await health()
            #expect(aged.last == old && aged.concerns == ["oldBackup"])
            let future = (now + .seconds(86_400)).rfc3339
            for text in [
                "", "gestern", future, fresh + " " + fresh, fresh + "\n" + fresh, "\n\n\n" + fresh,
                fresh + String(repeating: " ", count: 100), "\u{0}" + fresh, String(repeating: "9", count: 10_000),
            ] {
                try node.directory.write(Array(text.utf8), to: "data/last-backup")
                let unknown = try await health()
                #expect(unknown.last == nil && unknown.concerns == ["noBackup"], "\(text.prefix(80))")
            }
            let place = node.directory.file("data/last-backup")
            try node.directory.write(Array(fresh.utf8), to: "elsewhere")
            try FileManager.default.removeItem(atPath: place)
            try FileManager.default.createSymbolicLink(
                atPath: place,
                withDestinationPath: node.directory.file("elsewhere")
            )
            #expect(try await health().last == nil)
        }
    }
}
