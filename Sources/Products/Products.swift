// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import Assessment
import Audit
public import Database
import JSON
import OCI
import SBOM
public import Time

/// What organisations operate without an image: products, described by the bills of their suppliers.
///
/// A bill is read, judged and kept as it was uploaded. Its components are rows of the same index as those of images: they are matched once,
/// with the advisories of that moment, and again by whatever matches those of images again. So a product needs no job of its own, and an
/// answer about it is as new as one about an image.
///
/// ## Topics
/// - ``upload(_:as:of:by:)``, ``remove(_:by:)``
/// - ``list(for:after:limit:)``, ``product(_:for:)``, ``revisions(of:before:limit:)``, ``findings(of:after:limit:)``
/// - ``notAssessed(in:)``, ``document(of:revision:for:)``
/// - ``sweepDocuments()``
/// - ``ProductIndex``: the way from a component to the products that have it
public struct Products: Sendable {
    /// Who may be told what stands about products, by the Traffic Light Protocol 2.0 (FIRST).
    public static let tlp = "TLP:AMBER"
    /// Most products of one organisation, those included that were removed.
    public static let maximumProducts = 5_000
    /// Bills that are kept of one product; of older ones only what they were.
    static let keptRevisions = 20

    /// What came of an upload.
    public struct Taken: Sendable, Hashable {
        /// The product's row.
        public let id: Int64
        /// The revision that counts now.
        public let revision: Int
        /// Whether these very bytes counted already; nothing changed then.
        public let isKnown: Bool
        /// Components that advisories are looked up for.
        public let components: Int
        /// Components that no package URL names.
        public let unnamed: Int
        /// What came of holding the bill against TR-03183-2.
        public let judgement: ProductJudgement

        package init(
            id: Int64,
            revision: Int,
            isKnown: Bool,
            components: Int,
            unnamed: Int,
            judgement: ProductJudgement
        ) {
            self.id = id
            self.revision = revision
            self.isKnown = isKnown
            self.components = components
            self.unnamed = unnamed
            self.judgement = judgement
        }
    }

    let database: Database
    let accounts: Accounts
    let assessment: AssessmentService
    let index: ReverseIndex
    let documents: DocumentStore
    let clock: WallClock
    private let reader = BillReader()

    /// Composes the room over a database that has ``ProductsSchema/migrations``.
    ///
    /// - Parameter documents: a store of this room alone.
    public init(
        database: Database,
        accounts: Accounts,
        assessment: AssessmentService,
        documents: DocumentStore,
        clock: WallClock = .system
    ) {
        self.database = database
        self.accounts = accounts
        self.assessment = assessment
        index = ReverseIndex(database: database)
        self.documents = documents
        self.clock = clock
    }

    /// Takes the bill of a product that an organisation operates; a former one of the same product counts no more, and stays listed.
    ///
    /// - Parameters:
    ///   - bytes: CycloneDX or SPDX in JSON, see `BillOfMaterials`.
    ///   - name: what the product is; the bill has no say in it.
    ///   - organisation: name of the organisation that operates it.
    ///   - actor: an operator of the node, or somebody of the organisation, see `Accounts.speaking`.
    /// - Throws: ``ProductsError``, `AccountsError`; nothing of the bill is in an answer then.
    public func upload(
        _ bytes: [UInt8],
        as name: ProductName,
        of organisation: String,
        by actor: Account
    ) async throws -> Taken {
        let accounts = accounts
        let begun = clock.now()
        // Before any work is done for them; what counts is the look in the transaction.
        _ = try await database.read { try accounts.speaking($0, for: organisation, by: actor, at: begun) }
        let bill = try await reader.read(bytes)
        let arrival = Arrival(
            name: name,
            bill: bill,
            components: try await assessment.index(bill.components),
            document: try documents.put(bytes),
            size: bytes.count,
            judgement: bill.judgement.json.text(.compact),
            at: clock.now()
        )
        return try await database.write { t in
            let (account, owner) = try accounts.speaking(t, for: organisation, by: actor, at: arrival.at)
            return try arrival.store(for: owner, by: account, in: t)
        }
    }

    /// Says that an organisation no longer operates a product: it is in no answer any more, and stays listed without its bills.
    ///
    /// - Parameter actor: as for ``upload(_:as:of:by:)``.
    public func remove(_ id: Int64, by actor: Account) async throws {
        let accounts = accounts
        let now = clock.now()
        try await database.write { t in
            guard let product = try t.first(ProductsSchema.one, [.integer(id)]).map({ try Product($0) }),
                ProductScope(try accounts.access(t, of: actor, to: nil, at: now)?.account)
                    .includes(organisation: product.organisationID)
            else { throw Self.unknown(id) }
            let (account, _) = try accounts.speaking(t, for: product.organisation, by: actor, at: now)
            let values: [SQLValue] = [.time(now), .text(account.name), .integer(id)]
            guard try t.execute(ProductsSchema.remove, values) == 1 else {
                throw ProductsError.conflict("product \(id) was removed already")
            }
            try Self.link(id, [], at: now, in: t)
            try AuditLog.append(
                t,
                actor: account.name,
                action: "product.removed",
                subject: "product:\(id)",
                detail: [
                    "name": .string(product.name.name), "version": .string(product.name.version),
                    "supplier": .string(product.name.supplier), "organisation": .string(product.organisation),
                ],
                at: now
            )
        }
    }

