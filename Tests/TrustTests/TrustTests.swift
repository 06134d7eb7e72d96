// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Attestations
import Criteria
import Database
import JSON
import OCI
import Policies
import Registry
import SBOM
import Testing
import Time
import Trust

@Suite("What is attached to an image")
struct TrustTests {
    @Test("signatures of a list count by the policy, each with its reason")
    func list() async throws {
        let fixture = try await TrustFixture()
        let (known, unknown) = (try Publisher(), try Publisher())
        let payload = fixture.payload()
        let elsewhere = fixture.payload("\(TrustFixture.host)/bund/other:1.0")
        let other = fixture.payload(digest: .sha256([1]))
        try await fixture.attach([
            (payload, try known.sign(payload)), (payload, try unknown.sign(payload)),
            (elsewhere, try known.sign(elsewhere)), (other, try known.sign(other)), (payload, [1, 2, 3]),
        ])
        let without = try await fixture.found()
        #expect(without.trust == .absent && without.signatures.count == 5)
        #expect(without.signatures.allSatisfy { !$0.proof.isAccepted })
        try await fixture.believe([known.rule()])
        let found = try await fixture.found()
        #expect(found.trust == .inForce(revision: 1, threshold: 1) && found.gaps.isEmpty)
        #expect(found.signatures.map(\.proof.isAccepted) == [true, false, false, false, false])
        #expect(
            found.signatures.map { $0.proof.problems.map(\.en) } == [
                [], ["no trusted key made the signature"],
                ["it is about \"\(TrustFixture.host)/bund/other\""], ["it is about other content"],
                ["no trusted key made the signature"],
            ]
        )
        let signer = try #require(found.signatures[0].proof.signer)
        #expect(signer.publisher == EvidencePublisher(name: "Amt", contact: "mail@example.org"))
        #expect(signer.fingerprint == known.key.fingerprint.description && !signer.isNode)
        #expect(found.tags.map(\.name) == ["1.4.2"] && found.tags.allSatisfy { !$0.isRelease && !$0.hasMoved })
    }

    @Test("keys count in their time, their repositories and their kind of claim, and where a log saw them")
    func terms() async throws {
        let fixture = try await TrustFixture()
        let key = try Publisher()
        let payload = fixture.payload()
        try await fixture.attach([(payload, try key.sign(payload))])
        let now = NodeFixture.start
        let hour = Duration.seconds(3600)
        let other = try Glob(parsing: "bund/x", for: .repository)
        let cases: [(String, TrustedKeyRule, String?, Timestamp?)] = [
            ("always", key.rule(), nil, nil),
            ("until later", key.rule { $0.validUntil = now + hour }, nil, now + hour),
            ("ended", key.rule { $0.validUntil = now - hour }, "it ended at", nil),
            ("not yet", key.rule { $0.validFrom = now + hour }, "valid only from", now + hour),
            ("revoked", key.rule { $0.revokedFrom = now - hour }, "revoked from", nil),
            ("statements alone", key.rule { $0.signs = ["https://a.example/b"] }, "may not sign", nil),
            (
                "elsewhere", key.rule { $0.repositories = [other] },
                "no trusted", nil
            ),
        ]
        for (name, rule, problem, changes) in cases {
            try await fixture.believe([rule])
            let proof = try #require(try await fixture.found().signatures.first?.proof)
            #expect(proof.isAccepted == (problem == nil), "\(name): \(proof.problems)")
            #expect(proof.changesAt == changes, "\(name)")
            if let problem {
                #expect(proof.problems.contains { $0.en.contains(problem) }, "\(name): \(proof.problems)")
            }
        }
        try await fixture.believe([key.rule()], log: .promise)
        let unlogged = try #require(try await fixture.found().signatures.first?.proof)
        #expect(!unlogged.isAccepted && unlogged.problems.map(\.en) == ["no trusted log has an entry of it"])
    }

    @Test("what was signed under another name counts where the key's rule says so")
    func aliases() async throws {
        let fixture = try await TrustFixture()
        let key = try Publisher()
        let payload = fixture.payload("supplier.example/shop/app:2.0")
        try await fixture.attach([(payload, try key.sign(payload))])
        try await fixture.believe([key.rule()])
        #expect(try await fixture.found().signatures.map(\.proof.isAccepted) == [false])
        try await fixture.believe([key.rule { $0.signedAs = ["supplier.example/shop"] }])
        #expect(try await fixture.found().signatures.map(\.proof.isAccepted) == [true])
        try await fixture.believe([key.rule { $0.signedAs = ["supplier.example/sho"] }])
        #expect(try await fixture.found().signatures.map(\.proof.isAccepted) == [false])
    }

    @Test("bundles are found as referrers and in the fallback index, statements beside signatures")
    func referrers() async throws {
        let fixture = try await TrustFixture()
        let key = try Publisher()
        try await fixture.believe([key.rule { $0.signs = ["image", "https://a.example/b"] }])
        let own = try await fixture.refer(try key.bundle(fixture.statement(PredicateType.cosignSignature)))
        let statement = fixture.statement("https://a.example/b")
        try await fixture.refer(try key.bundle(statement))
        try await fixture.refer(try key.bundle(fixture.statement("https://a.example/c")))
        let found = try await fixture.found()
        #expect(found.signatures.map(\.proof.isAccepted) == [true])
        #expect(Set(found.statements.map(\.predicateType)) == ["https://a.example/b", "https://a.example/c"])
        let accepted = found.accepted("https://a.example/b")
        #expect(accepted.map(\.payload) == [Digest.sha256(statement.bytes).description])
        #expect(found.accepted("https://a.example/c").isEmpty)
        // The same manifest by another way is the same; one that names another image is a gap.
        let foreign = try await fixture.refer(
            try key.bundle(fixture.statement(PredicateType.cosignSignature, .sha256([2]))),
            to: .sha256([2])
        )
        let entries = [own, foreign].map { digest in
            Descriptor(
                mediaType: MediaType.imageManifest,
                digest: digest,
                size: 1,
                artifactType: SigstoreBundle.mediaType
            )
        }
        let index: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.imageIndex),
            "manifests": .array(entries.map(\.json)),
        ]
        try await fixture.node.put(
            index.bytes(),
            MediaType.imageIndex,
            to: "bund/app",
            tag: "sha256-\(fixture.digest.hex)"
        )
        let again = try await fixture.found()
        #expect(again.signatures.count == 1)
        #expect(again.gaps.map(\.en) == ["\(foreign) names another image"])
    }

    @Test("endless lists, large documents and broken ones are gaps, and none of them hides what counts before")
    func bounds() async throws {
        let fixture = try await TrustFixture()
        let key = try Publisher()
        try await fixture.believe([key.rule()])
        // More manifests than are looked at, all of them with somebody else's signature.
        for index in 0..<70 {
            let stranger = try Publisher()
            var statement = fixture.statement(PredicateType.cosignSignature)
            statement = Attestations.Statement(
                subjects: statement.subjects,
                predicateType: statement.predicateType,
                predicate: ["n": .integer(Int64(index))]
            )
            try await fixture.refer(try stranger.bundle(statement))
        }
        let endless = try await fixture.found()
        #expect(endless.signatures.count == 64 && endless.signatures.allSatisfy { !$0.proof.isAccepted })
        #expect(endless.gaps.map(\.en) == ["more than 64 manifests with signatures or attestations"])
        let service = try fixture.service()
        try await fixture.node.work(service)
        let verdict = try #require(try await fixture.node.ready(service, "bund/app", fixture.digest)).verdict()
        let result = try #require(verdict.criteria.first { $0.id == "IMG-SEC-02" })
        #expect(result.result == .unknown && result.explanation.en.contains("more than 64 manifests"))
        // cosign's list is read first: what counts there counts.
        let payload = fixture.payload()
        try await fixture.attach([(payload, try key.sign(payload))])
        #expect(try await fixture.found().signatures.count(where: \.proof.isAccepted) == 1)
    }

    @Test("a list of more layers than any reader takes, and a payload that is too large")
    func oversized() async throws {
        let fixture = try await TrustFixture()
        let key = try Publisher()
        try await fixture.believe([key.rule()])
        let large = [UInt8](repeating: 0x20, count: 70_000)
        try await fixture.attach([(large, try key.sign(large))])
        let found = try await fixture.found()
        #expect(found.signatures.isEmpty)
        #expect(found.gaps.count == 1 && found.gaps[0].en.contains("larger than 65536 bytes"), "\(found.gaps)")
        let payload = fixture.payload()
        try await fixture.blob(payload)
        let layer = Descriptor(
            mediaType: SimpleSigning.mediaType,
            digest: .sha256(payload),
            size: Int64(payload.count),
            annotations: [AttachedManifest.signatureAnnotation: "AAAA"]
        )
        let config = AttachedManifest(.signatures).configuration
        try await fixture.blob(config)
        let manifest = ImageManifest(
            config: Descriptor(
                mediaType: MediaType.imageConfig,
                digest: .sha256(config),
                size: Int64(config.count)
            ),
            layers: Array(repeating: layer, count: 300)
        )
        try await fixture.node.put(
            manifest.json.bytes(),
            MediaType.imageManifest,
            to: "bund/app",
            tag: "\(AttachedManifest.tag(.signatures, of: fixture.digest))"
        )
        let many = try await fixture.found()
        #expect(many.signatures.isEmpty)
        #expect(many.gaps.count == 1 && many.gaps[0].en.contains("more than 256 layers"), "\(many.gaps)")
    }

    @Test("every statement uses an index")
    func statements() throws {
        #expect(
            try StatementAudit.explain(migrations: TrustSchema.migrations, statements: TrustSchema.statements) == []
        )
    }

    @Test("an unreadable policy believes nobody, and says so")
    func unreadable() async throws {
        let fixture = try await TrustFixture()
        let key = try Publisher()
        let payload = fixture.payload()
        try await fixture.attach([(payload, try key.sign(payload))])
        try await fixture.believe([key.rule()])
        let spoil = Statement("test.spoil", "UPDATE policies SET body = '{' WHERE namespace_id = ?")
        let id = fixture.namespace.id
        try await fixture.node.database.write { t in try t.execute(spoil, [.integer(id)]) }
        let found = try await fixture.found()
        #expect(found.trust == .unreadable && found.signatures.allSatisfy { !$0.proof.isAccepted })
    }

    @Test("the verdict turns with signatures that come later, with the policy, and with time; jobs coalesce")
    func turns() async throws {
        let fixture = try await TrustFixture()
        let node = fixture.node
        let service = try fixture.service()
        func result() async throws -> (stage: Stage, outcome: Outcome, text: String) {
            try await node.work(service)
            let verdict = try #require(try await node.ready(service, "bund/app", fixture.digest)).verdict()
            let found = try #require(verdict.criteria.first { $0.id == "IMG-SEC-02" })
            return (verdict.stage, found.result, found.explanation.en)
        }
        func follow() async throws {
            while let job = try await node.queue.claim(kinds: [Registry.trustJob], lease: .seconds(15)) {
                try await fixture.trust.jobs[Registry.trustJob]?(job)
                try await node.queue.complete(job)
            }
        }
        #expect(
            try await result() == (
                .build, .unknown, "Open: decided after publication (signature, log, provenance, registry history)."
            )
        )
        let key = try Publisher()
        let end = NodeFixture.start + .seconds(7200)
        try await fixture.believe([key.rule { $0.validUntil = end }])
        try await follow()
        // A policy alone publishes nothing.
        #expect(try await result().stage == .build)
        let payload = fixture.payload()
        try await fixture.attach([(payload, try key.sign(payload))])
        try await fixture.refer(try key.bundle(fixture.statement("https://a.example/b")))
        #expect(try await node.work(service) == ["bund/app@\(fixture.digest)"])
        #expect(try await result().outcome == .pass)
        #expect(try await result().stage == .published)
        // The key ends, without anybody doing anything.
        node.time.advance(by: .seconds(7201))
        let ended = try await result()
        #expect(ended.outcome == .fail && ended.text.contains("it ended at"), "\(ended.text)")
        // Another key in the policy.
        try await fixture.believe([key.rule()])
        try await follow()
        #expect(try await result().outcome == .pass)
        // The signature is taken back.
        let tag = try AttachedManifest.tag(.signatures, of: fixture.digest)
        try await node.registry.deleteTag(tag, in: fixture.name, by: node.account)
        let gone = try await result()
        #expect(gone.stage == .build && gone.outcome == .unknown)
    }
}
