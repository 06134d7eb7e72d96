// SPDX-License-Identifier: EUPL-1.2

import Criteria
import HTTPTypes
import JSON
import Portal
import ProjectCriteria
import SBOM
import Testing

@Suite("What stands beside a verdict") struct RegisterTests {
    private static let admin: HTTPFields = [.authorization: "Basic YWRtaW46Z2VoZWltOm1pdA=="]

    @Test("each criterion has words for a tender that take what is equivalent, on its page and in the API")
    func tender() async throws {
        let site = TestSite()
        let german = try await site.get("/criteria/IMG-SEC-10?lang=de")
        #expect(german.body.contains("Gleichwertige Lösungen und Nachweise werden anerkannt"))
        let english = try await site.get("/criteria/IMG-SEC-10?lang=en")
        #expect(english.body.contains("Equivalent solutions and means of proof are accepted"))
        let all = try await site.get("/api/v1/criteria").json()
        let catalogue = try Catalogue.embedded()
        #expect(all["criteria"]?.arrayValue?.count == catalogue.criteria.count)
        for entry in all["criteria"]?.arrayValue ?? [] {
            let german = entry["tender"]?["de"]?.stringValue ?? ""
            #expect(german.contains("Gleichwertige") && german.contains("jedes angebotene Container-Image gilt"))
        }
    }

    @Test("so has each criterion for source projects, with its sources; what openCode has not published has none")
    func projectTender() async throws {
        let site = TestSite()
        let all = try await site.get("/api/v1/criteria").json()
        let groups = all["projects"]?.arrayValue ?? []
        #expect(groups.compactMap { $0["catalogue"]?.stringValue } == ProjectCatalogue.names)
        var without: [String] = []
        for (name, group) in zip(ProjectCatalogue.names, groups) {
            let catalogue = try #require(try ProjectCatalogue.embedded(name))
            let entries = group["criteria"]?.arrayValue ?? []
            #expect(entries.compactMap { $0["id"]?.stringValue } == catalogue.criteria.map(\.id))
            for (criterion, entry) in zip(catalogue.criteria, entries) {
                guard let german = entry["tender"]?["de"]?.stringValue,
                    let english = entry["tender"]?["en"]?.stringValue
                else {
                    without.append(criterion.id)
                    let page = try await site.get("/criteria/\(criterion.id)?lang=de")
                    #expect(page.status == 200 && !page.body.contains("Ausschreibung"))
                    continue
                }
                #expect(german.hasPrefix("\(criterion.title.de) (\(criterion.id)): Für das Quellprojekt jeder"))
                for part in ["Gleichwertige Lösungen und Nachweise", "zum ausgelieferten Commit"] {
                    #expect(german.contains(part))
                }
                for part in ["Equivalent solutions and means of proof", "for the commit that is delivered"] {
                    #expect(english.contains(part))
                }
                for source in criterion.sources { #expect(german.contains(source) && english.contains(source)) }
                // No Markdown, and nothing that is said of images.
                #expect(!(german + english).contains("`"))
                #expect(!german.contains("jedes angebotene") && !english.contains("container image offered"))
            }
        }
        #expect(without == ["OC-SEC-06", "OC-SEC-07", "OC-REU-01", "OC-OSS-01"])
        let page = try await site.get("/criteria/SRC-SEC-01?lang=de")
        #expect(page.body.contains("Für das Quellprojekt jeder angebotenen Software gilt: SECURITY.md im Wurzel"))
        #expect(page.body.contains("Grundlage: openCode badge Security, level 1; OpenSSF Scorecard"))
        let english = try await site.get("/criteria/OC-MNT-01?lang=en")
        #expect(english.body.contains("of each software offered, the following holds: At least 5 commits"))
    }

    @Test("what the operator has not written says so, with its file; what there is no help for is not found")
    func operatorPages() async throws {
        let page = try await TestSite().get("/imprint?lang=de")
        #expect(page.status == 200 && page.body.contains("pages/imprint.de.txt"))
        #expect(try await TestSite().get("/help/nothing").status == 404)
        // The state of the node is nobody's business but those who run it.
        #expect(try await TestSite().get("/node").status == 401)
        #expect(try await TestSite().get("/node", Self.admin).status == 403)
    }

    @Test("a node with exercise data says so on every page")
    func exercise() async throws {
        var site = TestSite()
        let calm = try await site.get("/?lang=en")
        #expect(!calm.body.contains("was made for an exercise"))
        site.settings.isExercise = true
        for path in ["/", "/criteria", "/help", "/imprint", "/login", "/help/nothing"] {
            #expect(try await site.get(path + "?lang=en").body.contains("was made for an exercise"), "\(path)")
        }
    }

    @Test("strangers are asked to sign in for work and organisations, and their forms change nothing")
    func strangers() async throws {
        let site = Sample.site(try Sample.verdict())
        for path in ["/work", "/organisations"] { #expect(try await site.get(path).status == 401, "\(path)") }
        #expect(try await site.get("/organisations/nobody").status == 404)
        for path in ["/uses", "/replies"] {
            let answer = try await site.post(path, [("action", "add"), ("image", "team/app")])
            #expect(answer.status == 403, "\(path)")
            #expect(try await site.get(path).status == 303, "\(path)")
        }
        let image = try await site.get("/images/team/app?lang=en")
        #expect(image.body.contains("Nobody has entered a use yet.") && !image.body.contains("action=\"/uses\""))
    }

    @Test("the twins of the pages answer beside the image, and refuse what makes no sense")
    func twins() async throws {
        let site = Sample.site(try Sample.verdict())
        let image = "/api/v1/images/team/app"
        #expect(try await site.get(image + "/reply").json()["reply"]?.isNull == true)
        #expect(try await site.get(image + "/uses").json()["items"]?.arrayValue?.isEmpty == true)
        #expect(try await site.get(image + "/levels").json()["items"]?.arrayValue?.isEmpty == true)
        #expect(try await site.get(image + "/changes").status == 400)
        let same = try await site.get(image + "/changes?since=\(Sample.digest)")
        let changes = try same.json()
        #expect(same.status == 200 && changes["components"]?["added"]?.arrayValue?.isEmpty == true)
        #expect(try await site.get("/api/v1/directory?level=platinum").status == 400)
        #expect(try await site.get("/api/v1/directory?q=app").status == 200)
    }
}
