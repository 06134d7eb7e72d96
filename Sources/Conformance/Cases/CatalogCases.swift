// SPDX-License-Identifier: EUPL-1.2

import JSON
import NIOHTTP1

/// Listing repositories: in no specification any more, and expected by every client.
enum CatalogCases {
    static let all = [
        ConformanceCase("catalog.after", "repositories are listed after a name", .catalog, .practice) { probe in
            let names = try await push(probe)
            let (answer, found) = try await page(probe, "/v2/_catalog?n=100&last=\(probe.repository)")
            guard Array(found.prefix(3)) == names else {
                throw answer.failure("after \(probe.repository) come \(names)", got: "\(found)".printable(600))
            }
        },
        ConformanceCase("catalog.paging", "repositories come in pages with Link, each once", .catalog, .practice) {
            probe in
            let names = try await push(probe)
            var (answer, found) = try await page(probe, "/v2/_catalog?n=1&last=\(probe.repository)")
            for _ in 0..<2 {
                guard found.count == 1 || found.last != names.last else { break }
                guard let next = LinkHeader.next(in: answer.headers["Link"]),
                    let url = RegistryAddress.resolve(next, against: answer.url)
                else { throw answer.failure("a page that is not the last one has a Link to the next", got: "no Link") }
                answer = try await probe.send(.GET, url: url, scope: "catalog")
                found += try repositories(of: answer)
            }
            guard found == names else {
                throw answer.failure("three pages of one name each: \(names)", got: "\(found)".printable(600))
            }
        },
        ConformanceCase("catalog.n", "n=0 gives none, and a page has n names", .catalog, .practice) { probe in
            let names = try await push(probe)
            for count in [2, 0] {
                let (answer, found) = try await page(probe, "/v2/_catalog?n=\(count)&last=\(probe.repository)")
                guard found == Array(names.prefix(count)) else {
                    throw answer.failure(
                        "a page of n=\(count) has \(names.prefix(count))",
                        got: "\(found)".printable(600)
                    )
                }
            }
        },
    ]

    private static func push(_ probe: Probe) async throws -> [String] {
        let names = ["a", "b", "c"].map { "\(probe.repository)/\($0)" }
        for name in names {
            var sample = Sample()
            sample.artifact("application/vnd.example.test.v1")
            sample.tags = ["v1"]
            try await probe.push(sample, in: name)
        }
        return names
    }

    private static func page(_ probe: Probe, _ path: String) async throws -> (Exchange, [String]) {
        let answer = try await probe.get(path, scope: "catalog")
        if [401, 403, 404, 405].contains(answer.status) {
            throw Skipped("the registry does not list repositories (\(answer.status)); no specification asks for it")
        }
        return (answer, try repositories(of: answer))
    }

    private static func repositories(of answer: Exchange) throws -> [String] {
        try answer.expect(200, asks: "a list of repositories is answered with 200 OK")
        guard let names = answer.json?["repositories"]?.arrayValue else {
            throw answer.failure("a list of repositories is {\"repositories\": [...]}")
        }
        return names.compactMap(\.stringValue)
    }
}
