// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Database
import JSON
import OCI
import SBOM
import Vulnerabilities

/// A component as the index keeps it: once, for all images that have it.
struct IndexedComponent: Sendable {
    /// Stands for the record.
    let key: [UInt8]
    /// What matching asks of a component; where in an image it lies is the image's.
    let record: String
    private let ecosystem: String
    private let release: String
    private let sourceName: String
    private let package: String

    init(_ component: Component) {
        var release = component.distribution?.releaseName ?? component.distribution?.versionID ?? ""
        var filed = component.sourceName ?? component.name
        // Whether the owner is the distribution's own is not known here: one image too many is better than one too few.
        let owner = component.ownedBy.map { Set([$0]) } ?? []
        if case .package(let place) = Coverage.place(of: component, foreign: owner) {
            (release, filed) = (place.release.release, place.name)
        }
        var bare = component
        (bare.layer, bare.paths, bare.dependsOn, bare.licenses) = (nil, [], [], [])
        record = bare.json.text()
        key = Array(Digest.sha256(Array(record.utf8)).bytes.prefix(16))
        ecosystem = component.ecosystem
        self.release = release
        sourceName = filed
        package = component.purl?.package ?? ""
    }

    /// In the order of ``ReverseIndexSchema/putComponent``.
    ///
    /// Release and source name are those under which its advisories are filed: a switch of advisories finds the images by them.
    var columns: [SQLValue] {
        [
            .blob(key), .text(ecosystem), .text(release), .text(sourceName), .text(package), .text(record),
        ]
    }
}

extension Component {
    /// Reads a record of the index.
    init(record: String) throws { try self.init(json: JSONFields(JSONValue(parsing: record))) }
}

extension Finding {
    /// Reads a record of the index.
    init(record: String) throws { try self.init(json: JSONFields(JSONValue(parsing: record))) }

    /// All identifiers that lead to it, in capitals: databases differ in the case of theirs.
    var names: [String] { ([id] + aliases).map { $0.uppercased() } }
}

extension LayerChain {
    var columns: [SQLValue] { [.blob(bytes), .integer(isTop ? 1 : 0)] }
}

extension Row {
    /// Rows of components; none where an earlier version left none.
    func components(_ column: Int) throws -> [Int64] {
        guard let bytes = try optionalBytes(column) else { return [] }
        guard let rows = RowList.decode(bytes) else { throw DamagedIndex(what: "list of components") }
        return rows
    }

    /// Stacks of layers; none where an earlier version left none.
    func chains(_ column: Int) throws -> [LayerChain] {
        guard let bytes = try optionalBytes(column) else { return [] }
        guard let chains = LayerChain.decode(bytes) else { throw DamagedIndex(what: "list of layers") }
        return chains
    }
}

/// A row holds what this program never writes.
struct DamagedIndex: Error, CustomStringConvertible {
    let what: String
    var description: String {
        "the \(what) of an image cannot be read; was the database written by a later version, or damaged?"
    }
}
