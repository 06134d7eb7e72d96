// SPDX-License-Identifier: EUPL-1.2

/// How the versions of an ecosystem are ordered.
public enum VersionScheme: String, Sendable, Hashable, CaseIterable {
    /// Debian packages.
    case dpkg
    /// Alpine packages.
    case apk
    /// RPM packages.
    case rpm
    /// Python packages.
    case pep440
    /// Semantic Versioning 2.0.0: npm, cargo.
    case semver
    /// Go modules and the Go toolchain.
    case go
    /// Maven artifacts.
    case maven
    /// Ruby gems.
    case rubygems

    /// The scheme of a package URL's type; nil for a type whose order is not known here.
    public init?(purlType: String) {
        switch purlType {
        case "deb": self = .dpkg
        case "apk": self = .apk
        case "rpm": self = .rpm
        case "pypi": self = .pep440
        case "npm", "cargo": self = .semver
        case "golang": self = .go
        case "maven": self = .maven
        case "gem": self = .rubygems
        default: return nil
        }
    }

    /// The order of two versions: below zero when the left one is earlier, zero when they are the same, above zero when it is later.
    ///
    /// - Throws: ``VersionError`` when one of them is no version of this scheme; nothing follows from that.
    public func order(_ left: String, _ right: String) throws(VersionError) -> Int {
        let left = try OrderedVersion(parsing: left, scheme: self)
        let right = try OrderedVersion(parsing: right, scheme: self)
        return try left.order(right)
    }
}
