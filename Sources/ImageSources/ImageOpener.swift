// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import RegistryClient

/// Opens images wherever they are.
public struct ImageOpener: Sendable {
    /// Which image of an index is meant.
    public var platform: Platform
    /// Credentials for a registry that were typed; nil: look where podman and docker keep them.
    public var credentials: RegistryCredentials?
    /// Allows plain HTTP to registries on other machines.
    public var plainHTTP: Bool
    /// Where layers from a registry are spooled, to files without a name.
    public var temporaryDirectory: String
    /// Where credentials are looked for.
    public var environment: [String: String]
    /// Told what is going on, in few words.
    public var progress: @Sendable (ImageOpeningStep) -> Void

    /// An opener; by default for this machine's platform and without progress.
    public init(
        platform: Platform = ImageChoice.hostPlatform,
        credentials: RegistryCredentials? = nil,
        plainHTTP: Bool = false,
        temporaryDirectory: String = "/tmp",
        environment: [String: String] = [:],
        progress: @escaping @Sendable (ImageOpeningStep) -> Void = { _ in }
    ) {
        self.platform = platform
        self.credentials = credentials
        self.plainHTTP = plainHTTP
        self.temporaryDirectory = temporaryDirectory
        self.environment = environment
        self.progress = progress
    }

    /// Finds an image and opens everything it consists of.
    ///
    /// - Throws: ``ImageSourceError``, `CancellationError`.
    public func open(_ location: ImageLocation) async throws -> OpenedImage {
        switch location {
        case .registry(let reference):
            return try await pull(reference)
        case .ociLayout(let path, let selector):
            return try openLayout(path: path, selector: selector)
        case .ociArchive(let path, let selector):
            return try openArchive(path: path, form: .oci, selector: selector, name: location.description)
        case .dockerArchive(let path, let selector):
            return try openArchive(path: path, form: .docker, selector: selector, name: location.description)
        case .rootFileSystem(let path):
            return OpenedImage(name: path, tag: nil, content: .rootDirectory(try .directory(path)))
        }
    }

    private func openArchive(path: String, form: OpenedArchive.Form, selector: ImageSelector?, name: String) throws
        -> OpenedImage
    {
        let archive = OpenedArchive(
            descriptor: try .file(path),
            form: form,
            selector: selector,
            platform: platform,
            name: name
        )
        return OpenedImage(
            name: path,
            tag: selector.flatMap { if case .name(let tag) = $0 { tag } else { nil } },
            content: .archive(archive)
        )
    }
}

/// What an opener is doing.
public enum ImageOpeningStep: Sendable, Equatable {
    /// A layer is being pulled: number, of how many, its size in bytes.
    case pullingLayer(Int, of: Int, bytes: Int64)
}
