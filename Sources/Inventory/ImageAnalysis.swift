// SPDX-License-Identifier: EUPL-1.2

import Archives
public import Criteria
public import OCI
import SBOM

/// Reads an image and says what is in it.
///
/// Every layer is read exactly once, in one pass: hashed as stored and uncompressed, scanned for secrets, laid over the layers below.
/// What is hostile or broken in a layer or file ends in a problem of the evidence and never in a trap; it runs in the analyser child all
/// the same, because the libraries below are written in C.
public enum ImageAnalysis {
    /// Analyses an image, or a root file system.
    ///
    /// - Parameters:
    ///   - manifest: bytes of the image manifest; nil for a docker archive and a root file system.
    ///   - manifestDigest: what the manifest is known as; checked against its bytes.
    ///   - configuration: bytes of the image configuration; nil for a root file system.
    ///   - layers: the layers in the manifest's order, base first.
    ///   - rootDirectory: an open directory that is walked instead of layers; its owner closes it.
    ///   - limits: bounds; what lies beyond them is a problem of the evidence.
    /// - Returns: facts; `problems` says what is missing in them.
    /// - Throws: ``AnalysisError`` when there is no image to say anything about.
    /// - Complexity: one pass over all bytes; memory grows with the number of files, not with their size.
    public static func analyse(
        manifest: [UInt8]?,
        manifestDigest: Digest?,
        configuration: [UInt8]?,
        layers: [LayerInput],
        rootDirectory: Int32?,
        limits: AnalysisLimits = .standard
    ) throws(AnalysisError) -> ImageEvidence {
        var analysis = Analysis(limits: limits)
        guard layers.count <= limits.layers else { throw .tooManyLayers(count: layers.count, limit: limits.layers) }
        let description = try manifest.map { bytes throws(AnalysisError) in try Self.manifest(bytes) }
        if let description, description.layers.count != layers.count {
            throw .layerCount(manifest: description.layers.count, given: layers.count)
        }
        var evidence = ImageEvidence()
        if let manifest {
            evidence.digest = manifestDigest ?? .sha256(manifest)
            evidence.annotations = description?.annotations ?? [:]
            if let manifestDigest {
                analysis.check(
                    "manifest",
                    expected: manifestDigest,
                    actual: .hash(manifest, by: manifestDigest.algorithm)
                )
            }
        }
        if let configuration {
            try analysis.configuration(configuration, described: description?.config, into: &evidence)
        }
        if let description {
            let types =
                [description.config.mediaType].filter { !MediaType.isImageConfig($0) }
                + description.layers.map(\.mediaType).filter { !MediaType.isLayer($0) }
            evidence.integrity.unknownMediaTypes = types.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
        if let rootDirectory {
            analysis.isComplete = try RootDirectoryWalk.run(rootDirectory, analysis.unpacking)
            analysis.complete(layer: 0)
        } else {
            guard description != nil || !layers.isEmpty else { throw .nothingToAnalyse }
            analysis.layers(layers, described: description?.layers, diffIDs: evidence.configuration?.diffIDs)
        }
        return analysis.finish(evidence)
    }

    /// Reads one layer by itself, for later images that have it.
    ///
    /// - Returns: the record's bytes.
    /// - Throws: why there is none to keep: the layer is broken, is not what its digest says, or tells more than is worth keeping.
    static func record(_ layer: LayerInput, limits: AnalysisLimits = .standard) throws -> [UInt8] {
        var analysis = Analysis(limits: limits)
        let bytes = try analysis.record(layer).bytes
        guard bytes.count <= LayerRecord.limit else { throw LayerRecordError(reason: "it has \(bytes.count) bytes") }
        return bytes
    }

    private static func manifest(_ bytes: [UInt8]) throws(AnalysisError) -> ImageManifest {
        let document: ManifestDocument
        do throws(ManifestError) {
            document = try ManifestDocument(parsing: bytes, contentType: nil)
        } catch {
            throw .manifest("\(error)")
        }
        guard case .image(let manifest) = document else {
            throw .manifest("it is an index; each of its images is analysed for itself")
        }
        return manifest
    }
}

/// One analysis on its way.
private struct Analysis {
    let limits: AnalysisLimits
    let unpacking: Unpacking
    var isComplete = true
    private var checks: [IntegrityCheck] = []
    private var catalogue = DpkgCatalogue()
    private var uncompressedBytes: Int64 = 0

    init(limits: AnalysisLimits) {
        self.limits = limits
        unpacking = Unpacking(limits: limits)
    }

    // MARK: - Integrity

