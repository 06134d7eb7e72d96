// SPDX-License-Identifier: EUPL-1.2

/// URIs of the kinds of predicates that are written or read here.
public enum PredicateType {
    /// SLSA provenance, versions 1.0 to 1.2.
    public static let provenance = "https://slsa.dev/provenance/v1"
    /// SLSA provenance 0.2; only read.
    public static let provenanceV0_2 = "https://slsa.dev/provenance/v0.2"
    /// SLSA verification summary.
    public static let verificationSummary = "https://slsa.dev/verification_summary/v1"
    /// The in-toto simple verification result.
    public static let simpleVerificationResult = "https://in-toto.io/attestation/svr/v0.2"
    /// The in-toto test result.
    public static let testResult = "https://in-toto.io/attestation/test-result/v0.1"
    /// The in-toto vulnerability scan.
    public static let vulnerabilities = "https://in-toto.io/attestation/vulns/v0.2"
    /// A scan for vulnerabilities in cosign's own form, which `cosign verify-attestation --type vuln` and admission controllers ask for.
    public static let cosignVulnerabilities = "https://cosign.sigstore.dev/attestation/vuln/v1"
    /// A CycloneDX document.
    public static let cycloneDX = "https://cyclonedx.org/bom"
    /// An SPDX document.
    public static let spdx = "https://spdx.dev/Document"
    /// An OpenVEX document.
    public static let openVEX = "https://openvex.dev/ns/v0.2.0"
    /// An image signature in the form of a statement, as cosign 3 writes it.
    public static let cosignSignature = "https://sigstore.dev/cosign/sign/v1"

    /// Audit of an image by people.
    ///
    /// No public predicate says who looked at what by which catalogue. A type is a URI of somebody who answers for it, so it lies below the
    /// address under which a node is reachable: its operator owns that name, and no domain is claimed that this project does not own.
    ///
    /// - Parameter address: `https://registry.example`, without a path; a slash at its end is ignored.
    public static func humanAudit(below address: String) -> String { own("human-audit/v1", below: address) }

    /// An authority's own release of an image for use (Freigabe), by organisation, purpose and end.
    ///
    /// - Parameter address: as for ``humanAudit(below:)``.
    public static func approval(below address: String) -> String { own("approval/v1", below: address) }

    private static func own(_ name: String, below address: String) -> String {
        var address = address[...]
        while address.last == "/" { address.removeLast() }
        return address + "/attestations/" + name
    }

    /// What kind of bill of materials a predicate type names; nil for everything else.
    ///
    /// Makers add versions to the URIs (`https://spdx.dev/Document/v2.3`, `https://cyclonedx.org/bom/v1.6`).
    public static func billKind(_ type: String) -> BillKind? {
        for (base, kind) in [(cycloneDX, BillKind.cycloneDX), (spdx, .spdx)]
        where type == base || type.hasPrefix(base + "/") {
            return kind
        }
        return nil
    }
}

/// The format of a bill of materials.
public enum BillKind: String, Sendable, Hashable, CaseIterable {
    /// CycloneDX.
    case cycloneDX = "cyclonedx"
    /// SPDX.
    case spdx
}
