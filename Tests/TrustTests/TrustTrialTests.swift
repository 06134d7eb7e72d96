// SPDX-License-Identifier: EUPL-1.2

import Accounts
import AssessmentTestKit
import Criteria
import OCI
import Policies
import Registry
import Testing
import Time
import Trust

/// Trust policies that are tried before they hold.
@Suite("Trying trust out") struct TrustTrialTests {
    @Test("images that would lose or gain a signature are told, with when that changes by itself; nothing else is")
    func changes() async throws {
        let fixture = try await TrustFixture()
        let (key, other) = (try Publisher(), try Publisher())
        let payload = fixture.payload()
        try await fixture.attach([(payload, try key.sign(payload))])
        try await fixture.node.push(NodeFixture.image("unsigned"), to: "bund/other")

        // Nobody is believed yet: one image would gain, the other stays as it is.
        let gaining = try await trial(fixture, [key.rule()])
        #expect(gaining.looked == 2 && gaining.gaining == 1 && gaining.losing == 0 && gaining.unknown == 0)
        let gained = try #require(gaining.found.first { $0.digest == fixture.digest })
        #expect(gained.before == .noPolicy && gained.after == .signed && gained.signers == ["release"])
        #expect(try await fixture.found().trust == .absent)

        try await fixture.believe([key.rule()])
        let same = try await trial(fixture, [key.rule()])
        #expect(same.looked == 2 && same.found.isEmpty && same.gaining + same.losing + same.later + same.unknown == 0)
        let losing = try await trial(fixture, [other.rule()])
        #expect(losing.losing == 1 && losing.found.map(\.after) == [.unsigned] && losing.found[0].signers.isEmpty)
        let more = try await trial(fixture, [key.rule(), other.rule { $0.name = "second" }], threshold: 2)
        #expect(more.losing == 1 && more.found[0].signers == ["release"])
        #expect(try await trial(fixture, nil).losing == 1)

        // A key that counts from a day on, and one that ends.
        let hour = fixture.node.time.clock.now() + .seconds(3_600)
        let late = try await trial(fixture, [key.rule { $0.validFrom = hour }])
        #expect(late.losing == 1 && late.found[0].changesAt == hour && late.found[0].becomes == .signed)
        let ending = try await trial(fixture, [key.rule { $0.validUntil = hour }])
        #expect(ending.later == 1 && ending.losing == 0)
        #expect(ending.found.map(\.after) == [.signed] && ending.found[0].changesAt == hour)
        #expect(ending.found[0].becomes == .unsigned)
    }

    @Test("what was not read could be what counts: unknown; pages bring every image once")
    func unknown() async throws {
        let fixture = try await TrustFixture()
        let (key, stranger) = (try Publisher(), try Publisher())
        for number in 0..<70 {
            let statement = fixture.statement("https://a.example/\(number)")
            try await fixture.refer(try stranger.bundle(statement))
        }
        let found = try await trial(fixture, [key.rule()])
        #expect(
            found.unknown == 1 && found.found.map(\.after) == [.unknown] && found.found.first?.gaps.isEmpty == false
        )
        for number in 0..<5 {
            try await fixture.node.push(NodeFixture.image("image \(number)"), to: "bund/app\(number % 2)")
        }
        var (looked, after, pages) = (0, ImagePosition?.none, 0)
        repeat {
            let page = try await fixture.trust.tryTrust(ContentPolicy(), of: fixture.namespace, after: after, limit: 2)
            looked += page.looked
            after = page.next.flatMap { ImagePosition($0.text) }
            pages += 1
        } while after != nil && pages < 10
        #expect(looked == 6 && pages == 4)
        #expect(ImagePosition("1~2~UP") == nil && ImagePosition("1~x~bund/app") == nil && ImagePosition("") == nil)
    }

    private func trial(
        _ fixture: TrustFixture,
        _ keys: [TrustedKeyRule]?,
        threshold: Int = 1
    ) async throws -> TrustTrialPage {
        let rules = keys.map {
            TrustRules(publishers: [TrustedPublisher(name: "Amt", keys: $0)], threshold: threshold)
        }
        return try await fixture.trust.tryTrust(ContentPolicy(trust: rules), of: fixture.namespace)
    }
}
