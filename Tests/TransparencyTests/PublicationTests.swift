// SPDX-License-Identifier: EUPL-1.2

import Database
import FoundationEssentials
import MerkleLog
import Synchronization
import Testing
import Transparency

@Suite("What may be published")
struct PublicationTests {
    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test(
        "addresses and names of accounts are found, also in base64",
        arguments: [
            "written by jane.doe@agency.example", "{\"by\":\"JANE@agency.example.\"}",
            "{\"content\":\"\(base64("-----BEGIN X-----\nsigned for jane.doe@agency.example"))\"}",
            "{\"content\":\"\(base64("{\"inner\":\"\(base64("mail me at jane.doe@agency.example please"))\"}"))\"}",
            "{\"by\":\"jane\"}", "{\"a\":[{\"b\":\"users/Jane\"}]}", "signed by jane", "{\"by\":\"j.doe\"}",
        ]
    )
    func found(text: String) {
        let linter = PersonalDataLinter(accountNames: ["jane", "J.Doe", "al"])
        let finding = linter.finding(in: Array(text.utf8))
        #expect(finding != nil)
        #expect(finding?.description.contains("jane") != true)
    }

    @Test(
        "hashes, keys and words of other kinds pass",
        arguments: [
            "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":{\"data\":{\"hash\":{\"algorithm\":\"sha256\"}}}}",
            "janet", "{\"jane\":1}", "{\"by\":\"al\"}", "name@sha256:0123", "registry.example/team/app@sha256",
            "a @ b.example",
            "{\"docker-reference\":\"registry.example/gov/app:1.0\"}",
        ]
    )
    func passes(text: String) {
        #expect(PersonalDataLinter(accountNames: ["jane", "al"]).finding(in: Array(text.utf8)) == nil)
    }

    @Test("signatures and keys by the thousand are taken for no address")
    func noChance() {
        var generator = SeededGenerator(seed: 7)
        let linter = PersonalDataLinter(accountNames: ["jane"])
        for _ in 0..<2_000 {
            let bytes = (0..<600).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let text = "{\"signature\":\"\(Data(bytes).base64EncodedString())\"}"
            #expect(linter.finding(in: Array(text.utf8)) == nil)
        }
    }

    @Test("what may not be published is refused, listed, and holds up nothing")
    func refused() async throws {
        let fixture = try Fixture()
        let database = try fixture.database()
        let isInternal = Switch(true)
        let rules = PublicationRules(
            accountNames: { ["jane"] },
            isInternal: { $0 == "secret" && isInternal.isOn }
        )
        let log = try fixture.log(database, rules: rules)
        let ids = try await database.write { transaction in
            try [
                entry(0), entry(1, namespace: "secret"), entry(2, namespace: "public"),
                LogEntry(kind: "test", namespace: nil, bytes: Array("{\"by\":\"jane\"}".utf8)),
            ].map { try log.enqueue($0, in: transaction) }
        }
        let sequencer = LogSequencer(log)
        try await sequencer.round()
        let refused = try await log.refusedEntries()
        #expect(refused.map(\.id) == [ids[1], ids[3]])
        #expect(refused[0].state == .refused("it is about an internal namespace"))
        #expect(try await log.status().refused == 2)
        #expect(try await log.status().publishedSize == 2)
        #expect(try await log.receipt(for: ids[2]).index == 1)
        await #expect(throws: TransparencyError.self) { try await log.receipt(for: ids[1], timeout: .seconds(60)) }
        #expect(try await log.refusedEntries(after: ids[1], limit: 1).map(\.id) == [ids[3]])
        // Its reason is gone: it is logged behind all others.
        isInternal.isOn = false
        #expect(try await log.reconsider(ids[1], by: "operator"))
        #expect(try await !log.reconsider(ids[0], by: "operator"))
        try await sequencer.round()
        #expect(try await log.receipt(for: ids[1]).index == 2)
    }
}

private final class Switch: Sendable {
    private let state: Mutex<Bool>
    init(_ isOn: Bool) { state = Mutex(isOn) }
    var isOn: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// The same numbers in every run. (SplitMix64)
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
