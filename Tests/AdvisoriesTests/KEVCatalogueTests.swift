// SPDX-License-Identifier: EUPL-1.2

import Advisories
import TestKit
import Testing
import Time

@Suite("Catalogue of exploited vulnerabilities")
struct KEVCatalogueTests {
    static func file(
        _ entries: [String],
        count: Int? = nil,
        head: String = #""catalogVersion": "2025.11.14", "dateReleased": "2025-11-14T00:00:00.0000Z""#
    ) -> [UInt8] {
        Array(
            #"{"title": "t", \#(head), "count": \#(count ?? entries.count), "vulnerabilities": [\#(entries.joined(separator: ","))]}"#
                .utf8
        )
    }

    static func entry(_ id: String = "CVE-2021-3156", _ more: String = #""dateAdded": "2022-04-06""#) -> String {
        #"{"cveID": "\#(id)", \#(more)}"#
    }

    @Test("entries are read with dates and ransomware use")
    func entries() throws {
        let bytes = Self.file([
            Self.entry(
                "CVE-2021-3156",
                #""dateAdded": "2022-04-06", "dueDate": "2022-04-27", "knownRansomwareCampaignUse": "Known", "vulnerabilityName": "Sudo", "requiredAction": "Update", "cwes": ["CWE-1"]"#
            ),
            Self.entry(
                "CVE-2023-44487",
                #""dateAdded": "2023-10-10", "dueDate": "", "knownRansomwareCampaignUse": "Unknown""#
            ),
        ])
        let catalogue = try KEVCatalogue.read(bytes)
        #expect(catalogue.version == "2025.11.14")
        #expect(catalogue.released.dateText == "2025-11-14")
        #expect(catalogue.newestRecord.dateText == "2023-10-10")
        #expect(catalogue.entries.map(\.id) == ["CVE-2021-3156", "CVE-2023-44487"])
        #expect(catalogue.entries.map(\.ransomware) == [true, false])
        #expect(catalogue.entries.map { $0.dueDate?.dateText } == ["2022-04-27", nil])
        #expect(catalogue.entries.first?.name == "Sudo")
        #expect(catalogue.entries.first?.requiredAction == "Update")
    }

    static let broken: [(String, [UInt8], String)] = [
        ("count", file([entry()], count: 2), "$.count"),
        ("identifier", file([entry("CVE-21-1")]), "$.vulnerabilities[0].cveID"),
        (
            "the second entry", file([entry(), entry("CVE-2021-1", #""dateAdded": "2022-04-06""#)]),
            "$.vulnerabilities[1].cveID"
        ),
        ("date", file([entry("CVE-2021-3156", #""dateAdded": "2022-13-06""#)]), "$.vulnerabilities[0].dateAdded"),
        ("no date", file([entry("CVE-2021-3156", #""x": 1"#)]), "$.vulnerabilities[0].dateAdded"),
        (
            "ransomware",
            file([entry("CVE-2021-3156", #""dateAdded": "2022-04-06", "knownRansomwareCampaignUse": "maybe""#)]),
            "CVE-2021-3156"
        ),
        ("twice", file([entry(), entry()]), "entry 2"),
        ("no entries", file([]), "$.vulnerabilities"),
        ("entry of another type", file(["1"]), "$.vulnerabilities[0]"),
        ("no release date", file([entry()], head: #""catalogVersion": "1""#), "$.dateReleased"),
        ("no entries member", Array(#"{"catalogVersion": "1"}"#.utf8), "byte"),
        ("truncated", Array(file([entry()]).dropLast(2)), "byte"),
        ("nothing", [], "byte"),
    ]

    @Test("a broken file is refused with the place", arguments: broken)
    func refused(_ what: String, _ bytes: [UInt8], _ location: String) {
        let error = #expect(throws: FeedReadError.self) { try KEVCatalogue.read(bytes) }
        #expect(error?.location.hasPrefix(location) == true, "\(error?.description ?? "")")
    }

    @Test(
        "is told from other files by its content",
        arguments: [
            (#"{"title": "CISA", "catalogVersion": "1""#, true),
            (#"{"vulnerabilities": [{"cveID": "CVE-2021-3156""#, true),
            (#"{"openssl": {"CVE-2024-1": {"#, false), ("", false), ("[\"cveID\"]", false),
        ] as [(String, Bool)]
    )
    func detected(_ text: String, _ isCatalogue: Bool) {
        #expect(Array(text.utf8).withUnsafeBytes { KEVCatalogue.detect($0) } == isCatalogue)
    }

    @Test("the real file is read whole")
    func realFile() throws {
        guard let bytes = try Feeds.kev() else { return }
        #expect(bytes.withUnsafeBytes { KEVCatalogue.detect(UnsafeRawBufferPointer(rebasing: $0.prefix(4096))) })
        #expect(bytes.withUnsafeBytes { !DebianTracker.detect($0) && !EPSSScores.detect($0) })
        let catalogue = try KEVCatalogue.read(bytes)
        #expect(catalogue.entries.count > 1000)
        #expect(catalogue.entries.contains { $0.id == "CVE-2021-3156" })
        #expect(catalogue.newestRecord <= catalogue.released)
        print("exploited: \(catalogue.entries.count) entries, newest \(catalogue.newestRecord.dateText)")
    }
}
