// SPDX-License-Identifier: EUPL-1.2

import Accounts
import AssessmentTestKit
import FoundationEssentials
import JSON
import Mail
import Node
import NodeTestKit
import OCI
import TestKit
import Testing

/// The whole way, over HTTP and SMTP: a new advisory, who is affected, letters, a click, an answer on the page.
@Suite("From a new advisory to answers") struct NoticeFlowTests {
    private static let recipients = 200

    private static func tracker(_ id: String) -> String {
        "{\"openssl\":{\"\(id)\":{\"releases\":{\"bookworm\":{\"fixed_version\":\"3.0.2\",\"status\":\"resolved\",\"urgency\":\"high\"}}}}}"
    }

    @Test("200 organisations that pulled an image get a letter each, none twice; one answers, and the page shows it")
    func flow() async throws {
        let sink = try await MailSink()
        let from = try MailAddress(parsing: "kontor@example.org")
        try await TestNode.run(configure: { configuration in
            configuration.mail = (
                SMTPSettings(host: "127.0.0.1", port: sink.port, security: .plain, clientName: "localhost"), from
            )
            configuration.publicURL = "https://kontor.example"
            configuration.requestsPerSecond = nil
        }) { node in
            let accounts = node.node.accounts
            let admin = try #require(try await accounts.authenticate(username: "admin", password: node.secret))
            try await node.importTracker(Self.tracker("CVE-2026-1000"))
            let built = ImageBuilder.debian(package: "openssl", version: "3.0.1")
            let digest = try await node.client.push(built, to: "team/app", tag: "1.0")
            try await node.client.verdict(of: "team/app@\(digest)")
            for index in 0..<Self.recipients {
                let name = "stadt\(index)"
                let organisation = Organisation(
                    name: name,
                    title: "Stadt \(index)",
                    kind: .municipal,
                    securityContact: "sicherheit\(index)@example.org"
                )
                try await accounts.putOrganisation(organisation, by: admin)
                let secret = try await accounts.createPerson("p\(index)", organisation: name, by: admin)
                if index == 0 {
                    try await accounts.createNamespace("team", organisation: name, isPublic: true, by: admin)
                }
                let client = node.client.basic("p\(index):\(secret)")
                #expect(try await client.request("GET", "/v2/team/app/manifests/1.0").status == 200)
            }
            let clock = ContinuousClock()
            let start = clock.now
            try await node.importTracker(Self.tracker("CVE-2026-1001"))
            let question = "/api/v1/affected?question=CVE-2026-1001"
            while try await node.client.request("GET", question).json?["items"]?.arrayValue?.isEmpty ?? true {
                try await Task.sleep(for: .milliseconds(50))
            }
            let draft = try await node.client.request(
                "POST",
                "/api/v1/notice-drafts",
                headers: [("Content-Type", "application/json")],
                body: Array(#"{"question":"CVE-2026-1001"}"#.utf8)
            )
            #expect(draft.status == 200)
            let named = draft.json?["recipients"]?.arrayValue ?? []
            #expect(named.count == Self.recipients)
            let sent = try await node.client.request(
                "POST",
                "/api/v1/notices",
                headers: [("Content-Type", "application/json")],
                body: Array(
                    #"{"question":"CVE-2026-1001","what":{"de":"Lücke in openssl","en":"A hole in openssl"}}"#.utf8
                )
            )
            #expect(sent.status == 201, "\(sent.text)")
            let id = try #require(sent.json?["id"]?.stringValue)
            while sink.taken.messages.count < Self.recipients { try await Task.sleep(for: .milliseconds(20)) }
            let letters = sink.taken.messages
            #expect(Set(letters.map(\.to)).count == Self.recipients && letters.count == Self.recipients)
            #expect(sink.taken.connections < 10)
            // The link, as it stands in the letter after its lines are put together again.
            let letter = try #require(letters.first { $0.to == "sicherheit7@example.org" })
            let text = letter.text.replacing("=\r\n", with: "").replacing("=3D", with: "=")
            let marker = "https://kontor.example/notices/answer/"
            let begin = try #require(text.firstRange(of: marker))
            let token = text[begin.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
            #expect(!text.contains("stadt8") && !text.contains("Stadt 8"))
            let nobody = node.client.anonymous()
            let page = try await nobody.request("GET", "/notices/answer/\(token)?lang=en")
            #expect(page.status == 200 && page.text.contains("Stadt 7"))
            let answered = try await nobody.request(
                "POST",
                "/notices/answer/\(token)",
                headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array("state=acting".utf8)
            )
            #expect(answered.status == 303)
            let overview = try await node.client.request("GET", "/notices/\(id)?lang=en")
            #expect(overview.status == 200)
            #expect(overview.text.contains("0 done, 1 acting, 0 read, 199 without an answer"))
            print("notices: \(Self.recipients) recipients, from import to the answer on the page: \(clock.now - start)")
            #expect(
                try await nobody.request("GET", "/notices/answer/\(String(repeating: "a", count: 43))").status == 404
            )
            #expect(try await nobody.request("GET", "/notices/\(id)").status == 401)
        }
        await sink.stop()
    }
}
