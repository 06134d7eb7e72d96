// SPDX-License-Identifier: EUPL-1.2

import Audit
import Database
import DurableFiles
import MerkleLog
import Synchronization
import TestKit
import Testing
import Time
import Transparency

@Suite("After a restore")
struct RestoreTests {
    /// A log of 9 entries, and a backup of database and directory from when it had 5, with two more waiting in it.
    private func backedUp() async throws -> Fixture {
        let fixture = try Fixture()
        let database = try fixture.database()
        let log = try fixture.log(database)
        let sequencer = LogSequencer(log)
        try await fixture.enqueue(0..<5, log, database)
        try await sequencer.round()
        try await sequencer.stop()
        try await fixture.enqueue(5..<7, log, database)
        database.close()
        try fixture.copy("node.sqlite", "backup.sqlite")
        try fixture.copy("log", "backup-log")
        let again = try fixture.database()
        let next = try fixture.log(again)
        let later = LogSequencer(next)
        try await later.round()
        try await fixture.enqueue(7..<9, next, again)
        try await later.round()
        #expect(try fixture.checkpoint().size == 9)
        again.close()
        return fixture
    }

    @Test("an older database beside the newest directory signs nothing")
    func olderDatabase() async throws {
        let fixture = try await backedUp()
        let signatures = fixture.signed.withLock { $0.count }
        let database = try fixture.database("backup.sqlite")
        let log = try fixture.log(database)
        let freeze = try #require(try await log.prepare())
        #expect(freeze.reason == .directoryAhead)
        #expect(try await log.prepare() == freeze)
        let id = try await fixture.enqueue(9..<10, log, database)[0]
        let sequencer = LogSequencer(log)
        for _ in 0..<3 { #expect(try await !sequencer.round()) }
        #expect(fixture.signed.withLock { $0.count } == signatures)
        #expect(try await log.status().freeze == freeze)
        await #expect(throws: TransparencyError.frozen(freeze)) { try await log.receipt(for: id, timeout: .seconds(5)) }
        #expect(try await AuditLog.list(database).map(\.action) == ["log.freeze"])
    }

    @Test("older database and older directory: the guard beside the key knows")
    func olderBoth() async throws {
        let fixture = try await backedUp()
        let signatures = fixture.signed.withLock { $0.count }
        let database = try fixture.database("backup.sqlite")
        let log = try fixture.log(database, directory: "backup-log")
        #expect(try await log.prepare()?.reason == .olderThanSigned)
        #expect(try await !LogSequencer(log).round())
        #expect(fixture.signed.withLock { $0.count } == signatures)
    }

    @Test("without a look at start the guard refuses at the signature")
    func guardAtSignature() async throws {
        let fixture = try await backedUp()
        let signatures = fixture.signed.withLock { $0.count }
        let database = try fixture.database("backup.sqlite")
        let log = try fixture.log(database, directory: "backup-log")
        try await fixture.enqueue(20..<24, log, database)
        fixture.time.advance(by: .seconds(11))
        let sequencer = LogSequencer(log)
        for _ in 0..<2 { _ = try await sequencer.round() }
        #expect(fixture.signed.withLock { $0.count } == signatures)
        // Eleven entries are more than nine, and yet another history.
        #expect(try await log.status().freeze?.reason == .otherThanSigned)
    }

    @Test("the directory is adopted: what was logged after the backup is there again, and the log goes on")
    func adoption() async throws {
        let fixture = try await backedUp()
        let database = try fixture.database("backup.sqlite")
        let log = try fixture.log(database)
        try await log.prepare()
        #expect(try await log.adoptDirectory(by: "operator") == 4)
        let status = try await log.status()
        #expect(status.freeze == nil)
        #expect(status.size == 9)
        // The two that waited in the backup have the index that they got in the life that was lost.
        #expect(status.waiting == 0)
        let waited = try await log.receipt(for: 6)
        #expect(waited.index == 5)
        #expect(try waited.verified(entry: entry(5).bytes, by: log.keys).checkpoint.size == 9)
        fixture.time.advance(by: .seconds(11))
        try await fixture.enqueue(9..<10, log, database)
        #expect(try await LogSequencer(log).round())
        #expect(try fixture.checkpoint().size == 10)
        #expect(try fixture.hasNoFork(10))
        let said = try await sumdbVerifier().check(["check", fixture.home.file("log"), "\(try fixture.key)"])
        #expect(said.hasPrefix("10 "))
    }

    @Test("a changed bundle is not adopted")
    func noAdoption() async throws {
        let fixture = try await backedUp()
        let path = "tile/entries/000.p/9"
        var bytes = try #require(try fixture.files()[path])
        bytes[bytes.count - 1] ^= 1
        try fixture.home.write(bytes, to: "log/" + path)
        let database = try fixture.database("backup.sqlite")
        let log = try fixture.log(database)
        try await log.prepare()
        await #expect(throws: TransparencyError.self) { _ = try await log.adoptDirectory(by: "operator") }
        #expect(try await log.status().size == 5)
        #expect(try await log.status().freeze != nil)
    }

    @Test("the operator's word lets an older log go on; what lay beyond it is gone, and the audit log names them")
    func operatorConfirms() async throws {
        let fixture = try await backedUp()
        let database = try fixture.database("backup.sqlite")
        let log = try fixture.log(database)
        try await log.prepare()
        let status = try await log.status()
        for (size, root) in [(9, status.root), (5, MerkleHash.empty)] {
            await #expect(throws: TransparencyError.self) { try await log.confirm(size: size, root: root, by: "x") }
        }
        try await log.confirm(size: 5, root: status.root, by: "operator")
        #expect(try await log.status().freeze == nil)
        #expect(try fixture.files().keys.sorted() == ["checkpoint", "tile/0/000.p/5", "tile/entries/000.p/5"])
        #expect(try fixture.checkpoint().size == 5)
        fixture.time.advance(by: .seconds(11))
        try await fixture.enqueue(50..<51, log, database)
        #expect(try await LogSequencer(log).round())
        #expect(try fixture.checkpoint().size == 8)
        #expect(try await AuditLog.list(database).map(\.action) == ["log.freeze", "log.confirm"])
        #expect(try await AuditLog.list(database).last?.actor == "operator")
    }

    @Test("a checkpoint from elsewhere confirms a log that is not older, and no other")
    func witnessConfirms() async throws {
        let fixture = try await backedUp()
        let newest = try #require(try fixture.files()["checkpoint"])
        let older = try #require(try fixture.files("backup-log")["checkpoint"])
        let database = try fixture.database()
        let log = try fixture.log(database)
        try await log.freeze(LogFreeze(.restored, "kontor restore"))
        #expect(try await log.prepare()?.reason == .restored)
        try await log.confirm(shownBy: newest)
        #expect(try await log.status().freeze == nil)
        let backup = try fixture.database("backup.sqlite")
        let old = try fixture.log(backup, directory: "backup-log")
        try await old.prepare()
        await #expect(throws: TransparencyError.self) { try await old.confirm(shownBy: newest) }
        // Its own old checkpoint shows nothing that the guard does not know better.
        await #expect(throws: TransparencyError.self) { try await old.confirm(shownBy: older) }
        #expect(try await old.status().freeze != nil)
    }

    @Test("a lost guard, a lost directory and a foreign checkpoint stop the log")
    func lostParts() async throws {
        for (name, reason) in [
            ("keys/guard", LogFreeze.Reason.guardLost), ("log/tile/0/000.p/9", .directoryDiffers),
            ("log/tile/entries/000.p/9", .directoryDiffers),
        ] {
            let fixture = try await backedUp()
            _ = try FileOperations.live.remove(fixture.home.file(name))
            let database = try fixture.database()
            #expect(try await fixture.log(database).prepare()?.reason == reason, "\(name)")
        }
        let fixture = try await backedUp()
        try fixture.home.write(Array("o\n1\n".utf8), to: "log/checkpoint")
        #expect(try await fixture.log(try fixture.database()).prepare()?.reason == .directoryDiffers)
        let unreadable = try await backedUp()
        try unreadable.home.write(Array("what".utf8), to: "keys/guard")
        #expect(try await unreadable.log(try unreadable.database()).prepare()?.reason == .guardLost)
    }

    @Test("an empty database beside a log that was in use stops, too")
    func emptyDatabase() async throws {
        let fixture = try await backedUp()
        let database = try fixture.database("new.sqlite")
        let log = try fixture.log(database)
        #expect(try await log.prepare()?.reason == .directoryAhead)
        try await fixture.enqueue(0..<1, log, database)
        #expect(try await !LogSequencer(log).round())
        let other = try fixture.database("other.sqlite")
        #expect(try await fixture.log(other, directory: "fresh-log").prepare()?.reason == .olderThanSigned)
    }

    @Test("a checkpoint that the crash kept from the directory is put there at start")
    func checkpointAtStart() async throws {
        let fixture = try await backedUp()
        try fixture.copy("backup-log/checkpoint", "log/checkpoint")
        #expect(try fixture.checkpoint().size == 5)
        #expect(try await fixture.log(try fixture.database()).prepare() == nil)
        #expect(try fixture.checkpoint().size == 9)
    }
}

@Suite("The guard")
struct CheckpointGuardTests {
    @Test("an older size, another root, a tree that does not continue, another origin: none is signed")
    func refusals() throws {
        let home = try TemporaryDirectory("kontor-guard")
        let guardian = CheckpointGuard(path: home.file("keys/guard"))
        var tree = TiledTree()
        var roots = [tree.root]
        var files: [TileAddress: [UInt8]] = [:]
        for number in 0..<10 {
            try tree.append(entry(number).bytes)
            roots.append(tree.root)
            for file in try tree.partials() { files[file.address] = file.bytes }
        }
        let (all, known) = (files, roots)
        func permit(_ size: Int, _ root: MerkleHash? = nil, origin: String = "a", isFirst: Bool = false) throws {
            try guardian.permit(
                Checkpoint(origin: origin, size: size, root: root ?? known[size]),
                isFirst: isFirst
            ) { old in
                try ConsistencyProof(old: old, new: size, reading: TileHashes(size: size) { all[$0] }.hash)
            }
        }
        func reason(_ body: () throws -> Void) -> LogFreeze.Reason? {
            do { try body() } catch { return (error as? CheckpointGuard.Refusal)?.reason }
            return nil
        }
        #expect(reason { try permit(4) } == .guardLost)
        try permit(4, isFirst: true)
        try permit(4)
        try permit(7)
        #expect(try guardian.last() == Checkpoint(origin: "a", size: 7, root: known[7]))
        #expect(reason { try permit(6) } == .olderThanSigned)
        #expect(reason { try permit(7, known[6]) } == .otherThanSigned)
        #expect(reason { try permit(8, known[9]) } == .otherThanSigned)
        #expect(reason { try permit(8, origin: "b") } == .otherThanSigned)
        #expect(try guardian.last()?.size == 7)
        try permit(10)
        #expect(try FileOperations.live.statusAt(home.file("keys/guard"))?.mode == 0o600)
    }
}
