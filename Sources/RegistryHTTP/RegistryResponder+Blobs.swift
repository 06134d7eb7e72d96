// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Blobs
import Glibc
import HTTPTypes
import Hummingbird
import NIOCore
import OCI
import Registry

extension RegistryResponder {
    func blob(_ exchange: RegistryExchange, _ name: RepositoryName, _ digest: Digest) async throws -> Response {
        let quarantine = exchange.access.quarantine
        guard let location = try await registry.blob(name, digest, quarantine: quarantine, isForClients: true) else {
            throw RegistryError.blobUnknown(digest, name)
        }
        let etag = "\"\(digest)\""
        var headers: HTTPFields = [
            .contentType: "application/octet-stream", .dockerContentDigest: digest.description, .eTag: etag,
            .acceptRanges: "bytes",
            .cacheControl: "private, max-age=31536000, immutable",
        ]
        if exchange.request.headers[.ifNoneMatch]?.contains(etag) == true {
            // Of what is not sent again: a 0 would say that the blob has become empty.
            headers[.contentLength] = String(location.size)
            return Response(status: .notModified, headers: headers)
        }
        let size = location.size
        var range: Range<Int64> = 0..<size
        var status = HTTPResponse.Status.ok
        // A range of another version makes no sense; here there is but one version.
        let condition = exchange.request.headers[.ifRange]
        if exchange.request.method == .get, condition == nil || condition == etag {
            switch ByteRange(header: exchange.request.headers[.range], size: size) {
            case .whole: break
            case .part(let part):
                range = part
                status = .partialContent
                headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"
            case .unsatisfiable:
                throw RegistryFailure(
                    .rangeNotSatisfiable,
                    .sizeInvalid,
                    "blob \(digest) has \(size) bytes; the range lies outside",
                    headers: [.contentRange: "bytes */\(size)"]
                )
            }
        }
        headers[.contentLength] = String(range.count)
        switch location {
        case _ where exchange.request.method == .head:
            return Response(status: status, headers: headers)
        case .inline(let bytes):
            let part = ByteBuffer(bytes: bytes[Int(range.lowerBound)..<Int(range.upperBound)])
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: part))
        case .stored(let key, _):
            // Opened before the head goes out: a file that is missing is an error, not a broken download.
            let reader = try await registry.reader(key)
            guard reader.size == size else {
                throw BlobError.shorterThanExpected(key: key, expected: size, actual: reader.size)
            }
            return Response(status: status, headers: headers, body: try body(reader, range, exchange.context.channel))
        }
    }

    private func body(_ reader: BlobReader, _ range: Range<Int64>, _ channel: any Channel) throws -> ResponseBody {
        guard settings.usesSendFile else { return Self.pieces(reader, range, channel) }
        return ResponseBody(contentLength: range.count) { writer in
            // A descriptor of its own: NIO closes what it is given, and allows one use at a time.
            let descriptor = dup(reader.descriptor)
            guard descriptor >= 0 else { throw BlobError.missing(key: reader.key) }
            let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
            defer { try? handle.close() }
            var position = Int(range.lowerBound)
            let end = Int(range.upperBound)
            while position < end {
                let next = min(position + Self.sendFileBytes, end)
                try await channel.triggerUserOutboundEvent(SendFilePart(handle: handle, range: position..<next)).get()
                position = next
            }
            withExtendedLifetime(reader) {}
            try await writer.finish(nil)
        }
    }

    /// For connections that `sendfile` cannot serve.
    private static func pieces(_ reader: BlobReader, _ range: Range<Int64>, _ channel: any Channel) -> ResponseBody {
        ResponseBody(contentLength: range.count) { writer in
            for try await piece in try reader.pieces(range) {
                try await writer.write(piece)
                // The writer returns before the event loop has taken the piece: without this turn, fast readers queue gigabytes.
                try await channel.eventLoop.submit {}.get()
            }
            try await writer.finish(nil)
        }
    }

    /// Bytes of a file that are handed to the kernel at once: many enough to make the hop cheap, few enough to notice a client that stalls.
    private static let sendFileBytes = 2 << 20
}
