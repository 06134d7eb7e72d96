// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import SBOM
import Testing
import Time

/// One spoilt thing, the criterion that sees it, what it comes to and what the English explanation and advice must hold.
struct Spoilt: CustomTestStringConvertible, Sendable {
    let id: String
    let name: String
    let outcome: Outcome
    let says: String
    let advises: String
    let change: @Sendable (inout Sample) -> Void

    init(
        _ id: String,
        _ name: String,
        _ outcome: Outcome,
        says: String = "",
        advises: String = "",
        _ change: @escaping @Sendable (inout Sample) -> Void
    ) {
        self.id = id
        self.name = name
        self.outcome = outcome
        self.says = says
        self.advises = advises
        self.change = change
    }

    var testDescription: String { "\(id): \(name)" }
}

private func secret(_ place: SecretHit.Place, _ confidence: SecretHit.Confidence = .high) -> SecretHit {
    SecretHit(
        rule: "private-key",
        place: place,
        confidence: confidence,
        subject: place == .file ? "root/.ssh/id_ed25519" : "API_KEY",
        layer: place == .file ? 1 : nil,
        offset: 0,
        excerpt: "-----BEGIN****"
    )
}

private let configurationCases: [Spoilt] = [
    Spoilt("IMG-SEC-01", "a layer with another digest", .fail, says: "layer 1: expected sha256:1, found sha256:2") {
        $0.evidence.integrity.checks.append(
            IntegrityCheck(subject: "layer 1", expected: "sha256:1", actual: "sha256:2")
        )
    },
    Spoilt("IMG-SEC-01", "a size that does not hold", .fail, says: "12 bytes instead of 13") {
        $0.evidence.integrity.checks.append(
            IntegrityCheck(subject: "layer 1", expected: "sha256:1", actual: nil, problem: "12 bytes instead of 13")
        )
    },
    Spoilt("IMG-SEC-01", "an unknown media type", .fail, says: "application/x-lz4", advises: "skopeo copy --format oci")
    {
        $0.evidence.integrity.unknownMediaTypes = ["application/x-lz4"]
    },
    Spoilt("IMG-SEC-01", "a layer that was not read", .unknown, says: "layer 1") {
        $0.evidence.integrity.checks.append(IntegrityCheck(subject: "layer 1", expected: "sha256:1", actual: nil))
    },
    Spoilt("IMG-SEC-01", "a root file system", .unknown, says: "no manifest") {
        $0.evidence.digest = nil
        $0.evidence.integrity.checks = []
    },
    Spoilt("IMG-SEC-10", "no user", .fail, says: "(root)", advises: "USER 65532:65532") {
        $0.evidence.configuration?.user = ""
    },
    Spoilt("IMG-SEC-10", "user 0", .fail, says: "user is 0 (root)", advises: "umoci config") {
        $0.evidence.configuration?.user = "0"
    },
    Spoilt("IMG-SEC-10", "user 00:0", .fail, says: "(root)") { $0.evidence.configuration?.user = "00:0" },
    Spoilt("IMG-SEC-10", "user root", .fail, says: "user is root (root)") { $0.evidence.configuration?.user = "root" },
    Spoilt("IMG-SEC-10", "root by another name", .fail, says: "toor:demo has UID 0") {
        $0.evidence.configuration?.user = "toor:demo"
    },
    Spoilt("IMG-SEC-10", "a user that is not there", .fail, says: "not in the image's /etc/passwd") {
        $0.evidence.configuration?.user = "nobody"
    },
    Spoilt(
        "IMG-SEC-10",
        "a user that is not there because the file is not readable",
        .unknown,
        says: "could not be read"
    ) {
        $0.evidence.configuration?.user = "nobody"
        $0.evidence.problems = [
            InventoryProblem(path: "etc/passwd", layer: 0, reason: "not UTF-8", affectsComponents: false)
        ]
    },
    Spoilt("IMG-SEC-10", "a negative user", .fail, says: "neither a name nor a number") {
        $0.evidence.configuration?.user = "-1"
    },
    Spoilt("IMG-SEC-10", "a user beyond 32 bits", .fail) { $0.evidence.configuration?.user = "4294967296" },
    Spoilt("IMG-SEC-10", "a name that resolves", .pass, says: "demo (UID 1000)") {
        $0.evidence.configuration?.user = "demo"
    },
    Spoilt("IMG-SEC-10", "a number that is also root's name in passwd", .pass) {
        $0.evidence.users.append(UserEntry(name: "2000", userID: 0, groupID: 0, home: "/", shell: "/"))
        $0.evidence.configuration?.user = "2000"
    },
    Spoilt("IMG-SEC-10", "a base image", .notApplicable, says: "base image") {
        $0.evidence.configuration?.user = ""
        $0.evidence.configuration?.labels[ImageKind.key] = "base"
    },
    Spoilt("IMG-SEC-10", "an artefact that starts a command", .fail) {
        $0.evidence.configuration?.user = ""
        $0.evidence.configuration?.labels[ImageKind.key] = "artefact"
    },
    Spoilt("IMG-SEC-10", "a kind that annotation and label dispute", .fail) {
        $0.evidence.configuration?.user = ""
        $0.evidence.configuration?.labels[ImageKind.key] = "base"
        $0.evidence.annotations[ImageKind.key] = "runtime"
    },
    Spoilt("IMG-SEC-10", "a root file system", .unknown, says: "without an image configuration") {
        $0.evidence.configuration = nil
    },
    Spoilt("IMG-SEC-11", "a user by name", .fail, says: "not a number", advises: "USER 65532:65532") {
        $0.evidence.configuration?.user = "demo"
    },
    Spoilt("IMG-SEC-11", "a low user", .fail, says: "below 1000") { $0.evidence.configuration?.user = "999:999" },
    Spoilt("IMG-SEC-11", "an implied group 0", .fail, says: "group 0", advises: "USER 65532:65532") {
        $0.evidence.configuration?.user = "65532"
    },
    Spoilt("IMG-SEC-11", "a written group 0", .pass) { $0.evidence.configuration?.user = "65532:0" },
    Spoilt("IMG-SEC-11", "a low port", .fail, says: "80/tcp", advises: "EXPOSE 8080") {
        $0.evidence.configuration?.exposedPorts = ["80/tcp", "8080"]
    },
    Spoilt("IMG-SEC-11", "a range that begins low", .fail) {
        $0.evidence.configuration?.exposedPorts = ["1000-2000/udp"]
    },
    Spoilt("IMG-SEC-11", "no port at all", .fail, says: "Not valid ports") {
        $0.evidence.configuration?.exposedPorts = ["http"]
    },
    Spoilt("IMG-SEC-14", "a copied SSH server", .fail, says: "/usr/sbin/sshd", advises: "rm /usr/sbin/sshd") {
        $0.evidence.files.executables = Sample.list(Sample.file("usr/bin/demo"), Sample.file("usr/sbin/sshd"))
    },
    Spoilt("IMG-SEC-14", "a packaged one", .fail, says: "/usr/sbin/xrdp", advises: "apt-get purge xrdp") {
        var program = Sample.file("usr/sbin/xrdp")
        program.owner = "pkg:deb/debian/xrdp@0.9.21-1?arch=amd64"
        $0.evidence.files.executables = Sample.list(program)
    },
    Spoilt("IMG-SEC-14", "an SSH package", .fail, says: "openssh-server") {
        var component = Sample.component
        component.name = "openssh-server"
        $0.evidence.components.append(component)
    },
    Spoilt("IMG-SEC-14", "port 22 in a range", .fail, says: "20-25/tcp") {
        $0.evidence.configuration?.exposedPorts = ["20-25/tcp"]
    },
    Spoilt("IMG-SEC-14", "a list of executables that was cut", .unknown, says: "Only 1 of 9") {
        $0.evidence.files.executables.total = 9
    },
    Spoilt("IMG-SEC-14", "a layer that could not be read", .unknown, says: "truncated") {
        $0.evidence.problems = [InventoryProblem(path: nil, layer: 1, reason: "truncated", affectsComponents: true)]
    },
]

