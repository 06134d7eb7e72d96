// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1
import OCI

/// Blobs that are not what they claim to be.
enum BadDigestCases {
    static let all =
        ConformanceCase.each(
            "blob.bad-digest.post",
            "a blob with another digest is refused: one POST",
            .refusal,
            source
        ) { probe, algorithm in
            let (blob, claim) = (SampleBlob.random(700, algorithm), SampleBlob.random(32, algorithm).digest)
            let answer = try await probe.post(blob, as: claim)
            try answer.expect(
                400,
                202,
                asks: "content that does not have the digest is refused with 400; 202 asks for a PUT"
            )
            if answer.status == 202 {
                let session = try probe.session(of: answer, in: probe.repository)
                try refuse(try await probe.close(session, as: claim, blob.bytes))
            } else {
                try answer.expectErrorBody()
            }
            try await expectNothing(blob, claim, probe)
        }
        + style("post-put", "POST and PUT") { session, pieces, claim, probe in
            try await probe.close(session, as: claim, pieces.flatMap { $0 })
        }
        + style("chunked.single", "one chunk") { session, pieces, claim, probe in
            try await probe.append(pieces.flatMap { $0 }, to: &session)
            return try await probe.close(session, as: claim)
        }
        + style("chunked.multi", "several chunks") { session, pieces, claim, probe in
            for piece in pieces { try await probe.append(piece, to: &session) }
            return try await probe.close(session, as: claim)
        }
        + style("chunked.last-in-put", "several chunks, the last in PUT") { session, pieces, claim, probe in
            for piece in pieces.dropLast() { try await probe.append(piece, to: &session) }
            return try await probe.close(session, as: claim, pieces.last ?? [], at: session.offset)
        }
        + style("stream", "one PATCH without length") { session, pieces, claim, probe in
            try await UploadCases.stream(pieces.flatMap { $0 }, to: &session, probe)
            return try await probe.close(session, as: claim)
        }
        + [
            ("malformed", "sha256:baddigeststring", "a text that is no digest"),
            ("upper-case", "sha256:" + String(repeating: "AB", count: 32), "a digest in upper case"),
            ("unknown-algorithm", "md4:" + String(repeating: "0f", count: 16), "an algorithm that is not registered"),
        ].map { id, digest, title in
            ConformanceCase(
                "blob.bad-digest.\(id)",
                "\(title) is refused when a blob is pushed",
                .refusal,
                .distribution("Pushing blobs", "end-6"),
                since: .dev
            ) { probe in
                let session = try await probe.begin()
                let answer = try await probe.send(
                    .PUT,
                    url: session.closing(digest),
                    Probe.octets,
                    body: .bytes(SampleBlob.randomBytes(300)),
                    scope: probe.repository
                )
                let asks =
                    "a digest that is invalid or uses an unsupported algorithm SHOULD be refused with 400 Bad Request"
                guard (400...499).contains(answer.status) else { throw answer.failure(asks) }
                try answer.expectErrorBody()
                guard answer.status == 400 else {
                    throw Skipped("refused with \(answer.status) instead of 400 (SHOULD)")
                }
            }
        }

    private static let source = SpecificationSource.distribution("Endpoints", "end-4b, end-6")

    private static func style(
        _ id: String,
        _ title: String,
        _ push: @escaping @Sendable (inout Session, [[UInt8]], Digest, Probe) async throws -> Exchange
    ) -> [ConformanceCase] {
        ConformanceCase.each(
            "blob.bad-digest.\(id)",
            "a blob with another digest is refused: \(title)",
            .refusal,
            source
        ) {
            probe,
            algorithm in
            var session = try await probe.begin()
            let pieces = UploadCases.pieces(3, of: 3100, session)
            let claim = SampleBlob.random(32, algorithm).digest
            try refuse(try await push(&session, pieces, claim, probe))
            try await expectNothing(SampleBlob(pieces.flatMap { $0 }, algorithm), claim, probe)
        }
    }

    private static func refuse(_ answer: Exchange) throws {
        try answer.expect(
            400,
            asks: "content that does not have the digest is refused with 400 Bad Request (DIGEST_INVALID)"
        )
        try answer.expectErrorBody()
    }

    private static func expectNothing(_ blob: SampleBlob, _ claim: Digest, _ probe: Probe) async throws {
        try await probe.expectNoBlob(
            claim,
            asks: "a blob that was refused does not exist under the digest that it claimed"
        )
        try await probe.expectNoBlob(blob.digest, asks: "a blob that was refused does not exist under its true digest")
    }
}
