// SPDX-License-Identifier: EUPL-1.2

public import OCI

extension RegistryClient {
    /// Manifests of a repository that say to be about another one, as its registry lists them.
    ///
    /// A registry that does not know of such lists is asked for the one that clients keep under a tag.
    ///
    /// - Returns: at most what one page has; empty when there are none.
    /// - Throws: ``RegistryClientError``, `CancellationError`.
    ///
    /// Source: OCI distribution-spec v1.1.1, "Listing Referrers" and "Unavailable Referrers API".
    public func referrers(_ repository: RepositoryName, of digest: Digest) async throws -> [Descriptor] {
        let what = "the referrers of \(digest) in \(repository)"
        do {
            let response = try await get(
                "\(repository)/referrers/\(digest)",
                repository: repository,
                accept: MediaType.imageIndex,
                what: what
            )
            return try index(try await collect(response, limit: settings.manifestLimit, what: what), what: what)
        } catch RegistryClientError.notFound {}
        do {
            let pulled = try await manifest(repository, "\(digest.algorithm.rawValue)-\(digest.hex)")
            return try index(pulled.bytes, what: what)
        } catch RegistryClientError.notFound { return [] }
    }

    private func index(_ bytes: [UInt8], what: String) throws(RegistryClientError) -> [Descriptor] {
        do throws(ManifestError) {
            if case .index(let index) = try ManifestDocument(parsing: bytes, contentType: MediaType.imageIndex) {
                return index.manifests
            }
        } catch { throw .invalidAnswer(registry: registry, what: what, reason: "it gave no list: \(error)") }
        throw .invalidAnswer(registry: registry, what: what, reason: "it gave a manifest instead of a list")
    }
}