    /// Removes bills that no product needs any more.
    ///
    /// - Returns: how many.
    @discardableResult
    public func sweepDocuments() async throws -> Int {
        try await documents.sweep { digests in
            try await database.read { t in
                Set(
                    try digests.filter { digest in
                        let arguments: [SQLValue] = [.blob(digest.bytes), .integer(Self.keptRevisions)]
                        return try t.first(ProductsSchema.namedDocument, arguments) != nil
                    }
                )
            }
        }
    }

    static func unknown(_ id: Int64) -> ProductsError {
        .unknown("there is no product \(id) that you may know of")
    }

    fileprivate static func refuseTooMany(_ organisation: Organisation, in t: Transaction) throws {
        let arguments: [SQLValue] = [.integer(organisation.id), .integer(maximumProducts)]
        guard try t.query(ProductsSchema.countUpTo, arguments).count < maximumProducts else {
            throw ProductsError.conflict(
                "\"\(organisation.name)\" has \(maximumProducts) products, and no more are taken; send newer bills under names that are there"
            )
        }
    }

    /// Links a product with exactly these components; what it had before keeps since when.
    fileprivate static func link(_ product: Int64, _ components: [Int64], at now: Timestamp, in t: Transaction) throws {
        let wanted = Set(components)
        var known = Set<Int64>()
        for (component, _) in try Self.components(of: product, in: t) {
            if wanted.contains(component) {
                known.insert(component)
            } else {
                try t.execute(ProductsSchema.unlink, [.integer(component), .integer(product)])
            }
        }
        for component in components where !known.contains(component) {
            try t.execute(ProductsSchema.link, [.integer(component), .integer(product), .time(now)])
        }
    }

    /// Rows of a product's components, in order, each with since when the product has it.
    static func components(of product: Int64, in t: Transaction) throws -> [(row: Int64, since: Timestamp)] {
        var found: [(row: Int64, since: Timestamp)] = []
        while true {
            let arguments: [SQLValue] = [.integer(product), .integer(found.last?.row ?? 0), 1_000]
            let page = try t.query(ProductsSchema.components, arguments)
            found += try page.map { (try $0.int64(0), try $0.time(1)) }
            if page.count < 1_000 { return found }
        }
    }
}

/// A bill that was read and matched, on its way into the tables.
private struct Arrival: Sendable {
    let name: ProductName
    let bill: SuppliedBill
    /// Rows of its components.
    let components: [Int64]
    let document: Digest
    let size: Int
    let judgement: String
    let at: Timestamp

    func store(for owner: Organisation, by account: Account, in t: Transaction) throws -> Products.Taken {
        let key: [SQLValue] = [
            .integer(owner.id), .text(name.supplier), .text(name.name), .text(name.version),
        ]
        guard let former = try t.first(ProductsSchema.named, key) else {
            try Products.refuseTooMany(owner, in: t)
            guard let id = try t.first(ProductsSchema.insert, key + [.time(at)])?.int64(0) else {
                throw ProductsError.conflict("the database did not say where it put the product; try again")
            }
            return try revise(id, 1, of: owner, by: account, in: t)
        }
        let (id, number) = (try former.int64(0), try former.int(1))
        if try former.optionalTime(2) == nil, try former.bytes(3) == document.bytes {
            // A later version of this program may read more in the same bytes.
            try Products.link(id, components, at: at, in: t)
            return taken(id, number, isKnown: true)
        }
        try t.execute(ProductsSchema.revise, [.integer(number + 1), .time(at), .integer(id)])
        return try revise(id, number + 1, of: owner, by: account, in: t)
    }

    private func revise(
        _ id: Int64,
        _ revision: Int,
        of owner: Organisation,
        by account: Account,
        in t: Transaction
    ) throws -> Products.Taken {
        try t.execute(
            ProductsSchema.insertRevision,
            [
                .integer(id), .integer(revision), .blob(document.bytes), .integer(size), .text(bill.format),
                .text(bill.formatVersion), .integer(bill.entries), .integer(components.count),
                .integer(bill.unnamed), .optional(bill.purl), .optional(bill.link), .text(judgement), .time(at),
                .text(account.name),
            ]
        )
        try Products.link(id, components, at: at, in: t)
        try AuditLog.append(
            t,
            actor: account.name,
            action: "product.uploaded",
            subject: "product:\(id)",
            detail: [
                "name": .string(name.name), "version": .string(name.version), "supplier": .string(name.supplier),
                "organisation": .string(owner.name), "revision": .integer(Int64(revision)),
                "document": .string(document.description), "components": .integer(Int64(components.count)),
            ],
            at: at
        )
        return taken(id, revision, isKnown: false)
    }

    private func taken(_ id: Int64, _ revision: Int, isKnown: Bool) -> Products.Taken {
        Products.Taken(
            id: id,
            revision: revision,
            isKnown: isKnown,
            components: components.count,
            unnamed: bill.unnamed,
            judgement: bill.judgement
        )
    }
}
