// SPDX-License-Identifier: EUPL-1.2

import Crypto
import Database
import Logging
import MerkleLog
import NIOPosix
import TestKit
import Testing
import Time
import Transparency

@Suite("Keys of the log that change")
struct KeyChangeTests {
    /// The log of a fixture with another key, as after a rotation.
    private func log(
        _ fixture: Fixture,
        _ database: Database,
        _ signing: Curve25519.Signing.PrivateKey,
        former: [NoteKey] = [],
        revoked: [NoteKey] = []
    ) throws -> TransparencyLog {
        var settings = TransparencyLog.Settings()
        settings.checkpointInterval = .zero
        let key = try NoteKey(
            name: Fixture.origin,
            algorithm: .ed25519,
            publicKey: Array(signing.publicKey.rawRepresentation)
        )
        return try TransparencyLog(
            origin: Fixture.origin,
            signers: [LogSigner(key: key) { text in Array(try signing.signature(for: text)) }],
            formerKeys: former,
            revokedKeys: revoked,
            database: database,
            directory: LogDirectory(path: fixture.home.file("log")),
            checkpointGuard: CheckpointGuard(path: fixture.home.file("keys/guard")),
            rules: PublicationRules(accountNames: { [] }, isInternal: { _ in false }),
            settings: settings,
            clock: fixture.time.clock,
            threads: .singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Three entries, signed by the fixture's own key.
    private func signed() async throws -> (Fixture, Database) {
        let fixture = try Fixture()
        let database = try fixture.database()
        let log = try fixture.log(database)
        let sequencer = LogSequencer(log)
        try await fixture.enqueue(0..<3, log, database)
        try await sequencer.round()
        try await sequencer.stop()
        return (fixture, database)
    }

    private func checkpoint(_ fixture: Fixture) throws -> [UInt8] { try #require(try fixture.files()["checkpoint"]) }

    @Test("a new key signs the tree that is there once more, once")
    func rotated() async throws {
        let (fixture, database) = try await signed()
        let log = try log(fixture, database, .init(), former: [fixture.key])
        #expect(try await log.prepare() == nil)
        let sequencer = LogSequencer(log)
        #expect(try await sequencer.round())
        #expect(try SignedCheckpoint(verifying: try checkpoint(fixture), by: log.keys).checkpoint.size == 3)
        #expect(try await !sequencer.round())
        try await fixture.enqueue(3..<5, log, database)
        #expect(try await sequencer.round())
        #expect(try SignedCheckpoint(verifying: try checkpoint(fixture), by: log.keys).checkpoint.size == 5)
    }

    @Test("a checkpoint by a key that the log never had is a contradiction")
    func stranger() async throws {
        let (fixture, database) = try await signed()
        let log = try log(fixture, database, .init())
        #expect(try await log.prepare()?.reason == .directoryDiffers)
        #expect(try await !LogSequencer(log).round())
    }

    @Test("what a revoked key signed is known as the log's own, and confirms nothing")
    func revoked() async throws {
        let (fixture, database) = try await signed()
        let old = try checkpoint(fixture)
        let log = try log(fixture, database, .init(), revoked: [fixture.key])
        #expect(try await log.prepare() == nil)
        try await log.freeze(LogFreeze(.restored, "test"))
        await #expect(throws: NoteError.self) { try await log.confirm(shownBy: old) }
        let rotated = try self.log(fixture, database, .init(), former: [fixture.key])
        try await rotated.confirm(shownBy: old)
        #expect(try await rotated.status().freeze == nil)
    }
}
