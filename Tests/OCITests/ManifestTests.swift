// SPDX-License-Identifier: EUPL-1.2

import JSON
import OCI
import Testing

@Suite("Manifests and indexes")
struct ManifestTests {
    private static let config = Descriptor(mediaType: MediaType.imageConfig, digest: .sha256([1]), size: 100)
    private static let layer = Descriptor(mediaType: MediaType.layerTarGzip, digest: .sha256([2]), size: 200)

    private func manifest(_ change: (inout [String: JSONValue]) -> Void = { _ in }) -> [UInt8] {
        var members = ImageManifest(config: Self.config, layers: [Self.layer]).json.objectValue ?? [:]
        change(&members)
        return JSONValue.object(members).bytes()
    }

    @Test("an OCI manifest is read and written back as the same")
    func image() throws {
        let original = ImageManifest(
            config: Self.config,
            layers: [Self.layer, Self.layer],
            subject: Self.config,
            annotations: ["org.opencontainers.image.source": "x"]
        )
        let document = try ManifestDocument(
            parsing: original.json.bytes(),
            contentType: MediaType.imageManifest + "; charset=utf-8"
        )
        #expect(document == .image(original))
        #expect(document.mediaType == MediaType.imageManifest)
        #expect(document.subject == Self.config)
    }

    @Test("an index is read with its platforms and written back as the same")
    func index() throws {
        let children = [
            Descriptor(
                mediaType: MediaType.imageManifest,
                digest: .sha256([3]),
                size: 1,
                platform: Platform(architecture: "amd64", os: "linux")
            ),
            Descriptor(
                mediaType: MediaType.imageManifest,
                digest: .sha512([4]),
                size: 2,
                platform: Platform(architecture: "arm", os: "linux", variant: "v7", osVersion: "1", osFeatures: ["x"]),
                artifactType: MediaType.imageConfig,
                annotations: ["a": "b"],
                urls: ["https://mirror.example/x"]
            ),
        ]
        let original = ImageIndex(manifests: children)
        #expect(try ManifestDocument(parsing: original.json.bytes(), contentType: nil) == .index(original))
        #expect(original.isImage && original.images.count == 2)
    }

    @Test("Docker's schema 2 manifest and list are read")
    func docker() throws {
        let image = ImageManifest(
            mediaType: MediaType.dockerManifest,
            config: Descriptor(mediaType: MediaType.dockerConfig, digest: .sha256([1]), size: 1),
            layers: [Descriptor(mediaType: MediaType.dockerLayerGzip, digest: .sha256([2]), size: 2)]
        )
        let document = try ManifestDocument(parsing: image.json.bytes(), contentType: MediaType.dockerManifest)
        #expect(document == .image(image) && document.isImage)
        let list = ImageIndex(
            mediaType: MediaType.dockerManifestList,
            manifests: [Descriptor(mediaType: MediaType.dockerManifest, digest: .sha256([2]), size: 2)]
        )
        #expect(try ManifestDocument(parsing: list.json.bytes(), contentType: MediaType.dockerManifestList).isImage)
    }