    mutating func check(_ subject: String, expected: Digest, actual: Digest, problem: String? = nil) {
        checks.append(
            IntegrityCheck(
                subject: subject,
                expected: expected.description,
                actual: actual.description,
                problem: expected == actual
                    ? problem : problem ?? "the bytes have the digest \(actual) instead of \(expected)"
            )
        )
    }

    mutating func configuration(
        _ bytes: [UInt8],
        described: Descriptor?,
        into evidence: inout ImageEvidence
    ) throws(AnalysisError) {
        if let described {
            let length = sizeProblem(Int64(bytes.count), described.size)
            check(
                "config",
                expected: described.digest,
                actual: .hash(bytes, by: described.digest.algorithm),
                problem: length
            )
        }
        do throws(ConfigurationError) {
            evidence.configuration = try ImageConfiguration(parsing: bytes)
        } catch {
            throw .configuration("\(error)")
        }
    }

    private func sizeProblem(_ actual: Int64, _ expected: Int64) -> String? {
        guard actual != expected else { return nil }
        return "it has \(actual) bytes instead of \(expected)\(actual < expected ? ": it is truncated" : "")"
    }

    // MARK: - Layers

    mutating func layers(_ layers: [LayerInput], described: [Descriptor]?, diffIDs: [Digest]?) {
        if let diffIDs, diffIDs.count != layers.count {
            checks.append(
                IntegrityCheck(
                    subject: "config rootfs.diff_ids",
                    expected: "\(layers.count) layers",
                    actual: "\(diffIDs.count) layers",
                    problem: "the configuration names \(diffIDs.count) layers, the image has \(layers.count)"
                )
            )
        }
        for (index, layer) in layers.enumerated() {
            let diffID = layer.diffID ?? diffIDs.flatMap { index < $0.count ? $0[index] : nil }
            read(layer, index, descriptor: described?[index], diffID: diffID)
            complete(layer: index)
        }
    }

    /// To be called when a layer lies in its place, before the next one hides parts of it.
    mutating func complete(layer: Int) {
        catalogue.note(unpacking.tree, layer: layer)
        unpacking.catalogue.note(layer: layer)
        // Libraries carry published keys for their self-tests (gnutls has six): what lies inside a program that a package brought is
        // known to everybody who has the package. A program that no package owns gets no such credit.
        let programs = unpacking.scanner.programKeys(layer: layer)
        guard !programs.isEmpty else { return }
        let tree = unpacking.tree
        var ignored = ProblemLog(limit: 0)
        let ownership = DpkgOwnership(tree, catalogue.installed(tree, &ignored), only: programs)
        let owned = programs.filter { path in
            guard let node = try? tree.node(at: path, followingLast: false) else { return false }
            return ownership.owners[node] != nil
        }
        unpacking.scanner.doubtProgramKeys(layer: layer, in: Set(owned))
    }

    private mutating func read(_ layer: LayerInput, _ index: Int, descriptor: Descriptor?, diffID: Digest?) {
        let digest = descriptor?.digest ?? layer.digest
        var storedHasher = DigestHasher(digest?.algorithm ?? .sha256)
        var archiveHasher = DigestHasher(diffID?.algorithm ?? .sha256)
        var bounds = limits.archive
        bounds.uncompressedBytes = max(0, bounds.uncompressedBytes - uncompressedBytes)
        bounds.entries = max(0, bounds.entries - unpacking.entries)
        if let record = record(of: layer, digest: digest, diffID: diffID, bounds: bounds) {
            unpacking.replay(record, layer: index)
            uncompressedBytes += record.uncompressedBytes
            let length = descriptor.flatMap { sizeProblem(record.storedBytes, $0.size) }
            check("layer \(index)", expected: record.stored, actual: record.stored, problem: length)
            if let diffID { check("layer \(index) diffID", expected: diffID, actual: record.uncompressed) }
            return
        }
        let wantsStored = digest != nil
        let wantsArchive = diffID != nil
        let visitor = LayerVisitor(
            unpacking,
            layer: index,
            onStored: { if wantsStored { storedHasher.update($0) } },
            onUncompressed: { if wantsArchive { archiveHasher.update($0) } }
        )
        let summary: ArchiveSummary
        do throws(ArchiveError) {
            summary = try TarReader.read(
                .file(descriptor: layer.descriptor, offset: layer.offset, length: layer.length),
                limits: bounds,
                visitor: visitor
            )
        } catch {
            isComplete = false
            unpacking.problems.add(nil, layer: index, "layer \(index) \(error)", affectsComponents: true)
            if let digest {
                checks.append(
                    IntegrityCheck(
                        subject: "layer \(index)",
                        expected: digest.description,
                        actual: nil,
                        problem: "\(error)"
                    )
                )
            }
            return
        }
        uncompressedBytes += summary.uncompressedBytes
        if let digest {
            let length = descriptor.flatMap { sizeProblem(summary.storedBytes, $0.size) }
            check("layer \(index)", expected: digest, actual: storedHasher.finalized(), problem: length)
        }
        if let error = summary.error {
            isComplete = false
            unpacking.problems.add(
                nil,
                layer: index,
                "layer \(index) cannot be read to its end: \(error)",
                affectsComponents: true
            )
        }
        if let diffID {
            if let error = summary.error {
                checks.append(
                    IntegrityCheck(
                        subject: "layer \(index) diffID",
                        expected: diffID.description,
                        actual: nil,
                        problem: "it cannot be recomputed: \(error)"
                    )
                )
            } else {
                check("layer \(index) diffID", expected: diffID, actual: archiveHasher.finalized())
            }
        }
    }

