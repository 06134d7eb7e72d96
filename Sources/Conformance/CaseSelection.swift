// SPDX-License-Identifier: EUPL-1.2

/// Which cases are run.
public struct CaseSelection: Sendable, Equatable {
    /// The specification that is asked for.
    public let version: SpecificationVersion
    /// Patterns of which one must fit; empty: all.
    public let patterns: [String]

    /// A selection.
    ///
    /// - Parameter patterns: separated by commas. `*` stands for any characters; a pattern also takes all that begins with it at a
    ///   dot: `blob.chunked` takes `blob.chunked.multi.sha256`. Nil: all.
    public init(version: SpecificationVersion, patterns: String? = nil) {
        self.version = version
        self.patterns = (patterns ?? "").split(separator: ",").map { pattern in
            String(pattern.filter { $0 != " " })
        }.filter { !$0.isEmpty }
    }

    /// Whether a case belongs to it.
    public func contains(_ subject: ConformanceCase) -> Bool {
        guard subject.since <= version else { return false }
        return patterns.isEmpty
            || patterns.contains { Self.fits(subject.id, $0) || Self.fits(subject.id, $0 + ".*") }
    }

    /// The cases that belong to it, in their order.
    public func cases(of all: [ConformanceCase] = CaseCatalogue.all) -> [ConformanceCase] { all.filter(contains) }

    /// Whether a text fits a pattern with `*`; time is the product of the lengths at worst.
    package static func fits(_ text: String, _ pattern: String) -> Bool {
        let (text, pattern) = (Array(text.utf8), Array(pattern.utf8))
        var (here, there) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while here < text.count {
            if there < pattern.count, pattern[there] == 0x2a {
                star = (there, here)
                there += 1
            } else if there < pattern.count, pattern[there] == text[here] {
                here += 1
                there += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                here = last.text + 1
                there = last.pattern + 1
            } else {
                return false
            }
        }
        return pattern[there...].allSatisfy { $0 == 0x2a }
    }
}
