// SPDX-License-Identifier: EUPL-1.2

import Database
import Registry
import Synchronization

/// Counters of one node, and their text for Prometheus.
final class NodeMetrics: Sendable {
    /// Part of the node that answered.
    enum Area: String, CaseIterable {
        case registry
        case api
        case portal
        case node
    }

    /// How old one feed is, and may be.
    struct FeedAge {
        let name: String
        let age: Duration
        let limit: Duration
    }

    private struct Key: Hashable {
        let area: Area
        let status: Int
    }

    private struct State {
        var requests: [Key: Int] = [:]
        var seconds: [Area: Double] = [:]
        var inFlight = 0
    }

    // Owner: this mutex; held for a few additions only.
    private let state = Mutex(State())
    private let started = ContinuousClock.now

    func begin() { state.withLock { $0.inFlight += 1 } }

    func end(_ area: Area, status: Int, took: Duration) {
        state.withLock { state in
            state.inFlight -= 1
            // By class: a status of its own for every number would let a client grow this table.
            state.requests[Key(area: area, status: status / 100), default: 0] += 1
            state.seconds[area, default: 0] += took / .seconds(1)
        }
    }

    /// The exposition format, version 0.0.4.
    func text(jobs: JobCounts?, commits: CommitStatistics, openUploads: Int, feeds: [FeedAge]) -> String {
        let state = state.withLock { $0 }
        var lines: [String] = []
        func metric(_ name: String, _ kind: String, _ help: String, _ values: [(String, String)]) {
            lines.append("# HELP \(name) \(help)")
            lines.append("# TYPE \(name) \(kind)")
            for (labels, value) in values { lines.append(name + labels + " " + value) }
        }
        metric(
            "kontor_http_requests_total",
            "counter",
            "Requests answered, by area and class of status.",
            state.requests.sorted { ($0.key.area.rawValue, $0.key.status) < ($1.key.area.rawValue, $1.key.status) }
                .map { ("{area=\"\($0.key.area.rawValue)\",status=\"\($0.key.status)xx\"}", "\($0.value)") }
        )
        metric(
            "kontor_http_request_seconds_total",
            "counter",
            "Time until the head of each answer, in seconds.",
            Area.allCases.compactMap { area in state.seconds[area].map { ("{area=\"\(area.rawValue)\"}", "\($0)") } }
        )
        metric(
            "kontor_http_requests_in_flight",
            "gauge",
            "Requests without an answer yet.",
            [("", "\(state.inFlight)")]
        )
        metric("kontor_uploads_open", "gauge", "Upload sessions held by this process.", [("", "\(openUploads)")])
        if let jobs {
            metric(
                "kontor_jobs",
                "gauge",
                "Jobs by state; counted up to \(JobQueue.countLimit).",
                [
                    ("{state=\"queued\"}", "\(jobs.queued)"), ("{state=\"running\"}", "\(jobs.running)"),
                    ("{state=\"dead\"}", "\(jobs.dead)"),
                ]
            )
        }
        metric("kontor_database_writes_total", "counter", "Writes that became durable.", [("", "\(commits.writes)")])
        metric(
            "kontor_database_commits_total",
            "counter",
            "Commits, and so waits for the disk.",
            [("", "\(commits.commits)")]
        )
        // Names of feeds are this program's own, so they need no escaping.
        metric(
            "kontor_feed_age_seconds",
            "gauge",
            "Age of the newest data of each feed; no line: nothing is loaded.",
            feeds.map { ("{feed=\"\($0.name)\"}", "\($0.age.components.seconds)") }
        )
        metric(
            "kontor_feed_age_limit_seconds",
            "gauge",
            "Age from which on criteria that rest on a feed are unknown.",
            feeds.map { ("{feed=\"\($0.name)\"}", "\($0.limit.components.seconds)") }
        )
        metric(
            "kontor_uptime_seconds",
            "gauge",
            "Time since the start.",
            [("", "\((ContinuousClock.now - started).components.seconds)")]
        )
        return lines.joined(separator: "\n") + "\n"
    }
}
