// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
import SBOM
import Vulnerabilities

/// What is kept of a supplier's bill beside its bytes.
struct SuppliedBill: Sendable {
    /// How much of a stranger's bill is read; a bill of a whole system of ten thousand packages is half of it.
    static let limits = BillLimits(bytes: 16 << 20, depth: 64, components: 50_000, edges: 500_000)

    let format: String
    let formatVersion: String
    let entries: Int
    let unnamed: Int
    let purl: String?
    let link: String?
    let judgement: ProductJudgement
    /// What advisories are looked up for, each once.
    let components: [Component]

    /// Reads bytes of a stranger.
    ///
    /// - Throws: ``ProductsError/bill(_:)`` with the place of what is wrong.
    init(_ bytes: [UInt8]) throws(ProductsError) {
        let bill: BillOfMaterials
        do { bill = try BillOfMaterials(reading: bytes, limits: Self.limits) } catch { throw .bill(error.text) }
        // What the bill is about is a package too: an advisory may be about the product itself.
        let all = bill.entries + (bill.subject.map { $0.component == nil ? [] : [$0] } ?? [])
        format = bill.format.rawValue
        formatVersion = bill.specVersion.excerpt(40)
        entries = all.count
        unnamed = all.count { $0.component == nil && $0.type != "file" && $0.type != "operating-system" }
        purl = bill.subject?.purl?.description
        link = bill.identifier.flatMap {
            VEXSubject.link(serialNumber: $0, version: bill.version.flatMap { Int($0) } ?? 1)
        }
        judgement = ProductJudgement(TR03183.check(bill))
        components = Self.free(all.compactMap(\.component))
    }

    /// Components that say of another one that it brought them only where that is so.
    ///
    /// What a package of the distribution brought is not matched by itself. A bill could say of everything that something brought it which it
    /// does not list: that hides nothing here.
    private static func free(_ components: [Component]) -> [Component] {
        let foreign = Coverage.foreign(in: components)
        let owners = Set(components.lazy.filter { $0.ownedBy == nil }.compactMap { $0.purl?.description })
        var seen = Set<Component>()
        return components.compactMap { component in
            var component = component
            if let owner = component.ownedBy, !owners.contains(owner) || foreign.contains(owner) {
                component.ownedBy = nil
            }
            return seen.insert(component).inserted ? component : nil
        }
    }
}

/// Reads one bill at a time: each may need a hundred times its bytes while it is read.
actor BillReader {
    func read(_ bytes: [UInt8]) throws(ProductsError) -> SuppliedBill { try SuppliedBill(bytes) }
}
