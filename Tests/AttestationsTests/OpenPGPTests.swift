// SPDX-License-Identifier: EUPL-1.2

import Attestations
import FoundationEssentials
import JSON
import OCI
import TestKit
import Testing
import Time

/// GnuPG with a home of its own.
private struct GnuPG {
    // Short, because the agent's socket lies inside.
    let home: TemporaryDirectory
    let gpg: Tool

    init() throws {
        home = try TemporaryDirectory("gpg")
        gpg = try tool("gpg")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: home.path)
    }

    @discardableResult
    func run(_ arguments: [String]) async throws -> ToolResult {
        try await gpg.run(
            ["--homedir", home.path, "--batch", "--yes", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""]
                + arguments
        )
    }

    func check(_ arguments: [String]) async throws -> String {
        let result = try await run(arguments)
        guard result.exitCode == 0 else {
            throw ToolError(description: "gpg \(arguments) ended with \(result.exitCode)\n\(result.errorOutput)")
        }
        return result.output
    }

    func bytes(of name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: home.file(name))))
    }

    /// Ends the agent that gpg started for this home.
    func end() async { _ = try? await tool("gpgconf").run(["--homedir", home.path, "--kill", "all"]) }
}

@Suite("OpenPGP")
struct OpenPGPTests {
    private static let user = "Release of a test <release@registry.example>"
    private static let payload = SimpleSigning(
        .openPGP,
        digest: Sample.digest,
        dockerReference: Sample.repository + ":1.0"
    ).bytes

    /// Our key, certified by itself.
    static func key(_ signer: Signer, lifetime: Duration? = nil) throws -> (
        key: OpenPGPPublicKey, block: String, signing: OpenPGPSigning
    ) {
        let key = try OpenPGPPublicKey(ed25519: signer.key.point, created: Sample.time - .seconds(3600))
        let signing = try OpenPGPSigning(key: key, at: Sample.time)
        let signature = try signer.sign(signing.bytesToCertify(userID: user, lifetime: lifetime))
        return (key, try signing.publicKeyBlock(userID: user, lifetime: lifetime, signature: signature), signing)
    }

