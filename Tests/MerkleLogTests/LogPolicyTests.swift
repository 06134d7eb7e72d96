// SPDX-License-Identifier: EUPL-1.2

import MerkleLog
import Testing

@Suite("Policies of witnesses")
struct LogPolicyTests {
    @Test("groups count their members, and only enough witnesses make a checkpoint")
    func groups() throws {
        let log = try Signer("log.example")
        let witnesses = try (0..<5).map { try Signer("witness.example/\($0)", .cosignature) }
        let lines = witnesses.enumerated().map {
            "witness w\($0.offset) \($0.element.key) https://w\($0.offset).example"
        }
        let policy = try LogPolicy(
            parsing: """
                # who is believed
                log \(log.key) https://log.example/log
                \(lines.joined(separator: "\n"))
                group x 2 w0 w1 w2
                \tgroup y any  w3 w4
                group both all x y
                quorum both
                """
        )
        #expect(policy.logs == [log.key])
        #expect(policy.witnesses == witnesses.map(\.key))
        let text = Checkpoint(origin: "log.example", size: 0, root: .empty).text
        for (signed, isEnough) in [
            ([0, 1, 3], true), ([0, 2, 4], true), ([0, 3], false), ([0, 1, 2], false), ([], false),
        ] {
            let note = SignedNote(
                text: text,
                signatures: [try log.sign(text)] + (try signed.map { try witnesses[$0].sign(text, time: 1) })
            )
            #expect(((try? policy.verified(note.bytes)) != nil) == isEnough, "\(signed)")
        }
        let unsigned = SignedNote(text: text, signatures: try witnesses.map { try $0.sign(text, time: 1) })
        #expect(throws: NoteError.noKnownSignature) { try policy.verified(unsigned.bytes) }
    }

    @Test("what is no policy says where")
    func refusals() throws {
        let log = try Signer("log.example").key
        let witness = try Signer("witness.example", .cosignature).key
        for (text, line) in [
            ("", 0), ("log \(log)\n", 0), ("log \(witness)\nquorum none", 1), ("witness a \(log)\nquorum none", 1),
            ("quorum a", 1), ("quorum none\nquorum none", 2), ("witness none \(witness)\nquorum none", 1),
            ("witness a \(witness)\nwitness b \(witness)\nquorum none", 2),
            ("witness a \(witness)\ngroup g 2 a\nquorum g", 2), ("witness a \(witness)\ngroup g 0 a\nquorum g", 2),
            ("witness a \(witness)\ngroup g all a a\nquorum g", 2), ("group g any a\nquorum g", 1),
            ("witness a \(witness)\ngroup g any a\ngroup h any a\nquorum g", 3),
            ("log \(log)\nlog \(log)\nquorum none", 2),
            ("something\nquorum none", 1), ("quorum none\r", 0),
        ] {
            #expect { try LogPolicy(parsing: text) } throws: { ($0 as? LogPolicyError)?.line == line }
        }
    }
}
