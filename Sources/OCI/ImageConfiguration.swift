// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// Why bytes are not an image configuration.
public enum ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The document is no JSON.
    case json(JSONError)
    /// A member has the wrong type or is missing.
    case shape(JSONShapeError)
    /// A diff ID is not a digest.
    case digest(path: String, DigestError)
    /// The root file system is not made of layers.
    case rootFileSystemType(String)
    /// Two members differ in case only, so that two readers could see two users or commands.
    case ambiguous(String)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .json(let error): "the image configuration is not valid: \(error)"
        case .shape(let error): "the image configuration is not valid: \(error)"
        case .digest(let path, let error): "the image configuration is not valid: \(path): \(error)"
        case .rootFileSystemType(let type): "the image configuration has rootfs.type \"\(type)\" instead of \"layers\""
        case .ambiguous(let what): "the image configuration can be read in two ways: \(what)"
        }
    }
}

/// One step of how an image was built.
public struct HistoryEntry: Sendable, Hashable {
    /// When, as written.
    public var created: String?
    /// The command.
    public var createdBy: String?
    /// Who.
    public var author: String?
    /// A note.
    public var comment: String?
    /// True when the step made no layer.
    public var emptyLayer: Bool

    /// Makes an entry.
    public init(
        created: String? = nil,
        createdBy: String? = nil,
        author: String? = nil,
        comment: String? = nil,
        emptyLayer: Bool = false
    ) {
        self.created = created
        self.createdBy = createdBy
        self.author = author
        self.comment = comment
        self.emptyLayer = emptyLayer
    }
}

/// How an image is run and what it is made of.
///
/// Source: OCI image-spec v1.1.1, "OCI Image Configuration"; Docker's configuration has the same members and `Healthcheck`.
public struct ImageConfiguration: Sendable, Hashable {
    /// CPU architecture in Go's words.
    public var architecture: String
    /// Operating system in Go's words.
    public var os: String
    /// Variant of the CPU.
    public var variant: String?
    /// When the image was made, as written.
    public var created: String?
    /// `user[:group]` as written; empty means root.
    public var user: String
    /// Ports such as `80/tcp`, sorted.
    public var exposedPorts: [String]
    /// `NAME=value`, in order.
    public var environment: [String]
    /// The entry point; nil when there is none.
    public var entrypoint: [String]?
    /// The command, or arguments of the entry point; nil when there is none.
    public var command: [String]?
    /// Paths that are volumes, sorted.
    public var volumes: [String]
    /// Where the process starts; empty means `/`.
    public var workingDirectory: String
    /// Labels.
    public var labels: [String: String]
    /// Signal that stops the container.
    public var stopSignal: String?
    /// Whether there is a health check that is not switched off.
    public var hasHealthcheck: Bool
    /// Digests of the layers' uncompressed bytes, from the base up.
    public var diffIDs: [Digest]
    /// How the image was built, from the base up.
    public var history: [HistoryEntry]

    /// Makes a configuration.
    public init(
        architecture: String,
        os: String,
        variant: String? = nil,
        created: String? = nil,
        user: String = "",
        exposedPorts: [String] = [],
        environment: [String] = [],
        entrypoint: [String]? = nil,
        command: [String]? = nil,
        volumes: [String] = [],
        workingDirectory: String = "",
        labels: [String: String] = [:],
        stopSignal: String? = nil,
        hasHealthcheck: Bool = false,
        diffIDs: [Digest] = [],
        history: [HistoryEntry] = []
    ) {
        self.architecture = architecture
        self.os = os
        self.variant = variant
        self.created = created
        self.user = user
        self.exposedPorts = exposedPorts
        self.environment = environment
        self.entrypoint = entrypoint
        self.command = command
        self.volumes = volumes
        self.workingDirectory = workingDirectory
        self.labels = labels
        self.stopSignal = stopSignal
        self.hasHealthcheck = hasHealthcheck
        self.diffIDs = diffIDs
        self.history = history
    }

    /// What the image runs on.
    public var platform: Platform { Platform(architecture: architecture, os: os, variant: variant) }
}
