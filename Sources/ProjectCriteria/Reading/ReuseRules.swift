// SPDX-License-Identifier: EUPL-1.2

internal import SBOM

/// Licence and copyright of each file as the REUSE specification finds them: in the file, beside it, or in `REUSE.toml`.
///
/// Source: REUSE Specification, version 3.3.
struct ReuseRules {
    /// Paths without a licence or without a copyright.
    let missing: [String]
    /// Licences that are named and whose text is not in `LICENSES/`.
    let withoutText: [String]
    /// Files that were looked at.
    let count: Int

    init(_ evidence: ProjectEvidence) {
        var annotations =
            Self.annotations(evidence.documents["REUSE.toml"] ?? "")
            + Self.debian(evidence.documents[".reuse/dep5"] ?? "")
        var globs = 0
        for index in annotations.indices {
            annotations[index].paths = Array(annotations[index].paths.prefix(max(0, Self.globLimit - globs)))
            globs += annotations[index].paths.count
        }
        let byPath = Dictionary(evidence.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var missing: [String] = []
        var named: Set<String> = []
        var count = 0
        for file in evidence.files where file.kind == .regular && file.size > 0 && !Self.isExempt(file.path) {
            count += 1
            var licences = file.licences
            var hasCopyright = file.hasCopyright
            if let beside = byPath[file.path + ".license"] {
                licences = beside.licences
                hasCopyright = beside.hasCopyright
            }
            // Of several annotations that fit, the last one speaks.
            if let annotation = annotations.last(where: { $0.matches(file.path) }) {
                switch annotation.precedence {
                case .override:
                    licences = annotation.licences
                    hasCopyright = annotation.hasCopyright
                case .aggregate:
                    licences += annotation.licences
                    hasCopyright = hasCopyright || annotation.hasCopyright
                case .closest:
                    if licences.isEmpty { licences = annotation.licences }
                    hasCopyright = hasCopyright || annotation.hasCopyright
                }
            }
            if licences.isEmpty || !hasCopyright { missing.append(file.path) }
            for expression in licences {
                named.formUnion((try? SPDXExpression(parsing: expression))?.identifiers ?? [expression])
            }
        }
        let texts = Set(
            evidence.files.filter { $0.path.hasPrefix("LICENSES/") }.map { file in
                let name = file.name
                return String(
                    name.hasSuffix(".txt") ? name.dropLast(4) : name.hasSuffix(".md") ? name.dropLast(3) : name
                )
            }
        )
        self.missing = missing
        self.count = count
        withoutText = named.subtracting(texts).sorted()
    }

    private static func isExempt(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return path.hasPrefix("LICENSES/") || path.hasPrefix(".git/") || name.hasSuffix(".license")
            || name.wholeMatch(of: /(LICEN[CS]E|COPYING)([-._].*)?/) != nil || name == "REUSE.toml"
            || path == ".reuse/dep5"
            || name.hasSuffix(".spdx") || name.contains(".spdx.")
    }

    /// Most steps that are made to fit a path to a glob.
    private static let stepLimit = 20_000
    /// Most globs that are looked at; those behind them fit nothing.
    private static let globLimit = 200

    // MARK: - Annotations

    struct Annotation {
        enum Precedence: String { case closest, aggregate, override }

        var paths: [String] = []
        var precedence = Precedence.closest
        var licences: [String] = []
        var hasCopyright = false

        func matches(_ path: String) -> Bool {
            paths.contains { ReuseRules.matches(Array(path.utf8)[...], Array($0.utf8)[...]) }
        }
    }

    /// The `[[annotations]]` of a `REUSE.toml`: the few forms of TOML that it uses, texts and lists of texts.
    static func annotations(_ text: String) -> [Annotation] {
        var found: [Annotation] = []
        var isInside = false
        var pending = ""
        for line in text.prefix(1 << 20).split(separator: "\n") {
            var line = line.trimmingSpaces
            if line.hasPrefix("#") { continue }
            if line.hasPrefix("[") && pending.isEmpty {
                isInside = line.hasPrefix("[[annotations]]")
                if isInside { found.append(Annotation()) }
                continue
            }
            if !pending.isEmpty {
                line = pending + " " + line
                pending = ""
            }
            guard isInside, let equals = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: equals)...].trimmingSpaces
            if value.hasPrefix("["), !value.hasSuffix("]") {
                pending = String(line)
                continue
            }
            let texts = value.matches(of: /"((?:[^"\\]|\\.)*)"|'([^']*)'/).map { match in
                match.output.1.map(unescaped) ?? String(match.output.2 ?? "")
            }
            let last = found.count - 1
            switch line[..<equals].trimmingSpaces {
            case "path": found[last].paths = texts
            case "precedence": found[last].precedence = texts.first.flatMap(Annotation.Precedence.init) ?? .closest
            case "SPDX-License-Identifier": found[last].licences = texts
            case "SPDX-FileCopyrightText": found[last].hasCopyright = !texts.isEmpty
            default: break
            }
        }
        return found
    }

    /// The text between quotation marks, where a backslash stands before what is meant literally.
    private static func unescaped(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            isEscaped = !isEscaped && character == "\\"
            if !isEscaped { result.append(character) }
        }
        return result
    }

    /// The `Files:` paragraphs of the older `.reuse/dep5`.
    static func debian(_ text: String) -> [Annotation] {
        var found: [Annotation] = []
        for paragraph in text.prefix(1 << 20).replacing("\r\n", with: "\n").split(separator: "\n\n") {
            var annotation = Annotation()
            annotation.precedence = .aggregate
            var key = ""
            for line in paragraph.split(separator: "\n") {
                let isContinued = line.hasPrefix(" ") || line.hasPrefix("\t")
                let colon = isContinued ? nil : line.firstIndex(of: ":")
                if let colon { key = line[..<colon].lowercased() }
                let value = (colon.map { line[line.index(after: $0)...] } ?? line).trimmingSpaces
                switch key {
                // In this format a star also stands for slashes.
                case "files":
                    annotation.paths += value.split(separator: " ").map { String($0).replacing("*", with: "**") }
                case "license": if !isContinued { annotation.licences = [value] }
                case "copyright": annotation.hasCopyright = annotation.hasCopyright || !value.isEmpty
                default: break
                }
            }
            if !annotation.paths.isEmpty { found.append(annotation) }
        }
        return found
    }

    /// Globs of REUSE: `*` stands for anything but a slash, `**` for anything, a backslash for the next character itself.
    ///
    /// Without recursion, and within a bound of steps.
    static func matches(_ path: ArraySlice<UInt8>, _ glob: ArraySlice<UInt8>) -> Bool {
        var text = path.startIndex
        var rule = glob.startIndex
        var stars: [(rule: Int, text: Int, crossesSlash: Bool)] = []
        var steps = 0
        while true {
            // What takes longer fits nothing: a file without a licence is told, never one with another's.
            steps += 1
            guard steps < stepLimit else { return false }
            if rule == glob.endIndex {
                if text == path.endIndex { return true }
            } else if glob[rule] == UInt8(ascii: "*") {
                let isDouble = rule + 1 < glob.endIndex && glob[rule + 1] == UInt8(ascii: "*")
                rule += isDouble ? 2 : 1
                // The leftmost fit is as good as any: a later star makes the choices of earlier ones of its kind final.
                if isDouble {
                    stars.removeAll()
                } else if let last = stars.last, !last.crossesSlash {
                    stars.removeLast()
                }
                stars.append((rule, text, isDouble))
                continue
            } else {
                var wanted = glob[rule]
                var width = 1
                if wanted == UInt8(ascii: "\\"), rule + 1 < glob.endIndex {
                    wanted = glob[rule + 1]
                    width = 2
                }
                if text < path.endIndex, path[text] == wanted {
                    text += 1
                    rule += width
                    continue
                }
            }
            guard let next = retry(path, &stars) else { return false }
            (text, rule) = next
        }
    }

    private static func retry(
        _ path: ArraySlice<UInt8>,
        _ stars: inout [(rule: Int, text: Int, crossesSlash: Bool)]
    ) -> (text: Int, rule: Int)? {
        while let star = stars.popLast() {
            guard star.text < path.endIndex, star.crossesSlash || path[star.text] != UInt8(ascii: "/") else { continue }
            stars.append((star.rule, star.text + 1, star.crossesSlash))
            return (star.text + 1, star.rule)
        }
        return nil
    }
}
