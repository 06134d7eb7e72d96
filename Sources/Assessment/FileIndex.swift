// SPDX-License-Identifier: EUPL-1.2

public import Criteria
public import Database
import OCI

/// The way from a file's hash or path to the layers that brought it, and so to the images.
///
/// Every answer costs as much as it is long. Rows hold 47 bits of what they lead to; the file itself is read in its run before it is
/// told.
public struct FileIndex: Sendable {
    /// What a file is looked for by.
    public enum Key: Sendable, Hashable {
        /// The hash of its bytes.
        case hash(FileHash)
        /// Its path, without a leading slash.
        case path(String)
    }

    /// A file in a list.
    public struct Found: Sendable, Hashable {
        /// Row of the list.
        public let list: Int64
        /// Its place there.
        let place: Int
        /// Its path, without a leading slash; nil where only the hash is known.
        public let path: String?
        /// Its hash; nil for what has none, and where only the path is known.
        public let hash: FileHash?
        /// False where the run could not be read, so that the file is told by the index alone.
        public let isCertain: Bool
    }

    /// Places that one question looks at.
    public static let maximumPlaces = 20_000
    /// Packs that one question reads; of what lies beyond only the index speaks.
    static let maximumPacks = 2_000
    /// Runs whose rows one transaction writes: about two thousand rows.
    private static let runsAtOnce = 16
    private static let readsAtOnce = 500

    let database: Database
    private let documents: DocumentStore?

    /// The index of a node's database.
    ///
    /// - Parameter documents: where the runs are; nil tells files by the index alone.
    public init(database: Database, documents: DocumentStore?) {
        self.database = database
        self.documents = documents
    }

    // MARK: - Questions

    /// Files of a hash or a path, in any layer.
    public func find(_ key: Key, limit: Int = maximumPlaces) async throws -> (found: [Found], isCut: Bool) {
        let rows = try await database.read { transaction in
            try transaction.query(FileIndexSchema.placesOfKey, [.integer(key.number), .integer(limit)]).map(Place.init)
        }
        var reading = PackReading(documents, most: Self.maximumPacks)
        return (try rows.flatMap { try reading.files(at: $0, for: key) }, rows.count >= limit)
    }

    /// All lists that a row says hold a file, unread.
    func lists(of key: Key) async throws -> [Int64] {
        try await database.read { transaction in
            try transaction.query(FileIndexSchema.listsOfKey, [.integer(key.number)]).map { try $0.int64(0) }.sorted()
        }
    }

    /// Which of some hashes are in some lists.
    func find(_ hashes: [FileHash], in lists: [Int64]) async throws -> [Found] {
        guard !hashes.isEmpty, !lists.isEmpty else { return [] }
        var reading = PackReading(documents, most: .max)
        var found: [Found] = []
        var rest = hashes[...]
        while !rest.isEmpty {
            let portion = Array(rest.prefix(Self.readsAtOnce))
            rest = rest.dropFirst(portion.count)
            let places = try await database.read { transaction in
                var places: [(hash: FileHash, place: Place)] = []
                for hash in portion {
                    let number = SQLValue.integer(Key.hash(hash).number)
                    guard try transaction.first(FileIndexSchema.knownKey, [number]) != nil else { continue }
                    for list in lists {
                        let rows = try transaction.query(FileIndexSchema.placesOfKeyInList, [number, .integer(list)])
                        places += try rows.map { (hash, try Place($0)) }
                    }
                }
                return places
            }
            for (hash, place) in places { found += try reading.files(at: place, for: .hash(hash)) }
        }
        return found
    }

    // MARK: - Writing

    /// Keeps what an analysis listed; what is known already costs a look.
    ///
    /// - Throws: ``Unassessable`` for lists that no analysis writes.
    func put(_ manifest: FileManifest) async throws -> ImageFiles {
        var lists: [ImageFiles] = []
        for (number, layer) in manifest.layers.enumerated() where !layer.chunks.isEmpty {
            let list = try await put(layer.chunks)
            let use = ImageFiles.Use(list: list, layer: number, bounded: layer.hidden)
            lists.append(ImageFiles(uses: [use], isComplete: true))
        }
        return ImageFiles(uses: ImageFiles.union(lists).uses, isComplete: manifest.isComplete)
    }

