// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import JSON
import OCI
import Portal
import SBOM
import TestKit
import Testing

@Suite("All findings and all components of an image")
struct ImageTableTests {
    private static let image = "image=team%2Fapp%40" + PercentEncoding.encode(Sample.digest.description)

    /// Identifiers of the rows of a table of findings, in order.
    private func rows(_ body: String) -> [String] {
        body.matches(of: #/row">(CVE-[0-9-]+)/#).map { String($0.output.1) }
    }

    @Test("an image's page shows the ten worst and leads to all, fifty a page, each once")
    func pages() async throws {
        let site = Sample.site(
            try Sample.verdict(findings: (0..<1_500).map { Sample.finding("CVE-2026-\(10_000 + $0)") })
        )
        let image = try await site.get("/images/team/app?lang=en").body
        #expect(rows(image).count == 10)
        #expect(image.contains("Findings (1500)") && image.contains("All findings, searchable (1500)"))
        var place: String? = "/findings?\(Self.image)&lang=en"
        #expect(image.contains("href=\"/findings?\(Self.image)\""))
        var (all, first): ([String], [String]) = ([], [])
        while let path = place, all.count <= 1_500 {
            let answer = try await site.get(path)
            try #require(answer.status == 200)
            let found = rows(answer.body)
            if first.isEmpty { first = found }
            all += found
            place = answer.body.firstMatch(of: #/href="([^"]*)" rel="next"/#)
                .map { $0.output.1.replacing("&amp;", with: "&") + "&lang=en" }
        }
        #expect(first.prefix(10) == rows(image)[...])
        #expect(all.count == 1_500 && Set(all).count == 1_500)
        let last = try await site.get("/findings?\(Self.image)&page=30&lang=en").body
        #expect(last.contains("1451 to 1500 of 1500") && last.contains("rel=\"prev\""))
        // Pages that are not there are the nearest one that is.
        for page in ["999999999", "-1", "9223372036854775808", "x"] {
            #expect(try await site.get("/findings?\(Self.image)&page=\(page)").status == 200, "\(page)")
        }
        #expect(rows(try await site.get("/findings?\(Self.image)&page=31").body) == rows(last))
    }

    @Test("findings are narrowed down by words, standing, severity and exploitation, and keep that from page to page")
    func filters() async throws {
        var exploited = Sample.finding("CVE-2026-0002", component: "libstdc++6", severity: .low)
        exploited.kev = Sample.kev
        var settled = Sample.finding("CVE-2026-0003", component: "zlib1g", severity: .medium)
        settled.status = .notAffected
        settled.aliases = ["GHSA-aaaa-bbbb-cccc"]
        let site = Sample.site(
            try Sample.verdict(findings: [exploited, settled] + (100..<200).map { Sample.finding("CVE-2026-1\($0)") })
        )
        func found(_ query: String) async throws -> [String] {
            rows(try await site.get("/findings?\(Self.image)\(query)").body)
        }
        #expect(try await found("&q=libstdc%2B%2B") == ["CVE-2026-0002"])
        #expect(try await found("&q=ghsa-AAAA") == ["CVE-2026-0003"])
        #expect(try await found("&q=2026-0003") == ["CVE-2026-0003"])
        #expect(try await found("&exploited=yes") == ["CVE-2026-0002"])
        #expect(try await found("&severity=low") == ["CVE-2026-0002"])
        #expect(try await found("&status=settled") == ["CVE-2026-0003"])
        #expect(try await found("&status=open&severity=medium") == [])
        #expect(try await found("&severity=enormous").count == 50)
        let open = try await site.get("/findings?\(Self.image)&status=open&lang=en").body
        #expect(open.contains("1 to 50 of 101"))
        #expect(open.contains("status=open&amp;page=2"))
        #expect(open.contains("<option value=\"open\" selected=\"\">open (101)</option>"))
        let none = try await site.get("/findings?\(Self.image)&q=nichts&lang=en").body
        #expect(none.contains("Nothing matches this choice.") && !none.contains("<table"))
    }

    private func component(
        _ name: String,
        _ version: String = "1.0",
        licences: [String] = [],
        needs: [String] = [],
        of owner: String? = nil
    ) throws -> Component {
        Component(
            ecosystem: "deb",
            name: name,
            version: version,
            sourceName: "src-\(name)",
            purl: try PackageURL(parsing: "pkg:deb/debian/\(name)@\(version)"),
            licenses: licences,
            ownedBy: owner,
            layer: 2,
            paths: ["usr/share/doc/\(name)/copyright"],
            dependsOn: needs
        )
    }

    @Test("components are listed with licences and findings; each says why it is there and what it needs")
    func components() async throws {
        var finding = Sample.finding("CVE-2026-0009", component: "libssl3")
        finding.componentVersion = "1.0"
        finding.componentPURL = "pkg:deb/debian/libssl3@1.0"
        var site = Sample.site(try Sample.verdict(findings: [finding]))
        site.components =
            [
                try component("nginx", licences: ["BSD-2-Clause"], needs: ["pkg:deb/debian/libssl3@1.0"]),
                try component("libssl3", licences: ["Apache-2.0"], needs: ["pkg:deb/debian/libc6@1.0"]),
                try component("libc6", licences: ["LGPL-2.1-or-later"]),
                try component("module", of: "pkg:deb/debian/nginx@1.0"),
            ] + (0..<100).map { Component(ecosystem: "npm", name: "pack\($0)", version: "2") }
        let list = try await site.get("/components?\(Self.image)&lang=en").body
        #expect(list.contains("104 components: npm 100, deb 4.") && list.contains("1 to 50 of 104"))
        let licensed = try await site.get("/components?\(Self.image)&licence=Apache-2.0&lang=en").body
        #expect(licensed.contains("1 to 1 of 1") && licensed.contains(">libssl3</a>"))
        let library = PercentEncoding.encode("pkg:deb/debian/libssl3@1.0")
        let link =
            "href=\"/components?\(Self.image)&amp;component=\(library)#findings\" aria-label=\"Findings (1): libssl3\""
        #expect(licensed.contains(link))
        let deb = try await site.get("/components?\(Self.image)&type=deb&q=LIB&lang=en").body
        #expect(deb.contains("1 to 2 of 2"))

        let reference = PercentEncoding.encode("pkg:deb/debian/libc6@1.0")
        let page = try await site.get("/components?\(Self.image)&component=\(reference)&lang=en")
        let text = try Markup(page.body, isHTML: true).text
        #expect(page.status == 200 && text.contains("LGPL-2.1-or-later") && text.contains("layer 2"))
        #expect(text.contains("/usr/share/doc/libc6/copyright"))
        // Why: nginx needs libssl3, which needs libc6.
        let why = try #require(page.body.firstRange(of: "id=\"why\""))
        let names = page.body[why.upperBound...].matches(of: #/<a href="\/components[^"]*">([a-z0-9]+)<\/a>/#)
            .map { String($0.output.1) }
        #expect(names == ["nginx", "libssl3", "libc6", "libssl3"])
        let nginx = try await site.get(
            "/components?\(Self.image)&component=\(PercentEncoding.encode("pkg:deb/debian/nginx@1.0"))&lang=en"
        ).body
        #expect(nginx.contains("No other component says that it needs it") && nginx.contains(">module</a>"))
        let affected = try await site.get(
            "/components?\(Self.image)&component=\(PercentEncoding.encode("pkg:deb/debian/libssl3@1.0"))&lang=en"
        ).body
        #expect(affected.contains("href=\"/findings?\(Self.image)&amp;q=CVE-2026-0009\">CVE-2026-0009</a>"))
        #expect(try await site.get("/components?\(Self.image)&component=nothing").status == 404)
    }

    @Test("circles of components end, and hostile names are text", .timeLimit(.minutes(1)))
    func hostile() async throws {
        let text = "<script>alert(1)</script>\"'&"
        var site = Sample.site(try Sample.verdict(findings: [Sample.finding("CVE-\(text)", component: text)]))
        let one = try PackageURL(parsing: "pkg:npm/one@1").description
        let two = try PackageURL(parsing: "pkg:npm/two@1").description
        site.components = [
            Component(
                ecosystem: "npm",
                name: text,
                version: text,
                purl: try PackageURL(parsing: one),
                dependsOn: [two]
            ),
            Component(
                ecosystem: "npm",
                name: "two",
                version: "1",
                purl: try PackageURL(parsing: two),
                supplier: text,
                licenses: [text],
                paths: [text],
                dependsOn: [one, one]
            ),
        ]
        for path in [
            "/components?\(Self.image)", "/components?\(Self.image)&component=\(PercentEncoding.encode(one))",
            "/components?\(Self.image)&component=\(PercentEncoding.encode(two))",
            "/components?\(Self.image)&q=\(PercentEncoding.encode(text))", "/findings?\(Self.image)",
            "/findings?\(Self.image)&q=\(PercentEncoding.encode(text))&severity=\(PercentEncoding.encode(text))",
        ] {
            let answer = try await site.get(path)
            #expect(answer.status == 200, "\(path)")
            #expect(!answer.body.contains("<script"), "\(path)")
            _ = try Markup(answer.body, isHTML: true)
        }
    }

    @Test("what has no verdict leads to the image's own page; what is no image is not found")
    func states() async throws {
        var site = Sample.site(try Sample.verdict())
        // Judged, and nothing can be said of what it is made of.
        #expect(try await site.get("/components?\(Self.image)").status == 404)
        site.states = [(Sample.digest, .queued)]
        for path in ["/findings", "/components"] {
            let answer = try await site.get("\(path)?\(Self.image)")
            #expect(answer.status == 303, "\(path)")
            #expect(answer.header("location")?.hasPrefix("/images/team/app@") == true, "\(path)")
            for query in ["", "?image=", "?image=%25", "?image=team%2Fother:1", "?image=a&image=b"] {
                #expect(try await site.get(path + query).status == 404, "\(path)\(query)")
            }
        }
    }
}
