// SPDX-License-Identifier: EUPL-1.2

/// Tells what a component of a bill is to the guideline.
///
/// No format has a field for that. What the document says about a component decides: one that it describes as a file is one. Else its
/// type, and for packages the sort of thing that the document is about: in an image or an installed system a package lies unpacked, and
/// the archive that it came in is not there to be hashed.
struct TR03183RoleRules {
    private enum Setting {
        /// An image, a machine, an installed system.
        case installed
        /// A program or library before it is installed.
        case packaged
        /// The document does not say.
        case unknown
    }

    private let setting: Setting

    init(_ bill: BillOfMaterials) {
        let phases = Set(bill.lifecycles)
        if let type = bill.subject?.type, Self.wholes.contains(type) {
            setting = .installed
        } else if !phases.isDisjoint(with: ["post-build", "operations", "discovery", "deployed", "analyzed", "runtime"])
        {
            setting = .installed
        } else if bill.subject == nil, phases.isEmpty {
            setting = .unknown
        } else {
            setting = .packaged
        }
    }

    func role(of entry: BillEntry) -> TR03183.Role {
        if entry.isOutsideDelivery { return .outside }
        // A logical component must not have these fields (3.2.2): what has one is described as a file.
        if Self.describesFile(entry) { return .delivered }
        if let type = entry.type, Self.logicalTypes.contains(type) { return .logical }
        guard let ecosystem = entry.purl?.type, Self.unpackedEcosystems.contains(ecosystem) else { return .delivered }
        return switch setting {
        case .installed: .unpacked
        case .packaged: .delivered
        case .unknown: .undetermined
        }
    }

    private static func describesFile(_ entry: BillEntry) -> Bool {
        entry.properties.contains { fileProperties.contains($0.name) }
            || entry.references.contains { $0.type == "distribution" && !$0.hashes.isEmpty }
    }

    private static let fileProperties: Set<String> = [
        BSITaxonomy.filename, BSITaxonomy.executable, BSITaxonomy.archive, BSITaxonomy.structured,
    ]

    /// What consists of installed packages.
    private static let wholes: Set<String> = ["container", "operating-system", "device", "platform", "firmware"]

    /// Types that group others: 3.2.2 names containers, operating systems and frameworks.
    private static let logicalTypes: Set<String> = [
        "container", "operating-system", "device", "platform", "framework",
    ]

    /// Ecosystems whose packages are unpacked or linked when they are installed.
    ///
    /// A JAR is not: it stays the file that it is.
    private static let unpackedEcosystems: Set<String> = [
        "deb", "rpm", "apk", "alpm", "npm", "pypi", "gem", "golang", "cargo", "composer", "conda", "cran", "hex",
        "luarocks", "nuget", "pub", "swift",
    ]
}
