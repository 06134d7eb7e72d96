// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import Registry
import SBOM

/// What an image says of itself: labels of its configuration and annotations of its manifest.
///
/// Strangers write them: each is cut to a length that a list bears.
struct ImageDescription: Sendable {
    var title: String?
    var description: String?
    /// Where its source lies.
    var source: String?
    var categories: [String] = []
    var licences: [String] = []
    var architectures: [String] = []

    /// Largest image configuration that is read, in bytes.
    private static let configurationLimit = 4 << 20
    /// Most values of one facet.
    private static let mostValues = 16

    init() {}

    /// Reads what the image of a digest says.
    ///
    /// - Parameter isPart: it is a platform of an index; an index in an index says nothing.
    init(
        of digest: Digest,
        in repository: RepositoryName,
        _ registry: Registry,
        isPart: Bool = false
    ) async throws {
        guard let manifest = try await registry.manifest(repository, digest),
            let document = try? ManifestDocument(parsing: manifest.bytes, contentType: manifest.mediaType)
        else { return }
        var words = document.annotations
        switch document {
        case .image(let image):
            if let bytes = try await registry.blobBytes(
                repository,
                image.config.digest,
                limit: Self.configurationLimit
            ), let configuration = try? ImageConfiguration(parsing: bytes) {
                words.merge(configuration.labels) { own, _ in own }
                architectures = [configuration.architecture]
            }
        case .index where isPart: return
        case .index(let index):
            architectures = index.manifests.compactMap(\.platform).filter { !$0.isUnknown }.map(\.architecture)
            // What all its platforms say stands in each of them; the first speaks for all.
            if let child = index.manifests.first(where: { $0.platform?.isUnknown != true }) {
                let own = try await ImageDescription(of: child.digest, in: repository, registry, isPart: true)
                (title, description, categories, licences) = (own.title, own.description, own.categories, own.licences)
                source = own.source
                if architectures.isEmpty { architectures = own.architectures }
            }
        }
        take(words)
    }

    private mutating func take(_ words: [String: String]) {
        func word(_ key: String, _ length: Int) -> String? {
            words[key].map { Self.cut($0, length) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        title = word("org.opencontainers.image.title", 200) ?? title
        description = word("org.opencontainers.image.description", 1_000) ?? description
        source = words["org.opencontainers.image.source"].flatMap { SourceAddress(parsing: $0)?.text } ?? source
        if let text = word("eu.kontor.image.category", 400) {
            categories = Self.values(text.split(separator: ",").map { Self.cut(String($0), 60) })
        }
        if let text = word("org.opencontainers.image.licenses", 400) {
            // An expression names several; each is a value of its own.
            let operators: Set<Substring> = ["AND", "OR", "WITH"]
            let names = text.split { " ()".contains($0) }.filter { name in
                !operators.contains(name) && name.utf8.allSatisfy { Self.isLetterOfLicences($0) }
            }
            licences = Self.values(names.map { Self.cut(String($0), 60) })
        }
        architectures = Self.values(architectures.map { Self.cut($0, 30) })
    }

    /// Identifiers of SPDX have letters, digits and these; anything else is no licence.
    private static func isLetterOfLicences(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }

    private static func values(_ values: [String]) -> [String] {
        var seen: Set<String> = []
        return Array(values.filter { !$0.isEmpty && seen.insert($0).inserted }.prefix(mostValues))
    }

    /// One line without what only programs read, at most so long.
    private static func cut(_ text: String, _ length: Int) -> String {
        let scalars = text.unicodeScalars.lazy.map { scalar in
            scalar.value < 0x20 || scalar.value == 0x7F || scalar.properties.generalCategory == .format ? " " : scalar
        }
        let words = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
        return String(words.prefix(length))
    }
}

extension DirectoryFacts {
    /// What to do about an image first.
    mutating func take(_ verdict: Verdict?) {
        guard let verdict else { return }
        evaluatedAt = verdict.evaluatedAt
        if let next = verdict.level.next, let first = verdict.steps.first {
            steps = Steps(
                to: next.rawValue,
                count: verdict.steps.count,
                criterion: first.criterion,
                title: first.title,
                advice: first.advice
            )
        }
        let mendable = verdict.advisoryGroups.filter { $0.finding.status.isAffected && $0.finding.fixedIn != nil }
        if let group = mendable.first, let fixedIn = group.finding.fixedIn {
            let names = [group.finding.id] + group.finding.aliases
            fix = Fix(
                id: names.first { $0.hasPrefix("CVE-") } ?? group.finding.id,
                source: group.sourceName,
                component: group.finding.componentName,
                purl: group.finding.componentPURL,
                version: group.finding.componentVersion,
                fixedIn: fixedIn,
                risk: group.finding.risk,
                exploited: group.finding.kev != nil,
                further: mendable.count - 1
            )
        }
    }
}
