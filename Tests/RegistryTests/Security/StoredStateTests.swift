// SPDX-License-Identifier: EUPL-1.2

import Database
import Foundation
import NodeTestKit
import OCI
import Registry
import TestKit
import Testing

@Suite("7.2: what is stored and what ships")
struct StoredStateTests {
    private static func sources() throws -> [(path: String, text: String)] {
        let root = checkoutRoot + "/Sources"
        return try FileManager.default.subpathsOfDirectory(atPath: root)
            .filter { path in
                [".swift", ".c", ".h", ".json", ".yaml", ".yml", ".mustache", ".css"].contains { path.hasSuffix($0) }
            }
            .map { ($0, try String(contentsOfFile: root + "/" + $0, encoding: .utf8)) }
    }

    @Test("7.2/71: nothing turns stored bytes into objects of the language, and nothing loads code")
    func noDeserialisation() throws {
        let forbidden = [
            "NSKeyedUnarchiver", "NSUnarchiver", "NSSecureCoding", "NSCoding", "PropertyListDecoder",
            "PropertyListSerialization",
            "NSClassFromString", "_typeByName", "dlopen", "dlsym", "JSContext", "popen(", "NSExpression", "NSPredicate",
        ]
        // The module of a token is code that the operator names, in the signer alone.
        let allowed = ["Keys/TokenModule.swift": ["dlopen", "dlsym"]]
        let sources = try Self.sources()
        #expect(sources.count > 100)
        for (path, text) in sources {
            for word in forbidden where !(allowed[path] ?? []).contains(word) {
                #expect(!text.contains(word), "\(word) in \(path)")
            }
        }
    }

    @Test(
        "7.2/71: of an upload its bytes are kept and no state of a hash: what somebody writes into the row is only hashed"
    )
    func tamperedUpload() async throws {
        try await TestRegistry.run(limits: RegistryLimits(openUploads: 0)) { test in
            let columns = try await test.database.read { t in
                try t.query(
                    Statement("test.columns", "SELECT name, type FROM pragma_table_info('uploads') ORDER BY name")
                ).map {
                    "\(try $0.text(0)) \(try $0.text(1))"
                }
            }
            let wanted = [
                "account_id INTEGER", "created_at INTEGER", "expires_at INTEGER", "id INTEGER", "is_session INTEGER",
                "namespace_id INTEGER", "pending BLOB", "received INTEGER", "repository_id INTEGER", "reserved INTEGER",
                "storage_id INTEGER", "token TEXT",
            ]
            #expect(columns == wanted, "a new column: does it hold anything but bytes and numbers?")
            let bytes = pattern(1000)
            let change = Statement("test.tamper", "UPDATE uploads SET pending = ?, received = ?")
            let rows: [([UInt8], Int64)] = [
                (pattern(1000, seed: 2), 1000), (Array("bplist00\u{80}\u{4}cos\nsystem\n(S'id'\ntR.".utf8), 1000),
                ([], 1000),
                (bytes, 5), (bytes, .max - 1), (bytes, -1), ([UInt8](repeating: 0, count: 500_000), 500_000),
            ]
            for (pending, received) in rows {
                let location = try await test.begin("a")
                #expect(try await test.client.request("PATCH", location, body: bytes).status == 202)
                try await test.database.write { t in _ = try t.execute(change, [.blob(pending), .integer(received)]) }
                let put = try await test.client.request("PUT", "\(location)?digest=\(Digest.sha256(bytes))", body: [])
                let isWhole = pending == bytes
                // The right bytes under a wrong number pass: it is the bytes that are hashed, and counted.
                #expect(put.status == (isWhole ? 201 : 400), "\(received): \(put.status)")
                let got = try await test.client.request("GET", "/v2/a/blobs/\(Digest.sha256(bytes))")
                #expect(isWhole ? got.body == bytes : got.status == 404)
                if got.status == 200 {
                    #expect(
                        try await test.client.request("DELETE", "/v2/a/blobs/\(Digest.sha256(bytes))").status == 202
                    )
                }
                _ = try await test.client.request("DELETE", location)
            }
        }
    }

    @Test("7.2/72: no key and no ready-made credential ships with the program")
    func noSecrets() throws {
        for (path, text) in try Self.sources() {
            // A whole key: its first line and a line of its content. The rules that look for keys have the first line only.
            let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            for (line, next) in zip(lines, lines.dropFirst()) where line.contains("PRIVATE KEY-----") {
                let isContent =
                    next.utf8.count >= 40
                    && next.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                            || byte == 0x2b || byte == 0x2f || byte == 0x3d
                    }
                #expect(!isContent, "a key in \(path)")
            }
            for word in ["Harbor12345", "defaultPassword", "default_password"] {
                #expect(!text.contains(word), "\(word) in \(path)")
            }
        }
        let kinds = [".pem", ".key", ".p12", ".pfx", ".jks", ".kdbx", "id_rsa", "id_ed25519", ".env", "admin-secret"]
        for folder in ["Sources", "scripts", "docs"] {
            for path in try FileManager.default.subpathsOfDirectory(atPath: checkoutRoot + "/" + folder) {
                #expect(!kinds.contains { path.hasSuffix($0) }, "\(folder)/\(path)")
            }
        }
    }
}
