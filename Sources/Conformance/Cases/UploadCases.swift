// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1
import OCI

/// Every way to push a blob.
enum UploadCases {
    static let all = missing + monolithic + chunked + outOfOrder + small + hinted

    private static let post = SpecificationSource.distribution("Single POST", "end-4b")
    private static let put = SpecificationSource.distribution("POST then PUT", "end-6")
    private static let chunks = SpecificationSource.distribution("Pushing a blob in chunks", "end-5")
    /// One below and one above what fits one small packet.
    private static let sizes = [512, 3100]

    private static let missing = ConformanceCase.each(
        "blob.missing",
        "GET and HEAD of a blob that the repository does not have are answered with 404",
        .upload,
        .distribution("Pulling blobs", "end-2")
    ) { probe, algorithm in
        try await probe.push(.random(100))
        let path = "/v2/\(probe.repository)/blobs/\(SampleBlob.random(32, algorithm).digest)"
        let asks = "a blob that is not found in the repository MUST be answered with 404 Not Found"
        try await probe.get(path).expect(404, asks: asks)
        try await probe.head(path).expect(404, asks: asks)
    }

    // MARK: At once

    private static let monolithic =
        ConformanceCase.each("blob.post", "a blob is pushed with one POST", .upload, post) { probe, algorithm in
            var wasSupported = true
            for size in sizes {
                wasSupported = try await pushWithPost(.random(size, algorithm), probe) && wasSupported
            }
            if !wasSupported { throw Skipped("the registry answers a single POST with 202, which it MAY") }
        }
        + ConformanceCase.each("blob.post-put", "a blob is pushed with POST and PUT", .upload, put) {
            probe,
            algorithm in
            for size in sizes { try await pushWithPut(.random(size, algorithm), probe) }
        }
        + ConformanceCase.each(
            "blob.stream",
            "a blob is pushed in one PATCH with neither length nor range",
            .upload,
            chunks
        ) { probe, algorithm in
            for size in sizes {
                let blob = SampleBlob.random(size, algorithm)
                var session = try await probe.begin()
                try await stream(blob.bytes, to: &session, probe)
                let created = try await probe.close(session, as: blob.digest)
                try probe.expectCreated(created, blob.digest)
                try await probe.expectWhole(blob, created)
            }
        }

    /// - Returns: false when the registry began a session instead, which then has to work.
    private static func pushWithPost(_ blob: SampleBlob, _ probe: Probe) async throws -> Bool {
        var created = try await probe.post(blob)
        try probe.skipIfRefused(created, blob.digest)
        try created.expect(
            201,
            202,
            asks: "a POST with a blob MUST be answered with 201 Created, or with 202 to go on with PUT"
        )
        let isSupported = created.status == 201
        if !isSupported {
            let session = try probe.session(of: created, in: probe.repository)
            created = try await probe.close(session, as: blob.digest, blob.bytes)
            try probe.expectCreated(created, blob.digest)
        }
        try await probe.expectWhole(blob, created)
        return isSupported
    }

    private static func pushWithPut(_ blob: SampleBlob, _ probe: Probe, query: String = "") async throws {
        let session = try await probe.begin(query: query)
        let created = try await probe.close(session, as: blob.digest, blob.bytes)
        try probe.expectCreated(created, blob.digest)
        try await probe.expectWhole(blob, created)
    }

    /// Sends pieces in one PATCH with `Transfer-Encoding: chunked`.
    static func stream(_ bytes: [UInt8], to session: inout Session, _ probe: Probe) async throws {
        let middle = bytes.count / 2
        let answer = try await probe.send(
            .PATCH,
            url: session.url,
            Probe.octets,
            body: .pieces([Array(bytes[..<middle]), Array(bytes[middle...])]),
            scope: session.repository
        )
        session.offset += bytes.count
        try probe.take(answer, into: &session)
    }

    // MARK: In chunks

    private static let chunked =
        ConformanceCase.each("blob.chunked.single", "a blob is pushed in one chunk", .upload, chunks) {
            try await push($0, $1, inChunks: 1, lastInPut: false)
        }
        + ConformanceCase.each("blob.chunked.multi", "a blob is pushed in several chunks", .upload, chunks) {
            try await push($0, $1, inChunks: 3, lastInPut: false)
        }
        + ConformanceCase.each("blob.chunked.last-in-put", "the closing PUT brings the last chunk", .upload, chunks) {
            try await push($0, $1, inChunks: 3, lastInPut: true)
        }

    private static func push(
        _ probe: Probe,
        _ algorithm: Digest.Algorithm,
        inChunks count: Int,
        lastInPut: Bool,
        query: String = ""
    ) async throws {
        for size in sizes {
            var session = try await probe.begin(query: query)
            let pieces = pieces(count, of: size, session)
            let blob = SampleBlob(pieces.flatMap { $0 }, algorithm)
            for piece in lastInPut ? pieces.dropLast() : pieces[...] { try await probe.append(piece, to: &session) }
            let last = lastInPut ? pieces.last ?? [] : []
            let created = try await probe.close(session, as: blob.digest, last, at: last.isEmpty ? nil : session.offset)
            try probe.expectCreated(created, blob.digest)
            try await probe.expectWhole(blob, created)
        }
    }

