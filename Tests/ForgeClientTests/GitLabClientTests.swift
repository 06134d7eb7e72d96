// SPDX-License-Identifier: EUPL-1.2

import ForgeClient
import ProjectCriteria
import SBOM
import Testing
import Time

@Suite("What GitLab says about a project")
struct GitLabClientTests {
    private let now = Timestamp(seconds: 1_795_737_600)  // 27 November 2026
    private let base = "/projects/team%2Ftool"

    private func user(_ id: Int, _ name: String) -> String {
        #"{"id": \#(id), "username": "\#(name)", "name": "x", "state": "active"}"#
    }

    private func request(
        _ iid: Int,
        author: Int,
        merger: Int,
        at: String = "2026-10-01T10:00:00.000Z",
        title: String = "Change"
    )
        -> String
    {
        #"{"iid": \#(iid), "title": "\#(title)", "state": "merged", "merged_at": "\#(at)", "author": \#(user(author, "u\(author)")), "merge_user": \#(user(merger, "u\(merger)")), "merged_by": null}"#
    }

    private func answers() -> [String: GitLabServer.Answer] {
        [
            base: .object(
                #"{"id": 5, "default_branch": "main", "archived": false, "only_allow_merge_if_pipeline_succeeds": true, "issues_access_level": "enabled"}"#
            ),
            base + "/protected_branches": .list([
                #"{"id": 100, "name": "release/*", "push_access_levels": [], "allow_force_push": true, "code_owner_approval_required": false}"#,
                #"{"id": 101, "name": "ma*n", "push_access_levels": [], "allow_force_push": false, "code_owner_approval_required": false}"#,
            ]),
            base + "/members/all": .list([
                #"{"id": 1, "username": "u1", "access_level": 40}"#,
                #"{"id": 2, "username": "u2", "access_level": 50}"#,
                #"{"id": 3, "username": "u3", "access_level": 30}"#,
            ]),
            base + "/merge_requests": .list([
                request(1, author: 1, merger: 1), request(2, author: 3, merger: 1), request(3, author: 3, merger: 3),
                request(4, author: 3, merger: 3), request(5, author: 3, merger: 3, at: "2026-01-01T10:00:00.000Z"),
            ]),
            base + "/merge_requests/1/approvals": .object(#"{"approved_by": []}"#),
            base + "/merge_requests/2/approvals": .object(#"{"approved_by": [{"user": \#(user(3, "u3"))}]}"#),
            base + "/merge_requests/3/approvals": .object(#"{"approved_by": [{"user": \#(user(2, "u2"))}]}"#),
            base + "/merge_requests/4/approvals": .object(#"{"approved_by": [{"user": \#(user(9, "u9"))}]}"#),
            base + "/merge_requests/1/pipelines": .list([
                #"{"id": 2, "status": "success"}"#, #"{"id": 1, "status": "failed"}"#,
            ]),
            base + "/merge_requests/2/pipelines": .list([
                #"{"id": 2, "status": "failed"}"#, #"{"id": 1, "status": "success"}"#,
            ]),
            base + "/merge_requests/3/pipelines": .list([]), base + "/merge_requests/4/pipelines": .list([]),
            base + "/issues": .list([
                #"{"iid": 7, "created_at": "2026-11-01T00:00:00Z", "author": \#(user(8, "u8")), "closed_at": null, "closed_by": null}"#,
                #"{"iid": 8, "created_at": "2026-11-02T00:00:00Z", "author": \#(user(8, "u8")), "closed_at": "2026-11-05T00:00:00Z", "closed_by": \#(user(1, "u1"))}"#,
                #"{"iid": 9, "created_at": "2026-11-03T00:00:00Z", "author": \#(user(8, "u8")), "closed_at": "2026-11-04T00:00:00Z", "closed_by": \#(user(8, "u8"))}"#,
            ]),
            base + "/issues/7/notes": .list([
                #"{"id": 1, "created_at": "2026-11-01T01:00:00Z", "system": false, "author": \#(user(8, "u8"))}"#,
                #"{"id": 2, "created_at": "2026-11-01T02:00:00Z", "system": false, "author": \#(user(70, "project_5_bot_ab12"))}"#,
                #"{"id": 3, "created_at": "2026-11-03T00:00:00Z", "system": false, "author": \#(user(1, "u1"))}"#,
            ]),
            base + "/issues/8/notes": .list([]), base + "/issues/9/notes": .list([]),
        ]
    }

    private func ask(_ answers: [String: GitLabServer.Answer], token: String = GitLabServer.token, limit: Int = 500)
        async throws -> (ProjectForge, [String])
    {
        let server = try await GitLabServer(answers)
        let client = try GitLabClient(url: server.url, token: token, listLimit: limit)
        do {
            let forge = try await client.project("team/tool", now: now)
            await client.close()
            await server.stop()
            return (forge, server.requests)
        } catch {
            await client.close()
            await server.stop()
            throw error
        }
    }

    @Test("protection by wildcard, review by openCode's rule, approvals, pipelines, first reactions")
    func facts() async throws {
        let (forge, _) = try await ask(answers())
        #expect(forge.protection.value == .init(isProtected: true, allowsForcePush: false))
        #expect(forge.requiresPipeline == true)
        #expect(!forge.isArchived)
        let merged = try #require(forge.merged.value)
        // The one of January was updated later and is not of these six months.
        #expect(merged.count == 4)
        // A maintainer's own; a developer's merged by a maintainer; a developer's own with a maintainer's approval; and without one.
        #expect(merged.map(\.isReviewedByOpenCodeRule) == [true, true, true, false])
        // Approving what one has made oneself is no second pair of eyes.
        #expect(merged.map(\.hasOtherApproval) == [false, false, true, true])
        #expect(merged.map(\.pipelineSucceeded) == [true, false, nil, nil])
        let issues = try #require(forge.issues.value)
        // Neither the author nor a program reacts; closing by another person does.
        #expect(issues.map { $0.firstReactionAt?.rfc3339.prefix(10) } == ["2026-11-03", "2026-11-05", nil])
    }

    @Test("lists are read page after page, and end at a limit with a reason")
    func pages() async throws {
        var many = answers()
        many[base + "/issues"] = .list(
            (1...230).map { #"{"iid": \#($0), "created_at": "2026-11-01T00:00:00Z", "author": \#(user(8, "u8"))}"# }
        )
        for number in 1...230 { many[base + "/issues/\(number)/notes"] = .list([]) }
        let (forge, requests) = try await ask(many)
        #expect(forge.issues.value?.count == 230)
        #expect(requests.filter { $0.contains("/issues?") }.count == 3)
        let (cut, _) = try await ask(many, limit: 150)
        #expect(cut.issues.value == nil)
        #expect(cut.issues.reason?.en == "issues: more than 150")
        #expect(cut.merged.value?.count == 4)
    }

    @Test("what the token may not see is unknown, with the reason, and the rest is told")
    func refused() async throws {
        var some = answers()
        some[base + "/members/all"] = .status(403)
        some[base + "/protected_branches"] = .status(403)
        let (forge, _) = try await ask(some)
        #expect(forge.protection.value == nil)
        #expect(forge.merged.reason?.en.contains("403") == true)
        #expect(forge.issues.value?.count == 3)
        await #expect(throws: ForgeError.refused(status: 401, what: "project team/tool")) {
            try await ask(answers(), token: "wrong")
        }
        await #expect(throws: ForgeError.refused(status: 404, what: "project team/tool")) { try await ask([:]) }
    }

    @Test(
        "an answer that is not as documented is unknown, not a pass",
        arguments: [
            "[]", "{}", #"{"approved_by": [{}]}"#, "<html>", #"{"approved_by": [{"user": {"id": "1"}}]}"#,
        ]
    )
    func odd(_ text: String) async throws {
        var odd = answers()
        odd[base + "/merge_requests/1/approvals"] = .object(text)
        let (forge, _) = try await ask(odd)
        #expect(forge.merged.value == nil)
        #expect(forge.protection.value != nil)
    }

    @Test("a redirect is not followed: the token stays where it was sent")
    func redirect() async throws {
        let other = try await GitLabServer([:])
        await #expect(throws: ForgeError.refused(status: 302, what: "project team/tool")) {
            try await ask([base: .redirect(other.url + "/api/v4" + base)])
        }
        #expect(other.requests.isEmpty)
        await other.stop()
    }

    @Test(
        "plain HTTP carries no token to another machine",
        arguments: [
            "http://gitlab.example.org", "ftp://gitlab.example.org", "https://user@gitlab.example.org",
            "gitlab.example.org", "https://",
            "https://gitlab.example.org/?a", "http://127.0.0.1.example.org",
        ]
    )
    func addresses(_ text: String) {
        #expect(throws: ForgeError.self) { try GitLabClient(url: text, token: "t") }
    }
}
