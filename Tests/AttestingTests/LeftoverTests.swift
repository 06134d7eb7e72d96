// SPDX-License-Identifier: EUPL-1.2

import AssessmentTestKit
import Attestations
import Attesting
import Database
import JSON
import OCI
import Registry
import Testing
import Time

/// What the node replaces while others add to the same list, with a fake clock and real keys.
@Suite("What the node takes back") struct LeftoverTests {
    @Test("a replaced list stays for an hour with the layers that only it had, and goes then, also after a restart")
    func letGo() async throws {
        let world = try await AttestingWorld()
        let digest = try await world.push()
        try await world.work()
        let tag = try AttachedManifest.tag(.attestations, of: digest)
        let old = try #require(try await world.node.registry.resolve(world.name, tag))
        let before = try await world.rows(digest)
        world.node.time.advance(by: .seconds(60))
        try await Self.news(digest, world)
        let gone = before.filter { $0.kind != .bill }.compactMap(\.envelope)
        #expect(gone.count == 3)
        func isThere() async throws -> [Bool] {
            var found = [try await world.node.registry.manifestSummary(world.name, old) != nil]
            for envelope in gone { found.append(try await world.node.registry.blob(world.name, envelope) != nil) }
            return found
        }
        #expect(try await isThere() == [true, true, true, true])
        #expect(try await world.list(digest)?.count == 4)
        #expect(try await world.referrers(digest).count == 4)

        world.node.time.advance(by: .seconds(3_599))
        try await world.letGo()
        #expect(try await isThere() == [true, true, true, true])
        world.node.time.advance(by: .seconds(1))
        try await world.letGo()
        #expect(try await isThere() == [false, false, false, false])
        #expect(try await world.list(digest)?.count == 4)
        #expect(try await world.referrers(digest).count == 4)
        // Nothing waits any more.
        world.node.time.advance(by: .seconds(86_400))
        #expect(try await world.node.queue.claim(kinds: [Attesting.lettingGo], lease: .seconds(1)) == nil)
    }

