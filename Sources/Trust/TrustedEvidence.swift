// SPDX-License-Identifier: EUPL-1.2

public import Criteria

/// What is attached to one image, verified, and what those who are believed say.
public struct TrustedEvidence: Sendable {
    /// Signatures, statements and tags, with what verifying them came to.
    public let signed: SignedEvidence
    /// What the statements that count say.
    public let suppliers: SupplierEvidence
    /// VEX documents that count, each about this image alone.
    public let documents: [AttestedDocument]
    /// The namespace whose policy decided; nil where the repository lies in none, and nothing counts.
    public let namespace: String?
}