    /// Random chunks, none but the last shorter than the registry wants them.
    static func pieces(_ count: Int, of size: Int, _ session: Session) -> [[UInt8]] {
        let length = max(size / count, session.minimumChunk)
        return (0..<count).map { index in
            SampleBlob.randomBytes(index == count - 1 ? max(1, size - length * index) : length)
        }
    }

    // MARK: Out of order

    private static let outOfOrder =
        ConformanceCase.each(
            "blob.chunked.out-of-order",
            "a chunk out of order is refused with 416, and the session goes on",
            .upload,
            chunks
        ) { probe, algorithm in
            try await recover(probe, algorithm) { session, pieces, _ in
                // The third chunk, where the second one belongs.
                try await probe.patch(session, pieces[2], at: session.offset + pieces[1].count)
            }
        }
        + ConformanceCase.each(
            "blob.chunked.out-of-order-put",
            "a last chunk out of order in the closing PUT is refused with 416, and the session goes on",
            .upload,
            .distribution("Pushing a blob in chunks", "end-6")
        ) { probe, algorithm in
            try await recover(probe, algorithm) { session, pieces, digest in
                try await probe.close(session, as: digest, pieces[2], at: session.offset + pieces[1].count)
            }
        }
        + ConformanceCase.each(
            "blob.chunked.session-kept",
            "a session outlives a chunk out of order, however that is refused",
            .upload,
            .distribution("Pushing a blob in chunks", "end-13")
        ) { probe, algorithm in
            try await recover(probe, algorithm, isStatusFree: true) { session, pieces, _ in
                try await probe.patch(session, pieces[2], at: session.offset + pieces[1].count)
            }
        }
        + ConformanceCase.each(
            "blob.chunked.session-kept-put",
            "a session outlives a last chunk out of order in the closing PUT, however that is refused",
            .upload,
            .distribution("Pushing a blob in chunks", "end-13")
        ) { probe, algorithm in
            try await recover(probe, algorithm, isStatusFree: true) { session, pieces, digest in
                try await probe.close(session, as: digest, pieces[2], at: session.offset + pieces[1].count)
            }
        }
        + ConformanceCase.each(
            "blob.chunked.repeated",
            "a chunk that comes twice is refused with 416, and the session goes on",
            .upload,
            chunks
        ) { probe, algorithm in
            try await recover(probe, algorithm) { session, pieces, _ in try await probe.patch(session, pieces[0], at: 0)
            }
        }
        + ConformanceCase.each(
            "blob.chunked.first-not-zero",
            "a first chunk that does not begin with byte 0 is refused with 416",
            .upload,
            chunks
        ) { probe, _ in
            let session = try await probe.begin()
            let answer = try await probe.patch(session, SampleBlob.randomBytes(max(512, session.minimumChunk)), at: 100)
            try answer.expect(
                416,
                asks: "the first chunk's range MUST begin with 0; out of order it MUST be refused with 416"
            )
        }

    /// Sends a first chunk, then one that has to be refused, asks where to go on, and goes on.
    private static func recover(
        _ probe: Probe,
        _ algorithm: Digest.Algorithm,
        isStatusFree: Bool = false,
        _ mistake: (Session, [[UInt8]], Digest) async throws -> Exchange
    ) async throws {
        var session = try await probe.begin()
        let pieces = pieces(3, of: 3100, session)
        let blob = SampleBlob(pieces.flatMap { $0 }, algorithm)
        try await probe.append(pieces[0], to: &session)
        let answer = try await mistake(session, pieces, blob.digest)
        guard answer.status == 416 || isStatusFree && (400...499).contains(answer.status) else {
            throw answer.failure(
                "a chunk that is uploaded out of order MUST be refused with 416 Requested Range Not Satisfiable"
            )
        }
        try await probe.expectStatus(&session)
        try await probe.append(pieces[1], to: &session)
        try await probe.append(pieces[2], to: &session)
        let created = try await probe.close(session, as: blob.digest)
        try probe.expectCreated(created, blob.digest)
        try await probe.expectWhole(blob, created)
    }

    // MARK: Small ones

    private static let small = [("empty", "a blob of no bytes", []), ("empty-json", "the blob {}", Array("{}".utf8))]
        .flatMap {
            id,
            title,
            bytes in
            ConformanceCase.each("blob.\(id).post", "\(title) is pushed with one POST", .upload, post) {
                probe,
                algorithm in
                let isSupported = try await pushWithPost(SampleBlob(bytes, algorithm), probe)
                if !isSupported { throw Skipped("the registry answers a single POST with 202, which it MAY") }
            }
                + ConformanceCase.each("blob.\(id).post-put", "\(title) is pushed with POST and PUT", .upload, put) {
                    try await pushWithPut(SampleBlob(bytes, $1), $0)
                }
        }

    // MARK: With a hint

    private static let hint = SpecificationSource.distribution("Pushing a blob in chunks", "end-4c")

    private static let hinted =
        ConformanceCase.each(
            "blob.hint.post-put",
            "POST names the algorithm of the digest that will come",
            .upload,
            hint,
            since: .dev
        ) { try await pushWithPut(.random(3100, $1), $0, query: "?digest-algorithm=\($1.rawValue)") }
        + ConformanceCase.each(
            "blob.hint.chunked",
            "POST names the algorithm of the digest of a blob in chunks",
            .upload,
            hint,
            since: .dev
        ) { try await push($0, $1, inChunks: 3, lastInPut: false, query: "?digest-algorithm=\($1.rawValue)") }
}
