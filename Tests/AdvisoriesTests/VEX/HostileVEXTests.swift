// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
import SBOM
import Testing

@Suite("VEX: hostile documents")
struct HostileVEXTests {
    @Test("bytes changed, cut and doubled end in a typed error or a document, never in a crash")
    func mutated() throws {
        let publication = try VEXExamples.publication()
        let seeds: [[UInt8]] = [
            Array(VEXExamples.csaf.utf8), Array(VEXExamples.cycloneDX.utf8),
            Array(VEXExamples.openVEX([VEXExamples.statement("pkg:deb/debian/a@1?arch=x")]).utf8),
            try OpenVEX.document(publication).bytes(), try CSAFVEX.document(publication).bytes(),
            try CycloneDXVEX.document(publication).bytes(),
        ]
        // Most changes of bytes end in the JSON; words of the formats put in each other's place get further in.
        let words = [
            "null", "[]", "{}", "1", "\"\"", "\"pkg:\"", "\"pkg:oci/a@sha256:00\"", "\"app-1\"", "\"urn:cdx:#\"",
            "true",
            "\"urn:cdx:x/1#%zz%\"", "[\"libssl3-in-app-1\"]", "[{}]", "-1", "\"not_affected\"",
            "\"2026-01-01T00:00:00Z\"",
        ].map { Array($0.utf8) }
        var random = SystemRandomNumberGenerator()
        var read = 0
        for _ in 0..<6000 {
            guard var bytes = seeds.randomElement(using: &random) else { continue }
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes[index] = .random(in: 0...255, using: &random)
                case 1: bytes.insert(.random(in: 0...255, using: &random), at: index)
                case 2: bytes.removeSubrange(index...)
                default:
                    // The value after a colon, up to the next comma.
                    guard let colon = bytes[index...].firstIndex(of: 0x3A),
                        let end = bytes[colon...].firstIndex(where: { $0 == 0x2C || $0 == 0x7D }),
                        let word = words.randomElement(using: &random)
                    else { continue }
                    bytes.replaceSubrange((colon + 1)..<end, with: word)
                }
            }
            do {
                let document = try VEXDocument(parsing: bytes)
                read += 1
                #expect(document.refused.allSatisfy { $0.reason.en.utf8.count < 3000 })
                let index = VEXIndex([document])
                #expect(index.count == document.statements.count)
            } catch {
                #expect(error.description.utf8.count < 3000)
            }
        }
        #expect(read > 100)
    }

    private func limits(_ change: (inout VEXLimits) -> Void) -> VEXLimits {
        var limits = VEXLimits()
        change(&limits)
        return limits
    }

    @Test("bounds of size, depth, statements and references are held")
    func bounds() throws {
        let text = Array(VEXExamples.openVEX(Array(repeating: VEXExamples.statement("pkg:npm/a"), count: 20)).utf8)
        for limits in [
            limits { $0.bytes = 100 }, limits { $0.depth = 3 }, limits { $0.values = 50 },
            limits { $0.statements = 19 },
            limits { $0.products = 19 },
        ] {
            #expect(throws: VEXReadError.self) { try VEXDocument(parsing: text, limits: limits) }
        }
        #expect(try VEXDocument(parsing: text, limits: limits { $0.statements = 20 }).statements.count == 20)
    }

    @Test("many flags on a large group do not multiply")
    func multiplied() {
        let products = (0..<2000).map { "\"p\($0)\"" }.joined(separator: ",")
        let flags = Array(repeating: #"{"label": "component_not_present", "group_ids": ["g"]}"#, count: 2000)
        let text = VEXExamples.csaf
            .replacing(#""product_ids": ["libssl3-in-app-1", "curl-in-app-1"]"#, with: "\"product_ids\": [\(products)]")
            .replacing(#""group_id": "in-app""#, with: #""group_id": "g""#)
            .replacing(#""flags": ["#, with: "\"flags\": [" + flags.joined(separator: ",") + ",")
        let error = #expect(throws: VEXReadError.self) { try VEXExamples.document(text) }
        #expect(error?.reason.en.contains("references to products") == true)
    }

    @Test("many aliases of a statement on many products do not multiply")
    func manyAliases() throws {
        let aliases = (0..<900).map { "\"A-\($0)\"" }.joined(separator: ",")
        let products = (0..<2000).map { "{\"@id\": \"pkg:npm/a\($0)\"}" }.joined(separator: ",")
        let statement = #"""
            {"vulnerability": {"name": "CVE-1", "aliases": [\#(aliases)]}, "products": [\#(products)], "status": "fixed"}
            """#
        let error = #expect(throws: VEXReadError.self) { try VEXExamples.document(VEXExamples.openVEX([statement])) }
        #expect(error?.reason.en.contains("references to products") == true)
        let more = aliases + (900..<1100).map { ",\"A-\($0)\"" }.joined()
        let refused = try VEXExamples.document(VEXExamples.openVEX([statement.replacing(aliases, with: more)]))
        #expect(refused.refused.map(\.place) == ["$.statements[0].vulnerability.aliases"])
    }

    @Test("refusals are counted, and only so many kept")
    func manyRefusals() throws {
        let bad = VEXExamples.statement("pkg:npm/a", "CVE-1", #""status": "x""#)
        let text = VEXExamples.openVEX(Array(repeating: bad, count: 30))
        let document = try VEXDocument(parsing: Array(text.utf8), limits: limits { $0.refusals = 10 })
        #expect(document.refused.count == 10)
        #expect(document.refusedCount == 30)
    }

    @Test("texts are cut, names never")
    func longTexts() throws {
        let long = String(repeating: "ä", count: 20_000)
        let document = try VEXExamples.document(
            VEXExamples.openVEX([
                VEXExamples.statement("pkg:npm/a", "CVE-1", #""status": "fixed", "status_notes": "\#(long)""#),
                VEXExamples.statement("pkg:npm/a", long, #""status": "fixed""#),
            ])
        )
        #expect(document.statements.count == 1)
        #expect((document.statements.first?.notes?.utf8.count ?? 0) <= 8003)
        #expect(document.refused.first?.place == "$.statements[1].vulnerability.name")
    }
}
