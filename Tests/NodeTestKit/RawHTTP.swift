// SPDX-License-Identifier: EUPL-1.2

public import JSON
import NIOCore
import NIOPosix

/// An answer as it came over the wire.
public struct Answer: Sendable {
    /// Status code.
    public let status: Int
    /// Header fields, names in lower case.
    public let fields: [(name: String, value: String)]
    /// The body's bytes.
    public let body: [UInt8]

    /// The first field of a name.
    public subscript(_ name: String) -> String? {
        fields.first { $0.name == name.lowercased() }?.value
    }

    /// All values of a field.
    public func all(_ name: String) -> [String] { fields.filter { $0.name == name.lowercased() }.map(\.value) }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON; nil when it is none.
    public var json: JSONValue? { try? JSONValue(parsing: body) }

    /// Code of the first error in an OCI error body.
    public var code: String? { json?["errors"]?[0]?["code"]?.stringValue }

    /// Message of the first error in an OCI error body.
    public var message: String? { json?["errors"]?[0]?["message"]?.stringValue }
}

/// What a test's client could not read from the wire.
public struct WireError: Error, CustomStringConvertible {
    /// What happened.
    public let description: String

    /// An error with a text.
    public init(_ description: String) { self.description = description }
}

/// One connection on which a test writes what it likes, malformed requests too.
public struct RawConnection {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let reader: Reader

    private final class Reader {
        var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        var buffer: [UInt8] = []
        var ended = false
        init(_ iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) { self.iterator = iterator }
    }

    /// Connects to a port of this machine, for as long as the closure runs.
    public static func open<T>(_ port: Int, _ body: (RawConnection) async throws -> T) async throws -> T {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(RawConnection(outbound: outbound, reader: Reader(inbound.makeAsyncIterator())))
        }
    }

    /// Writes text.
    public func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    /// Writes bytes.
    public func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    private func more() async throws -> Bool {
        guard !reader.ended else { return false }
        guard let part = try? await reader.iterator.next() else {
            reader.ended = true
            return false
        }
        reader.buffer.append(contentsOf: part.readableBytesView)
        return true
    }

    /// Reads one answer; for HEAD, 204 and 304 without a body, else with a `Content-Length`, in chunks or to the end of the connection.
    public func answer(to method: String = "GET") async throws -> Answer {
        var end = 0
        while true {
            if let found = reader.buffer.firstRange(of: Array("\r\n\r\n".utf8)) {
                end = found.upperBound
                break
            }
            guard try await more() else {
                throw WireError("the connection ended in the head: \(String(decoding: reader.buffer, as: UTF8.self))")
            }
        }
        let head = String(decoding: reader.buffer[..<(end - 4)], as: UTF8.self).split(
            separator: "\r\n",
            omittingEmptySubsequences: false
        )
        reader.buffer.removeFirst(end)
        guard let first = head.first, let status = Int(first.split(separator: " ")[1]) else {
            throw WireError("no status line")
        }
        let fields = head.dropFirst().map { line -> (name: String, value: String) in
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            return (parts[0].lowercased(), String(value))
        }
        var body: [UInt8] = []
        let isBodiless = method == "HEAD" || status == 204 || status == 304 || status < 200
        if !isBodiless, let length = fields.first(where: { $0.name == "content-length" }).flatMap({ Int($0.value) }) {
            while reader.buffer.count < length {
                guard try await more() else {
                    throw WireError("the body ended after \(reader.buffer.count) of \(length)")
                }
            }
            body = Array(reader.buffer[..<length])
            reader.buffer.removeFirst(length)
        } else if !isBodiless, fields.contains(where: { $0.name == "transfer-encoding" }) {
            body = try await chunkedBody()
        } else if !isBodiless {
            while try await more() {}
            body = reader.buffer
            reader.buffer = []
        }
        return Answer(status: status, fields: fields, body: body)
    }

    private func chunkedBody() async throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let size = Int(try await line(), radix: 16) ?? 0
            while reader.buffer.count < size + 2 {
                guard try await more() else { throw WireError("the connection ended in a chunk") }
            }
            body += reader.buffer[..<size]
            reader.buffer.removeFirst(size + 2)
            if size == 0 { return body }
        }
    }

    private func line() async throws -> String {
        while true {
            if let end = reader.buffer.firstRange(of: [13, 10]) {
                let text = String(decoding: reader.buffer[..<end.lowerBound], as: UTF8.self)
                reader.buffer.removeFirst(end.upperBound)
                return text
            }
            guard try await more() else { throw WireError("the connection ended in a line") }
        }
    }

    /// Reads up to the end of the server's direction, and drops what comes.
    public func isClosed() async throws -> Bool {
        while try await more() {}
        return reader.ended
    }
}

/// Requests to one server, each on a connection of its own.
public struct TestClient: Sendable {
    /// Port of the server on this machine.
    public let port: Int
    /// `name:secret`, nil for anonymous.
    public var login: String?

    /// A client of one server.
    public init(port: Int, login: String? = nil) {
        self.port = port
        self.login = login
    }

    /// Sends one request and reads its answer.
    ///
    /// - Parameters:
    ///   - method: any word.
    ///   - target: sent as it is, nothing is encoded or normalised.
    ///   - headers: beside `Host`, `Authorization` and the length.
    ///   - body: bytes with a `Content-Length`.
    ///   - chunks: instead of a body, chunks of a streamed one.
    public func request(
        _ method: String,
        _ target: String,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil,
        chunks: [[UInt8]]? = nil
    ) async throws -> Answer {
        try await RawConnection.open(port) { connection in
            var head = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
            if let login { head += "Authorization: Basic \(base64(login))\r\n" }
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            if let body, !headers.contains(where: { $0.0.lowercased() == "content-length" }) {
                head += "Content-Length: \(body.count)\r\n"
            }
            if chunks != nil { head += "Transfer-Encoding: chunked\r\n" }
            try await connection.send(head + "\r\n")
            do {
                if let body { try await connection.send(body) }
                if let chunks {
                    for chunk in chunks {
                        try await connection.send(
                            Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + [13, 10]
                        )
                    }
                    try await connection.send("0\r\n\r\n")
                }
            } catch {
                // The server may have cut a refused body off; its answer counts.
            }
            return try await connection.answer(to: method)
        }
    }

    /// The same without credentials.
    public func anonymous() -> TestClient { TestClient(port: port, login: nil) }

    /// The same with other credentials.
    public func basic(_ login: String) -> TestClient { TestClient(port: port, login: login) }
}

/// Base64 of a text.
public func base64(_ text: String) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let bytes = Array(text.utf8)
    var result = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = Array(bytes[start..<min(start + 3, bytes.count)])
        let word = group.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
        for index in 0..<4 { result.append(index <= group.count ? letters[word >> (18 - 6 * index) & 63] : "=") }
    }
    return result
}
