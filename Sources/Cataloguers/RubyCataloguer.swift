// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Installed gems, from `specifications/*.gemspec` and `specifications/default/*.gemspec`.
///
/// A specification is a Ruby program. RubyGems writes those of installed gems in one form, one literal a line, which is read here; nothing
/// is ever evaluated. What is not in this form is taken from the file's name, and said to be so as a problem. Source: RubyGems,
/// `Gem::Specification#to_ruby`.
public enum RubyCataloguer: Cataloguer {
    /// Its name, in problems and in the keys of caches.
    public static let name = "ruby"
    /// Counts up with every change of what it finds.
    public static let version = 1

    /// Who reads this file; nil when it is of no interest.
    public static func scanner(for file: CandidateFile) -> (any FileScanner)? {
        guard file.name.hasSuffix(".gemspec") else { return nil }
        let folders = file.path.split(separator: "/").dropLast()
        guard folders.last == "specifications" || folders.suffix(2) == ["specifications", "default"] else { return nil }
        return RubySpecification(fileName: String(file.name)).scanner()
    }
}
