// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// Alpine packages, from the database of what is installed.
///
/// Source: Alpine wiki, "Apk spec"; apk-tools, `src/database.c`. Field letters are case sensitive.
public enum ApkCataloguer: Cataloguer {
    /// Its name, in problems and in the keys of caches.
    public static let name = "apk"
    /// Counts up with every change of what it finds.
    public static let version = 1

    /// Who reads this file; nil when it is of no interest.
    public static func scanner(for file: CandidateFile) -> (any FileScanner)? {
        switch file.path {
        case "lib/apk/db/installed", "usr/lib/apk/db/installed": ApkDatabase().scanner()
        default: nil
        }
    }

    /// Gives each package its purl, which names the distribution, and the packages that it needs.
    public static func settle(_ files: [ScannedFile], distribution: Distribution?) -> [Component] {
        files.flatMap { file in
            var file = file
            for index in file.found.components.indices {
                complete(&file.found.components[index], distribution: distribution)
            }
            let needs = ApkDependencies(file.found.marks, components: file.found.components)
            for index in file.found.components.indices {
                file.found.components[index].dependsOn = needs.purls(of: index)
            }
            return flattened([file])
        }
    }

    /// Adds what only the image knows: the distribution is the namespace and a qualifier of the purl.
    private static func complete(_ component: inout Component, distribution: Distribution?) {
        component.distribution = distribution
        var qualifiers: [String: String] = [:]
        qualifiers["arch"] = component.architecture
        qualifiers["distro"] = distribution?.purlQualifier
        if component.sourceName != component.name { qualifiers["upstream"] = component.sourceName }
        component.purl = PackageURL(
            type: "apk",
            namespace: distribution?.id ?? "alpine",
            name: component.name,
            version: component.version,
            qualifiers: qualifiers
        )
    }
}

/// Which installed package satisfies which dependency.
private struct ApkDependencies {
    private let components: [Component]
    private var needs: [Int: [Substring]] = [:]
    private var byName: [Substring: [Int]] = [:]

    init(_ marks: [String], components: [Component]) {
        self.components = components
        for (index, component) in components.enumerated() { byName[component.name[...], default: []].append(index) }
        for mark in marks {
            let words = mark.split(separator: " ")
            guard words.count > 2, let index = Int(words[1]), components.indices.contains(index) else { continue }
            for word in words.dropFirst(2) {
                let name = word.prefix { !"<>=~".contains($0) }
                switch words[0] {
                // "!x" is a conflict; without a name there is nothing to look for.
                case "D" where name.first != "!" && !name.isEmpty: needs[index, default: []].append(name)
                case "p" where !name.isEmpty: byName[name, default: []].append(index)
                default: break
                }
            }
        }
    }

    func purls(of index: Int) -> [String] {
        var found: Set<Int> = []
        for name in needs[index] ?? [] {
            // Bounded: a hostile database could have everything provide what everything needs.
            found.formUnion((byName[name] ?? []).prefix(32))
        }
        found.remove(index)
        return Set(found.compactMap { components[$0].purl?.description }).sorted()
    }
}