    @Test("who read the list before the node replaced it adds to it afterwards, and both have in it what they say")
    func lateWriter() async throws {
        let world = try await AttestingWorld()
        let digest = try await world.push()
        try await world.work()
        let read = try await world.attached(digest)
        let before = try await world.rows(digest).compactMap(\.envelope)
        world.node.time.advance(by: .seconds(60))
        try await Self.news(digest, world)
        // As cosign does: the whole list as it was, with one layer more, whatever the tag points to meanwhile.
        let layer = try await Self.add(1, to: read, digest, expected: .anything, world)
        #expect(try await world.list(digest)?.map(\.digest).contains(layer) == true)
        world.node.time.advance(by: .seconds(60))
        try await world.work()
        let current = try await world.rows(digest).compactMap(\.envelope)
        #expect(Set(current) != Set(before))
        #expect(Set(try #require(try await world.list(digest)).map(\.digest)) == Set(current + [layer]))
        #expect(world.signer.statements.count == 7)
        // Nothing of it is news, and nothing goes round in circles.
        #expect(
            try await world.node.queue.claim(kinds: ["assess", "referrer", Attesting.job], lease: .seconds(1)) == nil
        )
        world.node.time.advance(by: .seconds(7_200))
        try await world.letGo()
        #expect(Set(try #require(try await world.list(digest)).map(\.digest)) == Set(current + [layer]))
    }

    @Test("a list that somebody removed, or wrote without the node's statements, has them again")
    func removed() async throws {
        let world = try await AttestingWorld()
        let digest = try await world.push()
        try await world.work()
        let own = try #require(try await world.list(digest)).map(\.digest)
        let layer = try await Self.add(1, to: AttachedManifest(.attestations), digest, expected: .anything, world)
        #expect(try await world.list(digest)?.map(\.digest) == [layer])
        try await world.work()
        #expect(Set(try #require(try await world.list(digest)).map(\.digest)) == Set(own + [layer]))
        let tag = try AttachedManifest.tag(.attestations, of: digest)
        try await world.node.registry.deleteTag(tag, in: world.name, by: world.node.account)
        try await world.work()
        #expect(Set(try #require(try await world.list(digest)).map(\.digest)) == Set(own))
        #expect(world.signer.statements.count == 4)
    }

    @Test("what others add while the node replaces its own is never lost, and never refused")
    func concurrent() async throws {
        let world = try await AttestingWorld()
        let digest = try await world.push()
        try await world.work()
        async let added = Self.addMany(12, digest, world)
        for number in 0..<6 {
            world.node.time.advance(by: .seconds(60))
            try await Self.news(digest, world, number + 1)
        }
        let layers = try await added
        #expect(layers.count == 12)
        try await world.work()
        let current = try await world.rows(digest).compactMap(\.envelope)
        let found = try #require(try await world.list(digest)).map(\.digest)
        #expect(Set(found) == Set(current + layers) && found.count == current.count + layers.count)
    }

    @Test("the tag of a list that somebody added to meanwhile is not removed")
    func removalIsCompared() async throws {
        let world = try await AttestingWorld()
        let digest = try await world.push()
        try await world.work()
        let tag = try AttachedManifest.tag(.attestations, of: digest)
        let old = try #require(try await world.node.registry.resolve(world.name, tag))
        let layer = try await Self.add(1, to: try await world.attached(digest), digest, expected: .anything, world)
        await #expect(throws: RegistryError.self) {
            try await world.node.registry.deleteTag(
                tag,
                in: world.name,
                by: world.node.account,
                expected: .manifest(old)
            )
        }
        #expect(try await world.list(digest)?.map(\.digest).contains(layer) == true)
        let new = try #require(try await world.node.registry.resolve(world.name, tag))
        try await world.node.registry.deleteTag(tag, in: world.name, by: world.node.account, expected: .manifest(new))
        #expect(try await world.list(digest) == nil)
    }

    // MARK: - Support

    /// Brings so many vulnerabilities of the image, and has that attested.
    private static func news(_ digest: Digest, _ world: AttestingWorld, _ count: Int = 1) async throws {
        let names = (1...count).map { "CVE-2026-\(1_000 + $0)" }
        try await world.importing(names, asOf: "2026-11-22")
        try await world.node.follow(world.assessment)
        try await world.again(digest)
        try await world.work()
    }

    /// Pushes a list with one layer more.
    private static func add(
        _ number: UInt8,
        to list: AttachedManifest,
        _ digest: Digest,
        expected: ExpectedTag,
        _ world: AttestingWorld
    ) async throws -> Digest {
        var list = list
        let payload = Attestations.Statement(
            subjects: [ResourceDescriptor(digest)],
            predicateType: PredicateType.cycloneDX,
            predicate: ["number": .integer(Int64(number))]
        ).bytes
        let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: [number])])
        try list.replace([], envelope: envelope, predicateType: PredicateType.cycloneDX)
        for blob in [envelope.bytes, list.configuration] {
            try await world.node.registry.putBlob(blob, to: world.name, by: world.node.account)
        }
        _ = try await world.node.registry.putManifest(
            list.document,
            contentType: MediaType.imageManifest,
            to: world.name,
            at: .tag(try AttachedManifest.tag(.attestations, of: digest)),
            by: world.node.account,
            expected: expected
        )
        return .sha256(envelope.bytes)
    }

    private static func addMany(_ count: UInt8, _ digest: Digest, _ world: AttestingWorld) async throws -> [Digest] {
        var layers: [Digest] = []
        for number in 1...count {
            let list = try await world.attached(digest)
            // The node reads and writes in between, or does not.
            await Task.yield()
            layers.append(try await add(number, to: list, digest, expected: .anything, world))
        }
        return layers
    }
}
