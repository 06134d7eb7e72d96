// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import RegistryClient

/// Why an image could not be opened.
public enum ImageSourceError: Error, Sendable, CustomStringConvertible {
    /// A file or directory cannot be opened or read.
    case cannotOpen(path: String, reason: String)
    /// Something is longer than it may be.
    case tooLarge(what: String, size: Int64, limit: Int64)
    /// The directory is not an OCI image layout, or a broken one.
    case badLayout(path: String, reason: String)
    /// The tag or digest is not in the layout.
    case noSuchImage(name: String, selector: String, available: [String])
    /// More than one image and none was named.
    case ambiguous(name: String, available: [String])
    /// An index without an image for the wanted platform.
    case noSuchPlatform(name: String, wanted: String, available: [String])
    /// Bytes that do not have the digest by which they were named.
    case digestMismatch(what: String, expected: Digest, actual: Digest)
    /// A manifest that is not one, or an artefact that is not an image.
    case badManifest(name: String, reason: String)
    /// The registry did not give it.
    case registry(RegistryClientError)
    /// No room for what was pulled.
    case noSpace(directory: String, reason: String)

    /// What is wrong, with what, and what to do next.
    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "\(path): \(reason)"
        case .tooLarge(let what, let size, let limit): "\(what) has \(size) bytes; at most \(limit) are read"
        case .badLayout(let path, let reason):
            "\(path) is not a readable OCI image layout: \(reason); for an archive file write oci-archive:FILE or docker-archive:FILE, "
                + "for an unpacked root file system dir:ROOTFS"
        case .noSuchImage(let name, let selector, let available):
            "\(name) has no image \(selector); there is: \(list(available))"
        case .ambiguous(let name, let available):
            "\(name) holds \(available.count) images; name one of them: \(list(available))"
        case .noSuchPlatform(let name, let wanted, let available):
            "\(name) has no image for \(wanted); there is: \(list(available)); choose one with --platform"
        case .digestMismatch(let what, let expected, let actual):
            "\(what) should have digest \(expected) but has \(actual); it was changed or damaged"
        case .badManifest(let name, let reason): "\(name): \(reason)"
        case .registry(let error): error.description
        case .noSpace(let directory, let reason):
            "cannot write to \(directory): \(reason); free some space or set TMPDIR to another directory"
        }
    }
}

/// At most twenty of them, so that a hostile index does not fill the terminal.
private func list(_ items: [String]) -> String {
    guard !items.isEmpty else { return "nothing" }
    let shown = items.prefix(20).joined(separator: ", ")
    return items.count > 20 ? "\(shown) and \(items.count - 20) more" : shown
}
