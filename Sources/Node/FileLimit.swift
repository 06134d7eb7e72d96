// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// How many files and sockets the process may hold open.
package enum FileLimit {
    /// Most that a node asks for; beyond it the kernel's tables cost memory that nobody uses.
    private static let most = 65_536
    /// What the node holds beside its connections: the database, open uploads, the layers that running analyses are given.
    private static let reserve = 640
    /// A connection that downloads holds its socket and the blob's file, twice while `sendfile` works.
    private static let perConnection = 3

    /// Raises the soft limit as far as the system lets it: it is 1024 on most of them, for programs that call `select`.
    ///
    /// - Returns: how many files may be open now.
    package static func raise() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        let wanted = min(limit.rlim_max, rlim_t(most))
        guard limit.rlim_cur < wanted else { return Int(clamping: limit.rlim_cur) }
        var raised = rlimit(rlim_cur: wanted, rlim_max: limit.rlim_max)
        return Int(clamping: setrlimit(resource, &raised) == 0 ? wanted : limit.rlim_cur)
    }

    /// How many connections fit into a limit: more would take the descriptors that pushes and verdicts need, and anybody can open them.
    package static func connections(wanted: Int, files: Int) -> Int {
        max(1, min(wanted, max(16, (files - reserve) / perConnection)))
    }
}
