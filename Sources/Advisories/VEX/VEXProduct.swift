// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// What names one thing in a VEX document: a purl, digests, or a name of its own.
public struct VEXComponent: Sendable, Hashable {
    /// A name that is neither a purl nor a digest: an IRI, or `urn:cdx:…`, the link to a CycloneDX document.
    public var id: String?
    /// Its package URL.
    public var purl: PackageURL?
    /// Digests of its content, `sha256:…`, in lower case.
    public var digests: [String]

    /// Makes a name.
    public init(id: String? = nil, purl: PackageURL? = nil, digests: [String] = []) {
        self.id = id
        self.purl = purl
        self.digests = digests
    }

    /// Digests of the images that it may be, also one that its purl has for a version.
    public var imageDigests: [String] { digests + (purl?.imageDigest.map { [$0] } ?? []) }

    /// True when nothing can be found by it.
    var isEmpty: Bool { id == nil && purl == nil && digests.isEmpty }

    /// One text for a person.
    var label: String { purl?.description ?? digests.first ?? id ?? "" }
}

/// A product that a statement is about.
public struct VEXProduct: Sendable, Hashable {
    /// What names it.
    public var identity: VEXComponent
    /// The parts of it that the statement is about; empty when it is about the product as a whole.
    public var subcomponents: [VEXComponent]

    /// Makes a product.
    public init(_ identity: VEXComponent, subcomponents: [VEXComponent] = []) {
        self.identity = identity
        self.subcomponents = subcomponents
    }
}

/// Digests as they stand in VEX documents.
enum VEXDigest {
    /// `sha256:…` from the names that the formats have for an algorithm; nil for what nobody should rely on, MD5 and SHA-1 among it.
    static func text(algorithm: String, value: String) -> String? {
        let name: String
        let digits: Int
        switch algorithm.lowercased() {
        case "sha256", "sha-256": (name, digits) = ("sha256", 64)
        case "sha384", "sha-384": (name, digits) = ("sha384", 96)
        case "sha512", "sha-512": (name, digits) = ("sha512", 128)
        default: return nil
        }
        let value = value.lowercased()
        let isHex = value.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return isHex && value.utf8.count == digits ? "\(name):\(value)" : nil
    }

    /// A digest written as `sha256:…`; nil for anything else.
    static func text(_ text: String) -> String? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 140 else { return nil }
        return Self.text(algorithm: String(parts[0]), value: String(parts[1]))
    }

    /// The algorithm and the digits of a digest.
    static func parts(_ digest: String) -> (algorithm: String, value: String)? {
        let parts = digest.split(separator: ":", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }
}
