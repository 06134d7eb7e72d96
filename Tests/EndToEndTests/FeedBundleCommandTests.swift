// SPDX-License-Identifier: EUPL-1.2

import Foundation
import JSON
import TestKit
import Testing

/// The program itself: a bundle signed in a process of its own by a key in a token, and taken over by another data directory.
@Suite("Feed bundles on the command line")
struct FeedBundleCommandTests {
    private let directory: TemporaryDirectory
    private let program: Tool

    init() throws {
        directory = try TemporaryDirectory("kontor-bundle")
        program = try builtProduct("kontor")
    }

    private func kontor(_ arguments: [String], _ code: Int32 = 0) async throws -> ToolResult {
        let result = try await program.run(arguments + ["--lang", "en"])
        #expect(result.exitCode == code, "\(arguments): \(result.output)\(result.errorOutput)")
        return result
    }

    /// Imports a tracker and returns the snapshot.
    private func importing(_ fixed: String, asOf: String, data: String) async throws -> String? {
        let tracker = """
            {"openssl":{"CVE-2024-0001":{"description":"x","releases":{"bookworm":{"fixed_version":"\(fixed)",\
            "repositories":{"bookworm":"\(fixed)"},"status":"resolved","urgency":"high"}},"scope":"local"}}}
            """
        let path = try directory.write(Array(tracker.utf8), to: "tracker-\(fixed).json")
        _ = try await kontor(["feeds", "import", path, "--as-of", asOf, "--data", data])
        return try await snapshot(data)
    }

    private func snapshot(_ data: String) async throws -> String? {
        let status = try await kontor(["feeds", "status", "--format", "json", "--data", data])
        return try JSONValue(parsing: Array(status.output.utf8))["snapshot"]?.stringValue
    }

    @Test("exported, signed by a token's key, imported by whoever has the key; everything else ends with its exit code")
    func way() async throws {
        let (from, to) = (directory.file("from"), directory.file("to"))
        let first = try await importing("3.0.13-1", asOf: "2026-11-01", data: from)
        let configuration = try directory.write(
            Array("directories.tokendir = \(directory.file("tokens"))\nobjectstore.backend = file\n".utf8),
            to: "softhsm2.conf"
        )
        try FileManager.default.createDirectory(atPath: directory.file("tokens"), withIntermediateDirectories: false)
        try await tool("softhsm2-util").check(
            ["--init-token", "--free", "--label", "kontor", "--so-pin", "99887766", "--pin", "7391"],
            environment: ["SOFTHSM2_CONF": configuration]
        )
        let pin = try directory.write(Array("7391\n".utf8), to: "pin")
        #expect(chmod(pin, 0o600) == 0)
        let adopted = try await kontor([
            "keys", "adopt", "feeds", "--module", "/usr/lib/softhsm/libsofthsm2.so", "--token", "kontor", "--label",
            "feeds", "--pin-file", pin, "--env", "SOFTHSM2_CONF=\(configuration)", "--generate", "--data", from,
        ])
        let list = try await kontor(["keys", "list", "--data", from]).output
        #expect(list.contains(adopted.output.prefix(16)) && list.contains("lies in a token: key \"feeds\""))

        let place = "oci:\(directory.file("layout")):today"
        let exported = try await kontor(["feeds", "export", place, "--data", from])
        #expect(exported.output.contains("snapshot \(first ?? "?")"))
        #expect(exported.errorOutput.contains(adopted.output.prefix(16)))
        let key = directory.file("feeds.pem")
        _ = try await kontor(["keys", "export", "feeds", "-o", key, "--data", from])
        let other = directory.file("verdict.pem")
        _ = try await kontor(["keys", "export", "verdict", "-o", other, "--data", from])

        // Without a key nothing is believed, with another's it is refused.
        #expect(try await kontor(["feeds", "import", place, "--data", to], 2).errorOutput.contains("--key"))
        let refused = try await kontor(["feeds", "import", place, "--key", other, "--data", to], 1)
        #expect(refused.errorOutput.contains("none of the 1 given keys made it"))
        #expect(try await snapshot(to) == nil)
        let taken = try await kontor(["feeds", "import", place, "--key", key, "--data", to])
        #expect(taken.output.contains("imported: debian-tracker") && taken.output.contains("is now current"))
        #expect(try await snapshot(to) == first)

        let second = try await importing("3.0.14-1", asOf: "2026-11-02", data: to)
        let older = try await kontor(["feeds", "import", place, "--key", key, "--data", to], 1)
        #expect(older.errorOutput.contains("only with --allow-older"))
        #expect(try await snapshot(to) == second)
        _ = try await kontor(["feeds", "import", place, "--key", key, "--allow-older", "--data", to])
        #expect(try await snapshot(to) == first)
        _ = try await kontor(["feeds", "import", place, "--key", key, "--as-of", "2026-11-01", "--data", to], 2)
        _ = try await kontor(["feeds", "import", place, "--allow-older", "--data", to], 2)
    }

    @Test(
        "what a node says of its keys is enough to believe its bundle, and a node that runs sees what is imported beside it"
    )
    func nodes() async throws {
        let (from, to) = (directory.file("from"), directory.file("to"))
        let made = try await importing("3.0.13-1", asOf: "2026-11-01", data: from)
        let place = "oci-archive:\(directory.file("bundle.tar"))"
        // The first thing that is signed here: the key is made for it.
        _ = try await kontor(["feeds", "export", place, "--public-url", "https://node.example", "--data", from])
        let root = directory.file("root.json")
        let maker = try await NodeProcess(data: from)
        try await tool("curl").check(["-fsS", "-o", root, maker.url + "/api/v1/trust-root"])
        maker.stop()
        let taker = try await NodeProcess(data: to)
        let login = "admin:\(try taker.secret)"
        _ = try await kontor(["feeds", "import", place, "--trust-root", root, "--data", to])
        var seen: String?
        for _ in 0..<100 where seen == nil {
            let answer = try await tool("curl").check(["-fsS", "-u", login, taker.url + "/api/v1/feeds"])
            seen = try JSONValue(parsing: Array(answer.utf8))["snapshot"]?.stringValue
            if seen == nil { try await Task.sleep(for: .milliseconds(50)) }
        }
        #expect(seen == made && made != nil)
        taker.stop()
    }
}
