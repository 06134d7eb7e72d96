// SPDX-License-Identifier: EUPL-1.2

import Conformance
import RegistryClient
import Testing

@Suite("Challenges and links")
struct ChallengeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let header: String
        let challenges: [Challenge]
        var testDescription: String { header }
    }

    @Test(
        "WWW-Authenticate is read as RFC 9110 writes it",
        arguments: [
            Case(header: "Basic realm=\"x\"", challenges: [Challenge(scheme: "basic", parameters: ["realm": "x"])]),
            Case(
                header: "Bearer realm=\"https://a.example/token\",service=\"r\", Scope=\"repository:a/b:pull,push\"",
                challenges: [
                    Challenge(
                        scheme: "bearer",
                        parameters: [
                            "realm": "https://a.example/token", "service": "r", "scope": "repository:a/b:pull,push",
                        ]
                    )
                ]
            ),
            Case(
                header: "Negotiate, Basic realm = \"a \\\"b\\\", c\" , Bearer realm=x",
                challenges: [
                    Challenge(scheme: "negotiate"), Challenge(scheme: "basic", parameters: ["realm": "a \"b\", c"]),
                    Challenge(scheme: "bearer", parameters: ["realm": "x"]),
                ]
            ),
            Case(header: "", challenges: []), Case(header: " , ,", challenges: []),
            Case(header: "Basic realm=\"never closed", challenges: [Challenge(scheme: "basic")]),
            Case(header: "realm=\"no scheme\"", challenges: []),
        ]
    )
    func challenges(example: Case) {
        #expect(Challenge.parse(example.header) == example.challenges)
    }

    @Test(
        "the next page is found, whatever stands around it",
        arguments: [
            (["</v2/a/tags/list?n=2&last=b>; rel=\"next\""], "/v2/a/tags/list?n=2&last=b"),
            (["<https://x/a>; rel=prev, <https://x/b>;title=\"t\"; rel=next"], "https://x/b"),
            (["<a>; rel=prev", "<b>; REL=\"Next\""], "b"), (["<a>; rel=\"prev\""], nil), (["a; rel=next"], nil),
            ([], nil),
        ] as [([String], String?)]
    )
    func links(values: [String], target: String?) {
        #expect(LinkHeader.next(in: values) == target)
    }
}