private let contentCases: [Spoilt] = [
    Spoilt(
        "IMG-SEC-16",
        "a key in a file",
        .fail,
        says: "private-key: /root/.ssh/id_ed25519 (layer 1)",
        advises: "--mount=type=secret"
    ) {
        $0.evidence.secrets.hits = [secret(.file)]
    },
    Spoilt("IMG-SEC-16", "a key in the environment", .fail, says: "ENV API_KEY", advises: "ENV line") {
        $0.evidence.secrets.hits = [secret(.environment)]
    },
    Spoilt("IMG-SEC-16", "a key in a label", .fail, says: "LABEL API_KEY") {
        $0.evidence.secrets.hits = [secret(.label)]
    },
    Spoilt("IMG-SEC-16", "a key in the history", .fail, advises: "ARG") {
        $0.evidence.secrets.hits = [secret(.history)]
    },
    Spoilt("IMG-SEC-16", "a suspicious place only", .pass, says: "suspicious places (1)") {
        $0.evidence.secrets.hits = [secret(.file, .medium)]
    },
    Spoilt("IMG-SEC-16", "an incomplete search", .unknown, says: "incomplete") { $0.evidence.secrets.complete = false },
    Spoilt("IMG-SEC-16", "an incomplete search with a hit", .fail) {
        $0.evidence.secrets.complete = false
        $0.evidence.secrets.hits = [secret(.file)]
    },
    Spoilt("IMG-SEC-18", "setuid", .fail, says: "/usr/bin/su (4755)", advises: "chmod u-s,g-s /usr/bin/su") {
        $0.evidence.files.privileged = Sample.list(Sample.file("usr/bin/su", mode: 0o4755))
    },
    Spoilt("IMG-SEC-18", "file capabilities", .fail, advises: "setcap -r /usr/bin/ping") {
        $0.evidence.files.privileged = Sample.list(Sample.file("usr/bin/ping", capabilities: true))
    },
    Spoilt("IMG-SEC-18", "a file for everybody", .fail, advises: "chmod o-w /srv/data") {
        $0.evidence.files.worldWritableFiles = Sample.list(Sample.file("srv/data", mode: 0o666))
    },
    Spoilt("IMG-SEC-18", "a directory for everybody", .fail, advises: "chmod +t '/srv/up load'") {
        $0.evidence.files.worldWritableDirectories = Sample.list(Sample.file("srv/up load", mode: 0o777))
    },
    Spoilt("IMG-SEC-18", "a path that is a command", .fail, advises: #"'/a'\''; reboot '\'''"#) {
        $0.evidence.files.worldWritableFiles = Sample.list(Sample.file("a'; reboot '", mode: 0o666))
    },
    Spoilt("IMG-SEC-18", "many files", .fail, says: "and 12 more") {
        $0.evidence.files.privileged = FileList(
            total: 17,
            items: (0..<10).map { Sample.file("usr/bin/p\($0)", mode: 0o4755) }
        )
    },
    Spoilt("IMG-SEC-19", "a compiler", .fail, says: "/usr/bin/x86_64-linux-gnu-gcc-12", advises: "COPY --from=build") {
        $0.evidence.files.executables = Sample.list(Sample.file("usr/bin/x86_64-linux-gnu-gcc-12"))
    },
    Spoilt("IMG-SEC-19", "package caches", .fail, says: "lists/x", advises: "rm -rf /var/lib/apt/lists/*") {
        $0.evidence.files.packageCaches = Sample.list(Sample.file("var/lib/apt/lists/x"))
    },
    Spoilt("IMG-SEC-19", "a repository", .fail, says: "/srv/.git", advises: "rm -rf /srv/.git") {
        $0.evidence.files.versionControlDirectories = Sample.list(Sample.file("srv/.git"))
    },
    Spoilt("IMG-SEC-19", "hidden bytes", .fail, says: "10 %", advises: "--squash") {
        $0.evidence.files.visibleBytes = 900
        $0.evidence.files.hiddenBytes = 100
    },
    Spoilt("IMG-SEC-19", "few hidden bytes", .pass) {
        $0.evidence.files.visibleBytes = 960
        $0.evidence.files.hiddenBytes = 40
    },
    Spoilt("IMG-SEC-19", "a builder", .notApplicable) {
        $0.evidence.files.executables = Sample.list(Sample.file("usr/bin/gcc"))
        $0.evidence.configuration?.labels[ImageKind.key] = "builder"
    },
    Spoilt("IMG-SEC-20", "a shell", .fail, says: "/usr/bin/dash") {
        $0.evidence.files.executables = Sample.list(Sample.file("usr/bin/dash"))
    },
    Spoilt("IMG-SEC-20", "a package manager and curl", .fail, says: "Download tools: /usr/bin/curl") {
        $0.evidence.files.executables = Sample.list(Sample.file("usr/bin/apt-get"), Sample.file("usr/bin/curl"))
    },
    Spoilt("IMG-SEC-22", "nothing identified", .fail, says: "executable files without origin (1): /usr/bin/demo") {
        $0.evidence.components = []
    },
    Spoilt("IMG-SEC-22", "a package database that could not be parsed", .unknown, says: "/var/lib/dpkg/status: line 3")
    {
        $0.evidence.problems = [
            InventoryProblem(path: "var/lib/dpkg/status", layer: 0, reason: "line 3", affectsComponents: true)
        ]
    },
    Spoilt("IMG-SEC-22", "nothing identified because a layer could not be read", .unknown, says: "layer 0 is truncated")
    {
        $0.evidence.components = []
        $0.evidence.problems = [
            InventoryProblem(path: nil, layer: 0, reason: "layer 0 is truncated", affectsComponents: true)
        ]
    },
    Spoilt("IMG-SEC-22", "executables without an owner", .pass, says: "belong to none of them: 7") {
        $0.evidence.files.unownedExecutables = 7
    },
    Spoilt("IMG-SEC-23", "five of a hundred programs without an owner", .pass, says: "95 of 100") {
        $0.evidence.files.executables.total = 60
        $0.evidence.files.libraries = 40
        $0.evidence.files.unownedExecutables = 2
        $0.evidence.files.unownedLibraries = 3
    },
    Spoilt("IMG-SEC-23", "six of a hundred", .fail, says: "6 of 100", advises: "Install programs as packages") {
        $0.evidence.files.executables.total = 60
        $0.evidence.files.libraries = 40
        $0.evidence.files.unownedExecutables = 6
    },
    Spoilt("IMG-SEC-23", "a component without a purl", .fail, says: "1 of 1 components have no purl") {
        $0.evidence.components[0].purl = nil
    },
    Spoilt("IMG-SEC-23", "a component without a version", .fail, says: "libssl3t64", advises: "version tag") {
        $0.evidence.components[0].version = ""
    },
    Spoilt("IMG-SEC-23", "unowned programs where something could not be read", .unknown) {
        $0.evidence.files.unownedExecutables = 1
        $0.evidence.problems = [
            InventoryProblem(path: nil, layer: 0, reason: "layer 0 is truncated", affectsComponents: true)
        ]
    },
]

