// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// Why a text is not a platform.
public enum PlatformError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text has not two or three parts of letters, digits, `.`, `_` and `-` (bounded to 64 characters).
    case malformed(String)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .malformed(let text):
            "\"\(text)\" is not a platform; write os/architecture or os/architecture/variant, such as linux/amd64"
        }
    }
}

/// What an image runs on.
public struct Platform: Sendable, Hashable, CustomStringConvertible {
    /// CPU architecture in Go's words, such as `amd64`.
    public var architecture: String
    /// Operating system in Go's words, such as `linux`.
    public var os: String
    /// Variant of the CPU, such as `v7`.
    public var variant: String?
    /// Version of the operating system, for Windows.
    public var osVersion: String?
    /// Features that the operating system must have.
    public var osFeatures: [String]

    /// Makes a platform.
    public init(
        architecture: String,
        os: String,
        variant: String? = nil,
        osVersion: String? = nil,
        osFeatures: [String] = []
    ) {
        self.architecture = architecture
        self.os = os
        self.variant = variant
        self.osVersion = osVersion
        self.osFeatures = osFeatures
    }

    /// Reads `os/architecture` or `os/architecture/variant`; `x86_64` and `aarch64` are understood as `amd64` and `arm64`.
    public init(parsing text: String) throws(PlatformError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard text.utf8.count <= 128, (2...3).contains(parts.count), parts.allSatisfy(Self.isWord) else {
            throw .malformed(text.excerpt(64))
        }
        let names = ["x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm", "i386": "386"]
        let architecture = parts[1].lowercased()
        self.init(
            architecture: names[architecture] ?? architecture,
            os: parts[0].lowercased(),
            variant: parts.count == 3 ? String(parts[2]) : nil
        )
    }

    /// Reads the `platform` object of a descriptor.
    public init(json fields: JSONFields) throws(JSONShapeError) {
        self.init(
            architecture: try fields.string("architecture"),
            os: try fields.string("os"),
            variant: try fields.optionalString("variant"),
            osVersion: try fields.optionalString("os.version"),
            osFeatures: try fields.optionalStrings("os.features") ?? []
        )
    }

    /// The `platform` object of a descriptor.
    public var json: JSONValue {
        var members: [String: JSONValue] = ["architecture": .string(architecture), "os": .string(os)]
        if let variant { members["variant"] = .string(variant) }
        if let osVersion { members["os.version"] = .string(osVersion) }
        if !osFeatures.isEmpty { members["os.features"] = .strings(osFeatures) }
        return .object(members)
    }

    /// Whether this is the place holder `unknown/unknown` that builders give to attestations.
    public var isUnknown: Bool { architecture == "unknown" || os == "unknown" }

    /// Whether an image for this platform is what somebody asks for: the variant counts only when asked for.
    ///
    /// `arm64` and `arm64/v8` are the same.
    public func satisfies(_ wanted: Platform) -> Bool {
        guard os == wanted.os, architecture == wanted.architecture else { return false }
        guard let variant = wanted.variant else { return true }
        return variant == self.variant || (architecture == "arm64" && variant == "v8" && self.variant == nil)
    }

    /// `linux/amd64` or `linux/arm/v7`.
    public var description: String { "\(os)/\(architecture)" + (variant.map { "/" + $0 } ?? "") }

    private static func isWord(_ part: Substring) -> Bool {
        !part.isEmpty
            && part.utf8.allSatisfy { unit in
                (unit >= 0x30 && unit <= 0x39) || (unit | 0x20 >= 0x61 && unit | 0x20 <= 0x7A) || unit == 0x2E
                    || unit == 0x5F
                    || unit == 0x2D
            }
    }
}
