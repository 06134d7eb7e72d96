// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import Criteria
internal import JSON
internal import OCI

extension Statement {
    /// The document that the predicate is.
    ///
    /// Older cosign puts it into a member `Data` beside a time, as a document or as its text.
    var document: [UInt8] {
        if predicate["Data"] != nil, predicate.keys.allSatisfy({ $0 == "Data" || $0 == "Timestamp" }) {
            switch predicate["Data"] {
            case .string(let text)?: return Array(text.utf8)
            case let value?: return value.bytes(.compact)
            case nil: break
            }
        }
        return JSONValue.object(predicate).bytes(.compact)
    }
}

extension BuildProvenance {
    /// Images that are told.
    private static let maximumImages = 64

    /// Where the source is and which revision of it; the first that the builder names.
    var source: (uri: String, revision: String)? {
        for dependency in dependencies {
            guard let uri = dependency.uri ?? dependency.name else { continue }
            if let commit = dependency.digests["gitCommit"] { return (uri, commit) }
            let isGit = uri.hasPrefix("git+") || uri.hasPrefix("git://") || uri.hasSuffix(".git")
            if isGit, let commit = dependency.digests["sha1"] { return (uri, commit) }
        }
        // v0.2 names it where the build was configured.
        let configured = externalParameters["configSource"]
        guard let uri = configured?["uri"]?.stringValue, let digest = configured?["digest"],
            let commit = (digest["gitCommit"] ?? digest["sha1"])?.stringValue
        else { return nil }
        return (uri, commit)
    }

    /// Images that went into the build, each once.
    var images: [ImageDependency] {
        var images: [ImageDependency] = []
        for dependency in dependencies {
            guard let uri = dependency.uri ?? dependency.name, dependency.isImage(uri) else { continue }
            let image = ImageDependency(uri: uri.excerpt(300), digest: dependency.digest ?? Self.digest(in: uri))
            if !images.contains(image) { images.append(image) }
            if images.count == Self.maximumImages { break }
        }
        return images
    }

    /// The digest that a reference or a package URL ends with.
    private static func digest(in uri: String) -> Digest? {
        guard let at = uri.lastIndex(of: "@") else { return nil }
        var text = uri[uri.index(after: at)...].prefix { $0 != "?" && $0 != "#" }
        for colon in ["%3A", "%3a"] {
            guard let range = text.firstRange(of: colon) else { continue }
            text = (text[..<range.lowerBound] + ":" + text[range.upperBound...])[...]
        }
        return try? Digest(parsing: String(text))
    }
}

extension ResourceDescriptor {
    /// Whether it is an image, by its URI or what its builder says of its content.
    fileprivate func isImage(_ uri: String) -> Bool {
        ["pkg:oci/", "pkg:docker/", "oci://", "docker://"].contains { uri.hasPrefix($0) }
            || mediaType.map { Self.imageTypes.contains($0) } ?? false
    }

    private static let imageTypes: Set<String> = [
        MediaType.imageManifest, MediaType.imageIndex, MediaType.dockerManifest, MediaType.dockerManifestList,
    ]

    fileprivate var digest: Digest? {
        for algorithm in Digest.Algorithm.allCases {
            if let hex = digests[algorithm.rawValue] { return try? Digest(parsing: algorithm.rawValue + ":" + hex) }
        }
        return nil
    }
}
