// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import Testing

@Suite("rpm cataloguer")
struct RPMCataloguerTests {
    @Test(
        "a database that is not read is a problem",
        arguments: [
            "var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/Packages.db", "var/lib/rpm/Packages",
            "usr/share/rpm/rpmdb.sqlite",
            "var/lib/rpmmanifest/container-manifest-2",
        ]
    )
    func unread(_ path: String) throws {
        let scanner = try #require(RPMCataloguer.scanner(for: CandidateFile(path: path, size: 10)))
        #expect(scanner.end().problems.count == 1)
    }

    @Test(
        "files of the same name elsewhere are none",
        arguments: ["srv/Packages", "var/lib/rpm/Packages.txt", "opt/Packages.db"]
    )
    func others(_ path: String) {
        #expect(RPMCataloguer.scanner(for: CandidateFile(path: path, size: 10)) == nil)
    }
}
