// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import Testing

@Suite("cataloguers")
struct CataloguersTests {
    @Test("names are unique, for they are keys of caches")
    func namesAreUnique() {
        let names = Cataloguers.all.map { $0.name }
        #expect(Set(names).count == names.count)
    }

    @Test(
        "a file goes to the cataloguer of its kind, not to the one that looks into everything",
        arguments: [
            ("lib/apk/db/installed", "apk"), ("usr/lib/python3/dist-packages/a-1.dist-info/METADATA", "python"),
            ("usr/lib/python3/dist-packages/a.egg-info/PKG-INFO", "python"), ("var/lib/rpm/Packages", "rpm"),
            ("app/node_modules/a/package.json", "node"), ("var/lib/gems/specifications/a-1.gemspec", "ruby"),
            ("opt/a.jar", "java"), ("usr/bin/restic", "go"),
        ]
    )
    func firstWins(_ path: String, _ name: String) {
        let file = CandidateFile(path: path, size: 1000, mode: name == "go" ? 0o755 : 0o644)
        #expect(Cataloguers.all.first { $0.scanner(for: file) != nil }?.name == name)
    }
}
