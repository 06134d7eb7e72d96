// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import JSON
import OCI
import Policies
import PullRecords
import Registry
import SBOM
import Time

extension RegistryResponder {
    /// Lets an image through the gate of its namespace, or says why not and where that is explained.
    ///
    /// - Returns: what whoever gets it should know; nil when there is nothing.
    func passGate(
        _ exchange: RegistryExchange,
        _ name: RepositoryName,
        _ manifest: ManifestSummary,
        as puller: Puller
    ) async throws -> String? {
        guard let namespace = exchange.access.namespace else { return nil }
        let digest = manifest.digest
        switch try await registry.gate(manifest, in: name, of: namespace) {
        case .open: return nil
        case .announced(let objection):
            return "from \(objection.from.rfc3339) on this is refused: \(objection.refusal)" + link(name, digest)
        case .excepted(let objection, let end):
            return "given out by an exception until \(end.rfc3339): \(objection.refusal)" + link(name, digest)
        case .closed(let objection):
            if exchange.access.rights.contains(.push) {
                return "given out to those who push here, refused to others: \(objection.refusal)" + link(name, digest)
            }
            // Asked for those alone whom the gate would turn away.
            let first = try await firstPull(name, digest, puller)
            guard objection.spares(whoPulledAt: first, at: registry.now) else {
                throw refusal(objection, name, digest)
            }
            return "refused from \(objection.graceUntil.rfc3339) on, and already to those who are new: "
                + "\(objection.refusal)" + link(name, digest)
        }
    }

    private func refusal(_ objection: PullObjection, _ name: RepositoryName, _ digest: Digest) -> RegistryFailure {
        let refusal = objection.refusal
        return RegistryFailure(
            .forbidden,
            .denied,
            "\(name)@\(digest) is not given out: \(refusal)" + link(name, digest),
            detail: [
                "rule": .string(refusal.rule), "revision": .integer(refusal.revision),
                "since": .string(objection.from.rfc3339), "reason": refusal.reason.json,
                "page": .optional(settings.imagePage(name, digest)),
            ]
        )
    }

    private func link(_ name: RepositoryName, _ digest: Digest) -> String {
        settings.imagePage(name, digest).map { " See \($0)" } ?? ""
    }
}
