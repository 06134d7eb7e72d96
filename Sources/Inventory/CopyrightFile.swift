// SPDX-License-Identifier: EUPL-1.2

/// Names of licences in Debian's copyright files: the fields of the machine-readable ones, else the texts below common-licenses that a file
/// refers to.
///
/// Source: Debian, "Machine-readable debian/copyright file" 1.0; Debian Policy 12.5.
enum CopyrightFile {
    /// Path of a package's file.
    static func path(of package: String) -> String { "usr/share/doc/\(package)/copyright" }

    /// The licences that a file names, as SPDX identifiers where Debian's names have one, sorted.
    static func licenses(_ bytes: [UInt8]) -> [String] {
        let prefix = Array("license:".utf8)
        var found: Set<String> = []
        for line in bytes.prefix(512 << 10).split(separator: 10) where line.count > prefix.count && line.count < 300 {
            guard line.prefix(prefix.count).elementsEqual(prefix, by: { $0 | 0x20 == $1 | 0x20 }) else { continue }
            let text = String(decoding: line.dropFirst(prefix.count), as: UTF8.self).trimmed
            for name in names(text) { found.insert(name) }
            if found.count >= 100 { break }
        }
        return found.isEmpty ? references(bytes.prefix(512 << 10)).sorted() : found.sorted()
    }

    /// `GPL-3` of `/usr/share/common-licenses/GPL-3`: Policy has packages refer to the licences that stand there instead of repeating them.
    private static func references(_ bytes: ArraySlice<UInt8>) -> Set<String> {
        let text = String(decoding: bytes, as: UTF8.self)
        let isLater = text.contains("any later version") || text.contains("any later\n")
        var found: Set<String> = []
        for part in text.split(separator: "/common-licenses/").dropFirst().prefix(100) {
            let word = part.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
            var name = String(word)
            while name.last == "." || name.last == "-" { name.removeLast() }
            guard (2...20).contains(name.utf8.count) else { continue }
            if name == "BSD" { name = "BSD-3-Clause" }
            if name == "Artistic" { name = "Artistic-1.0-Perl" }
            let isVersioned = name.contains("-")
            let isGNU = ["GPL", "LGPL", "GFDL"].contains { name.hasPrefix($0 + "-") }
            // "GPL" alone is a link to the newest.
            if isVersioned {
                found.insert(identifier(isGNU && isLater ? name + "+" : name))
            } else {
                found.insert(name)
            }
        }
        return found
    }

    /// Single names in `GPL-2+ or Artistic, and Expat`.
    private static func names(_ text: String) -> [String] {
        let words = text.split(whereSeparator: {
            $0 == " " || $0 == "\t" || $0 == "," || $0 == "|" || $0 == "(" || $0 == ")"
        })
        // Prose is no name.
        guard words.count <= 12 else { return [] }
        var names: [String] = []
        var skip = false
        for word in words {
            switch word.lowercased() {
            case "or", "and", "and/or": skip = false
            case "with": skip = true
            default:
                let isName = word.utf8.allSatisfy {
                    ByteClass.isAlphanumeric($0) || $0 == 45 || $0 == 46 || $0 == 43 || $0 == 95 || $0 == 126
                }
                if !skip, isName, word.utf8.count <= 64 { names.append(identifier(String(word))) }
            }
        }
        return names
    }

    /// The SPDX identifier of one of Debian's short names; the name itself where there is none.
    static func identifier(_ name: String) -> String {
        if let known = identifiers[name.lowercased()] { return known }
        for family in ["GPL", "LGPL", "AGPL", "GFDL"] where name.hasPrefix(family + "-") {
            var version = name.dropFirst(family.count + 1)
            let isLater = version.last == "+"
            if isLater { version = version.dropLast() }
            guard !version.isEmpty, version.allSatisfy({ $0.isNumber || $0 == "." }) else { break }
            let number = version.contains(".") ? String(version) : version + ".0"
            return "\(family)-\(number)-\(isLater ? "or-later" : "only")"
        }
        return name
    }

    private static let identifiers = [
        "expat": "MIT", "mit": "MIT", "apache-2.0": "Apache-2.0", "apache-2": "Apache-2.0",
        "bsd-2-clause": "BSD-2-Clause",
        "bsd-3-clause": "BSD-3-Clause", "bsd-4-clause": "BSD-4-Clause", "bsd-4-clause-uc": "BSD-4-Clause-UC",
        "isc": "ISC",
        "zlib": "Zlib", "artistic-2.0": "Artistic-2.0", "artistic-2": "Artistic-2.0", "mpl-2.0": "MPL-2.0",
        "mpl-1.1": "MPL-1.1",
        "cc0-1.0": "CC0-1.0", "cc0": "CC0-1.0", "openssl": "OpenSSL", "python-2.0": "Python-2.0", "psf-2": "PSF-2.0",
        "bsl-1.0": "BSL-1.0", "bsl-1": "BSL-1.0", "w3c": "W3C", "x11": "X11", "0bsd": "0BSD", "unlicense": "Unlicense",
        "unicode-dfs-2016": "Unicode-DFS-2016", "bzip2-1.0.6": "bzip2-1.0.6", "curl": "curl", "eupl-1.2": "EUPL-1.2",
    ]
}
