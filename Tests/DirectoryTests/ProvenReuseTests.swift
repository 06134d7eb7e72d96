// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Criteria
import Database
import Directory
import OCI
import TestKit
import Testing
import Time

@Suite("Reuse that a verdict counts") struct ProvenReuseTests {
    @Test("two authorities that use an image prove its reuse, until one takes it back; each has the image judged again")
    func provenReuse() async throws {
        let world = try await World()
        let (directory, admin) = (world.directory, world.admin)
        let bund = Organisation(name: "bund", title: "Bund", kind: .federal)
        try await world.accounts.putOrganisation(bund, by: admin)
        let signature = FoundSignature(
            form: .cosign,
            source: "sha256:1",
            proof: SignatureProof(signer: EvidenceSigner(name: "one", fingerprint: "sha256:2"), isAccepted: true)
        )
        let attached = AttachedEvidence(
            signed: SignedEvidence(trust: .inForce(revision: 1, threshold: 1), signatures: [signature])
        )
        let service = try world.node.service(
            signed: { _, _, _ in attached },
            reuse: { try await directory.reuse(of: $0) }
        )
        let image = try await world.node.push(NodeFixture.image("app"), to: "stadt/app", tag: "1.0")
        let other = try await world.node.push(NodeFixture.image("other"), to: "stadt/other", tag: "1.0")
        try await world.node.work(service)
        try await world.indexer.catchUp()
        func settled(waiting: Bool = true) async throws -> [String] {
            if waiting { world.node.time.advance(by: .seconds(Directory.judgeAgainDelay)) }
            let queue = world.node.queue
            while let job = try await queue.claim(kinds: Array(world.indexer.jobs.keys), lease: .seconds(15)) {
                try await world.indexer.jobs[job.kind]?(job)
                try await queue.complete(job)
            }
            return try await world.node.work(service)
        }
        func outcome(_ digest: Digest, in repository: String = "stadt/app") async throws -> Outcome {
            let verdict = try #require(try await world.node.ready(service, repository, digest)).verdict()
            return try #require(verdict.criteria.first { $0.id == "IMG-REU-08" }).result
        }
        func use(_ organisation: String) async throws -> Int64 {
            let day = NodeFixture.start - .seconds(86_400)
            return try await directory.use(
                "image:stadt/app",
                by: organisation,
                since: day,
                purpose: "Portal",
                contact: nil,
                actor: admin
            ).id
        }
        #expect(try await outcome(image) == .fail)
        // Its own publisher, and one other.
        for name in ["stadt", "land"] { _ = try await use(name) }
        #expect(try await settled() == ["stadt/app@\(image)"])
        #expect(try await outcome(image) == .fail)
        let last = try await use("bund")
        #expect(try await settled() == ["stadt/app@\(image)"])
        #expect(try await outcome(image) == .pass)
        #expect(try await outcome(other, in: "stadt/other") == .fail)
        // The same organisation again is one all the same.
        _ = try await use("land")
        _ = try await settled()
        #expect(try await outcome(image) == .pass)
        try await directory.endUse(last, by: admin)
        // Whoever says much has it judged once.
        #expect(try await settled(waiting: false).isEmpty)
        #expect(try await settled() == ["stadt/app@\(image)"])
        #expect(try await outcome(image) == .fail)
        _ = try await use("bund")
        _ = try await settled()
        #expect(try await outcome(image) == .pass)
        // That one of them is no authority, somebody finds out later.
        let corrected = Organisation(name: "bund", title: "Bund", kind: .supplier)
        try await world.accounts.putOrganisation(corrected, by: admin)
        try await world.indexer.catchUp()
        #expect(try await settled() == ["stadt/app@\(image)"])
        #expect(try await outcome(image) == .fail)
    }
}
