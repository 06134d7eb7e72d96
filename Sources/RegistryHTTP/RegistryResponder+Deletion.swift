// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import OCI
import Registry

extension RegistryResponder {
    /// By tag only the tag goes; by digest the manifest with every tag on it.
    func deleteManifest(_ exchange: RegistryExchange, _ name: RepositoryName, _ reference: ManifestReference)
        async throws -> Response
    {
        guard let account = exchange.account else {
            throw RegistryFailure(.forbidden, .denied, "deleting needs an account")
        }
        switch reference {
        case .tag(let tag):
            try await registry.deleteTag(tag, in: name, by: account, namespace: exchange.access.namespace)
        case .digest(let digest):
            try await registry.deleteManifest(digest, in: name, by: account, namespace: exchange.access.namespace)
        }
        return Response(status: .accepted, headers: [.contentLength: "0"])
    }

    func deleteBlob(_ exchange: RegistryExchange, _ name: RepositoryName, _ digest: Digest) async throws -> Response {
        guard let account = exchange.account else {
            throw RegistryFailure(.forbidden, .denied, "deleting needs an account")
        }
        try await registry.deleteBlob(digest, in: name, by: account, namespace: exchange.access.namespace)
        return Response(status: .accepted, headers: [.contentLength: "0", .dockerContentDigest: digest.description])
    }
}
