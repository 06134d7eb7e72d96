// SPDX-License-Identifier: EUPL-1.2

import Criteria
import JSON
import OCI
import SBOM

/// A plan of all images: what is in which follows from the seed and the image's number alone, so that nothing of it is kept.
struct Estate: Sendable {
    static let organisations = 200
    static let tagsPerRepository = 10
    /// Which rebuild the image of each tag is: half of the images are up to date, the oldest are far behind.
    private static let rebuilds = [0, 1, 2, 3, 3, 4, 4, 4, 4, 4]
    /// The last family of base images is a probe: only repositories of the first tenth stand on it.
    static let families = 9
    static let basePackages = 90
    static let debianPackages = 110
    static let languagePackages = 100

    /// A layer as a registry and an image know it.
    struct Layer: Sendable {
        let bytes: [UInt8]
        let digest: Digest
        let diffID: Digest

        init(_ label: String) {
            bytes = Array("layer \(label)\n".utf8)
            digest = .sha256(bytes)
            diffID = .sha256(Array("unpacked \(label)".utf8))
        }
    }

    /// A repository: what the images of its tags have in common.
    struct Repository: Sendable {
        let number: Int
        let name: String
        let organisation: Int
        let family: Int
        let debian: [Int]
        let languages: [Int]
        let start: [Int]
    }

    /// An image: its place, its layers and the numbers of its components.
    struct Image: Sendable {
        let number: Int
        let repository: String
        let organisation: Int
        let tag: String
        let layers: [Layer]
        let components: [Int]
        /// Layer of each component.
        let places: [Int]
    }

    let seed: UInt64
    /// Images, the base images not counted.
    let count: Int
    let packages: Packages

    init(images: Int, seed: UInt64, tracker: Tracker) throws {
        (count, self.seed) = (images, seed)
        packages = try Packages(tracker, seed: seed)
    }

    /// Images with the base images, which come last.
    var total: Int { count + Self.families * Packages.rebuilds }
    var repositories: Int { (count + Self.tagsPerRepository - 1) / Self.tagsPerRepository }
    var bases: Range<Int> { count..<total }

    static func organisation(_ number: Int) -> String { "org-\(number)" }

    // MARK: Base images

    func baseLayers(_ family: Int, _ rebuild: Int) -> [Layer] {
        (0..<3).map { Layer("base \(seed) \(family) \(rebuild) \($0)") }
    }

    /// Sixty packages that all families share, and thirty of its own.
    private func basePackages(_ family: Int) -> [Int] {
        var random = SeededRandom(seed, 2, UInt64(family))
        var chosen = Array(0..<60)
        var known = Set(chosen)
        while chosen.count < Self.basePackages {
            let package = 60 + random.below(300)
            if known.insert(package).inserted { chosen.append(package) }
        }
        return chosen
    }

    /// Number of the base image of a family in one of its rebuilds.
    func base(_ family: Int, _ rebuild: Int) -> Int { count + family * Packages.rebuilds + rebuild }

    // MARK: Repositories and images

    func repository(_ number: Int) -> Repository {
        var random = SeededRandom(seed, 3, UInt64(number))
        let tenth = max(repositories / 10, 1)
        let isProbe = number < tenth && number.isMultiple(of: max(tenth / 10, 1))
        let family = isProbe ? Self.families - 1 : random.place(in: Self.families - 1, power: 2)
        let organisation = random.place(in: Self.organisations, power: 2)
        var known = Set(basePackages(family))
        let debian = Self.draw(Self.debianPackages, &known, from: packages.debian, power: 2, &random)
        let language = packages.languages[number % packages.languages.count]
        let languages = Self.draw(Self.languagePackages, &known, from: language, power: 3, &random)
        return Repository(
            number: number,
            name: "\(Self.organisation(organisation))/app-\(number)",
            organisation: organisation,
            family: family,
            debian: debian,
            languages: languages,
            start: languages.map { _ in random.below(7) }
        )
    }

    private static func draw(
        _ count: Int,
        _ known: inout Set<Int>,
        from range: Range<Int>,
        power: Int,
        _ random: inout SeededRandom
    ) -> [Int] {
        var chosen: [Int] = []
        while chosen.count < count {
            let package = range.lowerBound + random.place(in: range.count, power: power)
            if known.insert(package).inserted { chosen.append(package) }
        }
        return chosen
    }

