// SPDX-License-Identifier: EUPL-1.2

import AssessmentTestKit
import Foundation
import JSON
import NodeTestKit
import TestKit
import Testing
import Time

/// The program's outbox under `kill -9`: who was to be told is told, and a letter that comes twice is known as the same one.
@Suite("Power cuts while notices are sent")
struct NoticeCrashTests {
    private static let recipients = 200
    /// Letters that are out when the power is cut.
    private static let cuts = [1, 40, 110, 180]
    private static let json = [("Content-Type", "application/json")]

    private static func tracker(_ fixes: String...) -> [UInt8] {
        let entries = fixes.map {
            #""\#($0)":{"releases":{"bookworm":{"fixed_version":"3.0.2","status":"resolved","urgency":"high"}}}"#
        }
        return Array("{\"openssl\":{\(entries.joined(separator: ","))}}".utf8)
    }

    private func start(_ data: String, _ sink: MailSink) async throws -> (NodeProcess, TestClient) {
        let node = try await NodeProcess(
            data: data,
            options: [
                "--smtp", "127.0.0.1:\(sink.port)", "--smtp-security", "plain", "--smtp-from", "kontor@example.org",
                "--public-url", "https://kontor.example", "--rate-limit", "0",
            ]
        )
        let port = try #require(Int(node.registry.split(separator: ":").last ?? ""))
        return (node, TestClient(port: port, login: "admin:" + (try node.secret)))
    }

    private func importing(_ tracker: [UInt8], _ data: String, _ directory: TemporaryDirectory) async throws {
        try directory.write(tracker, to: "feed/tracker.json")
        // A tracker carries no date.
        let today = String(WallClock.system.now().rfc3339.prefix(10))
        try await builtProduct("kontor").check(
            ["feeds", "import", directory.file("feed"), "--as-of", today, "--data", data]
        )
    }

    /// An organisation, and somebody of it who pulls the image; it is the first one's.
    private static func organise(_ index: Int, _ admin: TestClient) async throws {
        let organisation =
            #"{"title":"Stadt \#(index)","kind":"municipal","securityContact":"sicherheit\#(index)@example.org"}"#
        let path = "/api/v1/organisations/stadt\(index)"
        let made = try await admin.request("PUT", path, headers: json, body: Array(organisation.utf8))
        #expect(made.status == 204, "\(made.text)")
        let person = Array(#"{"name":"p\#(index)","organisation":"stadt\#(index)"}"#.utf8)
        let account = try await admin.request("POST", "/api/v1/accounts", headers: json, body: person)
        let secret = try #require(account.json?["secret"]?.stringValue, "\(account.text)")
        if index == 0 {
            let namespace = Array(#"{"organisation":"stadt0","public":true}"#.utf8)
            let owned = try await admin.request("PUT", "/api/v1/namespaces/team", headers: json, body: namespace)
            #expect(owned.status == 201, "\(owned.text)")
        }
        let client = admin.basic("p\(index):\(secret)")
        #expect(try await client.request("GET", "/v2/team/app/manifests/1.0").status == 200)
    }

    private static func messageID(_ letter: String) -> Substring? {
        letter.split(separator: "\r\n").first { $0.lowercased().hasPrefix("message-id:") }
    }

    @Test(
        "kill -9 while 200 letters go out leaves nobody out; each cut sends one letter again at most, under its Message-ID",
        .timeLimit(.minutes(5))
    )
    func nobodyIsLeftOut() async throws {
        let sink = try await MailSink()
        let directory = try TemporaryDirectory("notice-crash")
        let data = directory.file("data")
        try await importing(Self.tracker("CVE-2026-1000"), data, directory)
        var (node, admin) = try await start(data, sink)
        let image = ImageBuilder.debian(package: "openssl", version: "3.0.1")
        let digest = try await admin.push(image, to: "team/app", tag: "1.0")
        try await admin.verdict(of: "team/app@\(digest)")
        for index in 0..<Self.recipients { try await Self.organise(index, admin) }
        try await importing(Self.tracker("CVE-2026-1000", "CVE-2026-1001"), data, directory)

        let question = Array(#"{"question":"CVE-2026-1001"}"#.utf8)
        var named: Set<String> = []
        for _ in 0..<300 where named.count < Self.recipients {
            let draft = try await admin.request("POST", "/api/v1/notice-drafts", headers: Self.json, body: question)
            named = Set((draft.json?["recipients"]?.arrayValue ?? []).compactMap { $0["organisation"]?.stringValue })
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(named.count == Self.recipients)
        let notice = #"{"question":"CVE-2026-1001","what":{"de":"Lücke in openssl","en":"A hole in openssl"}}"#
        let sent = try await admin.request("POST", "/api/v1/notices", headers: Self.json, body: Array(notice.utf8))
        #expect(sent.status == 201, "\(sent.text)")

        for cut in Self.cuts {
            while sink.taken.messages.count < cut { try await Task.sleep(for: .milliseconds(1)) }
            node.kill()
            (node, admin) = try await start(data, sink)
        }
        var letters = sink.taken.messages
        for _ in 0..<1_200 where Set(letters.map(\.to)).count < Self.recipients {
            try await Task.sleep(for: .milliseconds(50))
            letters = sink.taken.messages
        }
        node.stop()
        letters = sink.taken.messages
        await sink.stop()
        let expected = Set((0..<Self.recipients).map { "sicherheit\($0)@example.org" })
        #expect(Set(letters.map(\.to)) == expected)
        #expect(letters.count <= Self.recipients + Self.cuts.count, "\(letters.count) letters")
        for (to, copies) in Dictionary(grouping: letters, by: \.to) {
            #expect(Set(copies.map { Self.messageID($0.text) }).count == 1, "\(to)")
            #expect(Set(copies.map(\.text)).count == 1, "\(to)")
            #expect(Self.messageID(copies[0].text) != nil)
        }
        #expect(Set(letters.map { Self.messageID($0.text) }).count == Self.recipients)
        print("notices: \(letters.count) letters for \(expected.count) recipients in \(Self.cuts.count) power cuts")
    }
}
