// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1
import OCI

/// Sessions of uploads and their addresses.
enum SessionCases {
    static let all = [
        ConformanceCase(
            "session.location.used-as-given",
            "the Location of a session is used as it was given, with its query",
            .upload,
            .distribution("POST then PUT", "end-4a")
        ) { probe in
            // Every other case does so too; here the two answers that change it are asked for it.
            var session = try await probe.begin()
            let pieces = UploadCases.pieces(2, of: 1024, session)
            let blob = SampleBlob(pieces.flatMap { $0 })
            try await probe.append(pieces[0], to: &session)
            try await probe.expectStatus(&session)
            try await probe.append(pieces[1], to: &session)
            try probe.expectCreated(try await probe.close(session, as: blob.digest), blob.digest)
        },
        ConformanceCase(
            "session.location.unique",
            "two sessions do not share a Location, nor their bytes",
            .upload,
            .distribution("POST then PUT", "end-4a")
        ) { probe in
            var (one, other) = (try await probe.begin(), try await probe.begin())
            guard one.url != other.url else {
                throw Failed(
                    expected: "the Location MUST contain a unique session ID",
                    got: "the same for two sessions",
                    request: "POST /v2/\(probe.repository)/blobs/uploads/ (twice)"
                )
            }
            let length = max(512, one.minimumChunk)
            let (first, second) = (SampleBlob.random(length), SampleBlob.random(length))
            try await probe.append(first.bytes, to: &one)
            try await probe.append(second.bytes, to: &other)
            for (session, blob) in [(other, second), (one, first)] {
                try probe.expectCreated(try await probe.close(session, as: blob.digest), blob.digest)
                try await probe.expectBlob(blob)
            }
        },
        ConformanceCase(
            "session.status.new",
            "the status of a session that has no bytes yet is 204",
            .upload,
            .distribution("Pushing a blob in chunks", "end-13")
        ) { probe in
            let session = try await probe.begin()
            let answer = try await probe.send(.GET, url: session.url, scope: probe.repository)
            try answer.expect(204, asks: "GET of an active upload MUST be answered with 204 No Content")
            _ = try probe.location(of: answer, asks: "the status of an upload MUST have a Location")
            let range = try answer.expectHeader("Range", asks: "the status of an upload MUST have a Range")
            guard range.hasPrefix("0-") else {
                throw answer.failure("Range is 0-<end-of-range>", got: "204 with Range: \(range.printable())")
            }
        },
        ConformanceCase(
            "session.status.after-chunk",
            "the status of a session says how far it came",
            .upload,
            .distribution("Pushing a blob in chunks", "end-13")
        ) { probe in
            var session = try await probe.begin()
            try await probe.append(SampleBlob.randomBytes(max(700, session.minimumChunk)), to: &session)
            try await probe.expectStatus(&session)
        },
        ConformanceCase(
            "session.status.closed",
            "a session that was closed is not found any more",
            .upload,
            .distribution("Endpoints", "end-13")
        ) { probe in
            let session = try await probe.begin()
            let blob = SampleBlob.random(512)
            try probe.expectCreated(try await probe.close(session, as: blob.digest, blob.bytes), blob.digest)
            let answer = try await probe.send(.GET, url: session.url, scope: probe.repository)
            try answer.expect(404, asks: "the status of an upload that is not active is 404")
        },
        ConformanceCase(
            "session.cancel.new",
            "a session without bytes can be cancelled",
            .upload,
            cancelling,
            since: .dev
        ) { probe in
            try await cancel(probe.begin(), probe)
        },
        ConformanceCase(
            "session.cancel.after-chunk",
            "a session with bytes can be cancelled",
            .upload,
            cancelling,
            since: .dev
        ) { probe in
            var session = try await probe.begin()
            try await probe.append(SampleBlob.randomBytes(max(700, session.minimumChunk)), to: &session)
            try await cancel(session, probe)
        },
        ConformanceCase(
            "session.cancel.post-digest-algorithm",
            "a session with a hint can be cancelled",
            .upload,
            cancelling,
            since: .dev
        ) { probe in
            try await cancel(probe.begin(query: "?digest-algorithm=sha512"), probe)
        },
    ]

    private static let cancelling = SpecificationSource.distribution("Canceling a blob push", "end-14")

    private static func cancel(_ session: Session, _ probe: Probe) async throws {
        let answer = try await probe.send(.DELETE, url: session.url, scope: probe.repository)
        try answer.expect(204, asks: "DELETE of an upload is answered with 204 No Content")
        probe.move(session, to: nil)
        let after = try await probe.send(.GET, url: session.url, scope: probe.repository)
        try after.expect(404, asks: "a cancelled upload is not found any more")
    }
}
