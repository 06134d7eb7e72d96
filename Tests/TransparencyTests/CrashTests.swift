// SPDX-License-Identifier: EUPL-1.2

import Database
import DurableFiles
import Glibc
import MerkleLog
import Synchronization
import TestKit
import Testing
import Time
import Transparency

@Suite("A crash anywhere", .timeLimit(.minutes(5)))
struct CrashTests {
    /// 250 entries are there; the next batch fills a tile on each of two levels and begins another.
    private func prepared() async throws -> (Fixture, Database) {
        let fixture = try Fixture()
        let database = try fixture.database()
        let log = try fixture.log(database)
        try await fixture.enqueue(0..<250, log, database)
        let sequencer = LogSequencer(log)
        try await sequencer.round()
        try await sequencer.stop()
        try await fixture.enqueue(250..<260, log, database)
        return (fixture, database)
    }

    @Test(
        "at every operation that changes files: after it the same history, byte for byte, and nothing acknowledged is lost"
    )
    func everyFileOperation() async throws {
        let (start, startDatabase) = try await prepared()
        startDatabase.close()
        let whole = try Fixture(copying: start)
        let wholeDatabase = try whole.database()
        let recorder = FaultyFiles()
        try await LogSequencer(try whole.log(wholeDatabase, files: recorder.operations)).round()
        let expected = try whole.files()
        let changing: Set = [
            "create", "write", "synchronise", "synchroniseDirectory", "rename", "makeDirectory", "remove",
            "removeDirectory",
        ]
        let operations = recorder.events.indices.filter { changing.contains(recorder.events[$0].operation) }.map {
            $0 + 1
        }
        #expect(operations.count > 30)
        for nth in operations {
            let fixture = try Fixture(copying: start)
            let database = try fixture.database()
            let faulty = FaultyFiles()
            // From here on nothing works: that is what the end of a process looks like to the disk.
            faulty.fail(nil, nth: nth, times: .max / 2, code: EIO)
            let dying = LogSequencer(try fixture.log(database, files: faulty.operations))
            _ = try? await dying.round()
            database.close()
            // More was queued before the next process begins, so that its batches are others.
            let again = try fixture.database()
            let log = try fixture.log(again)
            fixture.time.advance(by: .seconds(11))
            #expect(try await log.prepare() == nil, "operation \(nth)")
            let later = try await fixture.enqueue(260..<262, log, again)
            let sequencer = LogSequencer(log)
            for _ in 0..<4 { try await sequencer.round() }
            let status = try await log.status()
            #expect(status.publishedSize == 262, "operation \(nth)")
            #expect(status.waiting == 0)
            let found = try fixture.files()
            for (path, bytes) in expected where path != "checkpoint" && found[path] != nil {
                #expect(found[path] == bytes, "operation \(nth): \(path)")
            }
            #expect(found["tile/0/000"] == expected["tile/0/000"])
            #expect(found["tile/entries/000"] == expected["tile/entries/000"])
            #expect(try fixture.hasNoFork(262), "operation \(nth)")
            let receipt = try await log.receipt(for: later[1])
            #expect(try receipt.verified(entry: entry(261).bytes, by: log.keys).checkpoint.size == 262)
        }
    }

    @Test("files become durable before the size, the guard before the signature, the signature before the checkpoint")
    func order() async throws {
        let fixture = try Fixture()
        let database = try fixture.database()
        let recorder = FaultyFiles()
        let sizes = Recorded()
        let log = try fixture.log(database, files: recorder.operations) { _ in
            let events = recorder.events
            sizes.add(events.count)
            // At the time of the signature.
            #expect(events.contains { $0.operation == "rename" && $0.path.hasSuffix("keys/guard") })
            #expect(!events.contains { $0.path.hasSuffix("/checkpoint") && $0.operation == "rename" })
            #expect(events.contains { $0.operation == "rename" && $0.path.hasSuffix("tile/0/000.p/3") })
        }
        try await fixture.enqueue(0..<3, log, database)
        try await LogSequencer(log).round()
        #expect(sizes.all.count == 1)
        let events = recorder.events
        #expect(events.contains { $0.operation == "rename" && $0.path.hasSuffix("/checkpoint") })
        for (offset, event) in events.enumerated() where event.operation == "rename" {
            // Each content is on disk before its name, and each name before anything but further names builds on it.
            let before = events[..<offset].last { $0.operation == "synchronise" || $0.operation == "write" }
            #expect(before?.operation == "synchronise")
            let parent = String(event.path.prefix(upTo: event.path.lastIndex(of: "/") ?? event.path.startIndex))
            let durable = events[offset...].firstIndex { $0.operation == "synchroniseDirectory" && $0.path == parent }
            let next = events[offset...].firstIndex {
                ["guard", "checkpoint"].contains($0.path.split(separator: "/").last) && $0.operation == "rename"
                    && $0.path != event.path
            }
            #expect(durable != nil)
            if let durable, let next { #expect(durable < next) }
        }
    }

    @Test("a full disk stops the log, not its history")
    func fullDisk() async throws {
        let (fixture, database) = try await prepared()
        let faulty = FaultyFiles()
        let log = try fixture.log(database, files: faulty.operations)
        let sequencer = LogSequencer(log)
        for nth in [1, 2, 1] {
            faulty.fail("write", nth: nth, code: ENOSPC)
            await #expect(throws: FileError.self) { try await sequencer.round() }
            #expect(try await log.status().size == 250)
        }
        #expect(try await sequencer.round())
        #expect(try fixture.checkpoint().size == 260)
        #expect(try fixture.hasNoFork(260))
    }
}

private final class Recorded: Sendable {
    private let values = Mutex<[Int]>([])
    var all: [Int] { values.withLock { $0 } }
    func add(_ value: Int) { values.withLock { $0.append(value) } }
}
