// SPDX-License-Identifier: EUPL-1.2

import DurableFiles
import Glibc
import Keys
import TestKit
import Testing
import Time

@Suite("Key store") struct KeyStoreTests {
    private static let noon = Timestamp(seconds: 1_800_000_000)

    private func store() throws -> (KeyStore, ManualClock, TemporaryDirectory) {
        let directory = try TemporaryDirectory("kontor-keys")
        let clock = ManualClock(Self.noon)
        return (try KeyStore(directory: directory.file("keys"), clock: clock.clock), clock, directory)
    }

    @Test("the first start makes one key per role, readable by nobody else, and the second none")
    func firstStart() throws {
        let (store, _, directory) = try store()
        #expect(try store.records().isEmpty)
        let made = try store.complete()
        #expect(made.map(\.role) == KeyRole.allCases)
        #expect(Set(made.map(\.fingerprint)).count == made.count)
        #expect(try store.records() == made)
        #expect(try store.complete().isEmpty)
        for name in try FileOperations.live.names(store.directory) {
            #expect(try #require(try FileOperations.live.statusAt("\(store.directory)/\(name)")).mode & 0o777 == 0o600)
        }
        #expect(try #require(try FileOperations.live.statusAt(store.directory)).mode & 0o777 == 0o700)
        withExtendedLifetime(directory) {}
    }

    @Test("openssl reads every key file and gives the public half that the list has", arguments: KeyRole.allCases)
    func openssl(role: KeyRole) async throws {
        let (store, _, directory) = try store()
        let key = try #require(try store.complete(roles: [role]).first)
        let path = "\(store.directory)/\(role.rawValue)-\(key.id).pem"
        #expect(try await tool("openssl").check(["pkey", "-in", path, "-pubout"]) == key.pem)
        let der = directory.file("key.der")
        _ = try await tool("openssl").check(["pkey", "-in", path, "-pubout", "-outform", "DER", "-out", der])
        let sum = try await tool("openssl").check(["dgst", "-sha256", "-r", der])
        #expect(sum.hasPrefix(key.fingerprint))
        #expect(key.id == String(key.fingerprint.prefix(16)))
        #expect(key.printableFingerprint.split(separator: " ").joined() == key.fingerprint)
    }

