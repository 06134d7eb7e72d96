// SPDX-License-Identifier: EUPL-1.2

import Conformance
import FoundationEssentials
import NIOHTTP1
import Testing

/// The registry that is asked is not trusted.
@Suite("Credentials, redirects and bounds")
struct HostileRegistryTests {
    private static func client(
        _ server: ScriptedServer,
        _ change: (inout ConformanceSettings) -> Void = { _ in }
    ) throws -> WireClient {
        var settings = try settings(for: server.url, .v1_1)
        settings.credentials = .init(username: "me", password: "secret")
        change(&settings)
        return try WireClient(settings)
    }

    private static func send(_ client: WireClient, _ server: ScriptedServer, _ path: String) async throws -> Exchange {
        do {
            let answer = try await client.send(Outgoing(method: .GET, url: server.url + path, scope: "a"))
            await client.close()
            return answer
        } catch {
            await client.close()
            throw error
        }
    }

    private static let basic = "Basic " + Data("me:secret".utf8).base64EncodedString()

    @Test("a Basic challenge is answered, then every request brings the credentials at once")
    func basicChallenge() async throws {
        try await ScriptedServer.run { request in
            request.authorization == nil
                ? .init(status: .unauthorized, headers: ["WWW-Authenticate": "Basic realm=\"x\""]) : .init()
        } _: { server in
            let client = try Self.client(server)
            for scope in ["a", "b"] {
                let answer = try await client.send(Outgoing(method: .GET, url: server.url + "/v2/", scope: scope))
                #expect(answer.status == 200)
            }
            await client.close()
            #expect(server.requests.map(\.authorization) == [nil, Self.basic, Self.basic])
        }
    }

    @Test("a Bearer challenge is followed: service and every scope are asked for, the token is sent back")
    func bearerChallenge() async throws {
        try await ScriptedServer.run { request in
            if request.path.hasPrefix("/token") { return .init(body: Array("{\"token\":\"t0k3n\"}".utf8)) }
            guard request.authorization == "Bearer t0k3n" else {
                let host = request.head.headers.first(name: "Host") ?? ""
                let challenge =
                    "Bearer realm=\"http://\(host)/token?x=1\",service=\"a registry\",scope=\"repository:a:pull repository:b:pull,push\""
                return .init(status: .unauthorized, headers: ["WWW-Authenticate": challenge])
            }
            return .init()
        } _: { server in
            let answer = try await Self.send(Self.client(server), server, "/v2/a/tags/list")
            #expect(answer.status == 200)
            let token = try #require(server.requests.first { $0.path.hasPrefix("/token") })
            #expect(
                token.path
                    == "/token?x=1&service=a%20registry&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull%2Cpush"
            )
            #expect(token.authorization == Self.basic)
        }
    }

    @Test(
        "credentials do not go to a token service at another host, unless that was allowed",
        arguments: [false, true]
    )
    func foreignRealm(isAllowed: Bool) async throws {
        try await ScriptedServer.run { request in
            if request.path.hasPrefix("/token") { return .init(body: Array("{\"access_token\":\"t\"}".utf8)) }
            guard request.authorization == "Bearer t" else {
                let port = request.head.headers.first(name: "Host")?.split(separator: ":").last ?? ""
                // Another name of the same machine.
                return .init(
                    status: .unauthorized,
                    headers: ["WWW-Authenticate": "Bearer realm=\"http://localhost:\(port)/token\""]
                )
            }
            return .init()
        } _: { server in
            let client = try Self.client(server) { if isAllowed { $0.realmHosts = ["localhost"] } }
            if isAllowed {
                #expect(try await Self.send(client, server, "/v2/").status == 200)
            } else {
                await #expect(throws: ConformanceError.foreignRealm(host: "localhost")) {
                    try await Self.send(client, server, "/v2/")
                }
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test("a redirect is followed without the credentials when it leads to another origin")
    func redirect() async throws {
        try await ScriptedServer.run { request in
            if request.path == "/blob" { return .init(body: Array("content".utf8)) }
            if request.authorization == nil {
                return .init(status: .unauthorized, headers: ["WWW-Authenticate": "Basic realm=x"])
            }
            let port = request.head.headers.first(name: "Host")?.split(separator: ":").last ?? ""
            return .init(status: .temporaryRedirect, headers: ["Location": "http://localhost:\(port)/blob"])
        } _: { server in
            let answer = try await Self.send(Self.client(server), server, "/v2/a/blobs/x")
            #expect(answer.body == Array("content".utf8))
            #expect(server.requests.last?.path == "/blob")
            #expect(server.requests.last?.authorization == nil)
        }
    }

    @Test("redirects without end come to one")
    func endlessRedirects() async throws {
        try await ScriptedServer.run { _ in
            .init(status: .found, headers: ["Location": "/again"])
        } _: { server in
            await #expect(throws: Failed.self) { try await Self.send(Self.client(server), server, "/v2/") }
            #expect(server.requests.count == 6)
        }
    }

    @Test("a body is read to its limit and no further")
    func largeBody() async throws {
        try await ScriptedServer.run { _ in
            .init(body: [UInt8](repeating: 0x20, count: 300_000))
        } _: { server in
            let client = try Self.client(server) { $0.bodyLimit = 200_000 }
            let failure = await #expect(throws: Failed.self) { try await Self.send(client, server, "/v2/") }
            #expect(failure?.expected == "a body of at most 200000 bytes")
        }
    }

    @Test("a registry that never answers costs the time of one request")
    func hangingRequest() async throws {
        try await ScriptedServer.run { _ in
            .init(hangs: true)
        } _: { server in
            let client = try Self.client(server) { $0.requestTimeout = .seconds(1) }
            let failure = await #expect(throws: NoAnswer.self) { try await Self.send(client, server, "/v2/") }
            #expect(failure?.reason == "no answer within \(Duration.seconds(1))")
        }
    }

    /// Every request may take an hour: that the run ends at all is the proof.
    @Test("a registry that never answers costs all cases together at most the whole time", .timeLimit(.minutes(10)))
    func hanging() async throws {
        try await ScriptedServer.run { request in
            .init(hangs: request.path != "/v2/")
        } _: { server in
            var settings = try settings(for: server.url, .v1_1)
            settings.requestTimeout = .seconds(3600)
            settings.totalTimeout = .seconds(5)
            let cases = CaseSelection(version: .v1_1, patterns: "blob.post-put,tags,delete,catalog").cases()
            let report = try await ConformanceRun(settings).run(cases)
            #expect(report.failures.count == cases.count)
            let unasked = report.failures.filter { $0.failure?.got == "the time was used up before this case" }
            #expect(unasked.count >= cases.count - 1)
        }
    }

    @Test("where nobody listens the run ends before the first case")
    func unreachable() async throws {
        let port = try await ScriptedServer.run({ _ in .init() }, { $0.port })
        let run = ConformanceRun(try settings(for: "http://127.0.0.1:\(port)", .dev))
        await #expect(throws: ConformanceError.self) { try await run.run(CaseCatalogue.all) }
    }
}
