// SPDX-License-Identifier: EUPL-1.2

import Database
import OCI

extension Digest {
    /// The two columns that a digest takes: its raw bytes and the number of its algorithm.
    var columns: [SQLValue] { [.blob(bytes), .integer(algorithm.number)] }
}

extension Row {
    /// A digest from two neighbouring columns.
    func digest(_ column: Int) throws -> Digest {
        guard let algorithm = Digest.Algorithm(number: try int64(column + 1)) else {
            throw DamagedRow(what: "digest algorithm \(try int64(column + 1))")
        }
        return try Digest(algorithm: algorithm, bytes: try bytes(column))
    }
}

/// A row holds what this program never writes: the database was written by a later version, or damaged.
struct DamagedRow: Error, CustomStringConvertible {
    let what: String
    var description: String {
        "a row of the registry holds an unknown \(what); was the database written by a later version?"
    }
}
