// SPDX-License-Identifier: EUPL-1.2

extension BillOfMaterials {
    /// Makes a ``Component`` of every entry whose package URL says enough, so that advisories match as with Kontor's own inventory.
    mutating func settleComponents() {
        let system = entries.first { $0.type == "operating-system" }.flatMap { PackageFacts.distribution($0) }
        for index in entries.indices {
            entries[index].component = PackageFacts.component(entries[index], system: system)
        }
        if let subject { self.subject?.component = PackageFacts.component(subject, system: system) }

        var indexOfReference: [String: Int] = [:]
        for (index, entry) in entries.enumerated() {
            if let reference = entry.reference, indexOfReference[reference] == nil {
                indexOfReference[reference] = index
            }
        }
        // Written once each: what everything needs is named by everything.
        let texts = entries.map { $0.component?.purl?.description }
        var needs = [Set<Int>](repeating: [], count: entries.count)
        for dependency in dependencies {
            guard let from = indexOfReference[dependency.from], texts[from] != nil else { continue }
            for target in dependency.to {
                guard let to = indexOfReference[target], to != from, texts[to] != nil else { continue }
                needs[from].insert(to)
            }
        }
        for (index, targets) in needs.enumerated() where !targets.isEmpty {
            entries[index].component?.dependsOn = Set(targets.compactMap { texts[$0] }).sorted()
        }
    }
}

/// What the package URL of a stranger's bill tells about a package.
///
/// Matching advisories needs more than name and version: the distribution with its release, and of packages of distributions the name
/// and version of the source. Each tool writes that in its own place.
enum PackageFacts {
    static func component(_ entry: BillEntry, system: Distribution?) -> Component? {
        if entry.type == "operating-system", let distribution = distribution(entry) {
            return Component(
                kind: .operatingSystem,
                ecosystem: "os",
                distribution: distribution,
                name: distribution.id,
                version: distribution.versionID ?? "",
                paths: entry.occurrences
            )
        }
        guard let purl = entry.purl else { return nil }
        let version = version(purl) ?? entry.version ?? ""
        let (sourceName, sourceVersion) = source(entry, purl, version)
        return Component(
            kind: entry.type.flatMap(Component.Kind.init) ?? .library,
            ecosystem: purl.type,
            distribution: distribution(purl, system: system),
            name: name(entry, purl),
            version: version,
            sourceName: sourceName,
            sourceVersion: sourceVersion,
            architecture: purl.qualifiers["arch"],
            purl: purl,
            supplier: supplier(entry),
            licenses: entry.licenses.map(\.text).filter { !$0.isEmpty },
            ownedBy: entry.values(of: "kontor:component:ownedBy").first,
            layer: entry.values(of: "kontor:component:layer").first.flatMap { Int($0) },
            paths: entry.occurrences
        )
    }

    // MARK: - Name and version

    /// The name as advisories of the ecosystem spell it.
    private static func name(_ entry: BillEntry, _ purl: PackageURL) -> String {
        let inPurl: String
        switch purl.type {
        case "npm", "composer": inPurl = purl.namespace.map { "\($0)/\(purl.name)" } ?? purl.name
        case "golang":
            inPurl = [purl.namespace, purl.name, purl.subpath].compactMap(\.self).joined(separator: "/")
        default: return purl.name
        }
        // A purl has these in lower case; the document's own spelling is that of the package, where it is the same name.
        let spellings = [entry.name] + (entry.group.map { ["\($0)/\(entry.name)"] } ?? [])
        return spellings.first { $0.lowercased() == inPurl.lowercased() } ?? inPurl
    }

    /// The version with its epoch, which the purl of an RPM keeps in a qualifier.
    private static func version(_ purl: PackageURL) -> String? {
        guard purl.type == "rpm", let version = purl.version, let epoch = purl.qualifiers["epoch"],
            !version.contains(":")
        else { return purl.version }
        return "\(epoch):\(version)"
    }

    // MARK: - Source package

    private static func source(_ entry: BillEntry, _ purl: PackageURL, _ version: String) -> (String?, String?) {
        guard ["deb", "apk", "rpm"].contains(purl.type) else { return (nil, nil) }
        func property(_ name: String) -> String? {
            entry.values(of: name).first.flatMap { $0.isEmpty ? nil : $0 }
        }
        if let name = property("kontor:component:sourceName") {
            return (name, property("kontor:component:sourceVersion") ?? version)
        }
        if let upstream = purl.qualifiers["upstream"] {
            if purl.type == "rpm" { return rpmSource(upstream, purl) }
            // syft: the name, with "@version" where it is another one.
            let parts = upstream.split(separator: "@", maxSplits: 1)
            return (parts.first.map { String($0) }, parts.count > 1 ? String(parts[1]) : version)
        }
        if let name = property("aquasecurity:trivy:SrcName") {
            guard let plain = property("aquasecurity:trivy:SrcVersion") else { return (name, version) }
            let epoch = property("aquasecurity:trivy:SrcEpoch").map { "\($0):" } ?? ""
            let release = property("aquasecurity:trivy:SrcRelease").map { "-\($0)" } ?? ""
            return (name, epoch + plain + release)
        }
        return purl.type == "rpm" ? (nil, nil) : (purl.name, version)
    }

