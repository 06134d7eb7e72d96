// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import Database
import Glibc
import Health
import Time
import Transparency
import Vulnerabilities

/// Finds out how the node is, for its own page and the API.
struct NodeInspection: Sendable {
    let queue: JobQueue
    let feeds: FeedStore
    let ageLimits: AgeLimits
    let log: @Sendable () -> TransparencyLog?
    let dataDirectory: String
    let clock: WallClock
    let remark: @Sendable () -> String?

    func health() async throws -> NodeHealth {
        let jobs = try await queue.counts()
        let states = try feeds.current()?.feeds ?? []
        let status = try await log()?.status()
        return NodeHealth(
            at: clock.now(),
            feeds: states.map {
                .init(
                    name: $0.name,
                    date: $0.newestRecord ?? $0.asOf,
                    limit: ageLimits.limit(for: $0),
                    records: $0.count
                )
            },
            queue: .init(waiting: jobs.queued, running: jobs.running, givenUp: jobs.dead),
            storage: Self.storage(of: dataDirectory),
            log: status.map {
                .init(
                    origin: $0.origin,
                    size: $0.size,
                    waiting: $0.waiting,
                    publishedAt: $0.publishedAt,
                    isFrozen: $0.freeze != nil
                )
            },
            lastBackup: BackupMark(directory: dataDirectory).read(at: clock.now()),
            remark: remark()
        )
    }

    private static func storage(of directory: String) -> NodeHealth.Storage? {
        var facts = statvfs()
        guard statvfs(directory, &facts) == 0 else { return nil }
        func bytes(_ blocks: some BinaryInteger) -> Int64? {
            guard let blocks = Int64(exactly: blocks), let size = Int64(exactly: facts.f_frsize) else { return nil }
            let (product, overflow) = blocks.multipliedReportingOverflow(by: size)
            return overflow ? nil : product
        }
        guard let total = bytes(facts.f_blocks), let free = bytes(facts.f_bavail) else { return nil }
        return NodeHealth.Storage(total: total, free: free)
    }
}
