// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// Turns the files of one ecosystem into components; one cataloguer is one file, and adding one touches only ``Cataloguers/all``.
///
/// A cataloguer sees each file once, while its bytes stream by in the layer that brings it, and never the file system: whatever it finds
/// goes when a later layer removes or replaces the file. Bytes are hostile; what cannot be parsed is a problem, never dropped, never a trap.
public protocol Cataloguer: Sendable {
    /// Its name, in problems and in the keys of caches: `python`.
    static var name: String { get }
    /// Counts up with every change of what it finds.
    static var version: Int { get }

    /// Who reads this file; nil when it is of no interest, which must be cheap to tell.
    static func scanner(for file: CandidateFile) -> (any FileScanner)?

    /// Makes the components of the whole image out of what the files said, in the order of their paths.
    static func settle(_ files: [ScannedFile], distribution: Distribution?) -> [Component]
}

extension Cataloguer {
    /// What the files said, each component with its file and layer.
    public static func settle(_ files: [ScannedFile], distribution: Distribution?) -> [Component] {
        Self.flattened(files)
    }

    /// Every component of every file, with the file's path and layer where the component names none.
    public static func flattened(_ files: [ScannedFile]) -> [Component] {
        files.flatMap { file in
            file.found.components.map { component in
                var component = component
                if component.paths.isEmpty { component.paths = [file.path] }
                if component.layer == nil { component.layer = file.layer }
                return component
            }
        }
    }
}

/// A regular file before its bytes come.
public struct CandidateFile: Sendable, Hashable {
    /// Path without a leading slash, as the archive names it: directories may be reached by links under other names.
    public var path: String
    /// Bytes that are announced.
    public var size: Int64
    /// Permission bits.
    public var mode: UInt32

    /// Describes a file.
    public init(path: String, size: Int64, mode: UInt32 = 0o644) {
        self.path = path
        self.size = size
        self.mode = mode
    }

    /// The last part of the path.
    public var name: Substring {
        path[(path.utf8.lastIndex(of: UInt8(ascii: "/")).map(path.utf8.index(after:)) ?? path.startIndex)...]
    }
}

/// Takes the bytes of one file as they come.
public protocol FileScanner: AnyObject {
    /// A piece of the file; offsets grow, gaps are zeros.
    func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64)
    /// The file is complete.
    func end() -> Catalogued
}

/// What one file says.
public struct Catalogued: Sendable, Hashable {
    /// The components that it proves.
    public var components: [Component]
    /// Why something of it could not be read, in English; each makes the inventory incomplete.
    public var problems: [String]
    /// Facts that ``Cataloguer/settle(_:distribution:)`` needs from files that prove no component of their own.
    public var marks: [String]
    /// Paths, without a leading slash, that the components' packages own: `(index into components, path)`.
    public var owned: [OwnedPath]
    /// What the file has against being taken over, where it is a program.
    public var program: ProgramProtections?

    /// Describes a file's contents.
    public init(
        components: [Component] = [],
        problems: [String] = [],
        marks: [String] = [],
        owned: [OwnedPath] = [],
        program: ProgramProtections? = nil
    ) {
        self.components = components
        self.problems = problems
        self.marks = marks
        self.owned = owned
        self.program = program
    }

    /// True when the file said nothing.
    public var isEmpty: Bool {
        components.isEmpty && problems.isEmpty && marks.isEmpty && owned.isEmpty && program == nil
    }

    /// A file that belongs to the package of a component.
    public struct OwnedPath: Sendable, Hashable {
        /// Index into ``Catalogued/components``.
        public var component: Int
        /// Path without a leading slash.
        public var path: String

        /// Names an owned file.
        public init(component: Int, path: String) {
            self.component = component
            self.path = path
        }
    }
}

/// A file of the final view and what it said.
public struct ScannedFile: Sendable, Hashable {
    /// Path without a leading slash.
    public var path: String
    /// Index of the layer that it came with.
    public var layer: Int?
    /// What it said.
    public var found: Catalogued

    /// Describes a file.
    public init(path: String, layer: Int?, found: Catalogued) {
        self.path = path
        self.layer = layer
        self.found = found
    }
}

/// Collects a file and hands it over as a whole.
public final class WholeFileScanner: FileScanner {
    private var bytes: [UInt8] = []
    private let size: Int64
    private let limit: Int
    private let parse: (_ bytes: [UInt8]) -> Catalogued

    /// Collects at most `limit` bytes; a longer file is a problem, or read as far as that if `parse` needs no more.
    public init(_ file: CandidateFile, limit: Int, parse: @escaping (_ bytes: [UInt8]) -> Catalogued) {
        size = file.size
        self.limit = limit
        self.parse = parse
        bytes.reserveCapacity(Int(min(max(0, file.size), Int64(min(limit, 1 << 20)))))
    }

    /// Keeps a piece; nothing of a file that is beyond the limit.
    public func data(_ piece: UnsafeRawBufferPointer, at offset: Int64) {
        guard size <= Int64(limit), offset >= Int64(bytes.count), offset + Int64(piece.count) <= Int64(limit) else {
            return
        }
        bytes.append(contentsOf: repeatElement(0, count: Int(offset) - bytes.count))
        bytes.append(contentsOf: piece)
    }

    /// Parses the whole file; a longer one than the limit is a problem.
    public func end() -> Catalogued {
        guard size <= Int64(limit) else {
            return Catalogued(problems: ["it has \(size) bytes; at most \(limit) are read"])
        }
        defer { bytes = [] }
        return parse(bytes)
    }
}
