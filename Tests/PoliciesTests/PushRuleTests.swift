// SPDX-License-Identifier: EUPL-1.2

import OCI
import Policies
import SBOM
import Testing
import Time

@Suite("Push rules") struct PushRuleTests {
    private static let base = Digest.sha256(Array("base".utf8))
    private static let image = Digest.sha256(Array("image".utf8))
    private static let image1 = "application/vnd.oci.image.config.v1+json"

    private func facts(
        _ tags: [String],
        type: String = PushRuleTests.image1,
        isImage: Bool = true,
        isReleased: Bool = false,
        bases: [BaseFacts]? = nil,
        repository: String = "team/app"
    ) throws -> PushFacts {
        PushFacts(
            repository: repository,
            tags: try tags.map { try Tag(parsing: $0) },
            type: type,
            isImage: isImage,
            isReleased: isReleased,
            bases: bases
        )
    }

    private func refusal(_ rule: PushRule, _ facts: PushFacts, at now: Timestamp = noon) -> PolicyRefusal? {
        guard case .refused(let refusal) = ContentPolicy(push: [rule]).push(facts, at: now, revision: 4) else {
            return nil
        }
        return refusal
    }

    @Test(
        "released images alone get the tags of a rule; candidates, signatures and pushes by digest do not matter to it",
        arguments: [
            (["1.0"], false, true), (["1.0"], true, false), (["1.0-rc1"], false, false), ([], false, false),
            (["1.0-rc1", "1.0"], false, true),
            (["sha256-\(String(repeating: "a", count: 64)).sig"], false, false),
        ] as [([String], Bool, Bool)]
    )
    func released(_ tags: [String], isReleased: Bool, isRefused: Bool) throws {
        let rule = PushRule(tags: [tagGlob("*")], except: [tagGlob("*-rc*")], requiresRelease: true)
        let found = refusal(rule, try facts(tags, isReleased: isReleased))
        #expect((found != nil) == isRefused)
        if let found {
            #expect(found.rule == "push[0]" && found.revision == 4)
            #expect(found.reason.en.contains("kontor release") && found.reason.de.contains("kontor release"))
        }
        #expect(refusal(rule, try facts(tags, isImage: false)) == nil)
    }

    @Test("an image is built on what is allowed, or refused; what nobody looked at and what cannot be told is refused")
    func bases() throws {
        let other = PushedBase(repository: "else/where", digest: Self.image)
        let byDigest = PushRule(bases: [.digest(Self.base)])
        let byRepository = PushRule(bases: [.repository(repositoryGlob("team/base/*"))])
        let good = PushedBase(repository: "team/base/debian", digest: Self.base)
        for rule in [byDigest, byRepository] {
            func answer(_ bases: [BaseFacts]?) throws -> PolicyRefusal? { refusal(rule, try facts([], bases: bases)) }
            #expect(try answer([BaseFacts(image: Self.image, found: [other, good])]) == nil)
            #expect(try answer([BaseFacts(image: Self.image, found: [other])]) != nil)
            #expect(try answer([BaseFacts(image: Self.image, found: [])]) != nil)
            #expect(try answer(nil) != nil)
            // One image of an index is enough to refuse it.
            let half = [BaseFacts(image: Self.image, found: [good]), BaseFacts(image: Self.base, found: [])]
            #expect(try answer(half) != nil)
            for gap in [BaseGap.absent, .noLayers, .largeIndex(limit: 5), .manyImages(limit: 7)] {
                let unknown = try answer([BaseFacts(image: Self.image, found: [], gap: gap)])
                #expect(unknown?.reason.en.contains("cannot be told: ") == true)
                #expect(unknown?.reason.de.contains("lässt sich nicht feststellen: ") == true)
            }
            #expect(try refusal(rule, facts([], isImage: false)) == nil)
        }
        #expect(ContentPolicy(push: [byDigest]).allowedBases(try facts([]), at: noon) == [.digest(Self.base)])
        #expect(ContentPolicy(push: [byDigest]).allowedBases(try facts([], isImage: false), at: noon).isEmpty)
    }

    @Test("types are those of the rule, for artefacts too")
    func types() throws {
        let types = ["application/vnd.oci.image.*", "application/vnd.dev.sigstore.bundle.v0.3+json"]
        let rule = PushRule(mediaTypes: try types.map { try Glob(parsing: $0, for: .mediaType) })
        #expect(refusal(rule, try facts(["1.0"])) == nil)
        #expect(refusal(rule, try facts([], type: types[1], isImage: false)) == nil)
        let chart = try facts([], type: "application/vnd.cncf.helm.config.v1+json", isImage: false)
        #expect(refusal(rule, chart)?.reason.en.contains("application/vnd.cncf.helm.config.v1+json") == true)
    }

    @Test("a rule is for its repositories, from its instant on")
    func scope() throws {
        let rule = PushRule(
            repository: repositoryGlob("team/prod/*"),
            bases: [.digest(Self.base)],
            effectiveFrom: noon + days(1)
        )
        let there = try facts([], bases: [], repository: "team/prod/app")
        func asked(_ repository: String, _ now: Timestamp) throws -> Bool {
            !ContentPolicy(push: [rule]).allowedBases(try facts([], repository: repository), at: now).isEmpty
        }
        #expect(try !asked("team/prod/app", noon) && asked("team/prod/app", noon + days(1)))
        #expect(try !asked("team/app", noon + days(1)))
        #expect(refusal(rule, there, at: noon + days(1)) == nil)
    }

    @Test(
        "what says nothing, or could never be met, is no rule",
        arguments: [
            #"{"push":[{}]}"#, #"{"push":[{"signed":true}]}"#, #"{"push":[{"bases":[]}]}"#,
            #"{"push":[{"mediaTypes":[]}]}"#, #"{"push":[{"bases":["sha256:abc"]}]}"#,
            #"{"push":[{"except":["*"],"mediaTypes":["text/*"]}]}"#, #"{"push":[{"mediaTypes":["a b"]}]}"#,
            #"{"pull":[{"signed":false}]}"#, #"{"pull":[{"approvedBy":"A"}]}"#, #"{"pull":[{"approvedBy":""}]}"#,
        ]
    )
    func unreadable(_ text: String) {
        #expect(throws: PolicyReadError.self) { try ContentPolicy(parsingJSON: text) }
    }
}
