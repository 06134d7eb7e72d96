// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
import JSON
import OCI
import Registry

/// What a path under `/v2/` names.
///
/// Parsed from the right: `blobs`, `manifests`, `tags` and `uploads` are themselves legal components of a repository name.
enum RegistryRoute: Equatable {
    case base
    case catalog
    case blob(RepositoryName, Digest)
    case uploads(RepositoryName)
    case upload(RepositoryName, UploadID)
    case manifest(RepositoryName, ManifestReference)
    case tags(RepositoryName)
    case referrers(RepositoryName, Digest)
    /// Signatures that the registry itself keeps, outside of `/v2`.
    case signatures(RepositoryName, Digest)

    /// The repository that the path names, where it names one.
    var repository: RepositoryName? {
        switch self {
        case .base, .catalog: nil
        case .blob(let name, _), .uploads(let name), .upload(let name, _), .manifest(let name, _), .tags(let name),
            .referrers(let name, _), .signatures(let name, _):
            name
        }
    }

    /// Methods that the route knows, for `Allow`.
    var methods: [String] {
        switch self {
        case .base: ["GET", "HEAD"]
        case .blob: ["GET", "HEAD", "DELETE"]
        case .catalog, .tags, .referrers: ["GET"]
        case .signatures: ["GET", "PUT"]
        case .uploads: ["POST"]
        case .upload: ["GET", "PATCH", "PUT", "DELETE"]
        case .manifest: ["GET", "HEAD", "PUT", "DELETE"]
        }
    }

    /// Reads the path of a request target.
    ///
    /// - Parameter path: without the query, still percent-encoded.
    init(path: String) throws(RegistryFailure) {
        var segments = try Self.segments(of: path)
        if segments.first == "extensions" {
            self = try Self.extension(segments)
            return
        }
        guard segments.first == "v2" else {
            throw .notFound("there is no registry endpoint at this path; the registry answers under /v2/")
        }
        segments.removeFirst()
        if segments.isEmpty || segments == [""] {
            self = .base
        } else if segments == ["_catalog"] {
            self = .catalog
        } else {
            self = try Self.endpoint(segments)
        }
    }

    /// `/extensions/v2/NAME/signatures/DIGEST`.
    private static func `extension`(_ segments: [String]) throws(RegistryFailure) -> RegistryRoute {
        let count = segments.count
        guard count >= 5, segments[1] == "v2", segments[count - 2] == "signatures" else {
            throw .notFound(
                "there is no registry endpoint at this path; known outside of /v2/ is /extensions/v2/NAME/signatures/DIGEST"
            )
        }
        return .signatures(try name(segments[2..<(count - 2)]), try digest(segments[count - 1]))
    }

    private static func endpoint(_ segments: [String]) throws(RegistryFailure) -> RegistryRoute {
        let count = segments.count
        let last = segments[count - 1]
        if count >= 3, last == "list", segments[count - 2] == "tags" {
            return .tags(try name(segments[..<(count - 2)]))
        }
        if count >= 3, segments[count - 2] == "manifests" {
            return .manifest(try name(segments[..<(count - 2)]), try reference(last))
        }
        if count >= 3, segments[count - 2] == "referrers" {
            return .referrers(try name(segments[..<(count - 2)]), try digest(last))
        }
        if count >= 4, last.isEmpty, segments[count - 2] == "uploads", segments[count - 3] == "blobs" {
            return .uploads(try name(segments[..<(count - 3)]))
        }
        if count >= 3, last == "uploads", segments[count - 2] == "blobs" {
            return .uploads(try name(segments[..<(count - 2)]))
        }
        if count >= 3, segments[count - 2] == "blobs" {
            return .blob(try name(segments[..<(count - 2)]), try digest(last))
        }
        if count >= 4, segments[count - 2] == "uploads", segments[count - 3] == "blobs" {
            let name = try name(segments[..<(count - 3)])
            guard let id = UploadID(parsing: last) else { throw .uploadUnknown(last.excerpt(64), in: name) }
            return .upload(name, id)
        }
        throw .notFound(
            "there is no registry endpoint at this path; known are /v2/NAME/manifests/REFERENCE, /v2/NAME/blobs/DIGEST, "
                + "/v2/NAME/blobs/uploads/, /v2/NAME/tags/list, /v2/NAME/referrers/DIGEST and /v2/_catalog"
        )
    }

    private static func name(_ segments: ArraySlice<String>) throws(RegistryFailure) -> RepositoryName {
        do { return try RepositoryName(parsing: segments.joined(separator: "/")) } catch {
            throw RegistryFailure(.badRequest, .nameInvalid, "\(error)")
        }
    }

    static func digest(_ text: String) throws(RegistryFailure) -> Digest {
        do { return try Digest(parsing: text) } catch {
            throw RegistryFailure(
                .badRequest,
                .digestInvalid,
                "\(error)",
                detail: ["digest": .string(text.excerpt(200))]
            )
        }
    }

    private static func reference(_ text: String) throws(RegistryFailure) -> ManifestReference {
        // A tag cannot contain a colon, a digest always does.
        if text.utf8.contains(0x3a) { return .digest(try digest(text)) }
        do { return .tag(try Tag(parsing: text)) } catch {
            throw RegistryFailure(
                .badRequest,
                .manifestInvalid,
                "\(error); the last part of the path must be a tag or a digest",
                detail: ["reference": .string(text.excerpt(200))]
            )
        }
    }

    /// Splits at `/` and decodes each segment once.
    ///
    /// Nothing legal in a registry path needs encoding but the colon of a digest. So what decodes to a slash, backslash, control or
    /// non-ASCII character is refused instead of being read in two ways, here and in a proxy before us; `//`, `.` and `..` likewise.
    private static func segments(of path: String) throws(RegistryFailure) -> [String] {
        guard path.utf8.count <= 1024 else {
            throw .notFound("the path is longer than any name that this registry knows")
        }
        let raw = path.utf8.split(separator: 0x2f, omittingEmptySubsequences: false)
        guard raw.first?.isEmpty == true else { throw .notFound("the path does not begin with /") }
        var segments: [String] = []
        for (index, segment) in raw.dropFirst().enumerated() {
            if segment.isEmpty, index != raw.count - 2 {
                throw .badPath("the path has an empty component (//)")
            }
            guard let text = decoded(segment) else {
                throw .badPath(
                    "the path has a malformed or forbidden %-encoding or character in component \(index + 1)"
                )
            }
            guard text != ".", text != ".." else { throw .badPath("the path has a component . or ..") }
            segments.append(text)
        }
        return segments
    }

    private static func decoded(_ segment: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var index = segment.startIndex
        while index < segment.endIndex {
            var byte = segment[index]
            if byte == 0x25 {
                guard let high = segment.index(index, offsetBy: 1, limitedBy: segment.endIndex),
                    high < segment.endIndex,
                    let low = segment.index(high, offsetBy: 1, limitedBy: segment.endIndex), low < segment.endIndex,
                    let first = hex(segment[high]), let second = hex(segment[low])
                else { return nil }
                byte = first << 4 | second
                guard byte != 0x25, byte != 0x2f, byte != 0x2e else { return nil }
                index = low
            }
            guard byte > 0x20, byte < 0x7f, byte != 0x5c else { return nil }
            bytes.append(byte)
            index = segment.index(after: index)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
