// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import JSON
import NodeTestKit
import OCI
import Policies
import Registry
import TestKit
import Testing
import Time

@Suite("Retention in namespaces") struct NamespaceRetentionTests {
    private static let day = Duration.seconds(86_400)

    /// A repository with what retention has to tell apart, over hundred days.
    private struct Scene {
        let test: TestRegistry
        let namespace: Namespace
        let time: ManualClock

        func put(_ bytes: [UInt8], _ reference: String, _ type: String = MediaType.imageManifest) async throws {
            let answer = try await test.client.request(
                "PUT",
                "/v2/bund/app/manifests/\(reference)",
                headers: [("Content-Type", type)],
                body: bytes
            )
            guard answer.status == 201 else { throw WireError("\(answer.status) \(answer.text)") }
        }

        func index(_ parts: [[UInt8]]) -> [UInt8] {
            ImageIndex(
                manifests: parts.map {
                    Descriptor(mediaType: MediaType.imageManifest, digest: .sha256($0), size: Int64($0.count))
                }
            ).json.bytes()
        }

        func exists(_ reference: String) async throws -> Bool {
            try await test.client.request("HEAD", "/v2/bund/app/manifests/\(reference)").status == 200
        }
    }

    private static func run(_ yaml: String, _ body: @Sendable @escaping (Scene) async throws -> Void) async throws {
        let time = ManualClock(Timestamp(microseconds: 1_800_000_000_000_000))
        try await TestRegistry.run(clock: time.clock) { test in
            let namespace = try await test.makeNamespace("bund")
            let scene = Scene(test: test, namespace: namespace, time: time)
            try await test.rule(ContentPolicy(yaml: Array(yaml.utf8)), namespace)
            try await body(scene)
        }
    }

    /// What goes, by tag or digest.
    private static func names(_ decisions: [RetentionDecision]) -> Set<String> {
        Set(decisions.filter { $0.action == .remove }.map { $0.tag?.text ?? $0.digest.description })
    }

    private static let rules = """
        immutableTags:
          - tags:
              - v*
        retention:
          - keep:
              - newest: 2
              - matching:
                  - keep-*
            removeUntaggedAfterDays: 30
        """

