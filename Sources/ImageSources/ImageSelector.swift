// SPDX-License-Identifier: EUPL-1.2

public import OCI

/// Which image of a layout or archive is meant.
public enum ImageSelector: Sendable, Hashable, CustomStringConvertible {
    /// By reference name: `org.opencontainers.image.ref.name` in a layout, `RepoTags` in an archive of `docker save`.
    case name(String)
    /// By manifest digest.
    case digest(Digest)

    /// As it is written on the command line.
    public var description: String {
        switch self {
        case .name(let name): name
        case .digest(let digest): digest.description
        }
    }
}
