// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Logging
import Registry

/// Applies what the policies of namespaces say about what goes, once an hour.
struct RetentionKeeper: Sendable {
    let accounts: Accounts
    let registry: Registry
    let knowledge: @Sendable () async throws -> PullKnowledge
    let interval: Duration
    let logger: Logger

    func run() async throws {
        while true {
            try await Task.sleep(for: interval)
            do { try await clean() } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.error("retention failed, the next run tries again: \(error)")
            }
        }
    }

    private func clean() async throws {
        let pulls = try await knowledge()
        var after = ""
        while true {
            let page = try await accounts.allNamespaces(after: after)
            for namespace in page {
                try Task.checkCancellation()
                after = namespace.name
                do {
                    let name = namespace.name
                    let result = try await registry.applyRetention(
                        of: namespace,
                        pulls: pulls,
                        by: "node",
                        mayClean: { [accounts] t in try accounts.namespace(t, named: name)?.freeze == nil }
                    )
                    if result.tags > 0 || result.manifests > 0 || !result.skipped.isEmpty {
                        logger.notice(
                            "retention",
                            metadata: [
                                "namespace": "\(name)", "tags": "\(result.tags)", "manifests": "\(result.manifests)",
                                "leftAlone": "\(result.skipped.count)",
                            ]
                        )
                    }
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    // One namespace whose policy or rows cannot be read must not keep the others from being cleaned.
                    logger.error("retention of \(namespace.name): \(error)")
                }
            }
            if page.count < 100 { return }
        }
    }
}
