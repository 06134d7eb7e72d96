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
        for entry in bill.entries { try Self.check(entry) }
        if let subject = bill.subject { try Self.check(subject) }
        // What the bill is about is a package too: an advisory may be about the product itself.
        let all = bill.entries + (bill.subject.map { $0.component == nil ? [] : [$0] } ?? [])
        format = bill.format.rawValue
        formatVersion = bill.specVersion.excerpt(40)
        entries = all.count
        unnamed = all.count { $0.component == nil && $0.type != "file" && $0.type != "operating-system" }
        purl = bill.subject?.purl?.description
        link = bill.identifier.flatMap { number in
            Self.isSerialNumber(number)
                ? VEXSubject.link(serialNumber: number, version: bill.version.flatMap { Int($0) } ?? 1) : nil
        }
        judgement = ProductJudgement(TR03183.check(bill))
        components = Self.free(all.compactMap(\.component))
    }

    /// Most bytes of a word that is kept of a component: lists and letters hold them.
    private static let longestWord = 2_000

    /// Refuses what a list cannot hold: words without an end, and such as the database takes none of.
    private static func check(_ entry: BillEntry) throws(ProductsError) {
        guard let component = entry.component else { return }
        let words = [
            component.ecosystem, component.name, component.version, component.sourceName, component.sourceVersion,
            component.architecture, component.supplier, component.ownedBy, component.purl?.description,
            component.distribution?.id, component.distribution?.versionID, component.distribution?.codename,
        ]
        for word in words.compactMap(\.self) where word.utf8.count > longestWord || word.utf8.contains(0) {
            throw .bill(
                LocalizedText(
                    de:
                        "\(entry.pointer): ein Wort hat mehr als \(longestWord) Bytes oder ein NUL-Zeichen; erzeugen Sie die Stückliste ohne es",
                    en:
                        "\(entry.pointer): a word has more than \(longestWord) bytes, or a NUL character; write the SBOM without it"
                )
            )
        }
    }

    /// `urn:uuid:` and a UUID, as CycloneDX demands.
    private static func isSerialNumber(_ text: String) -> Bool {
        text.utf8.count == 45
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
                    || $0 == 0x3A
            }
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
