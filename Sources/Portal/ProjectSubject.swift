// SPDX-License-Identifier: EUPL-1.2

import OCI
import ProjectCriteria
import ProjectRegister
import Time

/// The source project that a page is about.
struct ProjectSubject: Sendable {
    /// Its number.
    let id: Int64
    /// What it is called: `team/app`.
    let path: String
    /// What people call it.
    let name: String
    let namespace: String
    /// Where its repository is read from.
    let url: String
    let isPublic: Bool
    let since: Timestamp
    /// What came of the last check, Kontor's own catalogue first; none before it.
    var verdicts: [ProjectVerdict] = []
    /// A check is due or runs.
    var isWaiting = false
    var lastCheck: Timestamp?
    var nextCheck: Timestamp?
    /// Why each check has come to nothing, and since when.
    var failure: (reason: String, at: Timestamp)?

    /// Where its page is.
    var address: String { Self.address(path) }

    /// Where its twin is.
    var api: String { "/api/v1/projects/\(id)" }

    static func address(_ path: String) -> String { "/projects/" + PercentEncoding.encode(path) }

    init(_ project: RegisteredProject, verdicts: [ProjectVerdict], now: Timestamp) {
        id = project.id
        path = project.name
        name = project.title
        namespace = project.namespace
        url = project.url
        isPublic = project.visibility == .everybody
        since = project.registeredAt
        self.verdicts = verdicts
        lastCheck = project.checks.checkedAt
        isWaiting = project.checks.nextAt <= now
        nextCheck = isWaiting ? nil : project.checks.nextAt
        failure = project.checks.failure.map { ($0, project.checks.failingSince ?? project.checks.nextAt) }
    }
}
