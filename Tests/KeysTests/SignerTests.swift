// SPDX-License-Identifier: EUPL-1.2

import Crypto
import Foundation
import Keys
import NIOPosix
import TestKit
import Testing
import Time

@Suite("Signer") struct SignerTests {
    private func store() throws -> (KeyStore, TemporaryDirectory) {
        let directory = try TemporaryDirectory("kontor-signer")
        let store = try KeyStore(directory: directory.file("keys"))
        _ = try store.complete()
        return (store, directory)
    }

    @Test("each role signs its own bytes and openssl verifies them", arguments: KeyRole.allCases)
    func verified(role: KeyRole) async throws {
        let (store, directory) = try store()
        let message = Statements.example(of: role)
        let signature = try await LocalSigner(store: store).sign(message, as: role)
        let (key, file, text) = (directory.file("key.pem"), directory.file("signature"), directory.file("message"))
        try directory.write(Array(signature.key.pem.utf8), to: "key.pem")
        try directory.write(signature.bytes, to: "signature")
        func verify() async throws -> Int32 {
            switch role.algorithm {
            case .ecdsaP256:
                try await tool("openssl").run(["dgst", "-sha256", "-verify", key, "-signature", file, text]).exitCode
            case .ed25519:
                try await tool("openssl").run([
                    "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", text, "-sigfile", file,
                ]).exitCode
            }
        }
        // OpenPGP signs the hash of what it is over.
        try directory.write(role == .openPGP ? Array(SHA512.hash(data: message)) : message, to: "message")
        #expect(try await verify() == 0)
        try directory.write(message.dropLast() + [0x21], to: "message")
        #expect(try await verify() != 0)
    }

