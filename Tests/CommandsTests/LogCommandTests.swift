// SPDX-License-Identifier: EUPL-1.2

import Crypto
import FoundationEssentials
import JSON
import MerkleLog
import TestKit
import Testing

/// `kontor log`, through the real program.
@Suite("Verifying logs on the command line")
struct LogCommandTests {
    private let directory: TemporaryDirectory
    private let key: NoteKey
    private let entries = (0..<300).map { Array("leaf \($0)".utf8) }
    private let checkpoint: [UInt8]
    private let files: [String: [UInt8]]

    init() throws {
        directory = try TemporaryDirectory()
        let signing = Curve25519.Signing.PrivateKey()
        key = try NoteKey(
            name: "log.example",
            algorithm: .ed25519,
            publicKey: Array(signing.publicKey.rawRepresentation)
        )
        var tree = TiledTree()
        for entry in entries { try tree.append(entry) }
        let text = Checkpoint(origin: "log.example", size: 300, root: tree.root).text
        let signature = Array(try signing.signature(for: text))
        checkpoint = SignedNote(text: text, signatures: [key.signature(signature)]).bytes
        var files = ["checkpoint": checkpoint]
        for file in tree.takeFull() + (try tree.partials()) { files[file.address.path] = file.bytes }
        self.files = files
        for (path, bytes) in files { try directory.write(bytes, to: "log/" + path) }
    }

    private func kontor(_ arguments: [String], language: String = "en") async throws -> ToolResult {
        let environment = [
            "LC_ALL": "C", "LANG": "C", "KONTOR_CONFIG": "/dev/null", "HOME": "/nonexistent",
            "XDG_DATA_HOME": "/nonexistent",
        ]
        return try await builtProduct("kontor").run(
            ["log"] + arguments + ["--lang", language],
            environment: environment
        )
    }

    private func verify(_ more: [String] = [], language: String = "en") async throws -> ToolResult {
        try await kontor(["verify", directory.file("log"), "--key", "\(key)"] + more, language: language)
    }

    @Test("a whole log: exit code 0, with size, root and who signed, in the asked language")
    func verified() async throws {
        let english = try await verify()
        #expect(english.exitCode == 0, "\(english.errorOutput)")
        #expect(english.output.hasPrefix("Verified: \(directory.file("log"))\n  origin  log.example\n  size    300\n"))
        #expect(english.output.contains("  recomputed: bundles of entries 2, right tiles 3\n"))
        #expect(english.output.contains("  signed by log.example+\(key.idText)\n"))
        #expect(english.errorOutput.isEmpty)
        #expect(try await verify(language: "de").output.hasPrefix("Stimmt: "))
        let json = try JSONValue(parsing: try await verify(["--format", "json"]).output)
        #expect(json["verified"] == true)
        #expect(json["size"] == 300)
        #expect(json["problems"] == [])
    }

    @Test("one changed bit anywhere: exit code 1, and the file that is wrong is named")
    func changed() async throws {
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
            var changed = bytes
            changed[changed.count - 3] ^= 1
            try directory.write(changed, to: "log/" + path)
            let result = try await verify(["--format", "json"])
            #expect(result.exitCode == 1, "\(path)")
            let json = try JSONValue(parsing: result.output)
            #expect(json["verified"] == false)
            let named = json["problems"]?.arrayValue?.compactMap { $0["path"]?.stringValue } ?? []
            // A changed entry shows in the tile of its hash.
            let expected = path.replacing("entries", with: "0")
            #expect(named.contains(expected) || named.contains(path), "\(path): \(named)")
            try directory.write(bytes, to: "log/" + path)
        }
        try directory.write(files["tile/0/000"].map { $0 + [0] } ?? [], to: "log/tile/0/000")
        let german = try await verify(language: "de")
        #expect(german.exitCode == 1)
        #expect(german.output.hasPrefix("STIMMT NICHT: "))
        #expect(german.output.contains("  tile/0/000: ist nicht, was aus den Einträgen folgt\n"))
    }

    @Test("a missing file is a finding; a missing directory, a missing key and a broken one are not answers")
    func missing() async throws {
        let trust = ["--key", "\(key)"]
        #expect(try await kontor(["verify", directory.file("nothing")] + trust).exitCode == 2)
        #expect(try await kontor(["verify", directory.file("log")]).exitCode == 2)
        #expect(try await kontor(["verify", directory.file("log"), "--key", "\(key)x"]).exitCode == 2)
        let policy = try directory.write(Array("log \(key)\nquorum none\n".utf8), to: "policy")
        #expect(try await kontor(["verify", directory.file("log"), "--policy", policy]).exitCode == 0)
        #expect(try await kontor(["verify", directory.file("log"), "--policy", policy] + trust).exitCode == 2)
        try directory.write([], to: "empty/x")
        let result = try await kontor(["verify", directory.file("empty")] + trust)
        #expect(result.exitCode == 1)
        #expect(result.output.contains("checkpoint: is missing"))
    }

    @Test("over HTTP; partial files that are gone are cut from full ones")
    func overHTTP() async throws {
        let files = files
        let server = try await FakeRegistry { request in
            if request.path.hasPrefix("/broken/") { return FakeAnswer(status: 500) }
            guard request.path.hasPrefix("/log/"), let bytes = files[String(request.path.dropFirst(5))] else {
                return FakeAnswer(status: 404)
            }
            return FakeAnswer(body: bytes)
        }
        let result = try await kontor(["verify", "http://\(server.name)/log", "--key", "\(key)"])
        #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
        let broken = try await kontor(["verify", "http://\(server.name)/broken", "--key", "\(key)"])
        #expect(broken.exitCode == 2)
        #expect(broken.errorOutput.contains("http://\(server.name)/broken/checkpoint: the server answered 500"))
        await server.stop()
    }

    @Test("a receipt proves its entry and no other")
    func receipt() async throws {
        let files = files
        let reader = TileHashes(size: 300) { files[$0.path] }.hash
        let proof = try InclusionProof(index: 257, size: 300, reading: reader)
        let receipt = LogReceipt(index: 257, hashes: proof.hashes, checkpoint: checkpoint)
        let file = try directory.write(receipt.bytes, to: "entry.tlog-proof")
        let entry = try directory.write(entries[257], to: "entry")
        let other = try directory.write(entries[256], to: "other")
        let good = try await kontor(["verify-receipt", file, "--entry", entry, "--key", "\(key)"])
        #expect(good.exitCode == 0, "\(good.errorOutput)")
        #expect(good.output.hasPrefix("Proven: entry 257 of 300 in the log log.example\n"))
        let bad = try await kontor(["verify-receipt", file, "--entry", other, "--key", "\(key)"], language: "de")
        #expect(bad.exitCode == 1)
        #expect(bad.output.hasPrefix("NICHT BEWIESEN: "))
        let broken = try directory.write(Array("nothing".utf8), to: "broken")
        #expect(try await kontor(["verify-receipt", broken, "--entry", entry, "--key", "\(key)"]).exitCode == 1)
        #expect(try await kontor(["verify-receipt", "/nowhere", "--entry", entry, "--key", "\(key)"]).exitCode == 2)
    }
}
