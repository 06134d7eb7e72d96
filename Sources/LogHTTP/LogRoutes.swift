// SPDX-License-Identifier: EUPL-1.2

internal import Crypto
internal import HTTPTypes
public import Hummingbird
internal import MerkleLog
internal import NIOCore
public import NIOPosix
public import Transparency

/// `/log/checkpoint` and `/log/tile/…`: the log's files as they lie on disk, for everybody and for every cache.
///
/// Nothing is computed and nobody is asked who they are: a log that shows different things to different readers is what readers look
/// for. What a path can name is decided by ``TileAddress`` alone, so that no other file is reachable.
///
/// Source: C2SP tlog-tiles, "APIs".
public struct LogRoutes: Sendable {
    /// A tile never changes once it is there.
    private static let immutable = "public, max-age=31536000, immutable"
    /// The next checkpoint comes soon; a monitor that asks every second sees it.
    private static let short = "public, max-age=1"

    private let directory: LogDirectory
    private let threads: NIOThreadPool

    /// Serves a log's directory.
    public init(directory: LogDirectory, threads: NIOThreadPool) {
        self.directory = directory
        self.threads = threads
    }

    /// Adds the routes to a router.
    public func register(on router: Router<some RequestContext>) {
        for method in [HTTPRequest.Method.get, .head] {
            router.on("/log/checkpoint", method: method) { request, _ in try await checkpoint(request) }
            router.on("/log/tile/**", method: method) { request, _ in try await tile(request) }
        }
    }

    private func checkpoint(_ request: Request) async throws -> Response {
        let directory = directory
        guard let note = try await threads.runIfActive({ try directory.checkpoint() }) else {
            return Self.notFound("nothing has been logged yet")
        }
        var headers = Self.headers("text/plain; charset=utf-8", Self.short)
        let tag =
            "\"" + SHA256.hash(data: note).prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            + "\""
        headers[.eTag] = tag
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        return Self.answer(request, note, headers)
    }

    private func tile(_ request: Request) async throws -> Response {
        // The path as it came: what is encoded otherwise is no name of a tile.
        let path = request.head.path.map { $0.prefix { $0 != "?" && $0 != "#" } } ?? ""
        guard path.hasPrefix("/log/"), let address = TileAddress(path: path.dropFirst(5)) else {
            return Self.notFound("that is no name of a tile; they are tile/LEVEL/NNN[.p/W] and tile/entries/NNN[.p/W]")
        }
        let directory = directory
        guard let bytes = try await threads.runIfActive({ try directory.contents(of: address) }) else {
            return Self.notFound("the log has no such tile yet")
        }
        return Self.answer(request, bytes, Self.headers("application/octet-stream", Self.immutable))
    }

    private static func headers(_ type: String, _ cache: String) -> HTTPFields {
        var headers: HTTPFields = [.contentType: type, .cacheControl: cache, .xContentTypeOptions: "nosniff"]
        // A page of anybody may verify the log: all of it is public, and no credentials are looked at.
        headers[.accessControlAllowOrigin] = "*"
        return headers
    }

    private static func answer(_ request: Request, _ bytes: [UInt8], _ headers: HTTPFields) -> Response {
        var headers = headers
        headers[.contentLength] = String(bytes.count)
        let body = request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Not cached: the tile may be there in a moment.
    private static func notFound(_ text: String) -> Response {
        Response(
            status: .notFound,
            headers: headers("text/plain; charset=utf-8", "no-store"),
            body: ResponseBody(byteBuffer: ByteBuffer(string: "404: \(text)\n"))
        )
    }
}