    @Test("a key that others may read is refused, with the mode and what to do")
    func exposed() async throws {
        let (store, clock, directory) = try store()
        let key = try #require(try store.complete(roles: [.verdict]).first)
        let path = "\(store.directory)/verdict-\(key.id).pem"
        #expect(chmod(path, 0o640) == 0)
        await #expect(throws: KeysError.exposed(path: path, mode: 0o640)) {
            try await LocalSigner(store: store, clock: clock.clock).sign(Statements.vsa, as: .verdict)
        }
        #expect(chmod(store.directory, 0o755) == 0)
        #expect(throws: KeysError.exposed(path: store.directory, mode: 0o755)) {
            try KeyStore(directory: store.directory)
        }
        withExtendedLifetime(directory) {}
    }

    @Test("damage is said with the file: no list, a file of another key, no key at all, a link")
    func damaged() async throws {
        let (store, clock, directory) = try store()
        let key = try #require(try store.complete(roles: [.verdict]).first)
        let path = "\(store.directory)/verdict-\(key.id).pem"
        let other = try store.rotate(.verdict, overlap: .zero)
        let (mine, theirs) = (path, "\(store.directory)/verdict-\(other.id).pem")
        let kept = try #require(try FileOperations.live.contents(of: theirs))
        func refusal() async -> String {
            do {
                _ = try await LocalSigner(store: store, clock: clock.clock).sign(Statements.vsa, as: .verdict)
                return "signed"
            } catch { return "\(error)" }
        }
        #expect(await refusal() == "signed")
        try FileOperations.live.replace(
            theirs,
            bytes: try #require(try FileOperations.live.contents(of: mine)),
            mode: 0o600
        )
        #expect(await refusal().contains("another key than the list says"))
        try FileOperations.live.replace(theirs, bytes: Array("-----BEGIN PRIVATE KEY-----".utf8), mode: 0o600)
        #expect(await refusal().contains("no PKCS#8 file"))
        _ = try FileOperations.live.remove(theirs)
        #expect(await refusal().contains("the file of the key is missing"))
        try FileOperations.live.createDurably(directory.file("elsewhere"), bytes: kept, mode: 0o600)
        #expect(symlink(directory.file("elsewhere"), theirs) == 0)
        #expect(await refusal().contains("it is no regular file"))
        for text in ["", "{", #"{"schemaVersion":2,"keys":[]}"#, #"{"schemaVersion":1,"keys":[{"role":"king"}]}"#] {
            try FileOperations.live.replace(store.directory + "/keys.json", bytes: Array(text.utf8), mode: 0o600)
            #expect(await refusal().contains("keys.json"))
        }
    }

    @Test("a rotation announces, then signs; the old key retires and stays known")
    func rotation() async throws {
        let (store, clock, directory) = try store()
        let signer = LocalSigner(store: store, clock: clock.clock)
        let old = try #require(try store.complete(roles: [.release]).first)
        let new = try store.rotate(.release, overlap: .seconds(86_400))
        #expect(try await signer.sign(Statements.release, as: .release).key.id == old.id)
        #expect(try store.records().map { $0.state(at: clock.clock.now()) } == [.active, .announced])
        #expect(throws: KeysError.self) { try store.rotate(.release, overlap: .zero) }
        clock.advance(by: .seconds(86_399))
        #expect(try await signer.sign(Statements.release, as: .release).key.id == old.id)
        clock.advance(by: .seconds(1))
        #expect(try await signer.sign(Statements.release, as: .release).key.id == new.id)
        #expect(try await signer.keys().map { $0.state(at: clock.clock.now()) } == [.retired, .active])
        withExtendedLifetime(directory) {}
    }

    @Test("a revocation lets another key sign at once: the announced one, else a new one")
    func revocation() async throws {
        let (store, clock, directory) = try store()
        let signer = LocalSigner(store: store, clock: clock.clock)
        let first = try #require(try store.complete(roles: [.scan]).first)
        let announced = try store.rotate(.scan, overlap: .seconds(86_400))
        #expect(throws: KeysError.self) { try store.revoke(first.id, reason: "") }
        #expect(throws: KeysError.unknownKey("nobody")) { try store.revoke("nobody", reason: "x") }
        #expect(try store.revoke(first.id, reason: "laptop lost").id == announced.id)
        #expect(try await signer.sign(Statements.bill, as: .scan).key.id == announced.id)
        let third = try store.revoke(announced.id, from: Self.noon - .seconds(60), reason: "copied")
        #expect(third.id != first.id && third.id != announced.id)
        #expect(try await signer.sign(Statements.bill, as: .scan).key.id == third.id)
        let records = try store.records()
        #expect(records.map { $0.state(at: clock.clock.now()) } == [.revoked, .revoked, .active])
        #expect(records[1].revokedFrom == Self.noon - .seconds(60))
        #expect(records[0].revocationReason == "laptop lost")
        #expect(throws: KeysError.self) { try store.revoke(first.id, reason: "again") }
        withExtendedLifetime(directory) {}
    }

    @Test("a crash at any point of a rotation leaves the old list or the new one, and a signer that signs")
    func crashes() async throws {
        for point in 1...14 {
            let directory = try TemporaryDirectory("kontor-keys")
            let faults = FaultyFiles()
            let store = try KeyStore(directory: directory.file("keys"), files: faults.operations)
            let old = try #require(try store.complete(roles: [.verdict]).first)
            faults.fail(nil, nth: point, code: EIO)
            let new = try? store.rotate(.verdict, overlap: .zero)
            let after = try KeyStore(directory: store.directory)
            let signed = try await LocalSigner(store: after).sign(Statements.vsa, as: .verdict)
            // A rotation whose last word failed may count or not; one that was acknowledged counts.
            #expect(try after.records().last?.id == signed.key.id)
            if let new { #expect(signed.key.id == new.id) }
            #expect(try after.records().first?.id == old.id)
        }
    }
}
