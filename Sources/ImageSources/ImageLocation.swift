// SPDX-License-Identifier: EUPL-1.2

public import OCI

/// Where an image is, as a person writes it.
///
/// `registry/name[:tag|@digest]`, `oci:DIR[:TAG|@DIGEST]`, `oci-archive:FILE[:TAG|@DIGEST]`, `docker-archive:FILE[:NAME:TAG]`, `dir:ROOTFS`.
/// As with skopeo, a path ends at its first colon.
public enum ImageLocation: Sendable, Hashable, CustomStringConvertible {
    /// An image in a registry; the registry's name is always present.
    case registry(Reference)
    /// An image in an OCI image layout directory; without a selector the layout must hold one image.
    case ociLayout(path: String, selector: ImageSelector?)
    /// A tar file, compressed or not, of an OCI image layout.
    case ociArchive(path: String, selector: ImageSelector?)
    /// A tar file, compressed or not, as `docker save` writes it.
    case dockerArchive(path: String, selector: ImageSelector?)
    /// An unpacked root file system.
    case rootFileSystem(path: String)

    /// Reads what a person wrote.
    ///
    /// - Throws: ``ImageLocationError`` that names the text and the forms that exist.
    public init(parsing text: String) throws(ImageLocationError) {
        guard !text.isEmpty else { throw .empty }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { throw .controlCharacter }
        for form in Self.forms where text.hasPrefix(form.prefix) {
            self = try form.make(String(text.dropFirst(form.prefix.count)))
            return
        }
        let name = text.hasPrefix("docker://") ? String(text.dropFirst(9)) : text
        if name.hasPrefix("/") || name.hasPrefix("./") || name.hasPrefix("../") { throw .pathWithoutForm(text) }
        let reference: Reference
        do { reference = try Reference(parsing: name) } catch { throw .notAReference(text, reason: "\(error)") }
        guard reference.registry != nil else { throw .registryMissing(text) }
        self = .registry(reference)
    }

    private struct Form: Sendable {
        let prefix: String
        let make: @Sendable (String) throws(ImageLocationError) -> ImageLocation
    }

    private static let forms: [Form] = [
        Form(prefix: "oci:") { rest throws(ImageLocationError) in
            let (path, selector) = try split(rest, form: "oci:DIR")
            return .ociLayout(path: path, selector: selector)
        },
        Form(prefix: "oci-archive:") { rest throws(ImageLocationError) in
            let (path, selector) = try split(rest, form: "oci-archive:FILE")
            return .ociArchive(path: path, selector: selector)
        },
        Form(prefix: "docker-archive:") { rest throws(ImageLocationError) in
            let (path, selector) = try split(rest, form: "docker-archive:FILE")
            return .dockerArchive(path: path, selector: selector)
        },
        Form(prefix: "dir:") { rest throws(ImageLocationError) in
            guard !rest.isEmpty else { throw .pathMissing("dir:ROOTFS") }
            return .rootFileSystem(path: rest)
        },
    ]

    /// `PATH`, `PATH:NAME` or `PATH@DIGEST`.
    private static func split(_ text: String, form: String) throws(ImageLocationError) -> (String, ImageSelector?) {
        var path = text
        var selector: ImageSelector?
        if let at = text.lastIndex(of: "@"), text[at...].hasPrefix("@sha256:") || text[at...].hasPrefix("@sha512:") {
            let digestText = String(text[text.index(after: at)...])
            do { selector = .digest(try Digest(parsing: digestText)) } catch {
                throw .badDigest(digestText, reason: "\(error)")
            }
            path = String(text[..<at])
        } else if let colon = text.firstIndex(of: ":") {
            let name = String(text[text.index(after: colon)...])
            guard !name.isEmpty else { throw .selectorMissing(form + ":" + text) }
            selector = .name(name)
            path = String(text[..<colon])
        }
        guard !path.isEmpty else { throw .pathMissing(form) }
        return (path, selector)
    }

    /// The canonical spelling.
    public var description: String {
        switch self {
        case .registry(let reference): "\(reference)"
        case .ociLayout(let path, let selector): "oci:" + path + suffix(selector)
        case .ociArchive(let path, let selector): "oci-archive:" + path + suffix(selector)
        case .dockerArchive(let path, let selector): "docker-archive:" + path + suffix(selector)
        case .rootFileSystem(let path): "dir:" + path
        }
    }

    private func suffix(_ selector: ImageSelector?) -> String {
        switch selector {
        case .none: ""
        case .name(let name): ":" + name
        case .digest(let digest): "@\(digest)"
        }
    }
}

/// Why a text does not say where an image is.
public enum ImageLocationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nothing was written.
    case empty
    /// A control character.
    case controlCharacter
    /// A path without one of the prefixes.
    case pathWithoutForm(String)
    /// Not `registry/name[:tag|@digest]`.
    case notAReference(String, reason: String)
    /// A name without a registry: there is no default registry.
    case registryMissing(String)
    /// A prefix without a path.
    case pathMissing(String)
    /// A colon without a tag.
    case selectorMissing(String)
    /// A digest that is not one.
    case badDigest(String, reason: String)

    /// What is wrong and which forms there are.
    public var description: String {
        let forms =
            "write registry/name[:tag|@digest], oci:DIR[:TAG|@DIGEST], oci-archive:FILE, docker-archive:FILE or dir:ROOTFS"
        return switch self {
        case .empty: "no image was named; \(forms)"
        case .controlCharacter: "the image's name contains a control character; \(forms)"
        case .pathWithoutForm(let text):
            "\"\(text.prefix(300))\" looks like a path; say what it is: oci:, oci-archive:, docker-archive: or dir: before it"
        case .notAReference(let text, let reason):
            "\"\(text.prefix(300))\" does not name an image (\(reason)); \(forms)"
        case .registryMissing(let text):
            "\"\(text.prefix(300))\" names no registry, and there is no default one; write HOST/\(text.prefix(300)), or oci:\(text.prefix(300)) for a local layout"
        case .pathMissing(let form): "the path is missing; write \(form)"
        case .selectorMissing(let text):
            "\"\(text.prefix(300))\" ends with a colon; name a tag after it or leave it out"
        case .badDigest(let text, let reason):
            "\"\(text.prefix(300))\" is not a digest (\(reason)); write sha256: and 64 lower-case hexadecimal digits"
        }
    }
}
