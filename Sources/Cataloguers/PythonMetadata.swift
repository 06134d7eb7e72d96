// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Reads the headers of `METADATA` or `PKG-INFO`, and nothing after the first blank line: descriptions are long.
final class PythonMetadata {
    private static let maximumLines = 100_000

    private var name: String?
    private var version: String?
    private var author: String?
    private var expression: String?
    private var license: String?
    private var classifiers: [String] = []
    private var problems: [String] = []
    private var lines = 0

    /// The scanner of one file.
    func scanner() -> any FileScanner {
        LineScanner(limit: 64 << 10) { [self] line, isCut in
            lines += 1
            // A blank line before any header is no end: hand-written files begin with one.
            if PackageText.trimmed(line).isEmpty { return lines == 1 ? .more : .nothing }
            guard lines <= Self.maximumLines else {
                problems.append("more than \(Self.maximumLines) lines of headers")
                return .nothing
            }
            header(line, isCut: isCut)
            return .more
        } finish: { [self] in
            catalogued()
        }
    }

    private func header(_ line: ArraySlice<UInt8>, isCut: Bool) {
        // A continuation belongs to the header before it; of those that count here, none goes on.
        guard let first = line.first, first != 0x20, first != 0x09, let colon = line.firstIndex(of: 0x3A) else {
            return
        }
        let key = String(decoding: line[..<colon].prefix(64), as: UTF8.self).lowercased()
        let value = line[(colon + 1)...]
        switch key {
        // The first one counts, as for Python's own reader.
        case "name" where name == nil && !isCut: name = PackageText.identity(value)
        case "version" where version == nil && !isCut: version = PackageText.identity(value)
        case "author" where author == nil: author = PackageText.prose(value)
        case "license-expression" where expression == nil: expression = PackageText.prose(value)
        case "license" where license == nil: license = PackageText.prose(value, limit: 200)
        case "classifier" where classifiers.count < 20:
            let text = PackageText.prose(value) ?? ""
            if text.hasPrefix("License ::"), let leaf = text.split(separator: ":").last {
                let trimmed = String(leaf.drop { $0 == " " })
                if trimmed != "OSI Approved" { classifiers.append(trimmed) }
            }
        default: break
        }
    }

    private func catalogued() -> Catalogued {
        // Debian's and old Pythons describe the interpreter itself this way; it is no package of the index.
        if name == "Python" { return Catalogued(problems: problems) }
        guard let name, let version else {
            return Catalogued(problems: problems + ["its headers have no readable \(name == nil ? "Name" : "Version")"])
        }
        let component = Component(
            ecosystem: "pypi",
            // Written in many ways for one project; this is the one that the index and feeds use.
            name: PythonCataloguer.normalised(name),
            version: version,
            purl: PythonCataloguer.purl(name, version),
            supplier: author.flatMap { $0 == "UNKNOWN" ? nil : $0 },
            licenses: licenses
        )
        return Catalogued(components: [component], problems: problems)
    }

    private var licenses: [String] {
        if let expression { return [expression] }
        if let license, license != "UNKNOWN", license.utf8.count < 200 { return [license] }
        return classifiers
    }
}