    private func put(_ chunks: [FileChunk]) async throws -> Int64 {
        let runs = try Run.all(of: chunks)
        let key = SQLValue.blob(Run.key(runs.flatMap(\.key)))
        if let known = try await database.read({ try $0.first(FileIndexSchema.findList, [key])?.int64(0) }) {
            return known
        }
        let rows = try await rows(of: runs)
        return try await database.write { transaction in
            guard let list = try transaction.first(FileIndexSchema.putList, [key])?.int64(0) else {
                // Another image with the same layer came first.
                guard let known = try transaction.first(FileIndexSchema.findList, [key])?.int64(0) else {
                    throw JobFailure("the database did not say where it put a list of files", isRetryable: true)
                }
                return known
            }
            for run in runs {
                guard let chunk = rows[run.key] else { continue }
                try transaction.execute(
                    FileIndexSchema.linkChunk,
                    [.integer(chunk), .integer(list), .integer(run.place)]
                )
            }
            return list
        }
    }

    /// Rows of runs; those that nobody brought before are written, with the rows of their files.
    private func rows(of runs: [Run]) async throws -> [[UInt8]: Int64] {
        var rows: [[UInt8]: Int64] = [:]
        var rest = runs[...]
        while !rest.isEmpty {
            let portion = Array(rest.prefix(Self.readsAtOnce))
            rest = rest.dropFirst(portion.count)
            let known = try await database.read { transaction in
                try portion.compactMap { run in
                    try transaction.first(FileIndexSchema.findChunk, [.blob(run.key)]).map {
                        (run.key, try $0.int64(0))
                    }
                }
            }
            for (key, row) in known { rows[key] = row }
        }
        var named = Set<[UInt8]>()
        let new = runs.filter { rows[$0.key] == nil && named.insert($0.key).inserted }
        guard !new.isEmpty else { return rows }
        guard let documents else { return rows }
        // Durable before the first row that names it.
        let document = try documents.put(new.flatMap(\.bytes))
        let pack = try await database.write { transaction in
            try transaction.first(FileIndexSchema.putPack, [.blob(document.bytes)])?.int64(0)
        }
        guard let pack else { throw JobFailure("the database did not say where it put a pack", isRetryable: true) }
        var start = 0
        var placed: [(run: Run, start: Int)] = []
        for run in new {
            placed.append((run, start))
            start += run.bytes.count
        }
        while !placed.isEmpty {
            let portion = Array(placed.suffix(Self.runsAtOnce))
            placed.removeLast(portion.count)
            let written = try await database.write { transaction in
                try portion.map { run, start in
                    (run.key, try Self.put(run, pack: pack, start: start, in: transaction))
                }
            }
            for (key, row) in written { rows[key] = row }
        }
        return rows
    }

    /// A run and its files' rows are there together or not at all.
    private static func put(_ run: Run, pack: Int64, start: Int, in transaction: Transaction) throws -> Int64 {
        let values: [SQLValue] = [.blob(run.key), .integer(pack), .integer(start), .integer(run.bytes.count)]
        guard let row = try transaction.first(FileIndexSchema.putChunk, values)?.int64(0) else {
            guard let known = try transaction.first(FileIndexSchema.findChunk, [.blob(run.key)])?.int64(0) else {
                throw JobFailure("the database did not say where it put files", isRetryable: true)
            }
            return known
        }
        // In the order of the tree that they go into.
        for number in run.numbers.sorted() {
            try transaction.execute(FileIndexSchema.putKey, [.integer(number), .integer(row)])
        }
        return row
    }
}