    @Test("no key signs what belongs to another role")
    func separation() async throws {
        let (store, directory) = try store()
        let signer = LocalSigner(store: store)
        // What these may sign in common: both name a release, both stand in the log, both have types of the node's own.
        let shared: Set<Set<KeyRole>> = [[.release, .openPGP], [.logNotes, .logTimestamps], [.audit, .feeds]]
        for role in KeyRole.allCases {
            for other in KeyRole.allCases where other != role && !shared.contains([role, other]) {
                await #expect(throws: KeysError.self, "\(role) signed what belongs to \(other)") {
                    try await signer.sign(Statements.example(of: other), as: role)
                }
            }
        }
        withExtendedLifetime(directory) {}
    }

    @Test(
        "nothing is signed that is not exactly a form the role knows",
        arguments: [
            "", "hello", "DSSEv1 ", "DSSEv1 28 application/vnd.in-toto+json 5 {}",
            "DSSEv1 28 application/vnd.in-toto+json -1 {}", "DSSEv1 28 application/vnd.in-toto+json 2 {}",
            #"DSSEv1 28 application/vnd.in-toto+json 21 {"predicateType":"a"}"#,
        ]
    )
    func malformed(text: String) async throws {
        let (store, directory) = try store()
        for role in KeyRole.allCases {
            // A type of the node's own is what auditors sign; everything else is no form at all.
            if text.hasSuffix(#""a"}"#), role == .audit || role == .feeds { continue }
            await #expect(throws: KeysError.self) {
                try await LocalSigner(store: store).sign(Array(text.utf8), as: role)
            }
        }
        withExtendedLifetime(directory) {}
    }

    @Test("an OpenPGP key signs the hash of what it sees, and gives a name to itself alone")
    func openPGP() async throws {
        let (store, directory) = try store()
        let signer = LocalSigner(store: store)
        let signature = try await signer.sign(Statements.release, as: .openPGP)
        let point = try #require(signature.key.rawEd25519)
        let key = try Curve25519.Signing.PublicKey(rawRepresentation: point)
        #expect(key.isValidSignature(signature.bytes, for: Array(SHA512.hash(data: Statements.release))))
        #expect(!key.isValidSignature(signature.bytes, for: Statements.release))
        func certification(_ point: [UInt8]) -> [UInt8] {
            let packet = [4, 0, 0, 0, 1, 22] + point
            return [0x99, 0, UInt8(packet.count)] + packet + [0xB4, 0, 0, 0, 1, 0x61]
        }
        _ = try await signer.sign(certification(point), as: .openPGP)
        let other = [UInt8](repeating: 7, count: 32)
        for bytes in [certification(other), Array(certification(point).prefix(38)), [0x99], [0x99, 0xFF, 0xFF, 1]] {
            await #expect(throws: KeysError.self) { try await signer.sign(bytes, as: .openPGP) }
        }
        withExtendedLifetime(directory) {}
    }

    @Test("a statement with two types is refused: its readers could take either")
    func doubled() async throws {
        let (store, directory) = try store()
        let body =
            #"{"predicateType":"https://slsa.dev/verification_summary/v1","predicateType":"https://slsa.dev/provenance/v1"}"#
        await #expect(throws: KeysError.self) {
            try await LocalSigner(store: store).sign(Statements.encoded(body), as: .verdict)
        }
        withExtendedLifetime(directory) {}
    }

    @Test("another process's questions and answers: one, many, refusals, keys, and a rotation without a restart")
    func overSocket() async throws {
        let (store, directory) = try store()
        try await withSigner(store) { client in
            let local = LocalSigner(store: store)
            #expect(try await client.keys() == local.keys())
            let many = (0..<300).map { Statements.statement("https://slsa.dev/provenance/v1?\($0)") }
            let signatures = try await client.sign(many, as: .provenance)
            #expect(signatures.count == many.count && Set(signatures.map(\.bytes)).count == many.count)
            #expect(try await client.sign([[UInt8]](), as: .provenance).isEmpty)
            // Deterministic: the same key gave the same bytes.
            let note = try await client.sign(Statements.checkpoint, as: .logNotes)
            #expect(try await local.sign(Statements.checkpoint, as: .logNotes) == note)
            await #expect(throws: KeysError.self) { try await client.sign(Statements.vsa, as: .release) }
            let next = try store.rotate(.logNotes, overlap: .zero)
            #expect(try await client.sign(Statements.checkpoint, as: .logNotes).key.id == next.id)
            #expect(try await client.isolation().isIsolated == false)
        }
        withExtendedLifetime(directory) {}
    }

    @Test("fifty callers at once get their own signatures")
    func concurrent() async throws {
        let (store, directory) = try store()
        try await withSigner(store) { client in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<50 {
                    group.addTask {
                        let note = Array("log.example/\(index)\n1\n\(String(repeating: "A", count: 43))=\n".utf8)
                        let signed = try await client.sign(note, as: .logNotes)
                        return try await LocalSigner(store: store).sign(note, as: .logNotes) == signed
                    }
                }
                for try await isOwn in group { #expect(isOwn) }
            }
        }
        withExtendedLifetime(directory) {}
    }

    @Test("nonsense on the socket ends in an answer or in the end of the connection, never in the end of the signer")
    func nonsense() throws {
        let (store, directory) = try store()
        let messages: [[UInt8]] = [
            [0, 0, 0, 0], [0, 0, 0, 4, 0, 0, 0, 9], [0, 0, 0, 6, 0, 0, 0, 2, 0x7B, 0x7D],
            [0, 0, 0, 5, 0, 0, 0, 1, 0x5B], [0xFF, 0xFF, 0xFF, 0xFF, 1], [0, 0, 1, 0, 1, 2],
        ]
        for message in messages {
            let (own, other) = try SocketPair.make()
            let server = SignerServer(store: store) { _ in }
            Thread.detachNewThread { server.serve(descriptor: other) }
            #expect(write(own, message, message.count) == message.count)
            shutdown(own, Int32(SHUT_WR))
            var answer = [UInt8](repeating: 0, count: 1 << 16)
            while read(own, &answer, answer.count) > 0 {}
            close(own)
        }
        withExtendedLifetime(directory) {}
    }

    /// A signer in this process behind a real socket.
    private func withSigner(_ store: KeyStore, _ body: (SignerClient) async throws -> Void) async throws {
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let server = SignerServer(store: store) { _ in }
        let client = SignerClient(threads: threads) { () throws(KeysError) in
            do {
                let (own, other) = try SocketPair.make()
                Thread.detachNewThread { server.serve(descriptor: other) }
                return own
            } catch { throw .signer("\(error)") }
        }
        do { try await body(client) } catch {
            client.disconnect()
            try? await threads.shutdownGracefully()
            throw error
        }
        client.disconnect()
        try await threads.shutdownGracefully()
    }
}

/// Two connected descriptors.
enum SocketPair {
    static func make() throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw ToolError(description: "no pair of sockets")
        }
        return (ends[0], ends[1])
    }
}
