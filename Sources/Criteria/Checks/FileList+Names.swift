// SPDX-License-Identifier: EUPL-1.2

internal import SBOM

extension FileList {
    /// Files whose last path component matches one of the patterns, in path order.
    func named(_ patterns: [String]) -> [FileFact] {
        let matcher = NameMatcher(patterns)
        return items.filter { matcher.matches($0.path) }
    }

    /// The list was cut, so what is not in it may still be in the image.
    var cutHit: Hit? {
        items.count < total ? .common("list-cut", ["seen": .number(items.count), "total": .number(total)]) : nil
    }
}

/// Names of files; `*` stands for any characters.
struct NameMatcher {
    private let exact: Set<String>
    private let patterns: [[UInt8]]

    init(_ names: [String]) {
        exact = Set(names.filter { !$0.contains("*") })
        patterns = names.filter { $0.contains("*") }.map { Array($0.utf8) }
    }

    /// True when the last component of a path matches.
    func matches(_ path: String) -> Bool {
        let name = path.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init) ?? path
        if exact.contains(name) { return true }
        let bytes = Array(name.utf8)
        return patterns.contains { Self.matches(bytes, $0) }
    }

    /// Greedy with one place to go back to, so that no pattern takes more than the product of the two lengths.
    private static func matches(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        var (at, next) = (0, 0)
        var back: (at: Int, next: Int)?
        while at < name.count {
            if next < pattern.count, pattern[next] == star {
                next += 1
                back = (at, next)
            } else if next < pattern.count, pattern[next] == name[at] {
                at += 1
                next += 1
            } else if let last = back {
                at = last.at + 1
                next = last.next
                back = (at, next)
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == star }
    }
}

extension CheckInput {
    /// Layers or archives that could not be read: then the lists of files are not complete either.
    var unreadFiles: Hit? {
        let problems = evidence.problems.filter { $0.path == nil }
        guard !problems.isEmpty else { return nil }
        return .common("unreadable", ["problems": .list(problems.map(\.reason))])
    }
}

extension CriterionEvidence {
    init(file: FileFact) {
        var text = "mode \(String(file.mode, radix: 8)), owner \(file.userID):\(file.groupID)"
        if file.hasCapabilities { text += ", file capabilities" }
        if let owner = file.owner { text += ", from \(owner.bounded)" }
        self.init(kind: .file, strength: .observed, text: text, path: file.path, layer: file.layer)
    }

    init(component: Component) {
        self.init(
            kind: .component,
            strength: .observed,
            text: (component.purl?.description ?? "\(component.name) \(component.version)").bounded,
            path: component.paths.first,
            layer: component.layer
        )
    }
}
