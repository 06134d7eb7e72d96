// SPDX-License-Identifier: EUPL-1.2

import Audit
import Crypto
import Database
import FoundationEssentials
import JSON
import Logging
import MerkleLog
import NIOPosix
import Transparency

/// How many entries a second become durable, and how long a receipt takes, with many who queue and wait at once.
enum LogBenchmark {
    /// Runs in a directory that must be empty; every entry is queued in a transaction of its own, and every receipt is verified.
    ///
    /// - Parameters:
    ///   - directory: for database, log and guard.
    ///   - entries: how many are queued.
    ///   - writers: how many queue and wait at the same time.
    static func run(_ directory: String, entries: Int, writers: Int) async throws -> JSONValue {
        let signing = Curve25519.Signing.PrivateKey()
        let origin = "bench.example/log"
        let key = try NoteKey(
            name: origin,
            algorithm: .ed25519,
            publicKey: Array(signing.publicKey.rawRepresentation)
        )
        let database = try Database.open(
            path: directory + "/node.sqlite",
            migrations: LogSchema.migrations + AuditSchema.migrations
        )
        let log = try TransparencyLog(
            origin: origin,
            signers: [
                LogSigner(key: key) { text in Array(try signing.signature(for: text)) }
            ],
            database: database,
            directory: LogDirectory(path: directory + "/log"),
            checkpointGuard: CheckpointGuard(path: directory + "/keys/guard"),
            rules: PublicationRules(accountNames: { [] }, isInternal: { _ in false }),
            threads: .singleton
        )
        try await log.prepare()
        let sequencer = Task { await LogSequencer(log).run() }
        let clock = ContinuousClock()
        let start = clock.now
        let times = try await withThrowingTaskGroup(of: [Times].self) { group in
            for writer in 0..<writers {
                group.addTask {
                    var times: [Times] = []
                    for number in stride(from: writer, to: entries, by: writers) {
                        times.append(try await one(number, log, database, clock))
                    }
                    return times
                }
            }
            var all: [Times] = []
            for try await some in group { all += some }
            return all
        }
        let wall = seconds(clock.now - start)
        sequencer.cancel()
        await sequencer.value
        let durable = times.map(\.durable).sorted()
        let receipt = times.map(\.receipt).sorted()
        return [
            "entries": .integer(Int64(times.count)), "writers": .integer(Int64(writers)), "seconds": .double(wall),
            "entriesPerSecond": .double(Double(times.count) / wall),
            "durableP50": .double(percentile(durable, 50)), "durableP95": .double(percentile(durable, 95)),
            "receiptP50": .double(percentile(receipt, 50)), "receiptP95": .double(percentile(receipt, 95)),
            "vkey": .string(key.description),
        ]
    }

    private struct Times: Sendable {
        let durable: Double
        let receipt: Double
    }

    /// Like a signature's entry: about as long as a `hashedrekord`.
    private static func one(_ number: Int, _ log: TransparencyLog, _ database: Database, _ clock: ContinuousClock)
        async throws -> Times
    {
        let hash = SHA256.hash(data: Array("\(number)".utf8)).map { String($0, radix: 16) }.joined()
        let filler = String(repeating: hash, count: 12)
        let bytes = Array(
            "{\"kind\":\"hashedrekord\",\"spec\":{\"hash\":\"\(hash)\",\"signature\":\"\(filler)\"}}".utf8
        )
        let entry = LogEntry(kind: "hashedrekord", namespace: "gov", bytes: bytes)
        let start = clock.now
        let id = try await database.write { try log.enqueue(entry, in: $0) }
        let durable = seconds(clock.now - start)
        let receipt = try await log.receipt(for: id, timeout: .seconds(60))
        let received = seconds(clock.now - start)
        _ = try receipt.verified(entry: bytes, by: log.keys)
        return Times(durable: durable, receipt: received)
    }

    private static func percentile(_ sorted: [Double], _ percent: Int) -> Double {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * percent / 100)]
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
