// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import Database
import HTTPTypes
import Hummingbird
import NIOCore
import Registry
import Time
import Vulnerabilities

/// `/healthz`, `/readyz` and `/metrics`.
struct NodeStatus: Sendable {
    let database: Database
    let queue: JobQueue
    let registry: Registry
    let metrics: NodeMetrics
    let feeds: FeedStore
    let ageLimits: AgeLimits
    let clock: WallClock
    /// What keeps the node from being ready; nil when nothing does.
    let unreadiness: @Sendable () async -> String?
    /// What keeps it from being as it should, though it is ready; nil when nothing does.
    let remark: @Sendable () async -> String?

    /// Answers a request to one of the three; nil for every other path.
    func respond(to request: Request) async -> Response? {
        let path = request.uri.path
        guard path == "/healthz" || path == "/readyz" || path == "/metrics" else { return nil }
        guard request.method == .get || request.method == .head else {
            return Self.text(.methodNotAllowed, "only GET and HEAD are possible here\n", request, [.allow: "GET, HEAD"])
        }
        switch path {
        case "/healthz":
            // Alive means: the process answers. Whether it can work is the other question.
            return Self.text(.ok, "ok\n", request)
        case "/readyz":
            if let reason = await unreadiness() {
                return Self.text(.serviceUnavailable, reason + "\n", request, [.retryAfter: "5"])
            }
            return Self.text(.ok, "ready\n" + (await remark().map { $0 + "\n" } ?? ""), request)
        default:
            let jobs = try? await queue.counts()
            let text = metrics.text(
                jobs: jobs,
                commits: database.statistics,
                openUploads: registry.openUploads,
                feeds: feedAges()
            )
            return Self.text(.ok, text, request, [.contentType: "text/plain; version=0.0.4; charset=utf-8"])
        }
    }

    /// How old each feed is; nothing when the snapshot cannot be read, for then no age is known.
    private func feedAges() -> [NodeMetrics.FeedAge] {
        let now = clock.now()
        let states = (try? feeds.current())?.feeds ?? []
        return states.map { feed in
            NodeMetrics.FeedAge(
                name: feed.name,
                age: now.duration(since: feed.newestRecord ?? feed.asOf),
                limit: ageLimits.limit(for: feed)
            )
        }
    }

    private static func text(
        _ status: HTTPResponse.Status,
        _ text: String,
        _ request: Request,
        _ more: HTTPFields = [:]
    ) -> Response {
        var headers: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .cacheControl: "no-store", .contentLength: "\(text.utf8.count)",
        ]
        for field in more { headers[field.name] = field.value }
        return Response(
            status: status,
            headers: headers,
            body: request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
