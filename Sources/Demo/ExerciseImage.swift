// SPDX-License-Identifier: EUPL-1.2

import JSON
import OCI
import Time

/// One image of the plan: what is in it, and what is wrong with it.
struct ExerciseImage: Sendable {
    /// What is wrong; each keeps an image from a level or takes something from its verdict.
    enum Fault: Sendable, Hashable {
        case runsAsRoot
        case secret
        case setuidFile
        case withoutLabels
        case withoutLicence
        case buildTools
        /// Built on an older edition of its base, by source package.
        case outdated(String)
    }

    let repository: String
    let title: String
    let category: String
    let base: ExerciseBase
    var kind: String?
    var packages: [ApplicationPackage] = []
    var faults: Set<Fault> = []
    var isMultiArchitecture = false
    /// It is released under its version and signed by the node; else it is only pushed.
    var isReleased = false
    var version = "1.0.0"

    /// Namespace of its repository.
    var namespace: String { String(repository.prefix { $0 != "/" }) }
    /// Whether the vulnerability of today is in it.
    var isAffectedToday: Bool {
        packages.contains { package in
            if case .java(ApplicationPackage.formLibrary.group, ApplicationPackage.formLibrary.artifact, "4.2.0") =
                package
            {
                return true
            }
            return false
        }
    }

    var architectures: [String] { isMultiArchitecture ? ["amd64", "arm64"] : ["amd64"] }

    /// The tag that it is pushed under; a release sets the tag of its version itself.
    var pushedTag: String { isReleased ? "entwurf" : version }

    /// Everything that a push uploads, in the order in which a registry takes it.
    ///
    /// - Parameter bases: digests of the base images as they are pushed.
    func built(vendor: String, created: Timestamp, bases: [ExerciseBase: Digest]) throws -> BuiltExerciseImage {
        var blobs: [BuiltExerciseImage.Blob] = []
        var manifests: [BuiltExerciseImage.Manifest] = []
        for architecture in architectures {
            var layers = [try base.layer(architecture: architecture, outdated: outdated)]
            if let own = try ownLayer() { layers.append(own) }
            let labels = labels(vendor, created, bases[base])
            let configuration = configuration(architecture, layers, labels, created: created).bytes()
            let stored = try layers.map { BuiltExerciseImage.Blob(bytes: try packed($0)) }
            let held = BuiltExerciseImage.Blob(bytes: configuration)
            let manifest: JSONValue = [
                "schemaVersion": 2, "mediaType": .string(BuiltExerciseImage.manifestType),
                "config": held.descriptor("application/vnd.oci.image.config.v1+json"),
                "layers": .array(stored.map { $0.descriptor("application/vnd.oci.image.layer.v1.tar+gzip") }),
            ]
            blobs += stored + [held]
            manifests.append(
                BuiltExerciseImage.Manifest(
                    bytes: manifest.bytes(),
                    mediaType: BuiltExerciseImage.manifestType,
                    architecture: architecture
                )
            )
        }
        return BuiltExerciseImage(blobs: blobs, manifests: manifests)
    }

    private var outdated: Set<String> {
        Set(
            faults.compactMap { fault in
                if case .outdated(let source) = fault { source } else { nil }
            }
        )
    }

    /// What the image has beside its base; nil for a base itself.
    private func ownLayer() throws -> [UInt8]? {
        guard kind != "base" else { return nil }
        var layer = LayerArchive()
        for package in packages { try package.write(to: &layer) }
        try layer.add("opt/app/README", text: "\(title): made for an exercise, nothing in it runs.\n")
        if kind == "artefact" {
            try layer.add("opt/app/data/liste.csv", text: "schluessel;name\n01;Beispiel\n02;Muster\n")
        }
        if faults.contains(.secret) { try layer.add("opt/app/id_rsa", text: Self.madeUpKey) }
        if faults.contains(.setuidFile) { try layer.add("opt/app/umschalten", text: "#!/bin/dash\n", mode: 0o4755) }
        if faults.contains(.buildTools) { try layer.add("usr/bin/gcc-12", text: "#!/bin/dash\n", mode: 0o755) }
        return layer.finished
    }

    /// Of the form of a private key, and of no key: its bytes are a digest's, again and again.
    private static let madeUpKey: String = {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var body = "MIIEowIBAAKCAQEA"
        for number in 0..<10 {
            body += Digest.sha256(Array("exercise \(number)".utf8)).bytes.map { alphabet[Int($0) % alphabet.count] }
        }
        let (begin, end) = ("-----BEGIN RSA PRIVATE", "-----END RSA PRIVATE")
        return "\(begin) KEY-----\n\(body.prefix(64))\n\(body.dropFirst(64).prefix(64))\n\(end) KEY-----\n"
    }()

