// SPDX-License-Identifier: EUPL-1.2

import Database
import OCI

extension Digest {
    /// Raw bytes and the number of the algorithm, as the registry's tables have them.
    var columns: [SQLValue] { [.blob(bytes), .integer(algorithm == .sha256 ? 1 : 2)] }
}

extension Row {
    /// A digest in this column and its algorithm in the next; nil where there is none.
    func optionalDigest(_ column: Int) throws -> Digest? {
        guard let bytes = try optionalBytes(column) else { return nil }
        return try Digest(algorithm: try int64(column + 1) == 1 ? .sha256 : .sha512, bytes: bytes)
    }
}
