// SPDX-License-Identifier: EUPL-1.2

import Crypto
import DurableFiles
import Foundation
import Keys
import NIOPosix
import TestKit
import Testing
import Time

/// A token of SoftHSM in a directory of its own.
///
/// The library reads its configuration once in a process, so that all tests share the directory, each with a token of its own.
struct SoftToken {
    static let library = "/usr/lib/softhsm/libsofthsm2.so"

    /// All of them are there before the library is loaded: it does not look for new ones.
    private static let made = Task {
        let directory = try TemporaryDirectory("softhsm")
        let text = "directories.tokendir = \(directory.file("tokens"))\nobjectstore.backend = file\nlog.level = ERROR\n"
        try directory.write(Array(text.utf8), to: "softhsm2.conf")
        try FileManager.default.createDirectory(atPath: directory.file("tokens"), withIntermediateDirectories: false)
        for label in ["first", "served", "brought", "edwards", "guarded", "present"] {
            try await tool("softhsm2-util").check(
                ["--init-token", "--free", "--label", label, "--so-pin", "99887766", "--pin", "7391"],
                environment: ["SOFTHSM2_CONF": directory.file("softhsm2.conf")]
            )
        }
        return directory
    }

    let label: String
    let pinFile: String
    let environment: [String: String]

    /// One of the tokens; its PIN is `7391`.
    init(_ label: String) async throws {
        let directory = try await Self.made.value
        self.label = label
        environment = ["SOFTHSM2_CONF": directory.file("softhsm2.conf")]
        pinFile = directory.file("pin-\(label)")
        try write(pin: "7391")
    }

    func write(pin: String) throws {
        try Data((pin + "\n").utf8).write(to: URL(fileURLWithPath: pinFile))
        guard chmod(pinFile, 0o600) == 0 else { throw ToolError(description: "chmod \(pinFile)") }
    }

    func location(_ key: String? = "feeds", id: [UInt8]? = nil) -> TokenLocation {
        TokenLocation(
            module: Self.library,
            token: label,
            label: key,
            id: id,
            pinFile: pinFile,
            environment: environment
        )
    }
}

/// Keys in a real token, used through the store and through the signer; whatever a token can refuse is said and does no harm.
@Suite("Keys in tokens", .serialized) struct TokenTests {
    private func store() throws -> (KeyStore, TemporaryDirectory) {
        let directory = try TemporaryDirectory("kontor-keys")
        return (try KeyStore(directory: directory.file("keys")), directory)
    }

    @Test(
        "a key that the token makes takes over from the file's and signs a statement; swift-crypto and openssl verify it"
    )
    func signs() async throws {
        let token = try await SoftToken("first")
        let (store, directory) = try store()
        let before = try #require(try store.complete(roles: [.release]).first)
        let key = try store.adopt(.release, in: token.location("release"), generates: true)
        #expect(key.token == token.location("release") && before.token == nil)
        #expect(try store.records().last == key && store.records().first?.signsUntil != nil)
        // Nothing of the key is a file.
        #expect(try !FileOperations.live.names(store.directory).contains { $0.contains(key.id) })

        let message = Statements.example(of: .release)
        let signature = try await LocalSigner(store: store).sign(message, as: .release)
        #expect(signature.key == key)
        let half = try P256.Signing.PublicKey(derRepresentation: key.publicKey)
        #expect(half.isValidSignature(try .init(derRepresentation: signature.bytes), for: message))
        let files = [
            try directory.write(Array(key.pem.utf8), to: "key.pem"),
            try directory.write(signature.bytes, to: "signature"),
            try directory.write(message, to: "message"),
        ]
        let verified = try await tool("openssl").check([
            "dgst", "-sha256", "-verify", files[0], "-signature", files[1], files[2],
        ])
        #expect(verified.contains("Verified OK"))
        // The role's rule holds for a token's key too.
        await #expect(throws: KeysError.self) { try await LocalSigner(store: store).sign(Statements.vsa, as: .release) }
    }

    @Test("the signer signs with it over its socket, many times, and tells where the key lies")
    func signer() async throws {
        let token = try await SoftToken("served")
        let (store, directory) = try store()
        let key = try store.adopt(.feeds, in: token.location(), generates: true)
        let socket = directory.file("signer.sock")
        let server = SignerServer(store: store) { _ in }
        let thread = Thread { try? server.serve(at: socket) {} }
        thread.start()
        for _ in 0..<200 where !FileManager.default.fileExists(atPath: socket) {
            try await Task.sleep(for: .milliseconds(10))
        }
        let client = SignerClient(path: socket, threads: .singleton)
        #expect(try await client.keys() == [key])
        let message = Statements.example(of: .feeds)
        let half = try P256.Signing.PublicKey(derRepresentation: key.publicKey)
        for signature in try await client.sign(Array(repeating: message, count: 50), as: .feeds) {
            #expect(half.isValidSignature(try .init(derRepresentation: signature.bytes), for: message))
        }
    }

