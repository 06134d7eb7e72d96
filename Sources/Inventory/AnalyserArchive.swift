// SPDX-License-Identifier: EUPL-1.2

import Archives
import Criteria
import Glibc
import ImageSources
import JSON
import OCI

/// Why an archive holds no image that can be read.
struct AnalyserArchiveError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// An archive of `oci-archive:` or `docker-archive:`, read inside the child.
///
/// One pass lists its members; a compressed archive is written out uncompressed on the way, to a file without a name. After that every
/// document and layer is a range of a file.
struct AnalyserArchive {
    private let name: String
    private let descriptor: Int32
    private let members: [String: ArchiveEntry]

    /// Lists the members.
    ///
    /// - Parameters:
    ///   - descriptor: the archive.
    ///   - spool: an empty, writable file, used when the archive is compressed.
    ///   - name: the archive as a person wrote it, for messages.
    init(descriptor: Int32, spool: Int32, name: String) throws {
        self.name = name
        var prefix = [UInt8](repeating: 0, count: 6)
        let count = pread(descriptor, &prefix, prefix.count, 0)
        let compressed = count > 0 && ArchiveCompression.detect(Array(prefix[..<count])) != .none
        self.descriptor = compressed ? spool : descriptor
        let collector = Collector(spool: compressed ? spool : nil)
        let limits = ArchiveLimits(uncompressedBytes: 40 << 30, ratio: 300, entries: 100_000, entryBytes: 40 << 30)
        let summary = try TarReader.read(.file(descriptor: descriptor), limits: limits, visitor: collector)
        if let error = summary.error { throw AnalyserArchiveError("\(name): \(error)") }
        if let error = collector.spoolError {
            throw AnalyserArchiveError("\(name): it cannot be decompressed: \(error)")
        }
        if let twice = collector.duplicate {
            // Two tools would read two different images.
            throw AnalyserArchiveError("\(name): member \(twice.prefix(200)) is there twice; write the archive again")
        }
        members = collector.members
    }

    private final class Collector: ArchiveVisitor {
        let spool: Int32?
        var members: [String: ArchiveEntry] = [:]
        var duplicate: String?
        var spoolError: String?
        private var written: Int64 = 0

        init(spool: Int32?) { self.spool = spool }

        func begin(_ entry: ArchiveEntry) -> Bool {
            guard entry.kind == .file || entry.kind == .hardLink || entry.kind == .symbolicLink else { return false }
            let path = AnalyserArchive.normalised(entry.path)
            if members.updateValue(entry, forKey: path) != nil, duplicate == nil { duplicate = path }
            return false
        }

        func uncompressed(_ bytes: UnsafeRawBufferPointer) {
            guard let spool, spoolError == nil, let base = bytes.baseAddress else { return }
            var done = 0
            while done < bytes.count {
                let count = pwrite(spool, base + done, bytes.count - done, off_t(written))
                if count < 0 {
                    if errno == EINTR { continue }
                    spoolError = SystemError(errno).text
                    return
                }
                done += count
                written += Int64(count)
            }
        }
    }

