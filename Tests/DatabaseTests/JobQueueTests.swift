// SPDX-License-Identifier: EUPL-1.2

import Database
import TestKit
import Testing
import Time

/// A queue with a clock that the test moves.
struct QueueFixture {
    let database: Database
    let time = ManualClock(noon)
    let queue: JobQueue

    init(_ change: (inout RetryPolicy) -> Void = { _ in }) throws {
        database = try Database.inMemory(migrations: JobSchema.migrations)
        var policy = RetryPolicy()
        policy.random = { 1 }
        change(&policy)
        queue = JobQueue(database: database, clock: time.clock, policy: policy)
    }

    func enqueue(_ subject: String, kind: String = "assess", priority: JobPriority = .push, after: Duration? = nil)
        async throws
    {
        let now = time.clock.now()
        try await database.write {
            try JobQueue.enqueue(
                $0,
                kind: kind,
                subject: subject,
                priority: priority,
                runAfter: after.map { now + $0 },
                now: now
            )
        }
    }

    func claim(_ kinds: [String] = ["assess"]) async throws -> Job? {
        try await queue.claim(kinds: kinds, lease: .seconds(30))
    }

    func claimed(_ kinds: [String] = ["assess"]) async throws -> Job { try #require(try await claim(kinds)) }

    func state(_ subject: String) async throws -> JobState? { try await queue.state(kind: "assess", subject: subject) }
}

@Suite struct JobQueueTests {
    @Test("a job goes from queued over running to done")
    func life() async throws {
        let fixture = try QueueFixture()
        #expect(try await fixture.state("a") == nil)
        try await fixture.enqueue("a")
        #expect(try await fixture.state("a") == .queued)
        let job = try await fixture.claimed()
        #expect(job.subject == "a" && job.kind == "assess" && job.attempt == 1 && job.countedAttempt == 1)
        #expect(try await fixture.state("a") == .running)
        #expect(try await fixture.claim() == nil)
        #expect(try await fixture.queue.complete(job))
        #expect(try await fixture.state("a") == nil)
        #expect(try await fixture.queue.complete(job) == false)
    }

    @Test("a job whose cause is rolled back was never queued")
    func rollback() async throws {
        struct Refusal: Error {}
        let fixture = try QueueFixture()
        _ = try? await fixture.database.write { transaction in
            try JobQueue.enqueue(transaction, kind: "assess", subject: "a", priority: .push, now: noon)
            throw Refusal()
        }
        #expect(try await fixture.claim() == nil)
    }

    @Test("the same work is queued once, with the more urgent priority and the earlier time")
    func coalescing() async throws {
        let fixture = try QueueFixture()
        try await fixture.enqueue("a", priority: .clock, after: .seconds(100))
        try await fixture.enqueue("a", priority: .feed, after: .seconds(50))
        try await fixture.enqueue("a", priority: .clock, after: .seconds(70))
        #expect(try await fixture.queue.counts() == JobCounts(queued: 1, running: 0, dead: 0))
        fixture.time.advance(by: .seconds(49))
        #expect(try await fixture.claim() == nil)
        fixture.time.advance(by: .seconds(1))
        #expect(try await fixture.claimed().priority == .feed)
        #expect(try await fixture.claim() == nil)
    }

    @Test("push goes before feed, feed before clock; within one priority the earlier goes first, over all kinds")
    func order() async throws {
        let fixture = try QueueFixture()
        try await fixture.enqueue("clock", priority: .clock)
        fixture.time.advance(by: .seconds(1))
        try await fixture.enqueue("feed late", priority: .feed)
        try await fixture.enqueue("push of b", kind: "b", priority: .push)
        fixture.time.advance(by: .seconds(1))
        try await fixture.enqueue("push of a", kind: "a", priority: .push)
        try await fixture.enqueue("nobody's", kind: "c", priority: .push)
        var order: [String] = []
        while let job = try await fixture.claim(["assess", "a", "b"]) { order.append(job.subject) }
        #expect(order == ["push of b", "push of a", "feed late", "clock"])
    }

