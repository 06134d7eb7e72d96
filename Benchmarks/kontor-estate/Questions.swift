// SPDX-License-Identifier: EUPL-1.2

import Advisories
import OCI
import Situation

/// A question, and the images that it is about by the plan of the estate: what the index never saw.
struct EstateQuestion: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case commonVulnerability = "CVE of a common package"
        case rareVulnerability = "CVE of a rare package"
        case package = "package"
        case range = "package in a range"
        case image = "image"
        case base = "base image"
    }

    enum Meaning: Sendable {
        /// Any of these components.
        case components(Set<Int>)
        case image(String)
        /// These layers below all others.
        case layers([Digest])
    }

    let kind: Kind
    let question: AffectedQuestion
    let meaning: Meaning

    func isAbout(_ image: Estate.Image) -> Bool {
        switch meaning {
        case .components(let numbers): image.components.contains { numbers.contains($0) }
        case .image(let name): image.name == name
        case .layers(let layers): image.layers.prefix(layers.count).map(\.diffID) == layers
        }
    }
}

/// Questions of all kinds about an estate.
struct EstateQuestions: Sendable {
    let all: [EstateQuestion]
    /// The source package of the tracker that is in most images, and one that is in few.
    let commonSource: String
    let rareSource: String

    /// - Parameter count: how many of each kind.
    init(_ estate: Estate, _ tracker: Tracker, count: Int) throws {
        let packages = estate.packages
        var usage = [Int](repeating: 0, count: packages.components.count)
        estate.walk { image in for number in image.components { usage[number] += 1 } }
        var random = SeededRandom(estate.seed, 5)
        var all: [EstateQuestion] = []

        let vulnerabilities = try Self.vulnerabilities(tracker, packages).compactMap { name, components in
            let images = components.map { usage[$0] }.max() ?? 0
            return images > 0 ? (name: name, components: components, images: images) : nil
        }.sorted { ($0.images, $0.name) < ($1.images, $1.name) }
        for (kind, some) in [
            (EstateQuestion.Kind.commonVulnerability, vulnerabilities.suffix(count)),
            (.rareVulnerability, vulnerabilities.prefix(count)),
        ] {
            for vulnerability in some {
                all.append(try Self.ask(kind, vulnerability.name, .components(vulnerability.components)))
            }
        }
        func numbers(_ package: Int) -> [Int] {
            packages.all[package].versions.indices.map { packages.component(package, $0) }
        }
        let ranked = packages.all.indices.map { package in
            (package: package, images: numbers(package).reduce(0) { $0 + usage[$1] })
        }.filter { $0.images > 0 }.sorted { ($0.images, $0.package) < ($1.images, $1.package) }
        for index in 0..<count {
            // Half of them in many images, half of them anywhere.
            let place = index.isMultiple(of: 2) ? ranked.count - 1 - index / 2 : random.below(ranked.count)
            let package = ranked[max(place, 0)].package
            all.append(try Self.ask(.package, packages.all[package].purl, .components(Set(numbers(package)))))
            let other = ranked[random.below(ranked.count)].package
            let versions = packages.all[other].versions
            let bound = random.below(versions.count)
            let text = packages.all[other].purl + "@<" + versions[bound]
            all.append(try Self.ask(.range, text, .components(Set(numbers(other).prefix(bound)))))
        }
        for index in 0..<count {
            let image = estate.image(random.below(estate.count))
            let digest = Digest.sha256(image.manifest(configuration: image.configuration))
            all.append(try Self.ask(.image, digest.description, .image(image.name)))
            let base = estate.image(estate.bases.lowerBound + index % estate.bases.count)
            let lowest = Digest.sha256(base.manifest(configuration: base.configuration))
            all.append(try Self.ask(.base, "base:\(lowest)", .layers(base.layers.map(\.diffID))))
        }
        self.all = all
        let sources = ranked.filter { tracker.fixes[packages.all[$0.package].source ?? ""] != nil }
            .compactMap { packages.all[$0.package].source }
        guard let common = sources.last, let rare = sources.first else {
            throw Complaint("no package of the tracker is in any image")
        }
        (commonSource, rareSource) = (common, rare)
    }

    private static func ask(
        _ kind: EstateQuestion.Kind,
        _ text: String,
        _ meaning: EstateQuestion.Meaning
    ) throws -> EstateQuestion {
        EstateQuestion(kind: kind, question: try AffectedQuestion(parsing: text), meaning: meaning)
    }

    /// Of each vulnerability of the tracker the components that have it.
    private static func vulnerabilities(_ tracker: Tracker, _ packages: Packages) throws -> [String: Set<Int>] {
        var bySource: [String: [Int]] = [:]
        for package in packages.debian {
            if let source = packages.all[package].source { bySource[source, default: []].append(package) }
        }
        var affected: [String: Set<Int>] = [:]
        for (source, fixes) in tracker.fixes {
            for fix in fixes {
                for package in bySource[source] ?? [] {
                    for (version, text) in packages.all[package].versions.enumerated()
                    where try VersionScheme.dpkg.order(text, fix.version) < 0 {
                        affected[fix.identifier, default: []].insert(packages.component(package, version))
                    }
                }
            }
        }
        return affected
    }

    /// Questions whose answers are there from the first tenth of the estate on, and grow no more.
    static func probes(_ estate: Estate) throws -> [(name: String, question: AffectedQuestion)] {
        var probes: [(name: String, question: AffectedQuestion)] = []
        for (package, size) in zip(estate.packages.probed, Packages.probes) where estate.count / 10 >= size {
            probes.append(
                ("package in \(size) images", try AffectedQuestion(parsing: estate.packages.all[package].purl))
            )
            probes.append(("CVE in \(size) images", try AffectedQuestion(parsing: probeFix(size).identifier)))
        }
        let base = estate.image(estate.base(Estate.families - 1, 0))
        let digest = Digest.sha256(base.manifest(configuration: base.configuration))
        probes.append(("base image", try AffectedQuestion(parsing: "base:\(digest)")))
        probes.append(("image", try AffectedQuestion(parsing: digest.description)))
        return probes
    }

    /// What the probe of a size has; numbers so long are given to nothing real, whose images would be in the answer too.
    static func probeFix(_ size: Int) -> Tracker.Fix {
        Tracker.Fix(identifier: "CVE-2026-90000\(size)", version: "2.0-1")
    }
}
