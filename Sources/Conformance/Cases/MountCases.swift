// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1
import OCI

/// Blobs from another repository.
enum MountCases {
    static let all =
        ConformanceCase.each("blob.mount.from", "a blob is mounted from another repository", .mount, source) {
            try await mount($0, $1, isAnonymous: false)
        }
        + ConformanceCase.each("blob.mount.anonymous", "a blob is mounted without saying from where", .mount, source) {
            try await mount($0, $1, isAnonymous: true)
        }
        + ConformanceCase.each(
            "blob.mount.missing",
            "mounting a blob that is nowhere begins an upload",
            .mount,
            source
        ) { probe, algorithm in
            let blob = SampleBlob.random(700, algorithm)
            try await probe.push(.random(100), to: probe.second)
            let answer = try await post(blob.digest, from: probe.second, probe)
            try answer.expect(
                202,
                asks:
                    "a registry that is unable to mount the requested blob SHOULD return a 202, and the client MAY proceed with the upload"
            )
            try await upload(blob, after: answer, probe)
        }
        + ConformanceCase.each(
            "blob.mount.missing-repository",
            "mounting from a repository that does not exist begins an upload",
            .mount,
            source
        ) { probe, algorithm in
            let blob = SampleBlob.random(700, algorithm)
            let answer = try await post(blob.digest, from: probe.second + "/nowhere", probe)
            try answer.expect(202, asks: "a registry that is unable to mount the requested blob SHOULD return a 202")
            try await upload(blob, after: answer, probe)
        }

    private static let source = SpecificationSource.distribution("Mounting a blob from another repository", "end-11")

    private static func post(_ digest: Digest, from other: String?, _ probe: Probe) async throws -> Exchange {
        let path = "/v2/\(probe.repository)/blobs/uploads/?mount=\(digest)" + (other.map { "&from=\($0)" } ?? "")
        // A token that is good for the target alone does not do.
        return try await probe.send(.POST, path, scope: probe.repository + " from " + (other ?? "anywhere"))
    }

    private static func mount(_ probe: Probe, _ algorithm: Digest.Algorithm, isAnonymous: Bool) async throws {
        let blob = SampleBlob.random(700, algorithm)
        try await probe.push(blob, to: probe.second)
        let answer = try await post(blob.digest, from: isAnonymous ? nil : probe.second, probe)
        try answer.expect(
            201,
            202,
            asks: "a successful mount MUST be answered with 201 Created, one that is not supported SHOULD be with 202"
        )
        if answer.status == 202 {
            try await upload(blob, after: answer, probe)
            throw Skipped(
                isAnonymous
                    ? "the registry does not mount without from (202), which it MAY"
                    : "the registry does not mount (202), which it MAY"
            )
        }
        probe.remember(.blob(repository: probe.repository, digest: blob.digest.description))
        try await probe.expectWhole(blob, answer)
        // What was deleted here is still there.
        try await probe.expectBlob(blob, in: probe.second)
    }

    /// The session that stands in for a mount has to work.
    private static func upload(_ blob: SampleBlob, after answer: Exchange, _ probe: Probe) async throws {
        let session = try probe.session(of: answer, in: probe.repository)
        let created = try await probe.close(session, as: blob.digest, blob.bytes)
        try probe.expectCreated(created, blob.digest)
        try await probe.expectWhole(blob, created)
    }
}