    @Test("work that is queued again while it runs runs once more afterwards")
    func againWhileRunning() async throws {
        let fixture = try QueueFixture()
        try await fixture.enqueue("a", priority: .push)
        let first = try await fixture.claimed()
        try await fixture.enqueue("a", priority: .clock, after: .seconds(5))
        try await fixture.enqueue("a", priority: .feed, after: .seconds(9))
        #expect(try await fixture.state("a") == .running)
        #expect(try await fixture.claim() == nil)
        #expect(try await fixture.queue.complete(first))
        #expect(try await fixture.state("a") == .queued)
        #expect(try await fixture.claim() == nil)
        fixture.time.advance(by: .seconds(5))
        let second = try await fixture.claimed()
        #expect(second.attempt == 1 && second.priority == .feed)
        #expect(try await fixture.queue.complete(second))
        #expect(try await fixture.state("a") == nil)
    }

    @Test("a result counts only under a live lease: expired, and taken over by another")
    func lostLease() async throws {
        let fixture = try QueueFixture()
        try await fixture.enqueue("a")
        let lost = try await fixture.claimed()
        fixture.time.advance(by: .seconds(30))
        #expect(try await fixture.queue.heartbeat(lost, lease: .seconds(30)) == false)
        let wrote = Box(false)
        #expect(try await fixture.queue.complete(lost) { _ in wrote.value = true } == false)
        #expect(wrote.value == false, "the result is not even tried")
        let taken = try await fixture.claimed()
        #expect(taken.attempt == 2 && taken.abandoned == 1 && taken.countedAttempt == 1)
        #expect(try await fixture.queue.complete(lost) == false)
        #expect(try await fixture.queue.fail(lost, error: "late", retryable: false) == false)
        try await fixture.queue.release(lost)
        #expect(try await fixture.state("a") == .running)
        #expect(try await fixture.queue.complete(taken))
    }

    @Test("a heartbeat keeps the lease")
    func heartbeat() async throws {
        let fixture = try QueueFixture()
        try await fixture.enqueue("a")
        let job = try await fixture.claimed()
        for _ in 0..<10 {
            fixture.time.advance(by: .seconds(20))
            #expect(try await fixture.queue.heartbeat(job, lease: .seconds(30)))
            #expect(try await fixture.claim() == nil)
        }
        #expect(try await fixture.queue.complete(job))
    }

    @Test("a result that throws leaves the job held, and nothing of the result")
    func throwingResult() async throws {
        struct Refusal: Error {}
        let fixture = try QueueFixture()
        try await fixture.enqueue("a")
        let job = try await fixture.claimed()
        await #expect(throws: Refusal.self) {
            try await fixture.queue.complete(job) { transaction in
                try JobQueue.enqueue(transaction, kind: "assess", subject: "b", priority: .push, now: noon)
                throw Refusal()
            }
        }
        #expect(try await fixture.state("a") == .running)
        #expect(try await fixture.state("b") == nil)
        #expect(try await fixture.queue.complete(job))
    }