    @Test("a key that was brought into the token is found by its identifier, also beside one of the same label")
    func identifiers() async throws {
        let token = try await SoftToken("brought")
        let (store, directory) = try store()
        var halves: [String] = []
        for id in ["a1", "a2"] {
            let path = directory.file(id + ".pem")
            try await tool("openssl").check([
                "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path,
            ])
            halves.append(try await tool("openssl").check(["pkey", "-in", path, "-pubout"]))
            try await tool("softhsm2-util").check(
                ["--import", path, "--token", token.label, "--label", "feeds", "--id", id, "--pin", "7391"],
                environment: token.environment
            )
        }
        let error = #expect(throws: KeysError.self) { try store.adopt(.feeds, in: token.location()) }
        #expect(error?.description.contains("2 such objects") == true)
        let id = try #require(TokenLocation.identifier(hex: "a2"))
        #expect(try store.adopt(.feeds, in: token.location(id: id)).pem == halves[1])
        // One key for one role: a second use is refused.
        #expect(throws: KeysError.self) { try store.adopt(.verdict, in: token.location(id: id)) }
        // The list says another key than the token: nothing is signed.
        try await tool("softhsm2-util").check(
            [
                "--import", directory.file("a1.pem"), "--token", token.label, "--label", "x", "--id", "b1", "--pin",
                "7391",
            ],
            environment: token.environment
        )
        let list = store.directory + "/keys.json"
        let text = try String(contentsOfFile: list, encoding: .utf8)
        try Data(
            text.replacing("\"a2\"", with: "\"b1\"").replacing("\"label\": \"feeds\"", with: "\"label\": \"x\"").utf8
        )
        .write(to: URL(fileURLWithPath: list))
        let other = await #expect(throws: KeysError.self) {
            try await LocalSigner(store: store).sign(Statements.example(of: .feeds), as: .feeds)
        }
        #expect(other?.description.contains("another key than the list") == true, "\(other?.description ?? "none")")
    }

    @Test("Ed25519 signs a checkpoint, where the token can as this one does")
    func edwards() async throws {
        let token = try await SoftToken("edwards")
        let (store, directory) = try store()
        defer { directory.remove() }
        let key = try store.adopt(.logNotes, in: token.location("notes"), generates: true)
        let message = Statements.checkpoint
        let signature = try await LocalSigner(store: store).sign(message, as: .logNotes)
        let half = try Curve25519.Signing.PublicKey(rawRepresentation: try #require(key.rawEd25519))
        #expect(signature.bytes.count == 64 && half.isValidSignature(signature.bytes, for: message))
    }

    @Test("a wrong PIN is tried once and not again until the file says another one; nothing is in the list then")
    func wrongPIN() async throws {
        let token = try await SoftToken("guarded")
        let (store, directory) = try store()
        defer { directory.remove() }
        try token.write(pin: "0000")
        let first = #expect(throws: KeysError.self) { try store.adopt(.feeds, in: token.location(), generates: true) }
        #expect(first?.description.contains("the PIN is wrong") == true, "\(first?.description ?? "none")")
        for _ in 0..<20 {
            let again = #expect(throws: KeysError.self) {
                try store.adopt(.feeds, in: token.location(), generates: true)
            }
            #expect(again?.description.contains("not tried again") == true)
        }
        #expect(try store.records() == [])
        try token.write(pin: "7391")
        #expect(try store.adopt(.feeds, in: token.location(), generates: true).token != nil)
    }

    @Test("what is missing or open to others is said: token, key, library, PIN file, its mode")
    func errors() async throws {
        let token = try await SoftToken("present")
        let (store, directory) = try store()
        func refused(_ reason: String, _ change: (inout TokenLocation) -> Void) {
            var location = token.location()
            change(&location)
            let error = #expect(throws: KeysError.self) { try store.adopt(.feeds, in: location) }
            #expect(error?.description.contains(reason) == true, "\(error?.description ?? "none")")
        }
        refused("no such token is there") { $0.token = "absent" }
        refused("the token has no such private key") { _ in }
        refused("cannot be found") { $0.module = "/nowhere/library.so" }
        refused("begin with /") { $0.module = "library.so" }
        refused("variables of the loader") { $0.environment["LD_PRELOAD"] = "/tmp/x.so" }
        refused("its label, its identifier or both") { $0.label = nil }
        refused("is missing") { $0.pinFile = "/nowhere/pin" }
        let library = try directory.write(Array("no library".utf8), to: "text.so")
        refused("cannot be loaded") { $0.module = library }
        #expect(chmod(library, 0o666) == 0)
        refused("others could change the library") { $0.module = library }
        refused("none for tokens") { $0.module = "/usr/lib/x86_64-linux-gnu/libz.so.1" }
        #expect(chmod(token.pinFile, 0o644) == 0)
        refused("may be read by others") { _ in }
        #expect(try store.records() == [])
    }
}