    @Test("what a dry run says is what goes, and a second run finds nothing")
    func dryRun() async throws {
        try await Self.run(Self.rules) { scene in
            let test = scene.test
            // An index that loses its tag, with its part; a part that another index keeps.
            let (lone, shared) = (
                try await test.image("bund/app", layer: pattern(10, seed: 1)),
                try await test.image("bund/app", layer: pattern(10, seed: 2))
            )
            for bytes in [lone, shared] { try await scene.put(bytes, "\(Digest.sha256(bytes))") }
            let (old, new) = (scene.index([lone, shared]), scene.index([shared]))
            try await scene.put(old, "multi", MediaType.imageIndex)
            for number in 1...6 {
                scene.time.advance(by: Self.day)
                try await test.pushImage("bund/app", "t\(number)", layer: pattern(10, seed: UInt64(10 + number)))
            }
            for tag in ["v1", "keep-me"] { try await test.pushImage("bund/app", tag, layer: pattern(10, seed: 50)) }
            let signature = try await test.image(
                "bund/app",
                layer: pattern(9),
                subject: Descriptor(mediaType: MediaType.imageIndex, digest: .sha256(old), size: Int64(old.count))
            )
            try await scene.put(signature, "\(Digest.sha256(signature))")
            scene.time.advance(by: .seconds(40 * 86_400))
            try await scene.put(new, "multi", MediaType.imageIndex)
            scene.time.advance(by: Self.day)
            try await test.pushImage("bund/app", "t7", layer: pattern(10, seed: 70))

            // The old index lost its tag a day ago: nothing of it goes yet.
            let first = try await test.registry.retention(of: scene.namespace, pulls: .none)
            #expect(Self.names(first.decisions) == ["t1", "t2", "t3", "t4", "t5", "t6"])
            let done = try await test.registry.applyRetention(of: scene.namespace, pulls: .none, by: "retention")
            #expect(Set(done.removed) == Set(first.decisions.filter { $0.action == .remove }) && done.kept == 0)
            for _ in 0..<2 {
                let again = try await test.registry.applyRetention(of: scene.namespace, pulls: .none, by: "retention")
                #expect(again.removed.isEmpty && again.kept == 0 && !again.wasStopped)
            }
            // Without records of pulls nothing untagged goes, because it may be in use.
            scene.time.advance(by: .seconds(31 * 86_400))
            #expect(Self.names(try await test.registry.retention(of: scene.namespace, pulls: .none).decisions).isEmpty)
            let pulls = PullKnowledge(recordedSince: Timestamp(microseconds: 0)) { _, _, _ in nil }
            let second = try await test.registry.retention(of: scene.namespace, pulls: pulls)
            let gone = Self.names(second.decisions)
            for bytes in [old, lone, signature] { #expect(gone.contains(Digest.sha256(bytes).description)) }
            #expect(!gone.contains(Digest.sha256(shared).description) && gone.count == 3 + 6)
            let result = try await test.registry.applyRetention(of: scene.namespace, pulls: pulls, by: "retention")
            #expect(Set(result.removed) == Set(second.decisions.filter { $0.action == .remove }) && result.kept == 0)
            for tag in ["v1", "keep-me", "multi", "t7", "\(Digest.sha256(shared))"] {
                #expect(try await scene.exists(tag), "\(tag)")
            }
            for digest in gone { #expect(try await !scene.exists(digest)) }
            #expect(try await test.registry.applyRetention(of: scene.namespace, pulls: pulls, by: "x").removed.isEmpty)
            let events = Statement(
                "test.events",
                "SELECT COUNT(*) FROM audit_events WHERE action IN ('tag.delete', 'manifest.delete')"
            )
            #expect(try await test.database.read { try $0.first(events)?.int64(0) } == Int64(6 + 9))
        }
    }

    @Test("what changed after it was looked at stays, and a policy that changed stops the run")
    func races() async throws {
        try await Self.run("retention:\n  - keep:\n      - newest: 1\n") { scene in
            let (test, namespace) = (scene.test, scene.namespace)
            for number in 1...4 {
                scene.time.advance(by: Self.day)
                try await test.pushImage("bund/app", "t\(number)", layer: pattern(10, seed: UInt64(number)))
            }
            let touch = Statement("test.touch", "UPDATE tags SET changed_at = changed_at + 1 WHERE name = 't1'")
            let result = try await test.registry.applyRetention(of: namespace, pulls: .none, by: "retention") { t in
                try t.execute(touch)
                return true
            }
            #expect(result.tags == 2 && result.kept == 1)
            #expect(try await scene.exists("t1"))
            let body = Statement("test.revise", "UPDATE policies SET revision = revision + 1")
            let stopped = try await test.registry.applyRetention(of: namespace, pulls: .none, by: "retention") { t in
                try t.execute(body)
                return true
            }
            #expect(stopped.wasStopped && stopped.removed.isEmpty)
            let held = try await test.registry.applyRetention(of: namespace, pulls: .none, by: "x") { _ in false }
            #expect(held.wasStopped && held.removed.isEmpty)
            #expect(try await scene.exists("t1"))
        }
    }

    @Test(
        "7.2/26: immutable tags are not cleaned, nor a frozen namespace, nor a repository that is too large to be seen whole"
    )
    func untouched() async throws {
        try await Self.run(Self.rules) { scene in
            let (test, namespace) = (scene.test, scene.namespace)
            for tag in ["v1", "v2", "v3", "a", "b", "c"] {
                scene.time.advance(by: Self.day)
                try await test.pushImage("bund/app", tag, layer: pattern(10, seed: UInt64(tag.utf8.last ?? 0)))
            }
            var limits = RegistryLimits.standard
            limits.retentionFacts = 5
            let small = Registry(database: test.database, blobs: test.blobs, clock: scene.time.clock, limits: limits)
            let report = try await small.retention(of: namespace, pulls: .none)
            #expect(report.decisions.isEmpty && report.skipped.map(\.text) == ["bund/app"])
            try await test.accounts.freeze("bund", since: scene.time.clock.now(), by: test.admin)
            let frozen = try await test.accounts.overseen("bund", by: test.admin)
            let nothing = try await test.registry.applyRetention(of: frozen, pulls: .none, by: "retention")
            #expect(nothing.wasStopped && nothing.removed.isEmpty)
            let result = try await test.registry.applyRetention(of: namespace, pulls: .none, by: "retention")
            #expect(Self.names(result.removed) == ["a"])
        }
    }

    @Test("an image that stays keeps what is about it, and what was pulled is not an orphan to throw away")
    func signatures() async throws {
        try await Self.run("retention:\n  - removeUntaggedAfterDays: 30\n") { scene in
            let (test, namespace) = (scene.test, scene.namespace)
            let image = try await test.image("bund/app", layer: pattern(10))
            try await scene.put(image, "\(Digest.sha256(image))")
            let subject = Descriptor(
                mediaType: MediaType.imageManifest,
                digest: .sha256(image),
                size: Int64(image.count)
            )
            let signature = try await test.image("bund/app", layer: pattern(9), subject: subject)
            try await scene.put(signature, "\(Digest.sha256(signature))")
            let orphan = "sha256-\(String(repeating: "a", count: 64)).sig"
            try await test.pushImage("bund/app", orphan, layer: pattern(8))
            scene.time.advance(by: .seconds(40 * 86_400))
            let now = scene.time.clock.now()
            let pulled = PullKnowledge(recordedSince: Timestamp(microseconds: 0)) { _, _, _ in now }
            #expect(Self.names(try await test.registry.retention(of: namespace, pulls: pulled).decisions).isEmpty)

            let forgotten = PullKnowledge(recordedSince: Timestamp(microseconds: 0)) { _, _, _ in nil }
            let plan = try await test.registry.retention(of: namespace, pulls: forgotten)
            let (first, second) = ("\(Digest.sha256(image))", "\(Digest.sha256(signature))")
            #expect(Self.names(plan.decisions) == [first, second, orphan])
            let touch = Statement("test.touch", "UPDATE manifests SET unreferenced_at = ? WHERE digest = ?")
            // Not the instant of the run: that is what the run itself writes.
            let arguments: [SQLValue] = [.integer(now.microseconds - 1), .blob(Digest.sha256(image).bytes)]
            let result = try await test.registry.applyRetention(of: namespace, pulls: forgotten, by: "x") { t in
                try t.execute(touch, arguments)
                return true
            }
            #expect(Self.names(result.removed) == [orphan] && result.kept == 2)
            for digest in [first, second] { #expect(try await scene.exists(digest)) }
        }
    }
}
