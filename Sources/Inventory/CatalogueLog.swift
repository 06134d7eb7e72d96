// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import SBOM

/// What the cataloguers read while the layers streamed by, until the final view tells which of it counts.
struct CatalogueLog {
    /// One file that some cataloguer read.
    private struct Entry {
        var cataloguer: Int
        var found: Catalogued
    }

    /// What tells two sightings of one package apart from two packages.
    private struct Key: Hashable {
        var ecosystem: String
        var name: String
        var version: String
        var architecture: String?

        init(_ component: Component) {
            (ecosystem, name, version) = (component.ecosystem, component.name, component.version)
            architecture = component.architecture
        }
    }

    /// By inode: what hard links share was read once, and a removed file keeps its number for itself.
    private var entries: [Int32: [Entry]] = [:]
    /// Inodes that were read since the last layer was complete.
    private var fresh: [Int32] = []
    private var firstLayer: [Key: Int] = [:]
    private var components = 0
    private let limit: Int

    /// - Parameter limit: components that are kept, those of replaced files included.
    init(limit: Int) { self.limit = limit }

    /// Who reads a file.
    static func scanners(for file: CandidateFile) -> [(cataloguer: Int, scanner: any FileScanner)] {
        var scanners: [(Int, any FileScanner)] = []
        for (index, cataloguer) in Cataloguers.all.enumerated() {
            if let scanner = cataloguer.scanner(for: file) { scanners.append((index, scanner)) }
        }
        return scanners
    }

    /// What the file with an inode has against being taken over; nil when it is no program.
    func program(_ inode: Int32) -> ProgramProtections? {
        entries[inode]?.lazy.compactMap(\.found.program).first
    }

    /// Keeps what a file said.
    ///
    /// - Returns: why it is not kept; nil when it is.
    mutating func add(_ found: Catalogued, cataloguer: Int, inode: Int32) -> String? {
        guard !found.isEmpty else { return nil }
        components += found.components.count
        guard components <= limit else {
            components -= found.components.count
            return "\(found.components.count) packages are not listed: the image has more than \(limit)"
        }
        entries[inode, default: []].append(Entry(cataloguer: cataloguer, found: found))
        fresh.append(inode)
        return nil
    }

    /// To be called when a layer lies in its place: a database that a later layer writes anew lists what the base brought.
    mutating func note(layer: Int) {
        for inode in fresh {
            for component in (entries[inode] ?? []).flatMap(\.found.components) where firstLayer[Key(component)] == nil
            {
                firstLayer[Key(component)] = layer
            }
        }
        fresh = []
    }

    /// The components of the final view, what their packages own, and what could not be read.
    func settled(_ tree: FileTree, distribution: Distribution?, _ problems: inout ProblemLog) -> Settled {
        guard !entries.isEmpty else { return Settled() }
        var files: [[ScannedFile]] = Array(repeating: [], count: Cataloguers.all.count)
        var seen: Set<Int32> = []
        tree.visit { node, path in
            let index = tree.nodes[Int(node)].inode
            guard let entries = entries[index], seen.insert(index).inserted else { return }
            let layer = Int(tree.inode(node).layer)
            for entry in entries {
                for problem in entry.found.problems {
                    let name = Cataloguers.all[entry.cataloguer].name
                    problems.add(path, layer: layer, "\(name): \(problem)", affectsComponents: true)
                }
                files[entry.cataloguer].append(ScannedFile(path: path, layer: layer, found: entry.found))
            }
        }
        var settled = Settled()
        for (cataloguer, files) in zip(Cataloguers.all, files) where !files.isEmpty {
            let components = cataloguer.settle(files, distribution: distribution).map { component in
                var component = component
                component.layer = firstLayer[Key(component)] ?? component.layer
                return component
            }
            settled.components += components
            settled.own(files, components)
        }
        return settled
    }

    /// What counts in the end.
    struct Settled {
        var components: [Component] = []
        /// Paths, as the packages name them, with the purl of the component that owns them.
        var owned: [(path: String, purl: String)] = []

        fileprivate mutating func own(_ files: [ScannedFile], _ components: [Component]) {
            guard files.contains(where: { !$0.found.owned.isEmpty }) else { return }
            let purls = Dictionary(
                components.compactMap { component in component.purl.map { (Key(component), $0.description) } },
                uniquingKeysWith: { first, _ in first }
            )
            for file in files {
                for entry in file.found.owned where file.found.components.indices.contains(entry.component) {
                    guard let purl = purls[Key(file.found.components[entry.component])] else { continue }
                    owned.append((entry.path, purl))
                }
            }
        }
    }
}