    private static func normalised(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: true).filter { $0 != "." }.joined(separator: "/")
    }

    /// Chooses the image and has it analysed.
    func analyse(form: OpenedArchive.Form, selector: ImageSelector?, platform: Platform) throws -> ImageEvidence {
        switch form {
        case .oci: try analyseLayout(selector, platform)
        case .docker: try analyseSaved(selector)
        }
    }

    // MARK: - OCI image layout

    private func analyseLayout(_ selector: ImageSelector?, _ platform: Platform) throws -> ImageEvidence {
        guard members["oci-layout"] != nil else {
            let hint =
                members["manifest.json"] == nil
                ? "" : "; it looks like docker save's: write docker-archive: instead of oci-archive:"
            throw AnalyserArchiveError("\(name) is not an OCI image layout: it has no member oci-layout\(hint)")
        }
        try ImageOpener.checkLayoutVersion(try document("oci-layout", limit: ImageChoice.manifestLimit), path: name)
        let index = try ImageOpener.layoutIndex(
            try document("index.json", limit: ImageChoice.manifestLimit),
            path: name
        )
        let start = try ImageChoice.entry(of: index, selector: selector, name: name)
        let resolved = try ImageChoice.resolve(start, platform: platform, name: name) {
            descriptor throws(ImageSourceError) in
            do { return try document(Self.blobPath(descriptor.digest), limit: ImageChoice.manifestLimit) } catch {
                throw .badLayout(path: name, reason: "\(error)")
            }
        }
        let configuration = try document(
            Self.blobPath(resolved.manifest.config.digest),
            limit: ImageChoice.configurationLimit
        )
        var layers: [LayerInput] = []
        for layer in resolved.manifest.layers {
            layers.append(
                input(try member(Self.blobPath(layer.digest)), mediaType: layer.mediaType, digest: layer.digest)
            )
        }
        return try ImageAnalysis.analyse(
            manifest: resolved.bytes,
            manifestDigest: resolved.digest,
            configuration: configuration,
            layers: layers,
            rootDirectory: nil,
            limits: .standard
        )
    }

    private static func blobPath(_ digest: Digest) -> String { "blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }

    // MARK: - docker save

    private func analyseSaved(_ selector: ImageSelector?) throws -> ImageEvidence {
        guard members["manifest.json"] != nil else {
            let hint =
                members["oci-layout"] == nil
                ? "" : "; it is an OCI image layout: write oci-archive: instead of docker-archive:"
            throw AnalyserArchiveError("\(name) was not written by docker save: it has no member manifest.json\(hint)")
        }
        let listing = try JSONValue(parsing: try document("manifest.json", limit: ImageChoice.manifestLimit))
        guard let items = listing.arrayValue else { throw AnalyserArchiveError("\(name): manifest.json is not a list") }
        let images = try items.enumerated().map { index, item in
            try SavedImage(fields: JSONFields(item, path: "manifest.json[\(index)]"))
        }
        let image = try choose(images, selector)
        guard image.layers.count <= ImageChoice.layerLimit else {
            throw AnalyserArchiveError(
                "\(name): \(image.layers.count) layers; at most \(ImageChoice.layerLimit) are read"
            )
        }
        let configuration = try document(image.configuration, limit: ImageChoice.configurationLimit)
        var layers: [LayerInput] = []
        for path in image.layers {
            // Layers are stored as they were unpacked: what proves them is the diffID in the configuration.
            layers.append(input(try member(path), mediaType: MediaType.layerTar, digest: nil))
        }
        return try ImageAnalysis.analyse(
            manifest: nil,
            manifestDigest: nil,
            configuration: configuration,
            layers: layers,
            rootDirectory: nil,
            limits: .standard
        )
    }

    private struct SavedImage {
        var configuration: String
        var names: [String]
        var layers: [String]

        init(fields: JSONFields) throws(JSONShapeError) {
            configuration = try fields.string("Config")
            names = try fields.optionalStrings("RepoTags") ?? []
            layers = try fields.optionalStrings("Layers") ?? []
        }
    }

    private func choose(_ images: [SavedImage], _ selector: ImageSelector?) throws -> SavedImage {
        let labels = images.map { $0.names.first.map { ":" + $0 } ?? "(no name)" }
        let found: [SavedImage]
        switch selector {
        case nil: found = images
        case .name(let wanted): found = images.filter { $0.names.contains(wanted) }
        case .digest(let digest):
            throw ImageSourceError.noSuchImage(name: name, selector: "\(digest)", available: labels)
        }
        guard let first = found.first else {
            throw ImageSourceError.noSuchImage(
                name: name,
                selector: selector.map { "\($0)" } ?? "at all",
                available: labels
            )
        }
        guard found.count == 1 else { throw ImageSourceError.ambiguous(name: name, available: labels) }
        return first
    }

    // MARK: - Members

    private func input(_ entry: ArchiveEntry, mediaType: String, digest: Digest?) -> LayerInput {
        LayerInput(
            descriptor: descriptor,
            offset: entry.dataOffset,
            length: entry.size,
            mediaType: mediaType,
            digest: digest
        )
    }

    /// A regular member; older versions of docker link equal layers to one another.
    private func member(_ path: String) throws(AnalyserArchiveError) -> ArchiveEntry {
        var path = Self.normalised(path)
        for _ in 0..<8 {
            guard let entry = members[path] else {
                throw AnalyserArchiveError("\(name): member \(path.prefix(200)) is missing; the archive is incomplete")
            }
            switch entry.kind {
            case .hardLink: path = Self.normalised(entry.linkTarget ?? "")
            case .symbolicLink: path = Self.resolved(entry.linkTarget ?? "", beside: path)
            default:
                guard !entry.isSparse else {
                    throw AnalyserArchiveError("\(name): member \(path.prefix(200)) has holes")
                }
                return entry
            }
        }
        throw AnalyserArchiveError("\(name): member \(path.prefix(200)) is a link in a circle")
    }

    /// A link's target inside the archive; it cannot lead out, because it is only ever looked up as a name.
    private static func resolved(_ target: String, beside path: String) -> String {
        var parts = target.hasPrefix("/") ? [] : path.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }

    private func document(_ path: String, limit: Int) throws(AnalyserArchiveError) -> [UInt8] {
        let entry = try member(path)
        guard entry.size <= Int64(limit) else {
            throw AnalyserArchiveError(
                "\(name): member \(path.prefix(200)) has \(entry.size) bytes; at most \(limit) are read"
            )
        }
        var bytes = [UInt8](repeating: 0, count: Int(entry.size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor,
                    buffer.baseAddress.map { $0 + filled },
                    buffer.count - filled,
                    off_t(entry.dataOffset) + off_t(filled)
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw AnalyserArchiveError("\(name): member \(path.prefix(200)) is cut off") }
            filled += count
        }
        return bytes
    }
}
