// SPDX-License-Identifier: EUPL-1.2

import Advisories
import TestKit
import Testing

@Suite("CVSS")
struct CVSSTests {
    @Test("scores what the reference implementation scores: every base vector of 2 and 3, and thousands of 4.0")
    func oracle() async throws {
        let environment = try await pythonEnvironment(["cvss"])
        let vectors = Self.all() + Self.random()
        let input = Array(vectors.joined(separator: "\n").utf8)
        let output = try await environment.python.check(["-c", Self.driver], input: input)
        let expected = output.split(separator: "\n").compactMap { Double($0) }
        #expect(expected.count == vectors.count)
        let wrong = zip(vectors, expected).filter { (try? CVSSVector(parsing: $0)).map(\.score) != $1 }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }

    private static let driver = """
        import sys
        from cvss import CVSS2, CVSS3, CVSS4
        for line in sys.stdin.read().split("\\n"):
            kind = CVSS4 if line.startswith("CVSS:4") else CVSS3 if line.startswith("CVSS:") else CVSS2
            print(float(kind(line).base_score))
        """

    private static func all() -> [String] {
        func product(_ prefix: String, _ metrics: [(String, String)]) -> [String] {
            metrics.reduce([prefix]) { done, metric in
                done.flatMap { head in metric.1.map { (head.isEmpty ? "" : head + "/") + metric.0 + ":" + String($0) } }
            }
        }
        let three = [
            ("AV", "NALP"), ("AC", "LH"), ("PR", "NLH"), ("UI", "NR"), ("S", "UC"), ("C", "NLH"), ("I", "NLH"),
            ("A", "NLH"),
        ]
        let two = [("AV", "LAN"), ("AC", "HML"), ("Au", "MSN"), ("C", "NPC"), ("I", "NPC"), ("A", "NPC")]
        return product("CVSS:3.0", three) + product("CVSS:3.1", three) + product("", two)
    }

    private static func random() -> [String] {
        let base = [
            ("AV", "NALP"), ("AC", "LH"), ("AT", "NP"), ("PR", "NLH"), ("UI", "NPA"), ("VC", "HLN"), ("VI", "HLN"),
            ("VA", "HLN"), ("SC", "HLN"), ("SI", "HLN"), ("SA", "HLN"),
        ]
        let more = [("E", "XAPU"), ("CR", "XHML"), ("IR", "XHML"), ("MAV", "XNALP"), ("MSI", "XSHLN"), ("MVC", "XHLN")]
        return (0..<4000).map { number in
            let metrics = base + (number % 2 == 0 ? [] : more.filter { _ in Bool.random() })
            return "CVSS:4.0/" + metrics.map { "\($0.0):\($0.1.randomElement() ?? "N")" }.joined(separator: "/")
        }
    }

    @Test(
        "what is no vector is refused",
        arguments: [
            "", "x", "CVSS:3.1", "CVSS:4.0/AV:N", "CVSS:3.2/AV:N", "AV:N/AC:L",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:Q",
            "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/",
        ]
    )
    func malformed(_ text: String) { #expect(throws: CVSSError.self) { try CVSSVector(parsing: text) } }
}
