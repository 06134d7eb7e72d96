// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import Database
import OCI
public import SBOM
import Vulnerabilities

extension FileIndex {
    /// Where a file lies in one image.
    public struct Position: Sendable, Hashable {
        /// The layer, counted from the base.
        public let layer: Int
        /// Whether the final file system shows it; nil where that is not kept.
        public let isVisible: Bool?
    }

    /// Where files of an image's lists lie in it; those that it has no more are left out.
    public func positions(of files: [Found], in image: Int64) async throws -> [(file: Found, position: Position)] {
        try await database.lookUp { transaction in
            var uses: [Int64: ImageFiles.Use] = [:]
            for list in Set(files.map(\.list)) {
                let arguments: [SQLValue] = [.integer(list), .integer(image)]
                guard let row = try transaction.first(FileIndexSchema.use, arguments) else { continue }
                uses[list] = try? ImageFiles.Use(list: list, bytes: try row.bytes(0))
            }
            return files.compactMap { file in
                uses[file.list].map { use in
                    let isHidden = use.hidden.map { HiddenRanges.contains(file.place, $0) }
                    // Of what was not read in its run nobody knows which of the run's files it is.
                    let isVisible = file.isCertain ? isHidden.map { !$0 } : nil
                    return (file, Position(layer: use.layer, isVisible: isVisible))
                }
            }
        }
    }

    /// Writes what changed of an image's lists.
    static func link(_ files: ImageFiles, to image: Int64, in transaction: Transaction) throws {
        let row = try transaction.first(FileIndexSchema.filesOfImage, [.integer(image)])
        let before = try row?.components(0) ?? []
        let after = files.uses.map(\.list).sorted()
        let gone = Set(before).subtracting(after)
        for list in gone.sorted() {
            try transaction.execute(FileIndexSchema.unlinkList, [.integer(list), .integer(image)])
        }
        for use in files.uses {
            let known = try transaction.first(FileIndexSchema.use, [.integer(use.list), .integer(image)])?.bytes(0)
            // A verdict that is only confirmed moves nothing.
            guard known != use.bytes else { continue }
            try transaction.execute(
                FileIndexSchema.linkList,
                [.integer(use.list), .integer(image), .blob(use.bytes)]
            )
        }
        guard try before != after || row?.int(1) != (files.isComplete ? 1 : 0) else { return }
        try transaction.execute(
            FileIndexSchema.setFilesOfImage,
            [.blob(RowList.encode(after)), .integer(files.isComplete ? 1 : 0), .integer(image)]
        )
    }
}

extension ReverseIndex.Part {
    /// A file as a component of the list that it is in.
    public init(_ file: FileIndex.Found) {
        id = file.list
        let hash = file.hash?.text ?? ""
        guard let path = file.path else {
            component = Component(kind: .file, ecosystem: AdvisorySubject.fileEcosystem, name: hash, version: hash)
            return
        }
        component = Component(file: path, hash: hash)
    }
}

extension Component {
    /// A file that is looked at for its own sake, whatever package it may belong to.
    ///
    /// Its version is the hash of its bytes, and so is the name under which advisories list it.
    public init(file path: String, hash: String) {
        let name = path.utf8.split(separator: 0x2F).last.map { String(Substring($0)) } ?? path
        self.init(
            kind: .file,
            ecosystem: AdvisorySubject.fileEcosystem,
            name: "/" + path,
            version: hash,
            purl: PackageURL(type: "generic", name: name, qualifiers: hash.isEmpty ? [:] : ["checksum": hash])
        )
    }
}

extension AssessmentService {
    /// The files of an image that advisories of the operator list by their hash, and which of them the final file system hides.
    func listedFiles(
        of files: ImageFiles,
        _ own: OwnAdvisories.Live
    ) async throws -> (components: [Component], hidden: Set<FindingKey>) {
        let hashes = own.fileHashes.compactMap { (try? Digest(parsing: $0)).flatMap { FileHash($0) } }
        let hidden = Dictionary(files.uses.map { ($0.list, $0.hidden ?? []) }) { first, _ in first }
        var components: [Component] = []
        var isShown: [FindingKey: Bool] = [:]
        for file in try await self.files.find(hashes, in: files.uses.map(\.list)) {
            // Read in its run: a row alone leads to one file in a hundred million wrongly.
            guard file.isCertain, let path = file.path, let hash = file.hash else { continue }
            let component = Component(file: path, hash: hash.text)
            let key = FindingKey(component)
            if isShown[key] == nil { components.append(component) }
            let isHidden = HiddenRanges.contains(file.place, hidden[file.list] ?? [])
            isShown[key] = isShown[key] ?? false || !isHidden
        }
        return (components, Set(isShown.filter { !$0.value }.keys))
    }

    /// Queues the images that hold files of some hashes.
    func queueImages(withFiles hashes: [String]) async throws {
        let index = ReverseIndex(database: database)
        var images = Set<Int64>()
        for hash in hashes {
            guard let digest = try? Digest(parsing: hash), let key = FileHash(digest) else { continue }
            let lists = try await files.lists(of: .hash(key))
            var after: Int64 = 0
            while true {
                let hits = try await index.images(withFiles: lists, after: after, limit: 1_000)
                guard let last = hits.last?.image else { break }
                images.formUnion(hits.map(\.image))
                after = last
            }
        }
        _ = try await queue(images: images, unlessAssessedUnder: nil)
    }
}