    private func configuration(
        _ architecture: String,
        _ layers: [[UInt8]],
        _ labels: [String: JSONValue],
        created: Timestamp
    ) -> JSONValue {
        var settings: [String: JSONValue] = [
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], "Labels": .object(labels),
        ]
        if kind != "base" {
            settings["User"] = .string(faults.contains(.runsAsRoot) ? "root" : "65532:65532")
            // What carries files names nothing to start.
            if kind != "artefact" {
                settings["ExposedPorts"] = ["8080/tcp": [:]]
                settings["Cmd"] = ["/opt/app/start"]
            }
        } else if base == .minimal {
            settings["User"] = "65532:65532"
        }
        return [
            "architecture": .string(architecture), "os": "linux", "created": .string(created.rfc3339),
            "config": .object(settings),
            "rootfs": [
                "type": "layers", "diff_ids": .strings(layers.map { Digest.sha256($0).description }),
            ],
            "history": .array(
                layers.indices.map { index in
                    [
                        "created": .string(created.rfc3339),
                        "created_by": .string(index == 0 ? "base \(base.repository)" : "COPY app /opt/app"),
                    ]
                }
            ),
        ]
    }

    private func labels(_ vendor: String, _ created: Timestamp, _ digest: Digest?) -> [String: JSONValue] {
        guard !faults.contains(.withoutLabels) else { return [:] }
        var labels: [String: String] = [
            "org.opencontainers.image.title": title,
            "org.opencontainers.image.description": "\(title): an image of an exercise, with nothing in it that runs",
            "org.opencontainers.image.created": created.rfc3339,
            "org.opencontainers.image.version": version,
            "org.opencontainers.image.revision": String(Digest.sha256(Array(repository.utf8)).hex.prefix(40)),
            "org.opencontainers.image.source": "https://git.example.org/\(repository)",
            "org.opencontainers.image.documentation": "https://git.example.org/\(repository)/README.md",
            "org.opencontainers.image.vendor": vendor,
            "org.opencontainers.image.licenses": "EUPL-1.2",
            "eu.kontor.image.category": category,
            "eu.kontor.image.support-end": "2098-12",
        ]
        // An earlier edition of the base is none of those that are here.
        if kind != "base", outdated.isEmpty, let digest {
            labels["org.opencontainers.image.base.name"] = "\(base.repository):\(base.version)"
            labels["org.opencontainers.image.base.digest"] = "\(digest)"
        }
        if let kind { labels["eu.kontor.image.kind"] = kind }
        if faults.contains(.withoutLicence) { labels["org.opencontainers.image.licenses"] = nil }
        return labels.mapValues { .string($0) }
    }
}

/// An image as bytes.
struct BuiltExerciseImage: Sendable {
    static let manifestType = "application/vnd.oci.image.manifest.v1+json"
    static let indexType = "application/vnd.oci.image.index.v1+json"

    struct Blob: Sendable {
        let bytes: [UInt8]
        let digest: Digest

        init(bytes: [UInt8]) {
            self.bytes = bytes
            digest = .sha256(bytes)
        }

        func descriptor(_ mediaType: String) -> JSONValue {
            ["mediaType": .string(mediaType), "digest": .string("\(digest)"), "size": .integer(Int64(bytes.count))]
        }
    }

    struct Manifest: Sendable {
        let bytes: [UInt8]
        let mediaType: String
        let architecture: String

        var digest: Digest { .sha256(bytes) }
    }

    let blobs: [Blob]
    /// Of each platform.
    let manifests: [Manifest]

    /// What a tag stands for: the manifest, or the index of several.
    var top: (bytes: [UInt8], mediaType: String) {
        if manifests.count == 1 { return (manifests[0].bytes, manifests[0].mediaType) }
        let entries = manifests.map { manifest -> JSONValue in
            [
                "mediaType": .string(manifest.mediaType), "digest": .string("\(manifest.digest)"),
                "size": .integer(Int64(manifest.bytes.count)),
                "platform": ["architecture": .string(manifest.architecture), "os": "linux"],
            ]
        }
        let index: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(Self.indexType), "manifests": .array(entries),
        ]
        return (index.bytes(), Self.indexType)
    }
}
