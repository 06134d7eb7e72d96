// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// A Linux distribution and its release, as `os-release` names them.
public struct Distribution: Sendable, Hashable {
    /// `ID`: `debian`.
    public let id: String
    /// `VERSION_ID`: `12`; nil for rolling releases.
    public let versionID: String?
    /// `VERSION_CODENAME`: `bookworm`.
    public let codename: String?
    /// `PRETTY_NAME`: `Debian GNU/Linux 12 (bookworm)`.
    public let prettyName: String?

    /// Makes a distribution from the fields of `os-release`.
    public init(id: String, versionID: String? = nil, codename: String? = nil, prettyName: String? = nil) {
        self.id = id
        self.versionID = versionID
        self.codename = codename
        self.prettyName = prettyName
    }

    /// Reads what ``json`` writes.
    public init(json: JSONFields) throws(JSONShapeError) {
        id = try json.string("id")
        versionID = try json.optionalString("versionID")
        codename = try json.optionalString("codename")
        prettyName = try json.optionalString("prettyName")
    }

    /// The distribution as an object; absent values are null.
    public var json: JSONValue {
        [
            "id": .string(id),
            "versionID": .optional(versionID),
            "codename": .optional(codename),
            "prettyName": .optional(prettyName),
        ]
    }

    /// The name that a feed files this release under: the code name where `os-release` has one, else what is known of Debian's.
    ///
    /// Debian's testing and unstable have no version, and images of old releases lack `VERSION_CODENAME`.
    public var releaseName: String? {
        if let codename, !codename.isEmpty { return codename }
        guard id == "debian", let versionID else { return nil }
        return Self.debianCodenames[String(versionID.prefix { $0 != "." })]
    }

    /// The value of a purl's `distro` qualifier: `debian-12`, or `debian` without a version.
    public var purlQualifier: String {
        guard let versionID, !versionID.isEmpty else { return id }
        return "\(id)-\(versionID)"
    }

    private static let debianCodenames = [
        "8": "jessie", "9": "stretch", "10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie",
        "14": "forky",
    ]
}
