// SPDX-License-Identifier: EUPL-1.2

import JSON
import OCI

/// A manifest or index for one case.
struct SampleManifest: Sendable {
    /// As they are pushed.
    let bytes: [UInt8]
    let mediaType: String
    let digest: Digest
    let subject: Digest?
    /// As a list of referrers has to tell it.
    let artifactType: String?
    let annotations: [String: String]

    /// A manifest from its members; `mediaType` and `schemaVersion` are added.
    init(
        _ members: [String: JSONValue],
        mediaType: String,
        algorithm: Digest.Algorithm,
        subject: JSONValue? = nil,
        artifactType: String? = nil,
        annotations: [String: String] = [:]
    ) {
        var members = members
        members["schemaVersion"] = 2
        members["mediaType"] = .string(mediaType)
        if let subject { members["subject"] = subject }
        if let artifactType { members["artifactType"] = .string(artifactType) }
        if !annotations.isEmpty { members["annotations"] = .stringMap(annotations) }
        self.init(
            bytes: JSONValue.object(members).bytes(),
            mediaType: mediaType,
            algorithm: algorithm,
            subject: subject?["digest"]?.stringValue.flatMap { try? Digest(parsing: $0) },
            // "If the artifactType is empty or missing in the image manifest": the configuration's; in an index: nothing.
            artifactType: artifactType ?? members["config"]?["mediaType"]?.stringValue,
            annotations: annotations
        )
    }

    init(
        bytes: [UInt8],
        mediaType: String,
        algorithm: Digest.Algorithm,
        subject: Digest? = nil,
        artifactType: String? = nil,
        annotations: [String: String] = [:]
    ) {
        self.bytes = bytes
        self.mediaType = mediaType
        self.subject = subject
        self.artifactType = artifactType
        self.annotations = annotations
        digest = .hash(bytes, by: algorithm)
    }

    /// Whether what a list of referrers tells could be something that a case pushed: everything that is not well-formed and of another type.
    static func couldBeOwn(_ descriptor: JSONValue) -> Bool {
        guard let type = descriptor["artifactType"]?.stringValue, type.contains("/"),
            let digest = descriptor["digest"]?.stringValue, (try? Digest(parsing: digest)) != nil,
            let mediaType = descriptor["mediaType"]?.stringValue,
            [MediaType.imageManifest, MediaType.imageIndex].contains(mediaType),
            let size = descriptor["size"]?.intValue, size > 0
        else { return true }
        return type.hasPrefix("application/vnd.example.") || type.hasPrefix("application/vnd.oci.")
            || type.hasPrefix("application/vnd.docker.")
    }

    /// A descriptor of it.
    func descriptor(_ more: [String: JSONValue] = [:]) -> JSONValue {
        SampleBlob(bytes, digest.algorithm).descriptor(mediaType, more)
    }
}
