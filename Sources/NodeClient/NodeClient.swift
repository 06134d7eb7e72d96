// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import FoundationEssentials
public import JSON
import NIOCore
import NIOHTTP1
import OCI

/// A client of a node's `/api/v1`, signed in with name and secret.
///
/// Follows no redirect: credentials go to the node that was named and nowhere else.
public final class NodeClient: Sendable {
    /// Most bytes of an answer.
    static let maximumBytes = 64 << 20
    private static let timeout = TimeAmount.seconds(60)

    private let url: String
    private let authorization: String
    private let client: HTTPClient

    /// A client; ``close()`` must be called.
    ///
    /// - Parameters:
    ///   - url: address of the node, `https://node.example`; plain HTTP only to this machine.
    ///   - username: name of the account.
    ///   - password: its secret.
    ///   - authorityFile: PEM file of certificates that are trusted instead of the system's.
    /// - Throws: ``NodeClientError/address(_:)``, ``NodeClientError/authority(_:)``.
    public init(url: String, username: String, password: String, authorityFile: String? = nil) throws(NodeClientError) {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        guard let parsed = URL(string: url), let host = parsed.host, let scheme = parsed.scheme?.lowercased(),
            parsed.user == nil, parsed.query == nil
        else {
            // Not what was typed: it may hold a secret, and errors end in logs.
            throw .address("that is no address of a node; write https://node.example, without user and password")
        }
        let isHere = host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "[::1]"
        guard scheme == "https" || (scheme == "http" && isHere) else {
            throw .address("\(url) would carry the secret in plain text; use https")
        }
        self.url = url
        authorization = "Basic " + Data("\(username):\(password)".utf8).base64EncodedString()
        client = try HTTPClient.toNode(authorityFile: authorityFile, readTimeout: Self.timeout)
    }

    /// Ends all connections.
    public func close() async { try? await client.shutdown() }

    /// Sends one request.
    ///
    /// - Parameters:
    ///   - method: `GET`, `PUT` …
    ///   - path: below `/api/v1`, encoded.
    ///   - body: sent as JSON.
    /// - Returns: the answer's JSON; nil when it has none.
    /// - Throws: ``NodeClientError``.
    public func call(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws(NodeClientError)
        -> JSONValue?
    {
        try await send(method, path, body?.bytes())
    }

    /// Sends one request with a body that is JSON already, as it is.
    ///
    /// - Parameters:
    ///   - method: as for ``call(_:_:_:)``.
    ///   - path: as for ``call(_:_:_:)``.
    ///   - body: a document whose bytes matter; nil for none.
    /// - Returns: as ``call(_:_:_:)``.
    /// - Throws: ``NodeClientError``.
    public func send(_ method: String, _ path: String, _ body: [UInt8]?) async throws(NodeClientError) -> JSONValue? {
        var request = HTTPClientRequest(url: url + "/api/v1" + path)
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "Authorization", value: authorization)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let status: Int
        let bytes: [UInt8]
        do {
            let response = try await client.execute(request, timeout: Self.timeout)
            status = Int(response.status.code)
            bytes = Array(try await response.body.collect(upTo: Self.maximumBytes).readableBytesView)
        } catch {
            throw .unreachable("\(url): \(error)")
        }
        let json = bytes.isEmpty ? nil : try? JSONValue(parsing: bytes, limits: JSONLimits(bytes: Self.maximumBytes))
        guard (200..<300).contains(status) else {
            throw .refused(status: status, detail: json?["detail"]?.stringValue ?? "the node answered \(status)")
        }
        if !bytes.isEmpty, json == nil { throw .unreachable("\(url): the answer is no JSON; is this a node?") }
        return json
    }

    /// Every item of a list, page after page.
    ///
    /// - Parameters:
    ///   - path: of the list.
    ///   - query: further parameters, encoded, each with its `&`.
    ///   - cursor: where to begin.
    ///   - page: takes each page as a whole, before its items.
    ///   - body: takes each item.
    public func each(
        _ path: String,
        query further: String = "",
        after cursor: String? = nil,
        page whole: (JSONValue) throws -> Void = { _ in },
        _ body: (JSONValue) throws -> Void
    ) async throws {
        var next = cursor
        repeat {
            let query = "?\(further)limit=500" + (next.map { "&cursor=" + $0 } ?? "")
            guard let page = try await call("GET", path + query) else { return }
            try whole(page)
            for item in page["items"]?.arrayValue ?? [] { try body(item) }
            let following = page["next"]?.stringValue
            guard following == nil || following != next else {
                throw NodeClientError.unreachable("\(url): a list does not end; is this a node?")
            }
            next = following
        } while next != nil
    }

    /// One segment of a path, encoded.
    public static func segment(_ text: String) -> String { PercentEncoding.encode(text) }
}

/// Why a node could not be asked, or did not do it.
public enum NodeClientError: Error, Sendable, CustomStringConvertible {
    /// The address cannot be used.
    case address(String)
    /// The certificates cannot be read.
    case authority(String)
    /// No answer, or none of a node.
    case unreachable(String)
    /// The node refused; its own words.
    case refused(status: Int, detail: String)

    /// The reason in words.
    public var description: String {
        switch self {
        case .address(let text), .authority(let text), .unreachable(let text): text
        case .refused(_, let detail): detail
        }
    }
}
