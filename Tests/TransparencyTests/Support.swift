// SPDX-License-Identifier: EUPL-1.2

import Audit
import Crypto
import Database
import DurableFiles
import Foundation
import Logging
import MerkleLog
import NIOPosix
import Synchronization
import TestKit
import Time
import Transparency

let noon = Timestamp(seconds: 1_800_000_000)

/// A directory with a database, a log and a guard; logs can be opened over it again and again, as processes would.
final class Fixture: Sendable {
    static let origin = "registry.example/log"
    static let migrations = LogSchema.migrations + AuditSchema.migrations + [facts]

    let home: TemporaryDirectory
    let time = ManualClock(noon)
    let signing: Curve25519.Signing.PrivateKey
    /// Texts that were signed, in order.
    let signed = Mutex<[[UInt8]]>([])

    init() throws {
        home = try TemporaryDirectory("kontor-log")
        signing = Curve25519.Signing.PrivateKey()
    }

    /// A copy of all that another one has on disk, with its keys.
    init(copying other: Fixture) throws {
        home = try TemporaryDirectory("kontor-log")
        signing = other.signing
        for name in try FileManager.default.contentsOfDirectory(atPath: other.home.path) {
            try FileManager.default.copyItem(atPath: other.home.file(name), toPath: home.file(name))
        }
    }

    var key: NoteKey {
        get throws {
            try NoteKey(
                name: Self.origin,
                algorithm: .ed25519,
                publicKey: Array(signing.publicKey.rawRepresentation)
            )
        }
    }

    func database(_ name: String = "node.sqlite") throws -> Database {
        try Database.open(path: home.file(name), migrations: Self.migrations)
    }

    /// Opens the log as a new process would.
    func log(
        _ database: Database,
        origin: String = Fixture.origin,
        files: FileOperations = .live,
        rules: PublicationRules? = nil,
        directory: String = "log",
        sign: (@Sendable ([UInt8]) async throws -> Void)? = nil
    ) throws -> TransparencyLog {
        var settings = TransparencyLog.Settings()
        settings.interval = .milliseconds(5)
        settings.checkpointInterval = .zero
        let key = try NoteKey(name: origin, algorithm: .ed25519, publicKey: self.key.publicKey)
        return try TransparencyLog(
            origin: origin,
            signers: [
                LogSigner(key: key) { [self] text in
                    try await sign?(text)
                    signed.withLock { $0.append(text) }
                    return Array(try signing.signature(for: text))
                }
            ],
            database: database,
            directory: LogDirectory(path: home.file(directory), files: files),
            checkpointGuard: CheckpointGuard(path: home.file("keys/guard"), files: files),
            rules: rules ?? PublicationRules(accountNames: { [] }, isInternal: { _ in false }),
            settings: settings,
            clock: time.clock,
            threads: .singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Queues entries "leaf n", each with its fact.
    @discardableResult
    func enqueue(_ range: Range<Int>, _ log: TransparencyLog, _ database: Database) async throws -> [Int64] {
        try await database.write { transaction in
            try range.map { number in
                try transaction.execute(insertFact, [.text("fact \(number)")])
                return try log.enqueue(entry(number), in: transaction)
            }
        }
    }

    /// The files of a log below its directory, without what a crash may leave under other names.
    func files(_ directory: String = "log") throws -> [String: [UInt8]] {
        let root = home.file(directory)
        var found: [String: [UInt8]] = [:]
        for case let path as String in FileManager.default.enumerator(atPath: root) ?? .init()
        where TileAddress(path: path) != nil || path == "checkpoint" {
            found[path] = try [UInt8](Data(contentsOf: URL(fileURLWithPath: root + "/" + path)))
        }
        return found
    }

    /// Copies a file or directory; of a database also what is not in its main file yet.
    func copy(_ from: String, _ to: String) throws {
        for suffix in ["", "-wal"]
        where suffix.isEmpty || FileManager.default.fileExists(atPath: home.file(from + suffix)) {
            try? FileManager.default.removeItem(atPath: home.file(to + suffix))
            try FileManager.default.copyItem(atPath: home.file(from + suffix), toPath: home.file(to + suffix))
        }
    }

    func checkpoint(_ directory: String = "log") throws -> Checkpoint {
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: home.file(directory + "/checkpoint"))))
        return try SignedCheckpoint(verifying: bytes, by: [key]).checkpoint
    }

    /// No two texts that were signed contradict each other.
    func hasNoFork(_ entries: Int) throws -> Bool {
        let leaves = (0..<entries).map { MerkleHash(leaf: entry($0).bytes) }
        var tree = TiledTree()
        var roots = [tree.root]
        for number in 0..<leaves.count {
            try tree.append(entry(number).bytes)
            roots.append(tree.root)
        }
        return try signed.withLock { $0 }.allSatisfy { text in
            let checkpoint = try Checkpoint(unverifiedText: text)
            return checkpoint.size < roots.count && roots[checkpoint.size] == checkpoint.root
        }
    }
}

func entry(_ number: Int, namespace: String? = nil) -> LogEntry {
    LogEntry(kind: "test", namespace: namespace, bytes: Array("leaf \(number)".utf8))
}

let facts = Migration(
    id: "facts-0001",
    sql: ["CREATE TABLE facts (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"]
)
let insertFact = Statement("facts.insert", "INSERT INTO facts (name) VALUES (?)")
let allFacts = Statement("facts.all", "SELECT name FROM facts ORDER BY id").scans("a test's own")