    @Test("failures back off, double, and end as a dead letter after the third")
    func backoff() async throws {
        let fixture = try QueueFixture { $0.firstDelay = .seconds(10) }
        try await fixture.enqueue("a")
        let first = try await fixture.claimed()
        #expect(try await fixture.queue.fail(first, error: "one", retryable: true))
        #expect(try await fixture.state("a") == .failed(error: "one", attempts: 1, again: noon + .seconds(10)))
        fixture.time.advance(by: .seconds(9))
        #expect(try await fixture.claim() == nil)
        fixture.time.advance(by: .seconds(1))
        let second = try await fixture.claimed()
        #expect(second.attempt == 2)
        #expect(try await fixture.queue.fail(second, error: "two", retryable: true))
        fixture.time.advance(by: .seconds(19))
        #expect(try await fixture.claim() == nil)
        fixture.time.advance(by: .seconds(1))
        let told = Box<Bool?>(nil)
        #expect(
            try await fixture.queue.fail(try await fixture.claimed(), error: "three", retryable: true) {
                told.value = $1
            }
        )
        #expect(told.value == true)
        #expect(try await fixture.state("a") == .dead(error: "three", attempts: 3))
        fixture.time.advance(by: .seconds(10_000))
        #expect(try await fixture.claim() == nil)
        #expect(try await fixture.queue.counts() == JobCounts(queued: 0, running: 0, dead: 1))
    }

    @Test("the wait lies between half and all of the doubled delay, and is bounded")
    func jitter() {
        var policy = RetryPolicy()
        policy.firstDelay = .seconds(4)
        policy.longestDelay = .seconds(60)
        policy.random = { 0 }
        #expect((1...6).map { policy.delay(after: $0) } == [2, 4, 8, 16, 30, 30].map { .seconds($0) })
        policy.random = { 0.5 }
        #expect(policy.delay(after: 1) == .seconds(3))
        policy.random = { 7 }
        #expect(policy.delay(after: 1_000_000) == .seconds(60))
        #expect(policy.delay(after: -5) == .seconds(4))
    }

    @Test("a failure that no attempt can cure is dead at once")
    func notRetryable() async throws {
        let fixture = try QueueFixture()
        try await fixture.enqueue("a")
        #expect(try await fixture.queue.fail(try await fixture.claimed(), error: "no layers", retryable: false))
        #expect(try await fixture.state("a") == .dead(error: "no layers", attempts: 1))
    }

    @Test("knocking does not shorten a backoff, and queueing a dead one starts it afresh")
    func afterFailure() async throws {
        let fixture = try QueueFixture { $0.maximumAttempts = 2 }
        try await fixture.enqueue("a", priority: .feed)
        #expect(try await fixture.queue.fail(try await fixture.claimed(), error: "one", retryable: true))
        try await fixture.enqueue("a", priority: .push)
        #expect(try await fixture.claim() == nil)
        fixture.time.advance(by: .seconds(1))
        let second = try await fixture.claimed()
        #expect(second.priority == .push && second.attempt == 2)
        #expect(try await fixture.queue.fail(second, error: "two", retryable: true))
        try await fixture.enqueue("a", priority: .clock)
        #expect(try await fixture.state("a") == .queued)
        let fresh = try await fixture.claimed()
        #expect(fresh.attempt == 1 && fresh.priority == .clock)
    }

    @Test("a job that dies while somebody has queued it again gets that cause's own attempts")
    func deadButAgain() async throws {
        let fixture = try QueueFixture { $0.maximumAttempts = 1 }
        try await fixture.enqueue("a")
        let job = try await fixture.claimed()
        try await fixture.enqueue("a")
        let told = Box<Bool?>(nil)
        #expect(try await fixture.queue.fail(job, error: "x", retryable: true) { told.value = $1 })
        #expect(told.value == false)
        #expect(try await fixture.state("a") == .queued)
        #expect(try await fixture.claimed().attempt == 1)
    }

    @Test("a node's start gives dead jobs another life, but not those that took their processes with them")
    func revival() async throws {
        let fixture = try QueueFixture { $0.maximumAbandoned = 1 }
        try await fixture.enqueue("machine")
        let job = try #require(try await fixture.claim())
        try await fixture.queue.fail(job, error: "no descriptors", retryable: false)
        try await fixture.enqueue("killer")
        _ = try #require(try await fixture.claim())
        try await fixture.queue.recover()
        #expect(try await fixture.queue.counts() == JobCounts(queued: 0, running: 0, dead: 2))
        #expect(try await fixture.queue.reviveAll() == 1)
        #expect(try await fixture.queue.reviveAll() == 0)
        #expect(try await fixture.state("machine") == .queued)
        #expect(try await fixture.claim()?.subject == "machine")
        #expect(try await fixture.claim() == nil)
    }

    @Test("a worker whose process is gone loses its job after the lease; many such ends are dead, never a loop")
    func crashes() async throws {
        let fixture = try QueueFixture { $0.maximumAbandoned = 5 }
        try await fixture.enqueue("a")
        var claims = 0
        for _ in 0..<100 {
            if let job = try await fixture.claim() {
                claims += 1
                #expect(job.attempt == claims && job.abandoned == claims - 1)
            }
            fixture.time.advance(by: .seconds(31))
        }
        #expect(claims == 5)
        guard case .dead(let error, 5)? = try await fixture.state("a") else {
            Issue.record("it should be dead")
            return
        }
        #expect(error.contains("ended without a word"))
        #expect(try await fixture.queue.revive(kind: "assess", subject: "a"))
        #expect(try await fixture.claimed().attempt == 1)
        #expect(try await fixture.queue.revive(kind: "assess", subject: "a") == false)
    }

    @Test("reported failures count against their own limit, however often the node was restarted")
    func mixed() async throws {
        let fixture = try QueueFixture()
        try await fixture.enqueue("a")
        for _ in 0..<10 {
            while try await fixture.claim() == nil { fixture.time.advance(by: .seconds(10)) }
            try await fixture.queue.recover()
        }
        for failure in 1...3 {
            var job = try await fixture.claim()
            while job == nil {
                fixture.time.advance(by: .seconds(10))
                job = try await fixture.claim()
            }
            let held = try #require(job)
            #expect(held.countedAttempt == failure)
            #expect(try await fixture.queue.fail(held, error: "e", retryable: true))
        }
        #expect(try await fixture.state("a") == .dead(error: "e", attempts: 13))
    }

    @Test("a start puts back at once what the former process held")
    func recover() async throws {
        let fixture = try QueueFixture()
        for number in 0..<250 { try await fixture.enqueue("\(number)") }
        for _ in 0..<230 { _ = try await fixture.claimed() }
        #expect(try await fixture.queue.recover() == 230)
        #expect(try await fixture.queue.counts() == JobCounts(queued: 250, running: 0, dead: 0))
        #expect(try await fixture.claim() != nil)
    }

    @Test("a job given back untried keeps its attempts")
    func release() async throws {
        let fixture = try QueueFixture()
        try await fixture.enqueue("a", priority: .clock)
        let job = try await fixture.claimed()
        try await fixture.enqueue("a", priority: .push)
        try await fixture.queue.release(job)
        let again = try await fixture.claimed()
        #expect(again.attempt == 1 && again.priority == .push)
    }

    @Test("an idle queue writes nothing")
    func idle() async throws {
        let fixture = try QueueFixture()
        let before = fixture.database.statistics.commits
        for _ in 0..<10 { #expect(try await fixture.claim() == nil) }
        #expect(fixture.database.statistics.commits == before)
    }

    @Test("concurrent workers never hold one job twice")
    func concurrentClaims() async throws {
        let fixture = try QueueFixture()
        for number in 0..<100 { try await fixture.enqueue("\(number)") }
        let subjects = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var mine: [String] = []
                    while let job = try await fixture.claim() { mine.append(job.subject) }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(subjects.count == 100)
        #expect(Set(subjects).count == 100)
    }

    @Test("the list pages by cursor and shows every state")
    func list() async throws {
        let fixture = try QueueFixture()
        for subject in ["a", "b", "c"] { try await fixture.enqueue(subject) }
        let job = try await fixture.claimed()
        #expect(try await fixture.queue.fail(job, error: String(repeating: "x", count: 5_000), retryable: false))
        _ = try await fixture.claimed()
        let first = try await fixture.queue.list(limit: 2)
        #expect(first.map(\.subject) == ["a", "b"])
        #expect(first[0].state == .dead(error: String(repeating: "x", count: 2_000), attempts: 1))
        #expect(first[1].state == .running)
        let second = try await fixture.queue.list(limit: 2, after: first[1].id)
        #expect(second.map(\.subject) == ["c"])
        #expect(second[0].state == .queued && second[0].queuedAt == noon)
        #expect(try await fixture.queue.oldestWaiting(kind: "assess") == noon)
        #expect(try await fixture.queue.oldestWaiting(kind: "other") == nil)
    }
}
