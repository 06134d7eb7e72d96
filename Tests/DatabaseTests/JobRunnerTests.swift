// SPDX-License-Identifier: EUPL-1.2

import Database
import Synchronization
import TestKit
import Testing
import Time

/// Counts, with a wait for a number.
actor Tally {
    private(set) var values: [String] = []
    private(set) var inside = 0
    private(set) var most = 0

    func add(_ value: String) { values.append(value) }

    func enter() {
        inside += 1
        most = max(most, inside)
    }

    func leave() { inside -= 1 }
}

@Suite struct JobRunnerTests {
    /// Runs a runner until the condition holds, then cancels it.
    private func run(_ runner: JobRunner, until condition: @escaping @Sendable () async throws -> Bool) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run() }
            while !(try await condition()) { await Task.yield() }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func settings(_ concurrency: Int = 2, poll: Duration = .milliseconds(5)) -> JobRunner.Settings {
        var settings = JobRunner.Settings()
        settings.concurrency = concurrency
        settings.poll = poll
        return settings
    }

    @Test("all work is done, never more at once than the bound")
    func bounded() async throws {
        let fixture = try QueueFixture()
        let tally = Tally()
        for number in 0..<30 { try await fixture.enqueue("\(number)") }
        let runner = JobRunner(
            queue: fixture.queue,
            handlers: [
                "assess": { job in
                    await tally.enter()
                    for _ in 0..<20 { await Task.yield() }
                    await tally.add(job.subject)
                    await tally.leave()
                }
            ],
            settings: settings(3)
        )
        try await run(runner) { try await fixture.queue.counts() == JobCounts() }
        #expect(await tally.values.count == 30)
        #expect(await tally.most <= 3)
        #expect(runner.running == 0)
    }

    @Test("a runner that is told starts at once, however long it would sleep")
    func notified() async throws {
        let fixture = try QueueFixture()
        let tally = Tally()
        let runner = JobRunner(
            queue: fixture.queue,
            handlers: ["assess": { await tally.add($0.subject) }],
            settings: settings(poll: .seconds(3_600))
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run() }
            for number in 0..<5 {
                try await fixture.enqueue("\(number)")
                runner.notify()
                while await tally.values.count <= number { await Task.yield() }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(await tally.values == ["0", "1", "2", "3", "4"])
    }

    @Test("a handler that throws is tried again, one that says 'never' is not, an unknown kind waits for its worker")
    func failures() async throws {
        let fixture = try QueueFixture { $0.firstDelay = .zero }
        let tally = Tally()
        try await fixture.enqueue("twice")
        try await fixture.enqueue("never")
        try await fixture.enqueue("other", kind: "other")
        let runner = JobRunner(
            queue: fixture.queue,
            handlers: [
                "assess": { job in
                    await tally.add(job.subject)
                    if job.subject == "never" { throw JobFailure("it cannot be read", isRetryable: false) }
                    if job.attempt == 1 { throw JobFailure("once", isRetryable: true) }
                }
            ],
            settings: settings(1)
        )
        try await run(runner) { try await fixture.queue.counts() == JobCounts(queued: 1, running: 0, dead: 1) }
        #expect(await tally.values.sorted() == ["never", "twice", "twice"])
        #expect(try await fixture.state("never") == .dead(error: "it cannot be read", attempts: 1))
        #expect(try await fixture.queue.state(kind: "other", subject: "other") == .queued)
    }

    @Test("the end of a runner gives its jobs back untried")
    func shutdown() async throws {
        let fixture = try QueueFixture()
        let tally = Tally()
        try await fixture.enqueue("long")
        let runner = JobRunner(
            queue: fixture.queue,
            handlers: [
                "assess": { job in
                    await tally.add(job.subject)
                    try await Task.sleep(for: .seconds(3_600))
                }
            ],
            settings: settings()
        )
        try await run(runner) { await tally.values == ["long"] }
        #expect(try await fixture.state("long") == .queued)
        #expect(try await fixture.claimed().attempt == 1)
    }

    @Test("a worker that lost its lease is cancelled and its result does not count")
    func lostLease() async throws {
        let fixture = try QueueFixture()
        let tally = Tally()
        try await fixture.enqueue("a")
        var settings = settings(1)
        settings.lease = .seconds(30)
        // Time passes only here: the first heartbeat comes too late.
        settings.sleep = { duration in
            try Task.checkCancellation()
            if duration == .seconds(10), await tally.values == ["begun"] { fixture.time.advance(by: .seconds(31)) }
            try await Task.sleep(for: .milliseconds(2))
        }
        let runner = JobRunner(
            queue: fixture.queue,
            handlers: [
                "assess": { job in
                    if job.attempt > 1 { return await tally.add("second attempt") }
                    await tally.add("begun")
                    do { try await Task.sleep(for: .seconds(3_600)) } catch { await tally.add("cancelled") }
                }
            ],
            settings: settings
        )
        try await run(runner) { try await fixture.queue.counts() == JobCounts() }
        #expect(await tally.values == ["begun", "cancelled", "second attempt"])
    }

    @Test("a handler that records its own result is not completed twice, and its repetition still runs")
    func ownResult() async throws {
        let fixture = try QueueFixture()
        let tally = Tally()
        try await fixture.enqueue("a")
        let runner = JobRunner(
            queue: fixture.queue,
            handlers: [
                "assess": { job in
                    if await tally.values.isEmpty { try await fixture.enqueue("a") }
                    await tally.add(job.subject)
                    #expect(try await fixture.queue.complete(job))
                }
            ],
            settings: settings(2)
        )
        try await run(runner) { try await fixture.queue.counts() == JobCounts() && runner.running == 0 }
        #expect(await tally.values == ["a", "a"])
    }
}