private let declaredCases: [Spoilt] = [
    Spoilt("IMG-MNT-02", "no version", .fail, says: "image.version", advises: "LABEL org.opencontainers.image.version=")
    {
        $0.label("version", nil)
    },
    Spoilt("IMG-MNT-02", "a version that annotation and label dispute", .fail, says: "the annotation says \"2\"") {
        $0.evidence.annotations["org.opencontainers.image.version"] = "2"
    },
    Spoilt("IMG-MNT-02", "a version only in the annotation", .pass) {
        $0.label("version", nil)
        $0.evidence.annotations["org.opencontainers.image.version"] = "2"
    },
    Spoilt("IMG-MNT-02", "a date that is none", .fail, says: "yesterday", advises: "2026-11-22T09:14:00Z") {
        $0.label("created", "yesterday")
    },
    Spoilt("IMG-MNT-02", "a date to come", .fail, says: "future") {
        $0.evidence.configuration?.created = "2027-01-01T00:00:00Z"
    },
    Spoilt("IMG-MNT-02", "no date at all", .fail, says: "image.created") { $0.evidence.configuration?.created = nil },
    Spoilt(
        "IMG-MNT-03",
        "Debian 12",
        .pass,
        says: "regular support ended on 2026-07-11; long-term support (LTS) runs until 2028-06-30"
    ) {
        $0.evidence.distribution = Sample.bookworm
    },
    Spoilt("IMG-MNT-03", "Debian 11", .fail, says: "support ended on 2026-08-31", advises: "FROM debian:13-slim") {
        $0.evidence.distribution = Distribution(id: "debian", versionID: "11", codename: "bullseye")
    },
    Spoilt("IMG-MNT-03", "Ubuntu 25.10", .fail, says: "2026-07-09") {
        $0.evidence.distribution = Distribution(id: "ubuntu", versionID: "25.10", codename: "questing")
    },
    Spoilt("IMG-MNT-03", "Ubuntu 22.04", .pass, says: "2027-06-01") {
        $0.evidence.distribution = Distribution(id: "ubuntu", versionID: "22.04", codename: "jammy")
    },
    Spoilt("IMG-MNT-03", "Debian testing", .fail, says: "not released") {
        $0.evidence.distribution = Distribution(id: "debian", codename: "forky")
    },
    Spoilt("IMG-MNT-03", "a distribution without dates", .unknown, says: "No support dates") {
        $0.evidence.distribution = Distribution(id: "alpine", versionID: "3.22")
    },
    Spoilt("IMG-MNT-03", "no os-release", .unknown) { $0.evidence.distribution = nil },
    Spoilt("IMG-MNT-05", "no end of support", .fail, advises: "eu.kontor.image.support-end") {
        $0.evidence.configuration?.labels["eu.kontor.image.support-end"] = nil
    },
    Spoilt("IMG-MNT-05", "a day instead of a month", .fail, says: "no month") {
        $0.evidence.configuration?.labels["eu.kontor.image.support-end"] = "2031-12-31"
    },
    Spoilt("IMG-MNT-05", "a thirteenth month", .fail, says: "no month") {
        $0.evidence.configuration?.labels["eu.kontor.image.support-end"] = "2031-13"
    },
    Spoilt("IMG-MNT-05", "a month that is over", .fail, says: "ended", advises: "still supported") {
        $0.evidence.configuration?.labels["eu.kontor.image.support-end"] = "2019-12"
    },
    Spoilt("IMG-REU-01", "no licence", .fail, advises: "LABEL org.opencontainers.image.licenses") {
        $0.label("licenses", nil)
    },
    Spoilt("IMG-REU-01", "no SPDX expression", .fail, says: "not an SPDX expression") {
        $0.label("licenses", "free as in beer")
    },
    Spoilt("IMG-REU-01", "a licence that is not on the list", .fail, says: "BUSL-1.1") {
        $0.label("licenses", "MIT AND BUSL-1.1")
    },
    Spoilt("IMG-REU-01", "two that are", .pass) { $0.label("licenses", "EUPL-1.2 OR (MIT AND Apache-2.0)") },
    Spoilt("IMG-REU-02", "no source", .fail, advises: "LABEL org.opencontainers.image.source=") {
        $0.label("source", nil)
    },
    Spoilt("IMG-REU-02", "a source with a password", .fail, says: "not an address") {
        $0.label("source", "https://me:secret@example.org/x")
    },
    Spoilt("IMG-REU-02", "a source without TLS", .fail) { $0.label("source", "http://example.org/x") },
    Spoilt("IMG-REU-02", "a short revision", .fail, advises: "git rev-parse HEAD") { $0.label("revision", "0123abc") },
    Spoilt("IMG-REU-02", "an internal image", .notApplicable, says: "internal") {
        $0.label("source", nil)
        $0.context.visibility = .internal
    },
    Spoilt("IMG-REU-03", "no description", .fail, says: "description is missing") { $0.label("description", "") },
    Spoilt("IMG-REU-03", "a short description", .fail, says: "fewer than 20") {
        $0.label("description", "demo                  x")
    },
    Spoilt("IMG-REU-03", "no link", .fail) { $0.label("documentation", nil) },
    Spoilt("IMG-REU-03", "a link that is none", .fail, says: "README") { $0.label("documentation", "README") },
]