    /// `a-b-1.0-2.src.rpm`, split from the right.
    private static func rpmSource(_ file: String, _ purl: PackageURL) -> (String?, String?) {
        guard file.hasSuffix(".src.rpm") || file.hasSuffix(".nosrc.rpm") else { return (nil, nil) }
        let stem = file.dropLast(file.hasSuffix(".nosrc.rpm") ? 10 : 8)
        let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.allSatisfy({ !$0.isEmpty }) else { return (nil, nil) }
        let epoch = purl.qualifiers["epoch"].map { "\($0):" } ?? ""
        return (parts.dropLast(2).joined(separator: "-"), epoch + parts.suffix(2).joined(separator: "-"))
    }

    // MARK: - Distribution

    /// Names that tools write instead of the distribution's `ID`.
    private static let identifiers = [
        "redhat": "rhel", "alma": "almalinux", "oracle": "ol", "oraclelinux": "ol", "amazon": "amzn",
        "amazonlinux": "amzn", "suse": "sles", "opensuse.leap": "opensuse-leap",
        "opensuse.tumbleweed": "opensuse-tumbleweed",
    ]

    /// The distribution that an entry for the operating system names.
    static func distribution(_ entry: BillEntry) -> Distribution? {
        let written = entry.name.lowercased()
        let id = identifiers[written] ?? written
        // An identifier of os-release, not a sentence.
        let sound = id.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
        }
        guard sound, !id.isEmpty else { return nil }
        let codename =
            entry.values(of: "kontor:os:codename").first
            ?? entry.values(of: "syft:distro:versionCodename").first
        // A release without a number stands under its code name.
        let version = entry.version.flatMap { $0.isEmpty ? nil : $0 }
        let isNumbered = version?.utf8.first.map { (0x30...0x39).contains($0) } ?? false
        return Distribution(
            id: id,
            versionID: isNumbered ? version : nil,
            codename: codename.flatMap { $0.isEmpty ? nil : $0 } ?? (isNumbered ? nil : version)
        )
    }

    /// The distribution that a package was built for.
    ///
    /// - Parameter system: the one that the document names as its operating system.
    static func distribution(_ purl: PackageURL, system: Distribution?) -> Distribution? {
        guard ["deb", "apk", "rpm"].contains(purl.type) else { return nil }
        let namespace = purl.namespace.map { identifiers[$0] ?? $0 }
        guard let qualifier = purl.qualifiers["distro"] else {
            guard let namespace else { return nil }
            return system?.id == namespace ? system : Distribution(id: namespace)
        }
        let named = distribution(qualifier: qualifier, namespace: namespace)
        // The purl names the release; the code name of a release without a number stands only with the operating system.
        if let system, system.id == named.id, named.versionID == nil || named.versionID == system.versionID,
            named.codename == nil
        {
            return system
        }
        return named
    }

    /// `debian-12`, `opensuse-leap-15.5`; `3.18.4` beside a namespace; `bookworm` beside a namespace; `wolfi`.
    private static func distribution(qualifier: String, namespace: String?) -> Distribution {
        func isDigit(_ character: Character?) -> Bool { character.map { $0 >= "0" && $0 <= "9" } ?? false }
        if let namespace, isDigit(qualifier.first) { return Distribution(id: namespace, versionID: qualifier) }
        if let hyphen = qualifier.lastIndex(of: "-"), isDigit(qualifier[hyphen...].dropFirst().first) {
            let id = qualifier[..<hyphen].lowercased()
            return Distribution(
                id: identifiers[id] ?? id,
                versionID: String(qualifier[qualifier.index(after: hyphen)...])
            )
        }
        let id = identifiers[qualifier.lowercased()] ?? qualifier.lowercased()
        if let namespace, id != namespace, !id.hasPrefix(namespace) {
            return Distribution(id: namespace, codename: qualifier)
        }
        return Distribution(id: id)
    }

    /// As the inventory writes it: `Name <address>`.
    private static func supplier(_ entry: BillEntry) -> String? {
        let order: [BillParty.Role] = [.manufacturer, .supplier, .author, .publisher]
        for role in order {
            guard let party = entry.parties.first(where: { $0.role == role }), let name = party.name else { continue }
            return party.emails.first.map { "\(name) <\($0)>" } ?? name
        }
        return nil
    }
}