    @Test("gpg imports our key and verifies our messages and detached signatures, and refuses changed ones")
    func ours() async throws {
        let signer = try Signer.ed25519()
        let (key, block, signing) = try Self.key(signer)
        let gnupg = try GnuPG()
        try gnupg.home.write(Array(block.utf8), to: "key.asc")
        _ = try await gnupg.check(["--import", gnupg.home.file("key.asc")])
        let list = try await gnupg.check(["--with-colons", "--list-keys"])
        #expect(list.contains(key.fingerprintText) && list.contains(Self.user))

        let signature = try signer.sign(signing.bytesToSign(Self.payload))
        try gnupg.home.write(try signing.message(Self.payload, signature: signature), to: "message")
        #expect(
            try await gnupg.check(["--decrypt", gnupg.home.file("message")])
                == String(decoding: Self.payload, as: UTF8.self)
        )
        try gnupg.home.write(Self.payload, to: "document")
        try gnupg.home.write(Array(try signing.detached(Self.payload, signature: signature).utf8), to: "document.asc")
        _ = try await gnupg.check(["--verify", gnupg.home.file("document.asc"), gnupg.home.file("document")])
        try gnupg.home.write(Self.payload + [0x20], to: "document")
        #expect(
            try await gnupg.run(["--verify", gnupg.home.file("document.asc"), gnupg.home.file("document")]).exitCode
                == 1
        )
        await gnupg.end()
    }

    @Test("we read our own key, messages and detached signatures, and refuse changed ones")
    func roundTrip() throws {
        let signer = try Signer.ed25519()
        let (key, block, signing) = try Self.key(signer, lifetime: .seconds(86_400))
        let read = try #require(try OpenPGPPublicKey.keys(armored: block).first)
        #expect(read.fingerprint == key.fingerprint && read.userIDs == [Self.user])
        #expect(read.expires == key.created + .seconds(86_400) && !read.isRevoked)
        let signature = try signer.sign(signing.bytesToSign(Self.payload))
        let bytes = try signing.message(Self.payload, signature: signature)
        let message = try OpenPGPMessage(parsing: bytes)
        #expect(message.content == Self.payload && message.isSigned(by: read) && message.created == Sample.time)
        let detached = try OpenPGPMessage(
            document: Self.payload,
            detached: try signing.detached(Self.payload, signature: signature)
        )
        #expect(detached.isSigned(by: key))
        #expect(try !message.isSigned(by: Self.key(try Signer.ed25519()).key))
        // Whatever single byte changes, the message is unreadable or no longer signed: but for the key id, the date and the hash's first
        // bytes that gpg shows, which nothing is decided by.
        var accepted = 0
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x04
            guard let other = try? OpenPGPMessage(parsing: changed), other.isSigned(by: key) else { continue }
            #expect(other.content == Self.payload && other.created == Sample.time)
            accepted += 1
        }
        #expect(accepted < 60)
        for count in bytes.indices {
            #expect(throws: OpenPGPError.self) { try OpenPGPMessage(parsing: Array(bytes[..<count])) }
        }
    }

    @Test(
        "gpg's keys and messages are read and verified: Ed25519 and RSA, compressed and not",
        arguments: ["ed25519", "rsa3072"],
        [["--compress-algo", "none"], ["--compress-algo", "zip"], ["--compress-algo", "zlib"]]
    )
    func gnupg(_ algorithm: String, _ options: [String]) async throws {
        let gnupg = try GnuPG()
        _ = try await gnupg.check(["--quick-generate-key", Self.user, algorithm, "sign", "2d"])
        let block = try await gnupg.check(["--armor", "--export"])
        // A text that compresses, with matches near and far.
        let text = Self.payload + Array(String(repeating: "kontor ", count: 4000).utf8) + Self.payload
        try gnupg.home.write(text, to: "text")
        _ = try await gnupg.check(options + ["--output", gnupg.home.file("signed"), "--sign", gnupg.home.file("text")])
        _ = try await gnupg.check([
            "--armor", "--output", gnupg.home.file("asc"), "--detach-sign", gnupg.home.file("text"),
        ])
        let key = try #require(try OpenPGPPublicKey.keys(armored: block).first)
        let listed = try await gnupg.check(["--with-colons", "--list-keys"])
        #expect(listed.contains(key.fingerprintText) && key.userIDs == [Self.user])
        #expect(key.expires == key.created + .seconds(2 * 86_400))
        let message = try OpenPGPMessage(parsing: try gnupg.bytes(of: "signed"))
        #expect(message.content == text && message.isSigned(by: key))
        let detached = String(decoding: try gnupg.bytes(of: "asc"), as: UTF8.self)
        #expect(try OpenPGPMessage(document: text, detached: detached).isSigned(by: key))
        #expect(try !OpenPGPMessage(document: text + [0], detached: detached).isSigned(by: key))
        await gnupg.end()
    }

    @Test("gpg's revocation of a key is seen, and several keys of a block are read")
    func revoked() async throws {
        let gnupg = try GnuPG()
        for name in ["one@registry.example", "two@registry.example"] {
            _ = try await gnupg.check(["--quick-generate-key", name, "ed25519", "sign", "0"])
        }
        let keys = try OpenPGPPublicKey.keys(armored: try await gnupg.check(["--armor", "--export"]))
        #expect(
            keys.map(\.userIDs) == [["one@registry.example"], ["two@registry.example"]]
                && keys.allSatisfy { $0.expires == nil }
        )
        let first = try #require(keys.first)
        let file = "openpgp-revocs.d/\(first.fingerprintText).rev"
        // gpg puts a colon before the block, so that nobody revokes by mistake.
        let text = String(decoding: try gnupg.bytes(of: file), as: UTF8.self)
        let at = try #require(text.firstRange(of: ":-----BEGIN"))
        try gnupg.home.write(Array(("-----BEGIN" + text[at.upperBound...]).utf8), to: "revocation")
        _ = try await gnupg.check(["--import", gnupg.home.file("revocation")])
        let after = try OpenPGPPublicKey.keys(armored: try await gnupg.check(["--armor", "--export"]))
        #expect(after.map(\.isRevoked) == [true, false])
        await gnupg.end()
    }

    @Test("a key that may only certify other keys signs no documents")
    func certifying() async throws {
        let gnupg = try GnuPG()
        _ = try await gnupg.check(["--quick-generate-key", Self.user, "ed25519", "cert", "0"])
        let key = try #require(
            try OpenPGPPublicKey.keys(armored: try await gnupg.check(["--armor", "--export"])).first
        )
        #expect(!key.signsDocuments && key.userIDs == [Self.user])
        #expect(try OpenPGPPublicKey.keys(armored: Self.key(try Signer.ed25519()).block).allSatisfy(\.signsDocuments))
        await gnupg.end()
    }

    @Test("a bomb, a message of other parts and an endless list of packets are refused")
    func refuses() async throws {
        let gnupg = try GnuPG()
        try gnupg.home.write([UInt8](repeating: 0x41, count: 4 << 20), to: "large")
        _ = try await gnupg.check([
            "--compress-algo", "zlib", "--output", gnupg.home.file("bomb"), "--store", gnupg.home.file("large"),
        ])
        let bomb = try gnupg.bytes(of: "bomb")
        #expect(bomb.count < AttestationLimits.simpleSigningBytes)
        #expect(throws: OpenPGPError.tooLarge) { try OpenPGPMessage(parsing: bomb) }
        #expect(throws: OpenPGPError.tooLarge) {
            try OpenPGPMessage(
                parsing: Array(repeatElement([0xCD, 0x01, 0x41], count: AttestationLimits.packets + 1).joined())
            )
        }
        #expect(throws: OpenPGPError.self) { try OpenPGPMessage(parsing: [0xCB, 0x06, 0x62, 0, 0, 0, 0, 0]) }
        #expect(throws: OpenPGPError.self) { try OpenPGPMessage(parsing: []) }
        await gnupg.end()
    }

    @Test("whatever bytes change in a compressed message or a block of keys, it is read as before, or refused")
    func mutations() async throws {
        let gnupg = try GnuPG()
        _ = try await gnupg.check(["--quick-generate-key", Self.user, "ed25519", "sign", "0"])
        try gnupg.home.write(Self.payload + Array(String(repeating: "kontor ", count: 300).utf8), to: "text")
        _ = try await gnupg.check(["--output", gnupg.home.file("signed"), "--sign", gnupg.home.file("text")])
        _ = try await gnupg.check(["--output", gnupg.home.file("keys"), "--export"])
        let (signed, keys) = (try gnupg.bytes(of: "signed"), try gnupg.bytes(of: "keys"))
        let key = try #require(try OpenPGPPublicKey.keys(in: keys).first)
        let content = try OpenPGPMessage(parsing: signed).content
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            var changed = signed
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                changed[Int.random(in: changed.indices, using: &generator)] = UInt8.random(
                    in: 0...255,
                    using: &generator
                )
            }
            if let message = try? OpenPGPMessage(parsing: changed), message.isSigned(by: key) {
                #expect(message.content == content)
            }
        }
        for _ in 0..<2000 {
            var changed = keys
            changed[Int.random(in: changed.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            for other in (try? OpenPGPPublicKey.keys(in: changed)) ?? [] where other.fingerprint == key.fingerprint {
                // A changed name is no longer certified, so it is not told.
                #expect(other.userIDs == key.userIDs || other.userIDs.isEmpty)
            }
        }
        await gnupg.end()
    }

    @Test("the registry's answer names signatures by their own content, and is an empty list without any")
    func answer() {
        #expect(RegistrySignatures([], of: Sample.digest).json == ["signatures": []])
        let name = "\(Sample.digest)@\(Digest.sha256([1]).hex.prefix(32))"
        #expect(
            RegistrySignatures([[1]], of: Sample.digest).json.text()
                == #"{"signatures":[{"content":"AQ==","name":"\#(name)","schemaVersion":2,"type":"atomic"}]}"#
        )
    }
}
