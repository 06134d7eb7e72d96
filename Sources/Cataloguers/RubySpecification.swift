// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Reads the literals of one gem specification.
final class RubySpecification {
    private let fileName: String
    private var name: String?
    private var version: String?
    private var platform: String?
    private var authors: [String] = []
    private var licenses: [String] = []
    private var stub: [String] = []
    private var lines = 0

    init(fileName: String) { self.fileName = fileName }

    /// The scanner of one file.
    func scanner() -> any FileScanner {
        // Lists of files make long lines.
        LineScanner(limit: 256 << 10) { [self] line, isCut in
            lines += 1
            self.line(line, isCut: isCut)
            return lines < 100_000 ? .more : .nothing
        } finish: { [self] in
            catalogued()
        }
    }

    private func line(_ line: ArraySlice<UInt8>, isCut: Bool) {
        let text = PackageText.trimmed(line)
        // `# stub: name version platform paths` is what RubyGems itself reads to find a gem without running its specification.
        if lines <= 3, text.starts(with: Array("# stub: ".utf8)) {
            stub = text.dropFirst(8).prefix(1024).split(separator: 0x20).prefix(3).compactMap {
                PackageText.identity($0)
            }
        }
        guard !isCut, text.first != 0x23, let (attribute, value) = assignment(text) else { return }
        switch attribute {
        case "name" where name == nil: name = literals(value).first
        case "version" where version == nil: version = literals(value).first
        case "platform" where platform == nil: platform = literals(value).first
        case "license", "licenses": licenses = literals(value)
        case "authors" where authors.isEmpty: authors = literals(value)
        default: break
        }
    }

    /// `s.name = value`; nil for anything else, also for conditions and comparisons.
    private func assignment(_ text: ArraySlice<UInt8>) -> (attribute: String, value: ArraySlice<UInt8>)? {
        guard let equals = text.firstIndex(of: 0x3D) else { return nil }
        let left = PackageText.trimmed(text[..<equals])
        let value = PackageText.trimmed(text[(equals + 1)...])
        guard let dot = left.firstIndex(of: 0x2E), left.count < 64, value.first != 0x3D, value.first != 0x7E else {
            return nil
        }
        let isWord = { (bytes: ArraySlice<UInt8>) in
            !bytes.isEmpty && bytes.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
        }
        guard isWord(left[..<dot]), isWord(left[(dot + 1)...]) else { return nil }
        return (String(decoding: left[(dot + 1)...], as: UTF8.self), value)
    }

    /// The string literals of `"a".freeze`, `'a'`, `["a".freeze, "b"]`, `Gem::Version.new("1.0")`; none where the value is computed.
    private func literals(_ value: ArraySlice<UInt8>) -> [String] {
        var rest = value
        for opening in ["Gem::Version.new(", "Gem::Version.new ", "Gem::Platform.new(", "["]
        where rest.starts(with: Array(opening.utf8)) {
            rest = rest.dropFirst(opening.utf8.count)
            break
        }
        var found: [String] = []
        while found.count < 50 {
            rest = rest.drop { $0 == 0x20 || $0 == 0x2C }
            guard let quote = rest.first, quote == 0x22 || quote == 0x27 else { return found }
            guard let (text, end) = literal(rest.dropFirst(), quote: quote) else { return [] }
            found.append(text)
            rest = rest[end...]
            if rest.starts(with: Array(".freeze".utf8)) { rest = rest.dropFirst(7) }
            // "1." + MINOR is no literal.
            if let next = rest.drop(while: { $0 == 0x20 }).first, ![0x2C, 0x5D, 0x29, 0x3B, 0x23].contains(next) {
                return []
            }
        }
        return found
    }

    /// The text up to the closing quote and the index after that; nil for text that Ruby would have to work out.
    private func literal(_ bytes: ArraySlice<UInt8>, quote: UInt8) -> (String, Int)? {
        var text: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == quote { return PackageText.identity(text).map { ($0, index + 1) } }
            if byte == 0x23, quote == 0x22, bytes[(index + 1)...].first == 0x7B { return nil }
            guard byte == 0x5C else {
                text.append(byte)
                index += 1
                continue
            }
            guard let escaped = bytes[(index + 1)...].first else { return nil }
            index += 2
            if escaped == 0x75, quote == 0x22 {
                let digits = bytes[index...].prefix(4)
                guard digits.count == 4, let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
                    let scalar = Unicode.Scalar(code)
                else { return nil }
                text.append(contentsOf: String(Character(scalar)).utf8)
                index += 4
            } else if escaped == quote || escaped == 0x5C {
                text.append(escaped)
            } else {
                return nil
            }
        }
        return nil
    }

    private func catalogued() -> Catalogued {
        var problems: [String] = []
        let guess = fileNameParts()
        let name = name ?? stub.first ?? guess?.name
        let version = version ?? (stub.count > 1 ? stub[1] : nil) ?? guess?.version
        guard let name, let version, let purl = PackageURL(type: "gem", name: name, version: version) else {
            return Catalogued(problems: ["it has no readable name and version, nor has its file name"])
        }
        let isGuess = (self.name == nil && stub.isEmpty) || (self.version == nil && stub.count < 2)
        if isGuess {
            problems.append("\(name) \(version): taken from the file's name; the specification computes them")
        }
        let platform = platform ?? (stub.count > 2 ? stub[2] : nil)
        let component = Component(
            ecosystem: "gem",
            name: name,
            version: version,
            architecture: platform == "ruby" ? nil : platform,
            purl: purl,
            supplier: authors.isEmpty ? nil : authors.joined(separator: ", "),
            licenses: licenses,
            confidence: isGuess ? 0.5 : 1
        )
        return Catalogued(components: [component], problems: problems)
    }

    /// `name-1.2.3-platform.gemspec`: the version begins after the first hyphen that a digit follows and goes on to the next hyphen.
    private func fileNameParts() -> (name: String, version: String)? {
        let parts = fileName.dropLast(".gemspec".count).split(separator: "-", omittingEmptySubsequences: false)
        guard
            let index = parts.indices.dropFirst().first(where: {
                parts[$0].utf8.first.map { (0x30...0x39).contains($0) } ?? false
            })
        else { return nil }
        guard let name = PackageText.identity(parts[..<index].joined(separator: "-")),
            let version = PackageText.identity(String(parts[index]))
        else { return nil }
        return (name, version)
    }
}
