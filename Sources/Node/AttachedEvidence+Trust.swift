// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import Criteria
import Database
import OCI
import Time
import Trust
import Vulnerabilities

extension AttachedEvidence {
    /// What the room that verifies found, as the one that assesses takes it.
    init(_ found: TrustedEvidence, in repository: RepositoryName) {
        self.init(
            signed: found.signed,
            suppliers: found.suppliers,
            vex: found.documents.map { document in
                let isLimited = document.isLimited || found.namespace == nil
                return AttestedStatements(
                    document: document.document,
                    signer: document.signer.name,
                    fingerprint: document.signer.fingerprint,
                    payload: document.payload,
                    place: StatementPlace(namespace: found.namespace, repository: isLimited ? repository.text : nil)
                )
            }
        )
    }
}

extension Accounts {
    /// Whether an image may be told of to those who read another repository: everybody may pull it, or it lies in the same namespace.
    func mayBeKnown(_ other: RepositoryName, to own: RepositoryName, in t: Transaction, at now: Timestamp) throws
        -> Bool
    {
        if other == own { return true }
        guard let theirs = try access(t, of: nil, to: other, at: now) else { return false }
        if theirs.rights.contains(.pull) { return true }
        guard let namespace = theirs.namespace else { return false }
        return try access(t, of: nil, to: own, at: now)?.namespace?.id == namespace.id
    }
}
