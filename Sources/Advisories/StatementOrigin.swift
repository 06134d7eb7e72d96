// SPDX-License-Identifier: EUPL-1.2

/// How a statement came to count on a node.
public enum StatementOrigin: String, Sendable, Hashable, CaseIterable {
    /// Somebody responsible brought a document.
    case imported
    /// Somebody responsible looked at the finding.
    case assessed
    /// Somebody responsible made another's statement their own.
    case adopted
    /// Somebody whom the namespace's trust policy believes signed it, about the image that it is attached to.
    case attested
}
