// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import SBOM

private func npm(_ name: String, licenses: [String] = [], ownedBy: String? = nil) -> Component {
    Component(
        ecosystem: "npm",
        name: name,
        version: "1.0.0",
        purl: PackageURL(type: "npm", name: name, version: "1.0.0"),
        licenses: licenses,
        ownedBy: ownedBy
    )
}

/// What is spoilt in programs and in what components are known for.
let programCases: [Spoilt] = [
    Spoilt("IMG-SEC-21", "two of ten programs without PIE", .fail, says: "/usr/bin/a (PIE, stack protector)") {
        let weak = ["a", "b"].map {
            WeakProgram(path: "usr/bin/\($0)", layer: 0, missing: [.positionIndependent, .stackProtector])
        }
        $0.evidence.files.programs = ProgramEvidence(total: 10, weak: 2, examples: weak)
    },
    Spoilt("IMG-SEC-21", "one of ten", .pass, says: "9 of 10") {
        let weak = WeakProgram(path: "usr/bin/a", layer: 0, missing: [.nonExecutableStack])
        $0.evidence.files.programs = ProgramEvidence(total: 10, weak: 1, examples: [weak])
    },
    Spoilt("IMG-SEC-21", "programs that could not be read", .unknown, says: "2 of 10") {
        $0.evidence.files.programs = ProgramEvidence(total: 10, unread: 2)
    },
    Spoilt("IMG-SEC-21", "no programs", .pass, says: "no ELF programs") {
        $0.evidence.files.programs = ProgramEvidence()
    },
    Spoilt("IMG-SEC-21", "root", .fail, says: "as root") { $0.evidence.configuration?.user = "" },
    Spoilt("IMG-SEC-21", "root in a base image", .pass) {
        $0.evidence.configuration?.user = ""
        $0.evidence.configuration?.labels["eu.kontor.image.kind"] = "base"
    },
    Spoilt("IMG-SEC-21", "a script of the user", .fail, says: "/app/a.py", advises: "chown root:root /app/a.py") {
        let file = FileFact(path: "app/a.py", mode: 0o444, userID: 65532, groupID: 0, size: 1, layer: 0)
        $0.evidence.files.openCode = Sample.list(file)
    },
    Spoilt("IMG-SEC-21", "a directory of the group", .fail, says: "/app (775, 0:65532)") {
        let file = FileFact(path: "app", mode: 0o775, userID: 0, groupID: 65532, size: 0, layer: 0)
        $0.evidence.files.openCodeDirectories = Sample.list(file)
    },
    Spoilt("IMG-SEC-21", "a script in a sticky directory", .pass) {
        let file = FileFact(path: "tmp", mode: 0o1777, userID: 0, groupID: 0, size: 0, layer: 0)
        $0.evidence.files.openCodeDirectories = Sample.list(file)
    },
    Spoilt("IMG-SEC-21", "code of another user", .pass) {
        let file = FileFact(path: "app/a.py", mode: 0o644, userID: 33, groupID: 33, size: 1, layer: 0)
        $0.evidence.files.openCode = Sample.list(file)
    },
    Spoilt("IMG-SEC-21", "a list that was cut", .unknown) { $0.evidence.files.openCode = FileList(total: 5) },
    Spoilt("IMG-SEC-21", "a user that is not there", .unknown, says: "nobody-knows") {
        $0.evidence.configuration?.user = "nobody-knows"
    },
    Spoilt("IMG-SEC-17", "a malicious package", .fail, says: "MAL-2026-7: left") {
        $0.assessed.findings = [Sample.finding("MAL-2026-7", component: "left", status: .affected)]
    },
    Spoilt("IMG-SEC-17", "one by its alias", .fail, says: "GHSA-1") {
        var finding = Sample.finding("GHSA-1", component: "left", status: .affected)
        finding.aliases = ["MAL-2026-7"]
        $0.assessed.findings = [finding]
    },
    Spoilt("IMG-SEC-17", "npm packages without a feed for them", .unknown, says: "1 × npm") {
        $0.evidence.components.append(npm("left"))
        $0.assessed.notAssessed = [
            NotAssessed(ecosystem: "npm", components: 1, reason: LocalizedText(de: "a", en: "b"))
        ]
    },
    Spoilt("IMG-SEC-17", "packages of another distribution's release", .pass) {
        $0.assessed.notAssessed = [
            NotAssessed(ecosystem: "deb", components: 1, reason: LocalizedText(de: "a", en: "b"))
        ]
    },
    Spoilt("IMG-REU-04", "a package without a licence", .fail, says: "1 of 2 components state no licence") {
        $0.evidence.components.append(npm("left"))
    },
    Spoilt("IMG-REU-04", "one that the distribution brought", .pass) {
        $0.evidence.components.append(npm("left", ownedBy: "pkg:deb/debian/libssl3t64@3.5.1-1"))
    },
    Spoilt("IMG-REU-04", "licences in prose", .unknown, says: "machine-readable") {
        $0.evidence.components[0].licenses = []
    },
    Spoilt("IMG-REU-04", "a blocked licence", .fail, says: "left (SSPL-1.0)", advises: "Replace") {
        $0.evidence.components.append(npm("left", licenses: ["SSPL-1.0"]))
    },
    Spoilt("IMG-REU-04", "a blocked licence beside a free one to choose", .pass) {
        $0.evidence.components.append(npm("left", licenses: ["SSPL-1.0 OR Apache-2.0"]))
    },
    Spoilt(
        "IMG-REU-04",
        "copyleft without a source",
        .fail,
        says: "left",
        advises: "LABEL org.opencontainers.image.source"
    ) {
        $0.evidence.components.append(npm("left", licenses: ["GPL-3.0-only"]))
        $0.label("source", nil)
    },
]
