// SPDX-License-Identifier: EUPL-1.2

import Criteria
import JSON
import Testing

@Suite("What a verdict must not repeat")
struct LeakTests {
    @Test(
        "a password in a declared address stands nowhere in the verdict",
        arguments: [
            "https://jana:s3cr3t-w0rd@git.example.org/web", "https://jana:s3cr3t-w0rd/@git.example.org/web",
            "git+ssh://jana:s3cr3t-w0rd@git.example.org/web", "https://:s3cr3t-w0rd@x@git.example.org",
        ],
        ["source", "documentation"]
    )
    func password(address: String, key: String) throws {
        var sample = Sample()
        sample.label(key, address)
        let verdict = try sample.verdict()
        #expect(!verdict.json.text().contains("s3cr3t-w0rd"))
        let criterion = key == "source" ? "IMG-REU-02" : "IMG-REU-03"
        let result = try #require(verdict.criteria.first { $0.id == criterion })
        #expect(result.result == .fail)
        #expect(result.evidence.contains { $0.text.contains("***@") })
    }

    @Test("a port and an at sign in the path are no password")
    func addressWithAt() throws {
        var sample = Sample()
        sample.label("documentation", "https://docs.example.org:8443/@team/readme")
        let result = try #require(try sample.verdict().criteria.first { $0.id == "IMG-REU-03" })
        #expect(result.evidence.contains { $0.text.contains("https://docs.example.org:8443/@team/readme") })
    }
}