@Suite("Decided criteria")
struct DecidedCriteriaTests {
    static let decided = [
        "IMG-SEC-01", "IMG-SEC-10", "IMG-SEC-11", "IMG-SEC-14", "IMG-SEC-16", "IMG-SEC-17", "IMG-SEC-18", "IMG-SEC-19",
        "IMG-SEC-20", "IMG-SEC-21", "IMG-SEC-22", "IMG-SEC-23", "IMG-SEC-25", "IMG-SEC-26", "IMG-SEC-27", "IMG-SEC-28",
        "IMG-SEC-30", "IMG-MNT-02",
        "IMG-MNT-03", "IMG-MNT-05",
        "IMG-REU-01", "IMG-REU-02", "IMG-REU-03", "IMG-REU-04",
    ]

    @Test("a careful image passes each decided criterion", arguments: decided)
    func passes(id: String) throws {
        let result = try Sample().result(id)
        #expect(result.result == .pass, "\(result.explanation.en)")
        #expect(result.advice == nil)
        #expect(!result.explanation.de.contains("{") && !result.explanation.en.contains("{"))
    }

    @Test(
        "one spoilt thing decides one criterion",
        arguments: configurationCases + contentCases + programCases + findingCases + declaredCases
    )
    func spoilt(_ spoilt: Spoilt) throws {
        var sample = Sample()
        spoilt.change(&sample)
        let result = try sample.result(spoilt.id)
        #expect(result.result == spoilt.outcome, "\(result.explanation.en)")
        #expect(spoilt.says.isEmpty || result.explanation.en.contains(spoilt.says), "\(result.explanation.en)")
        #expect(
            spoilt.advises.isEmpty || result.advice?.en.contains(spoilt.advises) == true,
            "\(result.advice?.en ?? "no advice")"
        )
        #expect(result.explanation.de != result.explanation.en)
        #expect((result.advice == nil) == result.result.isPassed)
    }

    @Test("each decided criterion has a passing and a failing case")
    func coverage() {
        let all = configurationCases + contentCases + programCases + findingCases + declaredCases
        for id in Self.decided { #expect(all.contains { $0.id == id && $0.outcome == .fail }, "\(id)") }
    }

    @Test("control characters and text marks of an image do not reach a sentence")
    func sanitised() throws {
        var sample = Sample()
        sample.evidence.configuration?.user = "a\u{1B}[2J\u{202E}{uid}\n"
        let result = try sample.result("IMG-SEC-10")
        #expect(!result.explanation.en.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
        #expect(result.explanation.en.contains("{uid}"))
    }
}

@Suite("Operating system without packages")
struct EmptyInventoryTests {
    @Test(
        "an os-release alone is no inventory",
        arguments: ["IMG-SEC-22", "IMG-SEC-23", "IMG-SEC-25", "IMG-SEC-26", "IMG-SEC-27", "IMG-SEC-30"]
    )
    func alone(id: String) throws {
        var sample = Sample()
        sample.evidence.components = [
            Component(
                kind: .operatingSystem,
                ecosystem: "os",
                distribution: Sample.trixie,
                name: "debian",
                version: "13"
            )
        ]
        #expect(try sample.result(id).result == (id == "IMG-SEC-22" ? .fail : .unknown))
        #expect(try sample.verdict().components.isEmpty)
    }
}
