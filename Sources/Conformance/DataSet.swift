// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import JSON
import OCI

/// A shape of object that registries have to carry.
struct DataSet: Sendable {
    let id: String
    let title: String
    let since: SpecificationVersion
    /// Makes one that no registry has seen before.
    let make: @Sendable () -> Sample

    init(
        _ id: String,
        _ title: String,
        since: SpecificationVersion = .v1_1,
        algorithm: Digest.Algorithm = .sha256,
        _ fill: @escaping @Sendable (inout Sample) -> Void
    ) {
        self.id = id
        self.title = title
        self.since = since
        make = {
            var sample = Sample(algorithm)
            sample.tags = ["v1"]
            fill(&sample)
            return sample
        }
    }

    private static let type = "application/vnd.example.test.v1"

    static let all = [
        DataSet("image", "an image") { $0.image() },
        DataSet("image-uncompressed", "an image with layers that are not compressed") {
            $0.image(mediaType: MediaType.layerTar)
        },
        DataSet("large-manifest", "an image whose manifest has 3.9 MB") { sample in
            let text = String(repeating: "0123456789", count: 1000)
            sample.image(annotations: Dictionary(uniqueKeysWithValues: (0..<390).map { ("org.example.a\($0)", text) }))
        },
        DataSet("index", "an index of two images") { sample in
            let children = ["amd64", "arm64"].map { architecture in
                sample.image(architecture).descriptor([
                    "platform": ["architecture": .string(architecture), "os": "linux"]
                ])
            }
            sample.index(children)
        },
        DataSet("nested-index", "an index of an index") { sample in
            let inner = sample.index([sample.image("amd64").descriptor(), sample.image("arm64").descriptor()])
            let direct = sample.image("riscv64")
            sample.index([inner.descriptor(), direct.descriptor()])
        },
        DataSet("empty-index", "an index of nothing") { $0.index([]) },
        DataSet("artifact", "an artifact with a type and the empty configuration") { $0.artifact(type) },
        DataSet("artifact-index", "an index of artifacts, with a type") { sample in
            let children = (0..<2).map { sample.artifact("\(type)+\($0)").descriptor() }
            sample.index(children, type: "application/vnd.example.list.v1")
        },
        DataSet("artifact-without-layers", "an artifact whose only layer is the empty descriptor") {
            $0.artifact(type, data: nil)
        },
        DataSet("artifacts-with-subject", "an image and two artifacts that refer to it") { sample in
            let image = sample.image()
            for number in 0..<2 {
                sample.artifact(
                    "\(type)+\(number)",
                    annotations: ["org.example.number": "\(number)"],
                    subject: image.descriptor()
                )
            }
        },
        DataSet("image-with-subject", "an image that refers to another one and has no type of its own") { sample in
            let image = sample.image()
            sample.image("arm64", annotations: ["org.example.kind": "debug"], subject: image.descriptor())
        },
        DataSet("index-with-subject", "an image and an index that refers to it") { sample in
            let image = sample.image()
            let child = sample.artifact(type)
            sample.index(
                [child.descriptor()],
                type: "application/vnd.example.list.v1",
                annotations: ["org.example.kind": "list"],
                subject: image.descriptor()
            )
        },
        DataSet("missing-subject", "an artifact that refers to a manifest that is not there") { sample in
            let nothing = SampleBlob.random(300).descriptor(MediaType.imageManifest)
            sample.artifact(type, subject: nothing)
        },
        DataSet("data-field", "an image with content inside its descriptors") { sample in
            let config = sample.blob(Array("{}".utf8))
            let layer = sample.blob(Array("hello \(SampleBlob.randomWord())".utf8))
            func inlined(_ blob: SampleBlob, _ type: String) -> JSONValue {
                blob.descriptor(type, ["data": .string(Data(blob.bytes).base64EncodedString())])
            }
            sample.add(
                SampleManifest(
                    [
                        "config": inlined(config, MediaType.emptyConfig),
                        "layers": [inlined(layer, "text/plain")],
                    ],
                    mediaType: MediaType.imageManifest,
                    algorithm: sample.algorithm,
                    artifactType: type
                )
            )
        },
        DataSet("nondistributable-layers", "an image with layers that are never pushed") { sample in
            let config = sample.configuration()
            let layer = SampleBlob.random(900).descriptor(
                MediaType.nondistributableLayerTarGzip,
                ["urls": ["https://layers.example.org/a.tar.gz"]]
            )
            let own = sample.layers(1)
            sample.namesMissingContent = true
            sample.add(
                SampleManifest(
                    ["config": config, "layers": .array([layer] + (own.arrayValue ?? []))],
                    mediaType: MediaType.imageManifest,
                    algorithm: sample.algorithm
                )
            )
        },
        DataSet("custom-fields", "an image with further fields, in unusual white space, order and escapes") { sample in
            let config = sample.configuration().text()
            let layers = sample.layers(1).text(.pretty)
            let text = """
                { "org.example.first" : [1.50, -0.0, 1e2, "\\u00e9\\/", {"z" : null , "a":true}],
                \t"layers":\(layers) ,   "mediaType" : "\(MediaType.imageManifest)",
                  "config" : \(config)
                ,"schemaVersion":2, "org.example.last": "\(SampleBlob.randomWord()) \u{1F4E6}" }

                """
            sample.add(
                SampleManifest(
                    bytes: Array(text.utf8),
                    mediaType: MediaType.imageManifest,
                    algorithm: sample.algorithm
                )
            )
        },
        DataSet("no-layers", "an image with an empty list of layers") { $0.image(layers: 0) },
        DataSet("sparse", "an index one of whose images is not there") { sample in
            let here = sample.image("amd64").descriptor()
            let nothing = SampleBlob.random(700).descriptor(MediaType.imageManifest)
            sample.namesMissingContent = true
            sample.index([here, nothing])
        },
        DataSet("sha512", "an index with two images, every digest sha512", algorithm: .sha512) { sample in
            let children = [sample.image("amd64").descriptor(), sample.image("arm64").descriptor()]
            sample.index(children)
            // A push by tag leaves the algorithm to the registry.
            sample.tags = []
            sample.tagging = .none
        },
        DataSet("tag-parameters-sha256", "an image with two tags in one push by digest", since: .dev) { sample in
            sample.image()
            sample.tags = ["v1", "v2"]
            sample.tagging = .parameters
        },
        DataSet(
            "tag-parameters-sha512",
            "an image by sha512 with two tags in one push by digest",
            since: .dev,
            algorithm: .sha512
        ) { sample in
            sample.image()
            sample.tags = ["v1", "v2"]
            sample.tagging = .parameters
        },
    ]
}
