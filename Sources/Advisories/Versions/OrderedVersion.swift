// SPDX-License-Identifier: EUPL-1.2

/// A version that is read once and compared often, with the scheme that orders it.
public struct OrderedVersion: Sendable {
    private enum Value: Sendable {
        case dpkg(DpkgVersion)
        case apk(ApkVersion)
        case rpm(RPMVersion)
        case pep440(PEP440Version)
        case semver(SemanticVersion)
        case go(GoVersion)
        case maven(MavenVersion)
        case rubygems(RubyGemsVersion)
    }

    /// What orders it.
    public let scheme: VersionScheme
    private let value: Value

    /// Reads a version of a scheme.
    ///
    /// - Throws: ``VersionError`` when it is none; nothing follows from that.
    public init(parsing text: String, scheme: VersionScheme) throws(VersionError) {
        self.scheme = scheme
        switch scheme {
        case .dpkg: value = .dpkg(try DpkgVersion(parsing: text))
        case .apk: value = .apk(try ApkVersion(parsing: text))
        case .rpm: value = .rpm(try RPMVersion(parsing: text))
        case .pep440: value = .pep440(try PEP440Version(parsing: text))
        case .semver: value = .semver(try SemanticVersion(parsing: text))
        case .go: value = .go(try GoVersion(parsing: text))
        case .maven: value = .maven(try MavenVersion(parsing: text))
        case .rubygems: value = .rubygems(try RubyGemsVersion(parsing: text))
        }
    }

    /// The order: below zero when this one is earlier, zero when they are the same, above zero when it is later.
    ///
    /// - Throws: ``VersionError/differentSchemes`` for a version of another scheme; there is no order between them.
    public func order(_ other: OrderedVersion) throws(VersionError) -> Int {
        switch (value, other.value) {
        case (.dpkg(let left), .dpkg(let right)): return orderOf(left, right)
        case (.apk(let left), .apk(let right)): return orderOf(left, right)
        case (.rpm(let left), .rpm(let right)): return orderOf(left, right)
        case (.pep440(let left), .pep440(let right)): return orderOf(left, right)
        case (.semver(let left), .semver(let right)): return orderOf(left, right)
        case (.go(let left), .go(let right)): return orderOf(left, right)
        case (.maven(let left), .maven(let right)): return orderOf(left, right)
        case (.rubygems(let left), .rubygems(let right)): return orderOf(left, right)
        default: throw .differentSchemes
        }
    }
}
