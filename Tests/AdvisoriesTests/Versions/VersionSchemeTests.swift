// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Testing

@Suite("Version schemes")
struct VersionSchemeTests {
    /// In ascending order, no two of them equal.
    static let ascending: [(VersionScheme, [String])] = [
        (.apk, ["1.0_alpha", "1.0_rc1", "1.0", "1.0-r0", "1.0-r10", "1.0_p1", "1.0a", "1.0.05", "1.0.1", "1.10"]),
        // From test/version.data of apk-tools, and its rules for what Gentoo does not have.
        (
            .apk,
            ["0.1.0_alpha_pre2", "0.1.0_alpha", "0.1.0_alpha2", "0.1.3_alpha", "0.9.28-r2", "0.9.28.1", "2.34", "006"]
        ),
        (.apk, ["1.05-r18", "1.05-r19", "1.07-r1", "1.07.5", "1.60-r11", "2.01.01_alpha10", "2.20.1", "4_beta", "4"]),
        (
            .apk,
            [
                "0.15.1b", "0.15.1b-r2", "0.17", "2.5.1-r8", "2.5.1a-r1", "3.9_pre20060124", "4.2.52_p2-r1",
                "4.2.52_p4-r2",
            ]
        ),
        (
            .apk,
            [
                "1_p1", "1_p2", "1_p20", "1_p_p1", "1.0", "1.0-r0", "1.0~0a-r1", "1.0_cvs", "1.0_svn", "1.0_git",
                "1.0_hg", "1.0_p",
            ]
        ),
        (
            .apk,
            ["1.0.0_pre20191002222144-r0", "1.0.0_pre20210530193627-r0", "1.0.0", "1.2.07.8", "1.2.12.04", "1.2.12.05"]
        ),
        (.rpm, ["1.0~rc1-1", "1.0-1.el9", "1.0-2.el9", "1.0^git1-1", "1.0a-1", "1.0.1-1", "1:0.1-1", "10:0-1"]),
        (.pep440, ["1.dev1", "1a1.dev2", "1a1", "1b2", "1rc1", "1.0", "1+a", "1+1", "1.post1", "1.1", "1!0"]),
        (.semver, ["1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.2.0", "1.10.0"]),
        (.go, ["v0.0.0-20200101000000-abcdefabcdef", "1.21.9", "go1.22rc1", "go1.22", "v1.22.1+incompatible"]),
        (.maven, ["1-alpha-1", "1-beta", "1-rc1", "1-SNAPSHOT", "1.0.Final", "1-sp", "1-foo", "1-1", "1.1"]),
        (.rubygems, ["1.0.a", "1.0.rc1", "1.0", "1.0.1", "1.2", "1.10"]),
    ]

    @Test("orders each pair of an ascending table", arguments: ascending)
    func order(_ scheme: VersionScheme, _ versions: [String]) throws {
        for (index, left) in versions.enumerated() {
            for (other, right) in versions.enumerated() {
                let order = try scheme.order(left, right)
                #expect(order.signum() == (index - other).signum(), "\(scheme) \(left) \(right)")
            }
        }
    }

    static let invalid: [(VersionScheme, [String])] = [
        (.apk, ["", "a", "1.", "1_foo", "1-r", "1.0-1", "1ab"]), (.rpm, ["", "x:1", "1-", "1 2", "4294967296:1"]),
        (.pep440, ["", "x", "1.", "1+", "1.0.x"]), (.semver, ["", "1", "1.2", "01.2.3", "1.2.3-01", "v1.2.3"]),
        (.go, ["", "(devel)", "v1-rc", "go", "go1.22x1"]), (.maven, ["", "[1,2)", "1 2", "1\u{E4}"]),
        (.rubygems, ["", "a", "1..2", "1_2"]),
    ]

    @Test("refuses what is no version, on both sides", arguments: invalid)
    func refused(_ scheme: VersionScheme, _ versions: [String]) {
        for text in versions + [String(repeating: "1", count: 257)] {
            #expect(throws: VersionError.self, "\(scheme) \(text)") { try scheme.order(text, "1.0.0") }
            #expect(throws: VersionError.self, "\(scheme) \(text)") { try scheme.order("1.0.0", text) }
        }
    }
}
