// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import HTTPTypes
import OCI
import Portal
import SBOM
import Synchronization
import TestKit
import Testing
import Time

@Suite("The form that releases an image") struct ReleasePageTests {
    private static let admin: HTTPFields = [.authorization: "Basic YWRtaW46Z2VoZWltOm1pdA=="]
    private static let image = "\(TestSite.repository)@\(Sample.digest)"
    private static let page = "/images/\(image)"
    private static let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onmouseover='alert(3)'"

    /// A site on which the administrator is signed in, with a desk that answers as a test says.
    private static func site(_ desk: ReleaseDesk?) async throws -> TestSite {
        var site = Sample.site(try Sample.verdict())
        let database = try Database.inMemory(migrations: TestSite.migrations)
        let directory = try TemporaryDirectory("release-page")
        defer { directory.remove() }
        _ = try await Accounts(database: database, clock: .system).bootstrap(dataDirectory: directory.path)
        site.database = database
        site.formToken = "proof"
        site.releases = desk
        return site
    }

    private static func desk(
        _ rows: [ReleaseDesk.Release] = [],
        release: @escaping @Sendable (RepositoryName, Digest, OCI.Tag, Account) async throws -> Void = { _, _, _, _ in }
    ) -> ReleaseDesk { ReleaseDesk(release: release, newest: { _, limit in Array(rows.prefix(limit)) }) }

    private static func row(
        _ state: ReleaseDesk.Release.State,
        _ problem: String? = nil,
        by name: String = "anna"
    ) throws -> ReleaseDesk.Release {
        ReleaseDesk.Release(
            tag: try OCI.Tag(parsing: "1.0"),
            digest: problem == nil ? Sample.digest : .sha256([2]),
            state: state,
            isLogged: false,
            problem: problem,
            requestedAt: Sample.now,
            requestedBy: name
        )
    }

    private static let fields = [("form", "proof"), ("image", image), ("tag", " 1.0 ")]

    @Test("a node that releases nothing offers no form, and takes none")
    func nothing() async throws {
        let site = try await Self.site(nil)
        let page = try await site.get(Self.page, Self.admin)
        #expect(page.status == 200 && !page.body.contains("id=\"release\"") && page.body.contains("action=\"/uses\""))
        #expect(try await site.post("/releases", Self.fields).status == 404)
    }

    @Test("every state of a release is told in both languages, with whatever stands in it as text")
    func states() async throws {
        let rows = [
            try Self.row(.pending), try Self.row(.signed), try Self.row(.failed, Self.hostile, by: Self.hostile),
        ]
        let site = try await Self.site(Self.desk(rows))
        for (language, words) in [
            (Language.de, ["wird signiert", "signiert, nicht im Protokoll", "gescheitert", "Seite neu laden"]),
            (.en, ["is being signed", "signed, not in the log", "failed", "Load the page again"]),
        ] {
            let answer = try await site.get("\(Self.page)?lang=\(language)", Self.admin)
            try PageTests.expectSound(answer, language)
            for word in words { #expect(answer.body.contains(word), "\(word)") }
            let page = try Markup(answer.body, isHTML: true)
            #expect(page.all("img").isEmpty)
            let labels = page.all("label").compactMap { $0.attributes["for"] }
            #expect(labels.contains("release-tag"))
        }
        // Nothing waits: there is nothing to look for again.
        let calm = try await Self.site(Self.desk([try Self.row(.signed)])).get("\(Self.page)?lang=en", Self.admin)
        #expect(!calm.body.contains("Load the page again"))
    }

    @Test("what is sent reaches the desk as it is meant, once")
    func sent() async throws {
        let asked = Mutex<[String]>([])
        let site = try await Self.site(
            Self.desk { repository, digest, tag, account in
                asked.withLock { $0.append("\(repository)@\(digest) \(tag) \(account.name)") }
            }
        )
        let answer = try await site.post("/releases", Self.fields)
        #expect(answer.status == 303 && answer.header("Location") == Self.page + "#release", "\(answer.body)")
        #expect(asked.withLock { $0 } == ["\(Self.image) 1.0 admin"])
        for wrong in [
            [("form", "proof"), ("image", Self.image)], [("form", "proof"), ("tag", "1.0")],
            [("form", "proof"), ("image", TestSite.repository + ":latest"), ("tag", "1.0")],
            [("form", "proof"), ("image", Self.hostile), ("tag", "1.0")],
        ] {
            #expect(try await site.post("/releases", wrong).status == 400)
        }
        #expect(try await site.post("/releases", [("image", Self.image), ("tag", "1.0")]).status == 403)
        #expect(asked.withLock { $0.count } == 1)
    }

    @Test("each refusal has its status, its reason as text, and keeps what was typed")
    func refused() async throws {
        let reason = LocalizedText(de: "Regel: \(Self.hostile)", en: "rule: \(Self.hostile)")
        let refusals: [(ReleaseDesk.Refusal, Int, String)] = [
            (.closed(reason), 409, "rule: &lt;script&gt;"),
            (.refused(Self.hostile), 409, "<span lang=\"en\">&lt;script"),
            (.invalid(Self.hostile), 422, "<span lang=\"en\">&lt;script"),
            (.unavailable(Self.hostile), 503, "the node cannot sign at present"),
            (.denied(Self.hostile), 403, "&lt;script"), (.unknown(Self.hostile), 404, Self.image),
        ]
        for (refusal, status, text) in refusals {
            let site = try await Self.site(Self.desk { _, _, _, _ in throw refusal })
            let answer = try await site.post("/releases?lang=en", Self.fields)
            #expect(answer.status == status && answer.body.contains(text), "\(answer.body)")
            let page = try Markup(answer.body, isHTML: true)
            #expect(page.all("script").isEmpty && page.all("img").isEmpty && page.all("h1").count == 1)
            guard status != 403, status != 404 else { continue }
            #expect(answer.body.contains("value=\"1.0\"") && answer.body.contains("href=\"\(Self.page)\""))
            #expect(page.elements.contains { $0.attributes["id"] == "error" && $0.attributes["role"] == "alert" })
        }
    }
}
