// SPDX-License-Identifier: EUPL-1.2

import Assessment
import AssessmentTestKit
import Criteria
import Database
import Inventory
import OCI
import Registry
import SBOM
import TestKit
import Testing
import Time
import Vulnerabilities

@Suite("Images that cannot be assessed, and nodes that are killed")
struct FailureTests {
    @Test("an image that crashes the analyser gets three attempts, then a verdict that says so and knows nothing")
    func crashing() async throws {
        let node = try NodeFixture()
        node.analyser.becomes { _ in throw AnalyserError.signal(6, log: "") }
        let service = try node.service()
        let digest = try await node.push(NodeFixture.image("a"), to: "team/app")
        for attempt in 1...3 {
            let done = try await node.work(service)
            #expect(done == ["team/app@\(digest)" + (attempt < 3 ? " failed" : "")])
            node.time.advance(by: .seconds(400))
        }
        let stored = try #require(try await node.ready(service, "team/app", digest))
        #expect(stored.failure?.contains("analyser ended by signal 6") == true)
        #expect(stored.level == .none)
        let verdict = try stored.verdict()
        let counted = verdict.criteria.filter { $0.stage <= verdict.stage }
        #expect(counted.allSatisfy { $0.result == .unknown && $0.explanation.en.contains("signal 6") })
        #expect(counted.allSatisfy { $0.explanation.de.hasPrefix("Nicht bewertet") })
        #expect(counted.count > 10)
        #expect(verdict.findings == [])
        #expect(verdict.image.digest == digest.description)
        #expect(try await node.work(service) == [])
        #expect(node.analyser.calls == 3)
    }

    @Test(
        "an image that is wrong in itself gets its verdict at once",
        arguments: [AnalyserError.image("more than 1000000 entries"), .outputTooLarge(limit: 5)]
    )
    func lasting(error: AnalyserError) async throws {
        let node = try NodeFixture()
        node.analyser.becomes { _ in throw error }
        let service = try node.service()
        let digest = try await node.push(NodeFixture.image("a"), to: "team/app")
        try await node.work(service)
        #expect(try await node.ready(service, "team/app", digest)?.failure == "\(error)")
        #expect(node.analyser.calls == 1)
    }

    @Test("an image of more layers than are read says so without one of them being opened")
    func manyLayers() async throws {
        let node = try NodeFixture()
        let service = try node.service()
        var image = ImageBuilder()
        for number in 0..<200 { image.layer { $0.file("etc/layer", text: "\(number)") } }
        let digest = try await node.push(image.built(), to: "team/app")
        try await node.work(service)
        #expect(try await node.ready(service, "team/app", digest)?.failure?.contains("200 layers; at most") == true)
        #expect(node.analyser.calls == 0)
    }

    @Test("a node that may not confine the analyser blames itself, not the image")
    func notConfined() async throws {
        let node = try NodeFixture()
        node.analyser.becomes { _ in throw AnalyserError.notConfined("no seccomp") }
        let service = try node.service()
        let digest = try await node.push(NodeFixture.image("a"), to: "team/app")
        try await node.work(service)
        let state = try await service.verdict(repository: try .init(parsing: "team/app"), digest: digest)
        guard case .failed(let reason, isRetried: false) = state else {
            Issue.record("\(state)")
            return
        }
        #expect(reason.contains("seccomp"))
    }

    @Test("after a kill the job is there again, and a node that is killed often still gives the verdict")
    func killed() async throws {
        let node = try NodeFixture(AssessmentTests.openssl)
        let service = try node.service()
        let digest = try await node.push(NodeFixture.image("a"), to: "team/app")
        for _ in 0..<8 {
            // Claimed, and then the process is gone; the next start takes back what it held.
            #expect(try await node.queue.claim(kinds: ["assess"], lease: .seconds(15)) != nil)
            #expect(try await node.queue.recover() == 1)
            node.time.advance(by: .seconds(400))
        }
        #expect(try await node.work(service).count == 1)
        #expect(try await node.ready(service, "team/app", digest)?.failure == nil)
    }

    @Test("a result counts only under a live lease")
    func lostLease() async throws {
        let node = try NodeFixture(AssessmentTests.openssl)
        let service = try node.service()
        let digest = try await node.push(NodeFixture.image("a"), to: "team/app")
        let stale = try #require(try await node.queue.claim(kinds: ["assess"], lease: .seconds(15)))
        node.time.advance(by: .seconds(16))
        let live = try #require(try await node.queue.claim(kinds: ["assess"], lease: .seconds(15)))
        try await service.assess(stale)
        #expect(try await node.ready(service, "team/app", digest) == nil)
        try await service.assess(live)
        #expect(try await node.ready(service, "team/app", digest) != nil)
    }

    @Test("two jobs for one image at once have it read once")
    func together() async throws {
        let node = try NodeFixture()
        node.analyser.becomes { _ in
            try await Task.sleep(for: .milliseconds(50))
            return AssessmentTests.openssl
        }
        let service = try node.service()
        let image = NodeFixture.image("a")
        let left = try await node.push(image, to: "team/a")
        try await node.push(image, to: "team/b")
        let jobs = [
            try #require(try await node.queue.claim(kinds: ["assess"], lease: .seconds(15))),
            try #require(try await node.queue.claim(kinds: ["assess"], lease: .seconds(15))),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for job in jobs { group.addTask { try await service.assess(job) } }
            try await group.waitForAll()
        }
        #expect(node.analyser.calls == 1)
        #expect(try await node.ready(service, "team/a", left) != nil)
        #expect(try await node.ready(service, "team/b", left) != nil)
    }
}
