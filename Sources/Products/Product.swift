// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Database
import JSON
public import OCI
import SBOM
public import Time

/// Something without an image that an organisation operates and a supplier's bill describes.
public struct Product: Sendable, Hashable {
    /// One bill of it.
    public struct Revision: Sendable, Hashable {
        /// Counted from 1; the highest counts.
        public let number: Int
        /// Digest of the bill, as it was uploaded.
        public let document: Digest
        /// Its bytes.
        public let size: Int
        /// Whose words it uses.
        public let format: String
        /// Version of the format.
        public let formatVersion: String
        /// Components that it lists, the product itself included where it names it by a package URL.
        public let entries: Int
        /// Components that advisories are looked up for, each once.
        public let components: Int
        /// Components that no package URL names.
        public let unnamed: Int
        /// The package URL of the product itself.
        public let purl: String?
        /// The link by which CycloneDX documents refer to the bill: `urn:cdx:…/1`.
        public let link: String?
        /// What came of holding it against TR-03183-2; read only where it is shown.
        public var judgement: ProductJudgement {
            get throws { try ProductJudgement(json: JSONFields(JSONValue(parsing: judgementRecord))) }
        }
        private let judgementRecord: String
        /// When it was uploaded.
        public let uploadedAt: Timestamp
        /// By which account.
        public let uploadedBy: String
    }

    /// Its row.
    public let id: Int64
    /// Row of the organisation that operates it.
    public let organisationID: Int64
    /// Name of that organisation in addresses.
    public let organisation: String
    /// Its name for people.
    public let organisationTitle: String
    /// What it is.
    public let name: ProductName
    /// Since when it counts.
    public let since: Timestamp
    /// When it was removed; nil while it counts.
    public let removedAt: Timestamp?
    /// By whom.
    public let removedBy: String?
    /// The bill that counts.
    public let revision: Revision
    /// What no advisory speaks about, as it was last worked out.
    let coverage: Coverage?

    struct Coverage: Sendable, Hashable {
        let record: String
        /// The snapshot that it holds for; empty for none.
        let snapshot: String
    }

    /// From the columns of ``ProductsSchema/one``.
    init(_ row: Row) throws {
        id = try row.int64(0)
        organisationID = try row.int64(1)
        organisation = try row.text(2)
        organisationTitle = try row.text(3)
        name = ProductName(stored: try row.text(5), try row.text(6), try row.text(4))
        since = try row.time(7)
        removedAt = try row.optionalTime(8)
        removedBy = try row.optionalText(9)
        if let record = try row.optionalText(10), let snapshot = try row.optionalText(11) {
            coverage = Coverage(record: record, snapshot: snapshot)
        } else {
            coverage = nil
        }
        revision = try Revision(row, 12)
    }
}

extension Product.Revision {
    /// From the columns of ``ProductsSchema/revision``, beginning at one of them.
    init(_ row: Row, _ column: Int) throws {
        number = try row.int(column)
        document = try Digest(algorithm: .sha256, bytes: try row.bytes(column + 1))
        size = try row.int(column + 2)
        format = try row.text(column + 3)
        formatVersion = try row.text(column + 4)
        entries = try row.int(column + 5)
        components = try row.int(column + 6)
        unnamed = try row.int(column + 7)
        purl = try row.optionalText(column + 8)
        link = try row.optionalText(column + 9)
        judgementRecord = try row.text(column + 10)
        uploadedAt = try row.time(column + 11)
        uploadedBy = try row.text(column + 12)
    }

    /// What names the product in VEX documents.
    var names: VEXSubject {
        VEXSubject(
            purls: purl.flatMap { try? PackageURL(parsing: $0) }.map { [$0] } ?? [],
            ids: link.map { [$0] } ?? []
        )
    }
}