    /// The images of a repository, oldest tag first.
    func images(of repository: Repository) -> [Image] {
        let start = repository.number * Self.tagsPerRepository
        let base = basePackages(repository.family)
        return (start..<min(start + Self.tagsPerRepository, count)).map { number in
            let tag = number - start
            let rebuild = Self.rebuilds[tag]
            var own = repository.debian.map { packages.component($0, rebuild) }
            for (index, probe) in packages.probed.enumerated() where isProbed(number, by: Packages.probes[index]) {
                own[own.count - 1 - index] = packages.component(probe, 0)
            }
            let languages = zip(repository.languages, repository.start).map { package, start in
                packages.component(package, start + tag / 3)
            }
            let layers =
                baseLayers(repository.family, rebuild)
                + [
                    Layer("packages \(seed) \(repository.number) \(rebuild)"), Layer("application \(seed) \(number)"),
                ]
            return Image(
                number: number,
                repository: repository.name,
                organisation: repository.organisation,
                tag: "1.\(tag)",
                layers: layers,
                components: base.map { packages.component($0, rebuild) } + own + languages,
                places: base.map { $0 % 3 } + own.map { _ in 3 } + languages.map { _ in 4 }
            )
        }
    }

    private func isProbed(_ number: Int, by size: Int) -> Bool {
        let tenth = count / 10
        guard number < tenth, tenth >= size else { return false }
        return number.isMultiple(of: tenth / size) && number / (tenth / size) < size
    }

    func image(_ number: Int) -> Image {
        guard number >= count else {
            let images = images(of: repository(number / Self.tagsPerRepository))
            return images[number % Self.tagsPerRepository]
        }
        let (family, rebuild) = ((number - count) / Packages.rebuilds, (number - count) % Packages.rebuilds)
        let base = basePackages(family)
        return Image(
            number: number,
            repository: "\(Self.organisation(0))/base-\(family)",
            organisation: 0,
            tag: "12.\(rebuild)",
            layers: baseLayers(family, rebuild),
            components: base.map { packages.component($0, rebuild) },
            places: base.map { $0 % 3 }
        )
    }

    /// Calls a closure with every image, the base images last.
    func walk(_ body: (Image) throws -> Void) rethrows {
        for number in 0..<repositories {
            for image in images(of: repository(number)) { try body(image) }
        }
        for number in bases { try body(image(number)) }
    }
}

extension Estate.Image {
    /// Repository and tag, which no two images share.
    var name: String { "\(repository):\(tag)" }

    private var imageConfiguration: ImageConfiguration {
        ImageConfiguration(
            architecture: "amd64",
            os: "linux",
            created: "2026-11-0\(1 + number % 9)T08:00:00Z",
            user: "10001:10001",
            environment: ["PATH=/usr/local/bin:/usr/bin:/bin"],
            entrypoint: ["/usr/bin/app"],
            labels: ["org.opencontainers.image.version": tag, "org.opencontainers.image.title": repository],
            diffIDs: layers.map(\.diffID)
        )
    }

    var configuration: [UInt8] {
        let value = imageConfiguration
        let json: JSONValue = [
            "architecture": .string(value.architecture), "os": .string(value.os), "created": .optional(value.created),
            "config": [
                "User": .string(value.user), "Env": .strings(value.environment),
                "Entrypoint": .strings(value.entrypoint ?? []), "Labels": .stringMap(value.labels),
            ],
            "rootfs": ["type": "layers", "diff_ids": .strings(value.diffIDs.map(\.description))],
        ]
        return json.bytes()
    }

    func manifest(configuration: [UInt8]) -> [UInt8] {
        func descriptor(_ mediaType: String, _ digest: Digest, _ size: Int) -> JSONValue {
            [
                "mediaType": .string(mediaType), "digest": .string(digest.description),
                "size": .integer(Int64(size)),
            ]
        }
        let json: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.imageManifest),
            "config": descriptor(MediaType.imageConfig, .sha256(configuration), configuration.count),
            "layers": .array(layers.map { descriptor(MediaType.layerTar, $0.digest, $0.bytes.count) }),
        ]
        return json.bytes()
    }

    /// What looking into the image would tell.
    func evidence(_ packages: Packages) -> ImageEvidence {
        let parts = zip(components, places).sorted { packages.rank[$0.0] < packages.rank[$1.0] }.map { number, place in
            var component = packages.components[number]
            component.layer = place
            return component
        }
        return ImageEvidence(
            digest: .sha256(manifest(configuration: configuration)),
            configuration: imageConfiguration,
            distribution: EstatePackage.distribution,
            components: parts,
            users: [
                UserEntry(name: "root", userID: 0, groupID: 0, home: "/root", shell: "/bin/bash"),
                UserEntry(name: "app", userID: 10_001, groupID: 10_001, home: "/", shell: "/usr/sbin/nologin"),
            ],
            files: FileEvidence(entries: 9_000, visibleBytes: 180 << 20),
            secrets: SecretEvidence(bytesScanned: 180 << 20, complete: true)
        )
    }
}
