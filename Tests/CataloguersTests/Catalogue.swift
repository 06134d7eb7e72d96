// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import SBOM

/// What a cataloguer makes of an image of one layer.
struct Catalogue {
    var components: [Component] = []
    var problems: [String] = []
    var owned: [Catalogued.OwnedPath] = []
    /// Paths that the cataloguer wanted to read.
    var read: [String] = []

    /// `name@version`, sorted.
    var names: [String] { components.map { "\($0.name)@\($0.version)" }.sorted() }
    /// Texts of the purls, sorted.
    var purls: [String] { components.compactMap { $0.purl?.description }.sorted() }

    /// Feeds every file in pieces of `piece` bytes.
    init(
        _ cataloguer: any Cataloguer.Type,
        _ files: [(path: String, bytes: [UInt8])],
        distribution: Distribution? = nil,
        piece: Int = 7
    ) {
        var scanned: [ScannedFile] = []
        for file in files.sorted(by: { $0.path < $1.path }) {
            let candidate = CandidateFile(path: file.path, size: Int64(file.bytes.count))
            guard let scanner = cataloguer.scanner(for: candidate) else { continue }
            read.append(file.path)
            file.bytes.withUnsafeBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: piece) {
                    let end = min(start + piece, bytes.count)
                    scanner.data(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), at: Int64(start))
                }
            }
            let found = scanner.end()
            problems += found.problems
            owned += found.owned
            scanned.append(ScannedFile(path: file.path, layer: 0, found: found))
        }
        components = cataloguer.settle(scanned, distribution: distribution)
    }

    /// The same for texts.
    init(_ cataloguer: any Cataloguer.Type, _ files: KeyValuePairs<String, String>, distribution: Distribution? = nil) {
        self.init(cataloguer, files.map { ($0.key, Array($0.value.utf8)) }, distribution: distribution)
    }
}