extension FileIndex.Key {
    /// 47 bits, which a row of SQLite takes six bytes for.
    ///
    /// Of a hundred million files some tens meet another one; they are told apart by reading.
    var number: Int64 {
        switch self {
        case .hash(let hash): Int64(hash.prefix >> 17)
        case .path(let path):
            Int64((FileHash(Digest.sha256(Array("path\0".utf8) + Array(path.utf8)))?.prefix ?? 0) >> 17)
        }
    }

    fileprivate func isMeant(by entry: FileEntry) -> Bool {
        switch self {
        case .hash(let hash): entry.sha256 == hash
        // Byte by byte: texts that Swift takes for equal are two names.
        case .path(let path): entry.path.utf8.elementsEqual(path.utf8)
        }
    }

    fileprivate func found(in place: Place) -> FileIndex.Found {
        switch self {
        case .hash(let hash):
            .init(list: place.list, place: place.first, path: nil, hash: hash, isCertain: false)
        case .path(let path):
            .init(list: place.list, place: place.first, path: path, hash: nil, isCertain: false)
        }
    }
}

/// Files as the index keeps them together.
private struct Run: Sendable {
    let key: [UInt8]
    let bytes: [UInt8]
    /// Place of the first file in the list.
    let place: Int
    /// Of the hashes and paths of its files.
    let numbers: Set<Int64>

    static func all(of chunks: [FileChunk]) throws -> [Run] {
        var place = 0
        return try chunks.map { chunk in
            let entries: [FileEntry]
            do { entries = try chunk.entries() } catch {
                throw Unassessable(description: "the list of files that was read from the image is damaged: \(error)")
            }
            defer { place += entries.count }
            let numbers = entries.flatMap { entry in
                [FileIndex.Key.path(entry.path).number]
                    + (entry.sha256.map { [FileIndex.Key.hash($0).number] } ?? [])
            }
            return Run(key: key(chunk.bytes), bytes: chunk.bytes, place: place, numbers: Set(numbers))
        }
    }

    static func key(_ bytes: [UInt8]) -> [UInt8] { Array(Digest.sha256(bytes).bytes.prefix(16)) }
}

/// Where a run lies: in a list, and in a pack.
private struct Place: Sendable {
    let list: Int64
    let first: Int
    let chunk: Int64
    let document: [UInt8]
    let start: Int
    let length: Int

    init(_ row: Row) throws {
        list = try row.int64(0)
        first = try row.int(1)
        chunk = try row.int64(2)
        document = try row.bytes(3)
        start = try row.int(4)
        length = try row.int(5)
    }
}

/// Reads runs out of their packs, each run once while places ask for it one after the other.
private struct PackReading {
    private let documents: DocumentStore?
    private var left: Int
    private var pack: (document: [UInt8], bytes: [UInt8]?) = ([], nil)
    private var run: (chunk: Int64, entries: [FileEntry]?) = (-1, nil)

    init(_ documents: DocumentStore?, most: Int) {
        self.documents = documents
        left = most
    }

    mutating func files(at place: Place, for key: FileIndex.Key) throws -> [FileIndex.Found] {
        if run.chunk != place.chunk { run = (place.chunk, try entries(at: place)) }
        guard let entries = run.entries else { return [key.found(in: place)] }
        return entries.enumerated().filter { key.isMeant(by: $1) }.map { offset, entry in
            FileIndex.Found(
                list: place.list,
                place: place.first + offset,
                path: entry.path,
                hash: entry.sha256,
                isCertain: true
            )
        }
    }

    /// Nil where the pack is gone or damaged, or too many were read.
    private mutating func entries(at place: Place) throws -> [FileEntry]? {
        if pack.document != place.document {
            guard left > 0 else { return nil }
            left -= 1
            pack = (place.document, try documents?.get(try Digest(algorithm: .sha256, bytes: place.document)))
        }
        guard let bytes = pack.bytes, place.start >= 0, place.length > 0, place.start <= bytes.count - place.length
        else { return nil }
        return try? FileChunk(bytes: Array(bytes[place.start..<place.start + place.length])).entries()
    }
}
