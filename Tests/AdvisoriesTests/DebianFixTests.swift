// SPDX-License-Identifier: EUPL-1.2

import Advisories
import SBOM
import Testing

@Suite("Fixed versions of the Debian feed")
struct DebianFixTests {
    @Test("the version just below every fix is affected, the fix itself is no finding")
    func pairs() async throws {
        guard let bytes = try await Feeds.debianTracker() else { return }
        var count = 0
        var wrong: [String] = []
        for advisory in try DebianTracker.read(bytes).advisories {
            guard case .resolved(let fixed) = advisory.state, fixed != "0" else { continue }
            count += 1
            func findings(_ version: String) -> [Finding] {
                let component = Component(
                    ecosystem: "deb",
                    distribution: MatcherTests.bookworm,
                    name: advisory.package,
                    version: version,
                    sourceName: advisory.package,
                    sourceVersion: version
                )
                return Matcher.findings(
                    component: component,
                    advisories: [advisory],
                    kev: { _ in nil },
                    epss: { _ in nil }
                )
            }
            // Nothing sorts between a version and itself with a tilde but further tildes.
            let below = findings(fixed + "~")
            if below.map(\.status) != [.affected] || below.first?.fixedIn != fixed || !findings(fixed).isEmpty {
                wrong.append(advisory.record)
            }
        }
        #expect(count > 5000)
        #expect(wrong.isEmpty, "\(wrong.count) of \(count): \(wrong.prefix(5))")
    }
}
