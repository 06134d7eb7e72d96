// SPDX-License-Identifier: EUPL-1.2

import Criteria
import SBOM
import Testing

@Suite("Catalogue 2026.1")
struct CatalogueTests {
    @Test("has 50 criteria: 16 bronze, 20 silver, 14 gold (SEC-17 moved from bronze to silver by rule 8a.3)")
    func counts() throws {
        let catalogue = try Catalogue.embedded()
        #expect(catalogue.version == "2026.1")
        #expect(catalogue.criteria.count == 50)
        func count(_ area: Area, _ level: Level) -> Int {
            catalogue.criteria.count { $0.area == area && $0.level == level }
        }
        #expect([count(.security, .bronze), count(.security, .silver), count(.security, .gold)] == [10, 13, 9])
        #expect([count(.maintenance, .bronze), count(.maintenance, .silver), count(.maintenance, .gold)] == [3, 4, 2])
        #expect([count(.reuse, .bronze), count(.reuse, .silver), count(.reuse, .gold)] == [3, 3, 3])
        let ids =
            (1...32).map { "IMG-SEC-\($0 < 10 ? "0" : "")\($0)" } + (1...9).map { "IMG-MNT-0\($0)" }
            + (1...9).map { "IMG-REU-0\($0)" }
        #expect(catalogue.criteria.map(\.id) == ids)
    }

    @Test("every bronze criterion of the build stage is decided, so that bronze can be reached")
    func bronzeIsReachable() throws {
        let bronze = try Catalogue.embedded().criteria.filter { $0.level == .bronze }
        #expect(bronze.allSatisfy { $0.stage != .build || !$0.isUndecided })
        #expect(bronze.filter { $0.stage != .build }.map(\.id) == ["IMG-SEC-02", "IMG-SEC-03", "IMG-MNT-01"])
    }

    @Test("decides the criteria that it promises")
    func decided() throws {
        let decided = try Catalogue.embedded().criteria.filter { !$0.isUndecided }.map(\.id)
        let promised =
            DecidedCriteriaTests.decided + SignatureCriteriaTests.decided + SupplierCriteriaTests.decided
            + ReuseCriteriaTests.decided
        #expect(Set(decided) == Set(promised))
    }

    @Test("has every text in German and English, and the two differ")
    func languages() throws {
        let catalogue = try Catalogue.embedded()
        var texts: [LocalizedText] = [catalogue.title, catalogue.notice]
        for criterion in catalogue.criteria {
            texts += [criterion.title, criterion.description, criterion.advice]
            for text in criterion.cases.values { texts += [text.explanation] + [text.advice].compactMap { $0 } }
        }
        for text in catalogue.common.values { texts += [text.explanation] + [text.advice].compactMap { $0 } }
        for text in texts where text.de != "{findings}." {
            #expect(!text.de.isEmpty && !text.en.isEmpty)
            #expect(text.de != text.en, "\(text.en)")
            #expect(!text.en.contains { "äöüß„".contains($0) }, "\(text.en)")
        }
    }

    @Test("never claims compliance")
    func words() throws {
        let yaml = String(decoding: Catalogue.embeddedYAML, as: UTF8.self).lowercased()
        for word in ["compliant", "guarantee", "garantiert", "-konform"] { #expect(!yaml.contains(word)) }
    }
}
