// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1
import OCI

/// Listing tags.
enum TagCases {
    static let all = [
        make("tags.list", "all tags are listed, in lexical order") { try await $0.expectTags(sorted) },
        ConformanceCase("tags.order.mixed-case", "tags of both cases are in lexical order", .tags, list) { probe in
            let mixed = ["Alpha", "alpine", "Beta", "bravo", "Zulu", "yankee"]
            try await push(mixed, probe)
            let (answer, tags) = try await probe.tags()
            let lexical = mixed.sorted { $0.lowercased() < $1.lowercased() }
            let bytes = mixed.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            // 1.1.1 knows one order only; that of ASCII was allowed later (#583).
            let allowed = probe.version == .v1_1 ? [lexical] : [lexical, bytes]
            guard allowed.contains(tags) else {
                throw answer.failure(
                    probe.version == .v1_1
                        ? "the tags MUST be in lexical order (i.e. case-insensitive alphanumeric order): \(lexical)"
                        : "the tags MUST be in lexical or ASCIIbetical order: \(lexical) or \(bytes)",
                    got: "\(tags)".printable(400)
                )
            }
        },
        make("tags.n.some", "n gives so many tags, or fewer with a Link") { probe in
            let (answer, tags) = try await probe.tags("?n=3")
            let isPage = tags == Array(sorted.prefix(tags.count)) && tags.count <= 3
            guard isPage, tags.count == 3 || LinkHeader.next(in: answer.headers["Link"]) != nil else {
                throw answer.failure("the answer MUST include n tags, or fewer with a Link", got: "\(tags)")
            }
        },
        make("tags.n.zero", "n=0 gives an empty list, and no Link") { probe in
            let (answer, tags) = try await probe.tags("?n=0")
            guard tags.isEmpty, answer["Link"] == nil else {
                throw answer.failure(
                    "when n is zero the list MUST be empty, and there MUST NOT be a Link",
                    got: "\(tags), Link: \(answer["Link"]?.printable() ?? "none")"
                )
            }
        },
        make("tags.n.more-than-there-are", "n beyond the number of tags gives them all") {
            try await $0.expectTags(sorted, "?n=500")
        },
        make("tags.n.huge", "a huge n is no failure of the registry") { probe in
            let answer = try await probe.get("/v2/\(probe.repository)/tags/list?n=2147483647")
            if (400...499).contains(answer.status) { return try answer.expectErrorBody() }
            guard try probe.tags(of: answer, in: probe.repository) == sorted else {
                throw answer.failure("all tags, or a refusal")
            }
        },
        make("tags.n.negative", "a negative n is no failure of the registry") { probe in
            let answer = try await probe.get("/v2/\(probe.repository)/tags/list?n=-1")
            guard answer.status < 500 else {
                throw answer.failure("n is an integer number of tags; a refusal is a 4xx")
            }
            try answer.expectErrorBody()
        },
        make("tags.n.no-number", "an n that is no number is no failure of the registry") { probe in
            let answer = try await probe.get("/v2/\(probe.repository)/tags/list?n=ten")
            guard answer.status < 500 else {
                throw answer.failure("n is an integer number of tags; a refusal is a 4xx")
            }
            try answer.expectErrorBody()
        },
        make("tags.last.existing", "last is not part of what follows") {
            try await $0.expectTags(Array(sorted[3...]), "?last=\(sorted[2])")
        },
        make("tags.last.with-n", "n tags after last") {
            try await $0.expectTags(Array(sorted[2...3]), "?n=2&last=\(sorted[1])")
        },
        make("tags.last.not-there", "last need not be a tag that exists") {
            try await $0.expectTags(sorted.filter { $0 > "beta0" }, "?n=100&last=beta0")
        },
        make("tags.last.end", "nothing follows the last tag") {
            try await $0.expectTags([], "?n=5&last=\(sorted[sorted.count - 1])")
        },
        make("tags.paging.last", "pages with last bring every tag once") { probe in
            var found: [String] = []
            for _ in 0...sorted.count {
                let page = try await probe.tags("?n=2" + (found.last.map { "&last=\($0)" } ?? "")).tags
                if page.isEmpty { break }
                found += page
            }
            try expect(found)
        },
        make("tags.paging.link", "pages with Link bring every tag once") { probe in
            var (answer, found) = try await probe.tags("?n=2")
            guard LinkHeader.next(in: answer.headers["Link"]) != nil else {
                throw Skipped("the registry sends no Link, which it MAY")
            }
            for _ in 0..<100 {
                guard let next = LinkHeader.next(in: answer.headers["Link"]) else { return try expect(found) }
                guard let url = RegistryAddress.resolve(next, against: answer.url) else {
                    throw answer.failure("the Link to the next page is a URL", got: "Link: \(next.printable())")
                }
                answer = try await probe.send(.GET, url: url, scope: probe.repository)
                found += try probe.tags(of: answer, in: probe.repository)
            }
            throw answer.failure("the pages come to an end", got: "more than 100 pages")
        },
    ]

    private static let list = SpecificationSource.distribution("Listing Tags", "end-8a")
    /// Names of which one is the beginning of another; in lexical order.
    private static let sorted = ["alpha", "beta", "beta-1", "beta.1", "beta1", "v1", "v1.0", "v1.0.1", "v10", "v2"]

    /// A case in a repository with tags that were pushed in another order.
    private static func make(
        _ id: String,
        _ title: String,
        _ run: @escaping @Sendable (Probe) async throws -> Void
    ) -> ConformanceCase {
        ConformanceCase(id, title, .tags, id == "tags.list" ? list : .distribution("Listing Tags", "end-8b")) { probe in
            try await push(sorted.reversed(), probe)
            try await run(probe)
        }
    }

    private static func push(_ tags: [String], _ probe: Probe) async throws {
        var sample = Sample()
        let manifest = sample.artifact("application/vnd.example.test.v1")
        for blob in sample.blobs { try await probe.push(blob) }
        for tag in tags { try await probe.push(manifest, tag: tag) }
    }

    private static func expect(_ found: [String]) throws {
        guard found == sorted else {
            throw Failed(
                expected: "all pages together have \(sorted)",
                got: "\(found)".printable(600),
                request: "GET …/tags/list?n=2, page after page"
            )
        }
    }
}
