// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
import Hummingbird
import LogHTTP
import Logging
import MerkleLog
import NIOCore
import NIOPosix
import TestKit
import Testing
import Transparency

@Suite("The log over HTTP")
struct LogRoutesTests {
    private struct Context: RequestContext {
        struct Source: RequestContextSource { let logger: Logger }
        var coreContext: CoreRequestContextStorage
        init(source: Source) { coreContext = CoreRequestContextStorage(source: source) }
    }

    private struct Writer: ResponseBodyWriter {
        final class Collected: @unchecked Sendable { var buffer = ByteBuffer() }
        let collected = Collected()
        mutating func write(_ buffer: ByteBuffer) async throws { collected.buffer.writeImmutableBuffer(buffer) }
        consuming func finish(_ trailers: HTTPFields?) async throws {}
    }

    private struct Answer {
        let status: Int
        let headers: HTTPFields
        let body: [UInt8]
    }

    private let home: TemporaryDirectory
    private var tree = TiledTree()

    init() throws {
        home = try TemporaryDirectory("kontor-log-http")
        for number in 0..<300 { try tree.append(Array("leaf \(number)".utf8)) }
        for file in tree.takeFull() + (try tree.partials()) {
            try home.write(file.bytes, to: "log/\(file.address.path)")
        }
    }

    private func get(
        _ path: String,
        method: HTTPRequest.Method = .get,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        let router = Router(context: Context.self)
        LogRoutes(directory: LogDirectory(path: home.file("log")), threads: .singleton).register(on: router)
        let request = Request(
            head: HTTPRequest(
                method: method,
                scheme: "http",
                authority: "x.example",
                path: path,
                headerFields: headers
            ),
            body: RequestBody(buffer: ByteBuffer())
        )
        let context = Context(source: .init(logger: Logger(label: "test")))
        do {
            let response = try await router.buildResponder().respond(to: request, context: context)
            let writer = Writer()
            try await response.body.write(writer)
            return Answer(
                status: response.status.code,
                headers: response.headers,
                body: Array(writer.collected.buffer.readableBytesView)
            )
        } catch let error as any HTTPResponseError {
            return Answer(status: error.status.code, headers: [:], body: [])
        }
    }

    @Test("before the first checkpoint there is none; then it is served, briefly cached, and not twice")
    func checkpoint() async throws {
        #expect(try await get("/log/checkpoint").status == 404)
        let note = Array("text\n".utf8)
        try home.write(note, to: "log/checkpoint")
        let answer = try await get("/log/checkpoint")
        #expect(answer.status == 200)
        #expect(answer.body == note)
        #expect(answer.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(answer.headers[.cacheControl] == "public, max-age=1")
        let tag = try #require(answer.headers[.eTag])
        let again = try await get("/log/checkpoint", headers: [.ifNoneMatch: tag])
        #expect(again.status == 304)
        #expect(again.body.isEmpty)
        try home.write(note + note, to: "log/checkpoint")
        #expect(try await get("/log/checkpoint", headers: [.ifNoneMatch: tag]).status == 200)
    }

    @Test("tiles and bundles are served as they are, for ever; partial ones of full tiles are cut from those")
    func tiles() async throws {
        let full = try await get("/log/tile/0/000")
        #expect(full.status == 200)
        #expect(full.body.count == 8_192)
        #expect(full.headers[.contentType] == "application/octet-stream")
        #expect(full.headers[.cacheControl] == "public, max-age=31536000, immutable")
        #expect(try await get("/log/tile/0/001.p/44").body.count == 44 * 32)
        #expect(try await get("/log/tile/1/000.p/1").body.count == 32)
        #expect(try await get("/log/tile/0/000.p/7").body == Array(full.body.prefix(7 * 32)))
        let bundle = try await get("/log/tile/entries/000.p/2")
        #expect(bundle.body == (try EntryBundle.encode([Array("leaf 0".utf8), Array("leaf 1".utf8)])))
        let head = try await get("/log/tile/0/000", method: .head)
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
        #expect(head.headers[.contentLength] == "8192")
    }

    @Test(
        "nothing else is reachable",
        arguments: [
            "/log/tile/0/002", "/log/tile/0/001", "/log/tile/0/001.p/45", "/log/tile/0/000.p/256", "/log/tile/00/000",
            "/log/tile/entries/../../secret", "/log/tile/0/%2e%2e/%2e%2e/secret", "/log/tile/0/000/", "/log/secret",
            "/log/tile/0/000%00", "/log/tile/", "/log/", "/log/tile/0/x000/000", "/log//tile/0/000",
        ]
    )
    func elsewhere(path: String) async throws {
        try home.write([1], to: "secret")
        try home.write([1], to: "log/secret")
        let answer = try await get(path)
        #expect(answer.status == 404, "\(path)")
        #expect(answer.headers[.cacheControl] != "public, max-age=31536000, immutable")
    }

    @Test("a file that cannot be read is a failure of the server, not a missing tile")
    func broken() async throws {
        try home.write([UInt8](repeating: 0, count: 10_000), to: "log/tile/0/002")
        await #expect(throws: (any Error).self) { try await get("/log/tile/0/002") }
    }
}