    /// The record of an earlier reading, where it tells all that a reading would.
    ///
    /// Whoever gives a record hashes the layer's bytes: a record says what bytes of this digest hold, not that these are they.
    private func record(of layer: LayerInput, digest: Digest?, diffID: Digest?, bounds: ArchiveLimits) -> LayerRecord? {
        guard let descriptor = layer.record, let digest,
            let bytes = try? AnalyserChild.readAll(descriptor, limit: LayerRecord.limit),
            let record = try? LayerRecord(parsing: bytes), record.stored == digest,
            diffID.map({ $0.algorithm == record.uncompressed.algorithm }) ?? true,
            // What only the image as a whole goes beyond is found by reading.
            record.uncompressedBytes <= bounds.uncompressedBytes, record.entries <= bounds.entries
        else { return nil }
        return record
    }

    /// Reads one layer by itself.
    ///
    /// - Throws: ``LayerRecordError`` when it cannot be read whole and right: then there is nothing to remember.
    mutating func record(_ layer: LayerInput) throws -> LayerRecord {
        guard let digest = layer.digest else { throw LayerRecordError(reason: "nobody claims a digest") }
        var storedHasher = DigestHasher(digest.algorithm)
        var archiveHasher = DigestHasher(.sha256)
        unpacking.recorder = LayerRecorder()
        let visitor = LayerVisitor(
            unpacking,
            layer: 0,
            onStored: { storedHasher.update($0) },
            onUncompressed: { archiveHasher.update($0) }
        )
        let summary = try TarReader.read(
            .file(descriptor: layer.descriptor, offset: layer.offset, length: layer.length),
            limits: limits.archive,
            visitor: visitor
        )
        if let error = summary.error { throw error }
        let stored = storedHasher.finalized()
        guard stored == digest else { throw LayerRecordError(reason: "the bytes have the digest \(stored)") }
        return LayerRecord(
            stored: stored,
            uncompressed: archiveHasher.finalized(),
            storedBytes: summary.storedBytes,
            uncompressedBytes: summary.uncompressedBytes,
            events: unpacking.recorder?.events ?? [],
            secrets: unpacking.scanner.seen(layer: 0),
            secretBytes: unpacking.scanner.bytesScanned
        )
    }

    // MARK: - Evidence

    mutating func finish(_ start: ImageEvidence) -> ImageEvidence {
        var evidence = start
        let tree = unpacking.tree
        let release = distribution()
        evidence.distribution = release?.distribution
        users(into: &evidence)
        var installed = catalogue.installed(tree, &unpacking.problems)
        if installed.count > limits.components {
            unpacking.problems.add(
                DpkgCatalogue.status,
                layer: nil,
                "\(installed.count) packages; at most \(limits.components) are listed",
                affectsComponents: true
            )
            installed.removeLast(installed.count - limits.components)
        }
        let packages = DpkgComponents.components(installed, distribution: release?.distribution) { name in
            guard let node = try? tree.node(at: CopyrightFile.path(of: name)), let names = tree.inode(node).contents
            else { return [] }
            return names.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
        }
        let catalogued = unpacking.catalogue.settled(
            tree,
            distribution: release?.distribution,
            &unpacking.problems
        )
        var ownership = FileOwnership(
            tree,
            dpkg: DpkgOwnership(tree, installed),
            packages: packages,
            owned: catalogued.owned
        )
        let others = others(catalogued.components, beside: packages.count, ownership)
        ownership.claim(others.filter { !Self.systemEcosystems.contains($0.ecosystem) }, in: tree)
        evidence.files = FileFacts.evidence(
            tree,
            limits: limits,
            owner: { [ownership] in ownership.owner(of: $0) },
            program: { [log = unpacking.catalogue] in log.program($0) }
        )
        evidence.components = sorted(packages + others)
        if let release {
            evidence.components.insert(
                Component(
                    kind: .operatingSystem,
                    ecosystem: "os",
                    distribution: release.distribution,
                    name: release.distribution.id,
                    version: release.distribution.versionID ?? "",
                    layer: release.layer,
                    paths: [release.path]
                ),
                at: 0
            )
        }
        if let configuration = evidence.configuration {
            ConfigurationSecrets.scan(configuration, into: unpacking.scanner)
        }
        evidence.integrity.checks = checks
        evidence.secrets = SecretEvidence(
            bytesScanned: unpacking.scanner.bytesScanned,
            complete: isComplete,
            hits: unpacking.scanner.hits
        )
        evidence.manifest = manifest()
        evidence.problems = unpacking.problems.all
        return evidence
    }

