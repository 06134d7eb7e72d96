// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Foundation
import JSON
import TestKit
import Testing

/// Every criterion that is decided, on images that somebody could have built, through the built program.
@Suite("Criteria on real images", RealVerdicts.Trait(), .timeLimit(.minutes(10)))
struct RealImageCriteriaTests {
    @Test("what is seen on an image decides", arguments: Row.all)
    func decides(_ row: Row) async throws {
        guard let verdict = try await RealVerdicts.of(row.image, row.feeds, for: row.description) else { return }
        let criterion = try verdict.criterion(row.criterion)
        #expect(criterion["result"]?.stringValue == row.result, "\(criterion.text(.compact))")
        let explanation = criterion.texts("explanation")
        for word in row.seen {
            #expect(explanation.en.contains(word), "\(explanation.en)")
            // Words in braces of the catalogue's texts are what was seen: they stand in both languages.
            if !word.contains(" ") { #expect(explanation.de.contains(word), "\(explanation.de)") }
        }
        #expect(!explanation.de.isEmpty && explanation.de != explanation.en)
        let advice = criterion.texts("advice")
        if row.result == "pass" {
            #expect(criterion["advice"]?.isNull ?? true)
        } else {
            #expect(!advice.de.isEmpty && !advice.en.isEmpty && advice.de != advice.en, "\(advice)")
            #expect(advice.en.contains(row.advice), "\(advice.en)")
        }
        if row.result == "fail", !row.isAbsence { #expect(criterion["evidence"]?.arrayValue?.isEmpty == false) }
    }

    @Test(
        "each criterion of the catalogue that is decided from the image alone has an image that passes and one that fails"
    )
    func allAreCovered() throws {
        let decided = try Catalogue.embedded().criteria.filter { $0.check != "undecided" && $0.stage == .build }.map(
            \.id
        )
        #expect(decided.count == 24)
        for id in decided {
            for result in ["pass", "fail"] {
                #expect(Row.all.contains { $0.criterion == id && $0.result == result }, "no row: \(id) \(result)")
            }
        }
    }

    @Test("an image built with care passes all that is decided, and has a level")
    func exemplaryImage() async throws {
        guard let verdict = try await RealVerdicts.of(.exemplary, .widened, for: "an image built with care") else {
            return
        }
        // The licences of some of its packages stand in prose alone: nobody can tell by a program.
        let decided = Set(Row.all.map(\.criterion)).subtracting(["IMG-REU-04"])
        #expect(try verdict.criterion("IMG-REU-04")["result"]?.stringValue == "unknown")
        for criterion in verdict["criteria"]?.arrayValue ?? []
        where decided.contains(criterion["id"]?.stringValue ?? "") {
            #expect(criterion["result"]?.stringValue == "pass", "\(criterion.text(.compact))")
        }
        #expect(verdict["level"]?.stringValue != "none")
        #expect(verdict["findings"]?.arrayValue == [])
        guard let plain = try await RealVerdicts.of(.plain, .widened, for: "an image as people build it") else {
            return
        }
        #expect(plain["level"]?.stringValue == "none")
    }

    @Test(
        "old advisories prove nothing under the default limits, and decide under widened ones",
        arguments: [RealImage.rebuilt, .plain]
    )
    func ageOfAdvisories(_ image: RealImage) async throws {
        let why = "age of advisories on \(image)"
        guard let strict = try await RealVerdicts.of(image, .byDefault, for: why),
            let widened = try await RealVerdicts.of(image, .widened, for: why)
        else { return }
        for id in Row.onFeeds {
            let criterion = try strict.criterion(id)
            #expect(criterion["result"]?.stringValue == "unknown", "\(criterion.text(.compact))")
            let explanation = criterion.texts("explanation")
            #expect(explanation.en.contains("too old: "), "\(explanation.en)")
            #expect(explanation.de.contains("zu alt: "), "\(explanation.de)")
            for text in [explanation.en, explanation.de] {
                #expect(text.contains("debian-tracker") && text.contains(RealVerdicts.feedsDate), "\(text)")
            }
            #expect(explanation.en.contains("limit 7 days") && explanation.de.contains("Grenze 7 Tage"))
            #expect(criterion.texts("advice").en.contains("kontor feeds import"))
            #expect(["pass", "fail"].contains(try widened.criterion(id)["result"]?.stringValue), "\(id)")
        }
        // What does not rest on advisories is decided all the same, and the same.
        for id in Set(Row.all.map(\.criterion)).subtracting(Row.onFeeds) {
            #expect(try strict.criterion(id)["result"] == widened.criterion(id)["result"], "\(id)")
        }
        let note = widened.texts("note")
        #expect(note.en.hasPrefix("Exercise data, advisories as of "), "\(note)")
        #expect(note.de.hasPrefix("Übungsdaten, "), "\(note)")
        #expect(note.en.contains("\(RealVerdicts.feedsDate) (debian-tracker)"), "\(note)")
        #expect(widened["exerciseData"]?.boolValue == true)
        #expect(strict["note"]?.isNull ?? true)
        #expect(strict["exerciseData"]?.boolValue == false)
    }

    @Test("a layer that ends too early fails by its digest, and nothing that rests on files passes")
    func truncatedLayer() async throws {
        guard let verdict = try await RealVerdicts.of(.truncated, .widened, for: "a truncated layer") else { return }
        #expect(verdict["level"]?.stringValue == "none")
        let onFiles = ["14", "16", "18", "19", "20", "22"].map { "IMG-SEC-" + $0 }
        for id in onFiles + Row.onFeeds {
            let criterion = try verdict.criterion(id)
            #expect(criterion["result"]?.stringValue == "unknown", "\(criterion.text(.compact))")
        }
        #expect(try verdict.criterion("IMG-REU-01")["result"]?.stringValue == "pass")
    }
}

/// A criterion, an image, and what must come of it.
struct Row: Sendable, CustomTestStringConvertible {
    let criterion: String
    let image: RealImage
    let result: String
    /// What the explanation must name; words without a blank in both languages.
    let seen: [String]
    /// What the English advice must say.
    let advice: String
    let feeds: RealVerdicts.Feeds

    var description: String { "\(criterion) \(result) on \(image)" + (feeds == .none ? " without advisories" : "") }
    var testDescription: String { description }

    /// What is not there cannot be shown as a fact.
    var isAbsence: Bool {
        image == .hidden || feeds == .none
            || (image == .plain && (criterion.hasPrefix("IMG-REU-") || criterion == "IMG-MNT-05"))
    }

    /// Criteria that rest on advisories.
    static let onFeeds = ["IMG-SEC-25", "IMG-SEC-26", "IMG-SEC-27", "IMG-SEC-28", "IMG-SEC-30"]

    private static func pass(_ criterion: String, _ image: RealImage, _ seen: String...) -> Row {
        Row(criterion: "IMG-" + criterion, image: image, result: "pass", seen: seen, advice: "", feeds: .widened)
    }

    private static func fail(_ criterion: String, _ image: RealImage, _ seen: String..., advice: String) -> Row {
        Row(criterion: "IMG-" + criterion, image: image, result: "fail", seen: seen, advice: advice, feeds: .widened)
    }

    private static func unknown(_ criterion: String, _ image: RealImage, _ seen: String..., advice: String) -> Row {
        Row(criterion: "IMG-" + criterion, image: image, result: "unknown", seen: seen, advice: advice, feeds: .widened)
    }

    static let all: [Row] = configuration + files + advisories + metadata

    private static let configuration: [Row] = [
        pass("SEC-01", .exemplary, "6"),
        fail(
            "SEC-01",
            .damaged,
            "layer 1",
            "sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a",
            advice: "skopeo copy"
        ),
        fail("SEC-01", .truncated, "layer 0", advice: "skopeo copy"),
        pass("SEC-10", .rebuilt, "65532:65532"),
        pass("SEC-10", .careless, "www-data", "UID 33"),
        fail("SEC-10", .plain, "0 (root)", advice: "USER 65532:65532"),
        fail("SEC-10", .toor, "toor", "UID 0 (root)", advice: "USER 65532:65532"),
        pass("SEC-11", .rebuilt, "65532"),
        fail("SEC-11", .careless, "www-data", "22/tcp", "80/tcp", advice: "USER 65532:65532"),
        fail("SEC-11", .plain, "UID 0", advice: "USER 65532:65532"),
        pass("SEC-14", .rebuilt),
        fail("SEC-14", .plain, "/usr/sbin/dropbear", "dropbear-bin", advice: "apt-get purge dropbear-bin"),
        fail("SEC-14", .careless, "22/tcp", advice: "EXPOSE line with 22/tcp"),
    ]

    private static let files: [Row] = [
        pass("SEC-16", .exemplary),
        fail(
            "SEC-16",
            .leaky,
            "private-key",
            "/opt/deploy/id_rsa",
            "layer 2",
            "AWS_SECRET_ACCESS_KEY",
            advice: "--mount=type=secret"
        ),
        pass("SEC-18", .rebuilt),
        fail(
            "SEC-18",
            .plain,
            "/usr/bin/chage",
            "2755",
            "/usr/bin/chfn",
            "4755",
            advice: "chmod u-s,g-s /usr/bin/chage"
        ),
        fail(
            "SEC-18",
            .loose,
            "/usr/local/bin/probe",
            "/etc/nginx/open.conf",
            "/var/www/upload",
            advice: "setcap -r /usr/local/bin/probe"
        ),
        pass("SEC-19", .rebuilt),
        fail("SEC-19", .plain, "/usr/bin/make", advice: "apt-get purge"),
        fail("SEC-19", .baggage, "/var/lib/apt/lists/", "/var/www/.git", advice: "rm -rf /var/lib/apt/lists/*"),
        fail("SEC-19", .hidden, "hidden by later layers", advice: "squash"),
        pass("SEC-20", .exemplary),
        fail(
            "SEC-20",
            .rebuilt,
            "/usr/bin/bash",
            "/usr/bin/dash",
            "/usr/bin/apt-get",
            "/usr/bin/dpkg",
            advice: "FROM scratch"
        ),
        pass("SEC-21", .exemplary),
        fail("SEC-21", .plain, "RELRO", "root", advice: "-Wl,-z,relro,-z,now"),
        fail("SEC-21", .poisoned, "/srv/app/node_modules/left/index.js", advice: "chown root:root"),
        pass("SEC-22", .rebuilt, "Debian GNU/Linux 12 (bookworm)"),
        pass("SEC-22", .exemplary, "14", "Debian GNU/Linux 12 (bookworm)"),
        fail("SEC-22", .unpackaged, "/usr/sbin/nginx", advice: "status.d"),
        pass("SEC-23", .exemplary, "14"),
        fail("SEC-23", .unpackaged, "/usr/sbin/nginx", advice: "Install programs as packages"),
    ]

    /// The record is the test's own: no list of malicious packages may end in a release of ours.
    static let malicious = """
        {"id":"MAL-2026-1","modified":"2026-10-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"kontor-test-evil"},\
        "versions":["1.0.0"]}]}
        """

    /// nginx of Debian 12 without the security suite is open to CVE-2023-44487, which KEV lists and EPSS puts at the top: no rating is needed.
    private static let advisories: [Row] = [
        pass("SEC-17", .exemplary, "14"),
        fail("SEC-17", .poisoned, "MAL-2026-1", "kontor-test-evil", advice: "credentials"),
        pass("SEC-25", .rebuilt, RealVerdicts.feedsDate, "debian-tracker", "cisa-kev"),
        fail("SEC-25", .buster, "Debian GNU/Linux 10 (buster)", advice: "kontor feeds import"),
        Row(
            criterion: "IMG-SEC-25",
            image: .rebuilt,
            result: "fail",
            seen: ["(bookworm)"],
            advice: "kontor feeds import",
            feeds: .none
        ),
        pass("SEC-26", .rebuilt, "debian-tracker"),
        fail("SEC-26", .plain, "nginx", "CVE-2023-44487", "1.22.1-9+deb12u", advice: "apt-get update && apt-get"),
        unknown("SEC-26", .unpackaged, "No package was found", advice: "status.d"),
        unknown("SEC-26", .buster, "Debian GNU/Linux 10 (buster)", advice: "kontor feeds import"),
        Row(
            criterion: "IMG-SEC-26",
            image: .rebuilt,
            result: "unknown",
            seen: ["(bookworm)"],
            advice: "kontor feeds import",
            feeds: .none
        ),
        pass("SEC-27", .rebuilt, "cisa-kev"),
        fail(
            "SEC-27",
            .plain,
            "nginx",
            "CVE-2023-44487",
            "is affected by CVE-2023-44487 (exploited)",
            advice: "--only-upgrade"
        ),
        Row(
            criterion: "IMG-SEC-27",
            image: .rebuilt,
            result: "unknown",
            seen: ["KEV"],
            advice: "known_exploited_vulnerabilities.json",
            feeds: .none
        ),
        pass("SEC-28", .rebuilt, "debian-tracker"),
        fail("SEC-28", .plain, "CVE-2023-44487", advice: "bookworm-security"),
        pass("SEC-30", .rebuilt, "debian-tracker"),
        fail("SEC-30", .plain, "CVE-2023-44487", advice: "bookworm-security"),
    ]

    private static let metadata: [Row] = [
        pass("MNT-02", .rebuilt, "org.opencontainers.image.revision=3f786850e387550fdab836ed7e6dc881de23001b"),
        fail(
            "MNT-02",
            .plain,
            "org.opencontainers.image.version",
            "org.opencontainers.image.title",
            advice: "LABEL org.opencontainers.image.source="
        ),
        fail("MNT-02", .careless, "yesterday", "org.opencontainers.image.version", advice: "2026-11-22T09:14:00Z"),
        pass("MNT-03", .rebuilt, "Debian GNU/Linux 12 (bookworm)", "LTS", "2026-07-11", "2028-06-30"),
        fail("MNT-03", .buster, "Debian GNU/Linux 10 (buster)", "2024-06-30", advice: "FROM debian:13"),
        pass("MNT-05", .rebuilt, "2031-12"),
        fail("MNT-05", .plain, advice: "LABEL eu.kontor.image.support-end="),
        pass("REU-01", .rebuilt, "EUPL-1.2 AND BSD-2-Clause"),
        fail("REU-01", .careless, "SSPL-1.0", advice: "SSPL-1.0"),
        fail("REU-01", .plain, "org.opencontainers.image.licenses", advice: "LABEL org.opencontainers.image.licenses="),
        pass("REU-02", .rebuilt, "https://git.example.org/web", "3f786850e387550fdab836ed7e6dc881de23001b"),
        fail("REU-02", .careless, "https://***@git.example.org/web", "main", advice: "without credentials"),
        fail(
            "REU-02",
            .plain,
            "org.opencontainers.image.source",
            "org.opencontainers.image.revision",
            advice: "git rev-parse HEAD"
        ),
        pass("REU-04", .rebuilt),
        fail("REU-04", .poisoned, "kontor-test-evil", "left", advice: "state their licence"),
        pass("REU-03", .rebuilt, "https://git.example.org/web/-/blob/main/README.md"),
        fail("REU-03", .careless, "fewer than", "wiki", advice: "LABEL org.opencontainers.image.documentation="),
        fail(
            "REU-03",
            .plain,
            "org.opencontainers.image.description",
            "org.opencontainers.image.documentation",
            advice: "LABEL"
        ),
    ]
}

extension JSONValue {
    /// The result of a criterion in a verdict.
    fileprivate func criterion(_ id: String) throws -> JSONValue {
        try #require(
            (self["criteria"]?.arrayValue ?? []).first { $0["id"]?.stringValue == id },
            "\(id) is not in the verdict"
        )
    }

    /// A text in both languages; empty where there is none.
    fileprivate func texts(_ name: String) -> (de: String, en: String) {
        (self[name]?["de"]?.stringValue ?? "", self[name]?["en"]?.stringValue ?? "")
    }
}

/// Verdicts by `kontor check`, each made once for all tests of the suite.
actor RealVerdicts {
    /// Which advisories a check has, and how old they may be.
    enum Feeds: Sendable { case none, byDefault, widened }

    private struct Key: Hashable {
        let image: RealImage
        let feeds: Feeds
    }

    @TaskLocal private static var current: RealVerdicts?

    /// The date of feeds that carry none.
    static let feedsDate = ProcessInfo.processInfo.environment["KONTOR_FEEDS_AS_OF"] ?? "2026-10-22"

    /// The day of every judgement: two months after the feeds, so that they are too old by default on any day that this test runs.
    static let day: String = {
        let day = try? Date(feedsDate + "T12:00:00Z", strategy: .iso8601).addingTimeInterval(60 * 86_400)
        return day.map { String($0.formatted(.iso8601).prefix(10)) } ?? feedsDate
    }()

    private let directory: TemporaryDirectory
    private let empty: TemporaryDirectory
    private var verdicts: [Key: Task<JSONValue, any Error>] = [:]
    private var layouts: [RealImage: Task<String, any Error>] = [:]
    private var imported: Task<String, any Error>?
    /// The last check of each of two lanes: the suite shares its machine with others.
    private var lanes: [Task<JSONValue, any Error>?] = [nil, nil]
    private var started = 0

    private init() throws {
        directory = try TemporaryDirectory("real-images")
        empty = try TemporaryDirectory("no-feeds")
    }

    /// The verdict on an image; nil, with a printed reason, when it needs feeds and there are none.
    ///
    /// - Throws: ``ToolError`` also when feeds are missing in CI.
    static func of(_ image: RealImage, _ feeds: Feeds, for test: String) async throws -> JSONValue? {
        guard let current else { throw ToolError(description: "no verdicts outside of the suite") }
        if feedsDirectory == nil, feeds != .none {
            guard ProcessInfo.processInfo.environment["CI"] == nil else {
                throw ToolError(description: "no feeds: CI demands KONTOR_FEEDS or ../shared/feeds")
            }
            let needsThem =
                feeds == .byDefault || Row.onFeeds.contains { test.hasPrefix($0) } || !test.hasPrefix("IMG-")
            if needsThem {
                print("skipped, no feeds at hand: \(test)")
                return nil
            }
            return try await current.verdict(Key(image: image, feeds: .none)).value
        }
        return try await current.verdict(Key(image: image, feeds: feeds)).value
    }

    private func verdict(_ key: Key) -> Task<JSONValue, any Error> {
        if let task = verdicts[key] { return task }
        let layout = layout(key.image)
        let data = data(key.feeds)
        let before = lanes[started % lanes.count]
        let task = Task {
            _ = try? await before?.value
            return try await Self.check(layout.value, data: data.value, feeds: key.feeds)
        }
        lanes[started % lanes.count] = task
        started += 1
        verdicts[key] = task
        return task
    }

    private func layout(_ image: RealImage) -> Task<String, any Error> {
        if let task = layouts[image] { return task }
        let path = directory.file(image.rawValue)
        let task = Task {
            try image.write(to: path, bases: try await BaseImages.shared.value)
            return path
        }
        layouts[image] = task
        return task
    }

    private func data(_ feeds: Feeds) -> Task<String, any Error> {
        if feeds == .none { return Task { [path = empty.file("data")] in path } }
        if let imported { return imported }
        let task = Task { [path = directory.file("data")] in
            let own = directory.file("malicious.json")
            try Data(Row.malicious.utf8).write(to: URL(fileURLWithPath: own))
            try await builtProduct("kontor").check(
                ["feeds", "import", feedsDirectory ?? "", own, "--data", path, "--as-of", Self.feedsDate]
            )
            return path
        }
        imported = task
        return task
    }

    private static func check(_ layout: String, data: String, feeds: Feeds) async throws -> JSONValue {
        var arguments = [
            "check", "oci:\(layout):v", "--data", data, "--format", "json", "--as-of", day, "--lang", "en",
        ]
        if feeds == .widened {
            arguments.append("--exercise-data")
            for kind in ["distribution", "exploited", "other"] { arguments += ["--age-limit", kind + "=3650d"] }
        }
        return try JSONValue(parsing: try await builtProduct("kontor").check(arguments))
    }

    private func remove() {
        directory.remove()
        empty.remove()
    }

    /// Gives a suite its verdicts, and removes what they needed at its end.
    struct Trait: SuiteTrait, TestScoping {
        func provideScope(
            for test: Test,
            testCase: Test.Case?,
            performing function: @Sendable () async throws -> Void
        ) async throws {
            let verdicts = try RealVerdicts()
            let start = ContinuousClock.now
            let result: Result<Void, any Error>
            do { result = .success(try await RealVerdicts.$current.withValue(verdicts, operation: function)) } catch {
                result = .failure(error)
            }
            await verdicts.remove()
            print("criteria on real images: \(ContinuousClock.now - start)")
            try result.get()
        }
    }
}
