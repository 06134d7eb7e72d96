// SPDX-License-Identifier: EUPL-1.2

/// How the versions of an ecosystem are ordered.
public enum VersionScheme: String, Sendable, Hashable, CaseIterable {
    /// Debian packages.
    case dpkg

    /// The order of two versions: below zero when the left one is earlier, zero when they are the same, above zero when it is later.
    ///
    /// - Throws: ``VersionError`` when one of them is no version of this scheme; nothing follows from that.
    public func order(_ left: String, _ right: String) throws(VersionError) -> Int {
        switch self {
        case .dpkg:
            let (left, right) = (try DpkgVersion(parsing: left), try DpkgVersion(parsing: right))
            return left == right ? 0 : left < right ? -1 : 1
        }
    }
}
