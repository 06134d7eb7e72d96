// SPDX-License-Identifier: EUPL-1.2

import OCI
import Policies
import SBOM
import Testing

@Suite struct TagChangeTests {
    private let app: RepositoryName
    private let web: RepositoryName
    private let policy = ContentPolicy(immutableTags: [
        ImmutableTagRule(tags: [tagGlob("v*"), tagGlob("[0-9]*.[0-9]*")], except: [tagGlob("*-rc*")]),
        ImmutableTagRule(repository: repositoryGlob("team/app"), tags: [tagGlob("stable")]),
    ])

    init() throws {
        app = try RepositoryName(parsing: "team/app")
        web = try RepositoryName(parsing: "team/web")
    }

    private func decision(
        _ change: TagChange,
        _ tag: String,
        in repository: RepositoryName? = nil,
        current: Int? = nil,
        past: TagPast = .never,
        _ policy: ContentPolicy? = nil
    ) throws -> PolicyDecision {
        (policy ?? self.policy).tagChange(
            change,
            of: try Tag(parsing: tag),
            in: repository ?? app,
            current: current.map(digest),
            past: past,
            revision: 7
        )
    }

    @Test("an immutable tag is set once, and again only to the same")
    func setOnce() throws {
        #expect(try decision(.set(digest(1)), "v1").isAllowed)
        #expect(try decision(.set(digest(1)), "v1", current: 1).isAllowed)
        #expect(try !decision(.set(digest(2)), "v1", current: 1).isAllowed)
        #expect(try !decision(.delete, "v1", current: 1).isAllowed)
        #expect(try decision(.delete, "v1").isAllowed, "there is nothing to delete")
    }

    @Test("deleting and pushing again is no way round: another digest is refused, and so is what is not known")
    func reuse() throws {
        #expect(try decision(.set(digest(1)), "v1", past: .last(digest(1))).isAllowed)
        #expect(try !decision(.set(digest(2)), "v1", past: .last(digest(1))).isAllowed)
        #expect(try !decision(.set(digest(1)), "v1", past: .unknown).isAllowed)
    }

    @Test("exceptions and other repositories are free, whatever happened")
    func free() throws {
        for past in [TagPast.never, .last(digest(1)), .unknown] {
            #expect(try decision(.set(digest(2)), "v1-rc1", past: past).isAllowed)
            #expect(try decision(.set(digest(2)), "latest", past: past).isAllowed)
        }
        #expect(try decision(.delete, "latest", current: 1).isAllowed)
        #expect(try !decision(.delete, "stable", current: 1).isAllowed)
        #expect(try decision(.delete, "stable", in: web, current: 1).isAllowed)
        #expect(try decision(.set(digest(2)), "v1", current: 1, ContentPolicy()).isAllowed)
    }

    @Test("the reason names tag, rule and revision in both languages")
    func reasons() throws {
        for (change, current, past) in [
            (TagChange.set(digest(2)), 1, TagPast.never), (.delete, 1, .never),
            (.set(digest(2)), nil, .last(digest(1))),
            (.set(digest(2)), nil, .unknown),
        ] as [(TagChange, Int?, TagPast)] {
            guard case .refused(let refusal) = try decision(change, "stable", current: current, past: past) else {
                Issue.record("allowed")
                continue
            }
            #expect(refusal.rule == "immutableTags[1]" && refusal.revision == 7)
            #expect(refusal.reason.de.contains("team/app:stable") && refusal.reason.en.contains("team/app:stable"))
            #expect(refusal.reason.de.contains("Regel 2") && refusal.reason.en.contains("rule 2"))
            #expect(refusal.reason.de.contains("Revision 7") && refusal.reason.en.contains("revision 7"))
            #expect(refusal.reason.de != refusal.reason.en)
        }
    }

    @Test("a further signature can be pushed although every tag is immutable, unless the rule says sha256-")
    func signatures() throws {
        let every = ContentPolicy(immutableTags: [ImmutableTagRule(tags: [tagGlob("*")])])
        let named = ContentPolicy(immutableTags: [ImmutableTagRule(tags: [tagGlob("*"), tagGlob("sha256-*")])])
        for suffix in [".sig", ".att", ".sbom", ""] {
            let tag = "sha256-\(digest(1).hex)\(suffix)"
            #expect(try decision(.set(digest(2)), tag, current: 1, every).isAllowed, "\(tag)")
            #expect(try !decision(.set(digest(2)), tag, current: 1, named).isAllowed, "\(tag)")
        }
        // Only what really speaks about a digest.
        for tag in ["sha256-abc.sig", "sha256-\(digest(1).hex).exe", "sha256_\(digest(1).hex)", "v1.sig"] {
            #expect(try !decision(.set(digest(2)), tag, current: 1, every).isAllowed, "\(tag)")
        }
    }

    @Test("whatever is tried, an immutable tag names one digest for ever")
    func sequences() throws {
        var numbers = SeededNumbers(3)
        let tag = try Tag(parsing: "v1")
        for _ in 0..<500 {
            var current: Digest?
            var history: [Digest] = []
            for _ in 0..<30 {
                let change: TagChange = numbers.chance(40) ? .delete : .set(digest(numbers.number(0...3)))
                let past = history.last.map(TagPast.last) ?? .never
                let decision = policy.tagChange(change, of: tag, in: app, current: current, past: past, revision: 1)
                guard decision.isAllowed else { continue }
                switch change {
                case .delete: current = nil
                case .takeApart: break
                case .set(let new):
                    current = new
                    history.append(new)
                }
            }
            #expect(Set(history).count <= 1)
            #expect(current == history.last)
        }
    }

    @Test("uploads that are open are bounded, and the refusal says by how much")
    func openUploads() {
        let policy = ContentPolicy(openUploads: 2)
        #expect(policy.uploadStart(open: 1, revision: 3).isAllowed)
        #expect(ContentPolicy().uploadStart(open: .max, revision: 0).isAllowed)
        guard case .refused(let refusal) = policy.uploadStart(open: 2, revision: 3) else {
            Issue.record("allowed")
            return
        }
        #expect(refusal.rule == "openUploads" && refusal.revision == 3)
        #expect(refusal.reason.de.contains("erlaubt 2") && refusal.reason.en.contains("allows 2"))
    }
}
