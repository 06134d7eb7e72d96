// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Turns dpkg's packages into components with a dependency graph.
enum DpkgComponents {
    /// One component per package, in the packages' order.
    ///
    /// - Parameter licenses: names of licences by the package's name.
    static func components(
        _ installed: [DpkgCatalogue.Installed],
        distribution: Distribution?,
        licenses: (String) -> [String]
    ) -> [Component] {
        let purls = installed.map { entry in
            PackageURL.debian(
                name: entry.package.name,
                version: entry.package.version,
                architecture: entry.package.architecture.isEmpty ? nil : entry.package.architecture,
                declaredSource: entry.package.declaredSource,
                declaredSourceVersion: entry.package.declaredSourceVersion,
                distribution: distribution
            )
        }
        let graph = Graph(installed.map(\.package))
        return installed.enumerated().map { index, entry in
            let package = entry.package
            return Component(
                kind: .library,
                ecosystem: "deb",
                distribution: distribution,
                name: package.name,
                version: package.version,
                sourceName: package.declaredSource ?? package.name,
                sourceVersion: package.declaredSourceVersion ?? package.version,
                architecture: package.architecture.isEmpty ? nil : package.architecture,
                purl: purls[index],
                supplier: package.maintainer,
                licenses: licenses(package.name),
                layer: entry.layer,
                paths: [entry.path],
                dependsOn: graph.dependencies(of: index).compactMap { purls[$0]?.description }.sorted()
            )
        }
    }

    /// Which installed packages satisfy which dependencies.
    private struct Graph {
        private let packages: [DpkgPackage]
        private var byName: [String: [Int]] = [:]
        private var providers: [String: [Int]] = [:]

        init(_ packages: [DpkgPackage]) {
            self.packages = packages
            for (index, package) in packages.enumerated() {
                byName[package.name, default: []].append(index)
                for name in Set(DpkgPackage.alternatives(package.provides ?? "").joined()) {
                    providers[name, default: []].append(index)
                }
            }
        }

        /// Installed packages that a package needs: every installed alternative; a real package before those that provide it.
        func dependencies(of index: Int) -> Set<Int> {
            var found: Set<Int> = []
            for field in packages[index].depends {
                for name in DpkgPackage.alternatives(field).joined() {
                    found.formUnion(candidates(name, for: packages[index].architecture))
                }
            }
            found.remove(index)
            return found
        }

        private func candidates(_ name: String, for architecture: String) -> [Int] {
            // Bounded: a hostile database could have everything provide what everything needs.
            let all = (byName[name] ?? providers[name] ?? []).prefix(32)
            let fitting = all.filter {
                packages[$0].architecture == architecture || packages[$0].architecture == "all" || architecture == "all"
            }
            return fitting.isEmpty ? Array(all) : fitting
        }
    }
}
