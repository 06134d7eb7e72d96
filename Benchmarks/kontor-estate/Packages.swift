// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// A package in its versions, oldest first.
struct EstatePackage: Sendable {
    let ecosystem: String
    /// Group of a Maven artifact.
    let group: String?
    let name: String
    /// Source package of a Debian package.
    let source: String?
    let versions: [String]

    /// The package as questions name it.
    var purl: String {
        let path = group.map { "\($0)/\(name)" } ?? (ecosystem == "deb" ? "debian/\(name)" : name)
        return "pkg:\(ecosystem)/\(path)"
    }

    func component(_ version: Int) -> Component {
        let text = versions[version]
        guard ecosystem == "deb" else {
            return Component(
                ecosystem: ecosystem,
                name: name,
                version: text,
                purl: PackageURL(type: ecosystem, namespace: group, name: name, version: text),
                licenses: ["Apache-2.0"]
            )
        }
        let debian = EstatePackage.distribution
        return Component(
            ecosystem: ecosystem,
            distribution: debian,
            name: name,
            version: text,
            sourceName: source ?? name,
            sourceVersion: text,
            architecture: "amd64",
            purl: .debian(
                name: name,
                version: text,
                architecture: "amd64",
                declaredSource: source == name ? nil : source,
                declaredSourceVersion: nil,
                distribution: debian
            ),
            supplier: "Debian Maintainers <maintainers@debian.example>",
            licenses: ["GPL-2.0-or-later", "MIT"]
        )
    }

    static let distribution = Distribution(
        id: "debian",
        versionID: "12",
        codename: Tracker.release,
        prettyName: "Debian GNU/Linux 12 (bookworm)"
    )
}

/// Everything that images of the estate are made of, each component with a number.
struct Packages: Sendable {
    /// How many times an image was rebuilt: each time with later versions.
    static let rebuilds = 5
    /// Versions of a package of a language.
    static let releases = 10
    /// Components of the probes: only so many images have each, all in the first tenth of the estate, so that the same questions have the
    /// same answers while it grows.
    static let probes = [10, 100, 1_000]

    let all: [EstatePackage]
    /// Number of the first version of each package.
    let first: [Int]
    let components: [Component]
    /// Place of each component in the order of their purls, in which an analyser tells them.
    let rank: [Int]
    /// Debian packages, those in most images first.
    let debian: Range<Int>
    /// Packages of languages, those in most images first.
    let languages: [Range<Int>]
    /// In the order of ``probes``.
    let probed: Range<Int>

    init(_ tracker: Tracker, seed: UInt64) throws {
        var all = try Self.debianPackages(tracker, seed: seed)
        debian = 0..<all.count
        var languages: [Range<Int>] = []
        for (ecosystem, known, count) in Self.languages {
            let start = all.count
            for number in 0..<count {
                let name = number < known.count ? known[number] : "part-\(number)"
                let parts = name.split(separator: ":").map(String.init)
                let group = ecosystem == "maven" ? (parts.count > 1 ? parts[0] : "org.example.g\(number / 20)") : nil
                all.append(
                    EstatePackage(
                        ecosystem: ecosystem,
                        group: group,
                        name: parts.last ?? name,
                        source: nil,
                        versions: (0..<Self.releases).map { "\(1 + $0 / 5).\($0 % 5).0" }
                    )
                )
            }
            languages.append(start..<all.count)
        }
        self.languages = languages
        let start = all.count
        all += Self.probes.map { size in
            EstatePackage(ecosystem: "deb", group: nil, name: "probe-\(size)", source: nil, versions: ["1.0-1"])
        }
        probed = start..<all.count
        self.all = all
        var first: [Int] = []
        var components: [Component] = []
        for package in all {
            first.append(components.count)
            components += package.versions.indices.map(package.component)
        }
        let texts = components.map { $0.purl?.description ?? "" }
        var rank = [Int](repeating: 0, count: components.count)
        for (place, number) in components.indices.sorted(by: { texts[$0] < texts[$1] }).enumerated() {
            rank[number] = place
        }
        (self.first, self.components, self.rank) = (first, components, rank)
    }

    /// The number of a package in a version.
    func component(_ package: Int, _ version: Int) -> Int {
        first[package] + min(version, all[package].versions.count - 1)
    }

    private static let languages: [(ecosystem: String, known: [String], count: Int)] = [
        (
            "maven",
            [
                "org.apache.logging.log4j:log4j-core", "org.springframework:spring-core",
                "com.fasterxml.jackson.core:jackson-databind", "org.slf4j:slf4j-api", "com.google.guava:guava",
            ], 5_000
        ),
        ("npm", ["lodash", "express", "axios", "semver", "minimist"], 8_000),
        ("pypi", ["requests", "flask", "numpy", "aiohttp", "pyyaml", "lxml", "paramiko"], 3_000),
    ]

    /// Binary packages of the tracker's sources, and as many again that no advisory speaks about.
    private static func debianPackages(_ tracker: Tracker, seed: UInt64) throws -> [EstatePackage] {
        var random = SeededRandom(seed, 1)
        var usual: [EstatePackage] = []
        var rare: [EstatePackage] = []
        var names = Set<String>()
        for (source, fixes) in tracker.fixes.sorted(by: { $0.key < $1.key }) {
            var versions = Array(try tracker.versions(of: source).suffix(rebuilds))
            guard let oldest = versions.first else { continue }
            // Earlier than all that was fixed: `~` sorts before the end, and 8 after 7.
            while versions.count < rebuilds { versions.insert(oldest + "~\(9 - versions.count)", at: 0) }
            let binaries = [source, "lib\(source)", "\(source)-common"].prefix(1 + random.below(3))
            for name in binaries where names.insert(name).inserted {
                let package = EstatePackage(
                    ecosystem: "deb",
                    group: nil,
                    name: name,
                    source: source,
                    versions: versions
                )
                // What has hundreds of issues (kernels, browsers) is in few images.
                if fixes.count > 130 { rare.append(package) } else { usual.append(package) }
            }
        }
        for number in 0..<1_200 {
            usual.append(
                EstatePackage(
                    ecosystem: "deb",
                    group: nil,
                    name: "package-\(number)",
                    source: "package-\(number)",
                    versions: (0..<rebuilds).map { "1.\($0)-1" }
                )
            )
        }
        usual.shuffle(using: &random)
        // Of what is in most images every second package has had issues.
        let known = usual.filter { tracker.fixes[$0.source ?? ""] != nil }
        let plain = usual.filter { tracker.fixes[$0.source ?? ""] == nil }
        let often = zip(known, plain).flatMap { [$0, $1] }
        return often + known.dropFirst(plain.count) + plain.dropFirst(known.count) + rare
    }
}