    /// Every file of every layer; what is missing in it is a problem of the evidence as well.
    private mutating func manifest() -> FileManifest {
        let manifest = unpacking.brought.manifest(of: unpacking.tree)
        if manifest.omitted > 0 {
            let bounds = "at most \(limits.manifestFiles), in at most \(limits.manifestBytes) bytes"
            let reason = "files that are not listed with their hash, because there are too many: \(manifest.omitted)"
            unpacking.problems.add(nil, layer: nil, reason + "; " + bounds, affectsComponents: false)
        }
        if manifest.unhashed > 0 {
            let reason = "files without a hash, because their bytes could not all be seen: \(manifest.unhashed)"
            unpacking.problems.add(nil, layer: nil, reason, affectsComponents: false)
        }
        return manifest
    }

    /// The components that cataloguers found, each with the package that brought it, as many as still fit.
    private mutating func others(
        _ found: [Component],
        beside count: Int,
        _ ownership: FileOwnership
    ) -> [Component] {
        var components = found.map { component in
            var component = component
            if component.ownedBy == nil, !component.paths.isEmpty, !Self.systemEcosystems.contains(component.ecosystem)
            {
                component.ownedBy = ownership.owner(of: component, in: unpacking.tree)
            }
            return component
        }
        let room = max(0, limits.components - count)
        if components.count > room {
            unpacking.problems.add(
                nil,
                layer: nil,
                "\(components.count + count) components; at most \(limits.components) are listed",
                affectsComponents: true
            )
            components.removeLast(components.count - room)
        }
        return components
    }

    /// Packages of a distribution own files; nobody owns them.
    private static let systemEcosystems: Set<String> = ["deb", "apk", "rpm"]

    private func sorted(_ components: [Component]) -> [Component] {
        components.sorted { left, right in
            let (first, second) = (left.purl?.description ?? left.name, right.purl?.description ?? right.name)
            return first == second ? left.paths.lexicographicallyPrecedes(right.paths) : first < second
        }
    }

    private func distribution() -> (distribution: Distribution, path: String, layer: Int)? {
        for path in ["etc/os-release", "usr/lib/os-release"] {
            guard let node = try? unpacking.tree.node(at: path), unpacking.tree.kind(node) == .file else { continue }
            let inode = unpacking.tree.inode(node)
            guard let contents = inode.contents, let distribution = ReleaseFile.distribution(contents) else {
                unpacking.problems.add(
                    path,
                    layer: Int(inode.layer),
                    "the distribution is not known: the file has no ID that can be read",
                    affectsComponents: true
                )
                continue
            }
            return (distribution, unpacking.tree.path(of: node), Int(inode.layer))
        }
        return nil
    }

    private func users(into evidence: inout ImageEvidence) {
        for path in ["etc/passwd", "etc/group"] {
            guard let node = try? unpacking.tree.node(at: path), unpacking.tree.kind(node) == .file else { continue }
            let inode = unpacking.tree.inode(node)
            var broken: [Int] = []
            if let contents = inode.contents {
                if path == "etc/passwd" {
                    (evidence.users, broken) = UserFiles.users(contents)
                } else {
                    (evidence.groups, broken) = UserFiles.groups(contents)
                }
            } else {
                broken = [1]
            }
            guard !broken.isEmpty else { continue }
            let lines = broken.prefix(5).map(String.init).joined(separator: ", ")
            unpacking.problems.add(
                path,
                layer: Int(inode.layer),
                "lines that cannot be read: \(lines)",
                affectsComponents: false
            )
        }
    }
}
