// SPDX-License-Identifier: EUPL-1.2

import Conformance
import Testing

@Suite("Cases and their selection")
struct CaseSelectionTests {
    @Test("every case has a name of its own, a title and a source")
    func catalogue() {
        let all = CaseCatalogue.all
        #expect(Set(all.map(\.id)).count == all.count)
        #expect(all.count > 300)
        for subject in all {
            #expect(subject.id.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789.-".utf8.contains($0) })
            #expect(!subject.title.isEmpty)
            // It becomes a component of a repository's name, which a host with its port has to fit before.
            #expect(subject.id.utf8.count <= 60)
        }
        #expect(Set(all.map(\.group)) == Set(CaseGroup.allCases))
    }

    @Test("dev asks for all that 1.1 asks for, and more")
    func versions() {
        let old = CaseSelection(version: .v1_1).cases().map(\.id)
        let new = CaseSelection(version: .dev).cases().map(\.id)
        #expect(Set(old).isStrictSubset(of: new))
        #expect(new.count == CaseCatalogue.all.count)
        #expect(!old.contains("session.cancel.new"))
    }

    @Test("every case that has to do with digests is there for both algorithms")
    func algorithms() {
        let ids = Set(CaseCatalogue.all.map(\.id))
        for id in ids where id.hasSuffix(".sha256") && !id.hasPrefix("data.") {
            #expect(ids.contains(id.dropLast(3) + "512"))
        }
        for id in ["blob.chunked.out-of-order.sha512", "blob.stream.sha512", "data.tag-parameters-sha512.push"] {
            #expect(ids.contains(id))
        }
    }

    @Test(
        "patterns",
        arguments: [
            ("blob.stream", "blob.stream.sha256", true), ("blob.str", "blob.stream.sha256", false),
            ("blob.str*", "blob.stream.sha256", true), ("*.sha512", "blob.stream.sha256", false),
            ("*.sha256", "blob.stream.sha256", true), ("b*m*6", "blob.stream.sha256", true),
            ("tags.*, blob.stream", "blob.stream.sha256", true), ("", "blob.stream.sha256", true),
            ("*", "blob.stream.sha256", true), ("blob.stream.sha256.more", "blob.stream.sha256", false),
        ]
    )
    func patterns(pattern: String, id: String, fits: Bool) {
        let subject = ConformanceCase(id, "t", .upload, .practice) { _ in }
        #expect(CaseSelection(version: .v1_1, patterns: pattern).contains(subject) == fits)
    }

    @Test("a pattern of many stars takes no time")
    func stars() {
        let pattern = String(repeating: "*a", count: 500) + "b"
        #expect(!CaseSelection.fits(String(repeating: "a", count: 5000), pattern))
    }
}