    @Test("without mediaType the header says what it is, and without both the members do")
    func inferredType() throws {
        let bytes = manifest { $0["mediaType"] = nil }
        #expect(
            try ManifestDocument(parsing: bytes, contentType: MediaType.imageManifest).mediaType
                == MediaType.imageManifest
        )
        #expect(try ManifestDocument(parsing: bytes, contentType: nil).mediaType == MediaType.imageManifest)
        let index = Array(#"{"schemaVersion":2,"manifests":[]}"#.utf8)
        #expect(try ManifestDocument(parsing: index, contentType: nil).mediaType == MediaType.imageIndex)
        #expect(throws: ManifestError.unsupportedMediaType("")) {
            try ManifestDocument(parsing: Array(#"{"schemaVersion":2}"#.utf8), contentType: nil)
        }
    }

    @Test("a document that can be taken for two things is refused")
    func confusion() {
        func refuse(_ bytes: [UInt8], as type: String?, _ matches: (ManifestError) -> Bool, line: Int = #line) {
            let error = #expect(throws: ManifestError.self) { try ManifestDocument(parsing: bytes, contentType: type) }
            if let error { #expect(matches(error), "line \(line): \(error)") }
        }
        let isAmbiguous: (ManifestError) -> Bool = { if case .ambiguous = $0 { true } else { false } }
        let isMismatch: (ManifestError) -> Bool = { if case .mediaTypeMismatch = $0 { true } else { false } }
        refuse(manifest { $0["manifests"] = [] }, as: MediaType.imageManifest, isAmbiguous)
        refuse(manifest { $0["Layers"] = [] }, as: nil, isAmbiguous)
        refuse(manifest { $0["MANIFESTS"] = [] }, as: nil, isAmbiguous)
        refuse(
            manifest { $0["config"] = ["mediaType": "a/b", "size": 1, "digest": "sha256:ab", "Digest": "x"] },
            as: nil,
            isAmbiguous
        )
        refuse(manifest(), as: MediaType.imageIndex, isMismatch)
        refuse(manifest(), as: MediaType.dockerManifest, isMismatch)
        refuse(manifest(), as: "application/json", isMismatch)
        refuse(manifest { $0["mediaType"] = nil }, as: MediaType.imageIndex, isAmbiguous)
        refuse(manifest { $0["mediaType"] = .string(MediaType.imageIndex) }, as: MediaType.imageIndex, isAmbiguous)
        refuse(Array(#"{"schemaVersion":2,"manifests":[],"layers":[]}"#.utf8), as: MediaType.imageIndex, isAmbiguous)
        refuse(Array(#"{"schemaVersion":2,"layers":[],"layers":[]}"#.utf8), as: MediaType.imageManifest) {
            if case .json(let error) = $0 { error.reason == .duplicateKey("layers") } else { false }
        }
    }

    @Test(
        "Docker schema 1 and unknown schemas are refused",
        arguments: [
            (#"{"schemaVersion":1,"fsLayers":[]}"#, 1), (#"{"schemaVersion":3}"#, 3),
            (#"{"schemaVersion":2,"fsLayers":[{}]}"#, 1),
        ] as [(String, Int64)]
    )
    func schema1(_ text: String, _ version: Int64) {
        #expect(throws: ManifestError.schemaVersion(version)) {
            try ManifestDocument(parsing: Array(text.utf8), contentType: nil)
        }
    }

    @Test("descriptors that lie about their form are refused with their path")
    func descriptors() {
        func refuse(_ descriptor: JSONValue, _ path: String) {
            let bytes = manifest { $0["layers"] = [descriptor] }
            let error = #expect(throws: ManifestError.self) { try ManifestDocument(parsing: bytes, contentType: nil) }
            #expect(error?.description.contains(path) == true, "\(String(describing: error))")
        }
        let digest = JSONValue.string(Digest.sha256([]).description)
        refuse(["mediaType": "a/b", "digest": digest, "size": -1], "$.layers[0].size")
        refuse(["mediaType": "a/b", "digest": digest, "size": 1.5], "$.layers[0].size")
        refuse(["mediaType": "a/b", "digest": digest, "size": .integer(.max)], "$.layers[0].size")
        refuse(["mediaType": "a/b", "digest": digest], "$.layers[0].size")
        refuse(["mediaType": "<b>", "digest": digest, "size": 1], "$.layers[0].mediaType")
        refuse(["mediaType": "a/b", "digest": "sha256:../../etc", "size": 1], "$.layers[0].digest")
        refuse(["mediaType": "a/b", "digest": 7, "size": 1], "$.layers[0].digest")
        refuse(["mediaType": "a/b", "digest": digest, "size": 1, "annotations": ["a": 1]], "$.layers[0].annotations.a")
        refuse(7, "$.layers[0]")
    }

    @Test("size and number of descriptors are bounded")
    func bounds() {
        let padded = manifest() + [UInt8](repeating: 0x20, count: 4 << 20)
        #expect(throws: ManifestError.tooLarge(limit: 4 << 20)) {
            try ManifestDocument(parsing: padded, contentType: nil)
        }
        let many = manifest { $0["layers"] = .array(Array(repeating: Self.layer.json, count: 9)) }
        #expect(throws: ManifestError.tooManyDescriptors(limit: 8)) {
            try ManifestDocument(parsing: many, contentType: nil, limits: .init(descriptors: 8))
        }
        let exact = manifest()
        let filled = exact + [UInt8](repeating: 0x20, count: (4 << 20) - exact.count)
        #expect(throws: Never.self) { try ManifestDocument(parsing: filled, contentType: nil) }
    }

    @Test("artefacts are no images")
    func artefacts() {
        let attestation = Descriptor(mediaType: "application/vnd.in-toto+json", digest: .sha256([5]), size: 1)
        let signature = Descriptor(
            mediaType: "application/vnd.dev.cosign.simplesigning.v1+json",
            digest: .sha256([5]),
            size: 1
        )
        let empty = Descriptor(mediaType: MediaType.emptyConfig, digest: .sha256([6]), size: 2)
        #expect(ImageManifest(config: Self.config, layers: [Self.layer]).isImage)
        #expect(ImageManifest(config: Self.config, layers: []).isImage)
        #expect(ImageManifest(artifactType: MediaType.imageConfig, config: Self.config, layers: [Self.layer]).isImage)
        #expect(!ImageManifest(config: Self.config, layers: [Self.layer], subject: Self.config).isImage)
        #expect(!ImageManifest(artifactType: "application/x", config: Self.config, layers: [Self.layer]).isImage)
        #expect(!ImageManifest(config: empty, layers: [Self.layer]).isImage)
        #expect(!ImageManifest(config: Self.config, layers: [signature]).isImage)
        #expect(!ImageManifest(config: Self.config, layers: [attestation]).isImage)
        let unknown = Descriptor(
            mediaType: MediaType.imageManifest,
            digest: .sha256([7]),
            size: 1,
            platform: Platform(architecture: "unknown", os: "unknown")
        )
        let image = Descriptor(mediaType: MediaType.imageManifest, digest: .sha256([8]), size: 1)
        #expect(ImageIndex(manifests: [image, unknown]).images == [image])
        #expect(ImageIndex(manifests: [image, unknown]).isImage)
        #expect(!ImageIndex(manifests: [unknown]).isImage)
        #expect(!ImageIndex(manifests: []).isImage)
        #expect(!ImageIndex(artifactType: "application/x", manifests: [image]).isImage)
        #expect(!ImageIndex(manifests: [image], subject: image).isImage)
    }
}
