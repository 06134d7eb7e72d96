// SPDX-License-Identifier: EUPL-1.2

import JSON

/// What the parent asks of the child, as JSON in a memory file on standard input.
///
/// It names descriptors by the numbers they have in the child; text that comes from the image (media types) is opaque to the child until it
/// is confined.
struct AnalyserJob: Equatable {
    struct Layer: Equatable {
        var descriptor: Int32
        var offset: Int64
        var length: Int64?
        var mediaType: String
        var digest: String?
        /// Descriptor of a record of an earlier reading.
        var record: Int32?
    }

    enum Content: Equatable {
        case manifest(manifest: Int32, digest: String?, configuration: Int32, layers: [Layer])
        case archive(
            descriptor: Int32,
            spool: Int32,
            form: String,
            name: String?,
            digest: String?,
            platform: String,
            shown: String
        )
        case rootDirectory(Int32)
        /// One layer by itself; the answer is its record.
        case layer(Layer)
    }

    var content: Content
    /// What a test makes the child do instead; ignored unless the test's environment variable is set in the child.
    var exercise: String?

    var json: JSONValue {
        var members: [String: JSONValue] = ["exercise": .optional(exercise)]
        switch content {
        case .manifest(let manifest, let digest, let configuration, let layers):
            members["kind"] = "manifest"
            members["manifest"] = .integer(Int64(manifest))
            members["digest"] = .optional(digest)
            members["configuration"] = .integer(Int64(configuration))
            members["layers"] = .array(layers.map(\.json))
        case .archive(let descriptor, let spool, let form, let name, let digest, let platform, let shown):
            members["kind"] = "archive"
            members["descriptor"] = .integer(Int64(descriptor))
            members["spool"] = .integer(Int64(spool))
            members["form"] = .string(form)
            members["name"] = .optional(name)
            members["digest"] = .optional(digest)
            members["platform"] = .string(platform)
            members["shown"] = .string(shown)
        case .rootDirectory(let descriptor):
            members["kind"] = "rootDirectory"
            members["descriptor"] = .integer(Int64(descriptor))
        case .layer(let layer):
            members["kind"] = "layer"
            members["layer"] = layer.json
        }
        return .object(members)
    }

    init(content: Content, exercise: String? = nil) {
        self.content = content
        self.exercise = exercise
    }

    init(json: JSONValue) throws(JSONShapeError) {
        let fields = try JSONFields(json)
        exercise = try fields.optionalString("exercise")
        switch try fields.string("kind") {
        case "manifest":
            var layers: [Layer] = []
            for layer in try fields.objects("layers") {
                layers.append(try Layer(json: layer))
            }
            content = .manifest(
                manifest: Int32(clamping: try fields.integer("manifest")),
                digest: try fields.optionalString("digest"),
                configuration: Int32(clamping: try fields.integer("configuration")),
                layers: layers
            )
        case "archive":
            content = .archive(
                descriptor: Int32(clamping: try fields.integer("descriptor")),
                spool: Int32(clamping: try fields.integer("spool")),
                form: try fields.string("form"),
                name: try fields.optionalString("name"),
                digest: try fields.optionalString("digest"),
                platform: try fields.string("platform"),
                shown: try fields.string("shown")
            )
        case "rootDirectory":
            content = .rootDirectory(Int32(clamping: try fields.integer("descriptor")))
        case "layer": content = .layer(try Layer(json: try fields.object("layer")))
        case let kind:
            throw JSONShapeError(path: "$.kind", expected: "manifest, archive, rootDirectory or layer", found: kind)
        }
    }
}

extension AnalyserJob.Layer {
    fileprivate var json: JSONValue {
        [
            "descriptor": .integer(Int64(descriptor)), "offset": .integer(offset), "length": .optional(length),
            "mediaType": .string(mediaType), "digest": .optional(digest), "record": .optional(record.map(Int64.init)),
        ]
    }

    fileprivate init(json layer: JSONFields) throws(JSONShapeError) {
        self.init(
            descriptor: Int32(clamping: try layer.integer("descriptor")),
            offset: try layer.integer("offset"),
            length: try layer.optionalInteger("length"),
            mediaType: try layer.string("mediaType"),
            digest: try layer.optionalString("digest"),
            record: try layer.optionalInteger("record").map { Int32(clamping: $0) }
        )
    }
}
