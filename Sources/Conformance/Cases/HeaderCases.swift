// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1
import OCI

/// Headers that 1.1 recommends and later versions demand.
///
/// Where they are there, every other case looks at their values too.
enum HeaderCases {
    static let all =
        [HTTPMethod.GET, .HEAD].flatMap { method in
            ConformanceCase.each(
                "header.blob.\(method.rawValue.lowercased()).digest",
                "\(method.rawValue) of a blob tells its digest, in the algorithm that was asked for",
                .header,
                .distribution("Pulling blobs", "end-2"),
                since: .dev
            ) { probe, algorithm in
                let blob = SampleBlob.random(700, algorithm)
                try await probe.push(blob)
                try await expectDigest(probe.send(method, "/v2/\(probe.repository)/blobs/\(blob.digest)"), blob.digest)
            }
                + ConformanceCase.each(
                    "header.manifest.\(method.rawValue.lowercased()).digest",
                    "\(method.rawValue) of a manifest tells its digest, in the algorithm that was asked for",
                    .header,
                    .distribution("Pulling manifests", "end-3"),
                    since: .dev
                ) { probe, algorithm in
                    let root = try await image(probe, algorithm)
                    let path = "/v2/\(probe.repository)/manifests/\(root.digest)"
                    try await expectDigest(probe.send(method, path, Probe.acceptable), root.digest)
                }
        }
        + ConformanceCase.each(
            "header.blob.head.length",
            "HEAD of a blob tells its size",
            .header,
            .distribution("Checking if content exists in the registry", "end-2"),
            since: .dev
        ) { probe, algorithm in
            let blob = SampleBlob.random(700, algorithm)
            try await probe.push(blob)
            try await expectLength(probe.head("/v2/\(probe.repository)/blobs/\(blob.digest)"), blob.bytes.count)
        }
        + ConformanceCase.each(
            "header.manifest.head.length",
            "HEAD of a manifest tells its size",
            .header,
            .distribution("Checking if content exists in the registry", "end-3"),
            since: .dev
        ) { probe, algorithm in
            let root = try await image(probe, algorithm)
            let answer = try await probe.head("/v2/\(probe.repository)/manifests/\(root.digest)", Probe.acceptable)
            try expectLength(answer, root.bytes.count)
        }
        + [
            ConformanceCase(
                "header.warning",
                "warnings have the form of the specification, and 4096 bytes at most",
                .header,
                .distribution("Warnings")
            ) { probe in
                let root = try await image(probe, .sha256)
                for path in [
                    "/v2/", "/v2/\(probe.repository)/tags/list", "/v2/\(probe.repository)/manifests/\(root.digest)",
                ] {
                    let answer = try await probe.get(path, Probe.acceptable)
                    let warnings = answer.headers["Warning"]
                    guard warnings.allSatisfy({ $0.hasPrefix("299 - \"") }) else {
                        throw answer.failure(
                            "a Warning MUST have the code 299, the agent - and no date",
                            got: "\(warnings)"
                        )
                    }
                    guard warnings.reduce(0, { $0 + $1.utf8.count }) <= 4096 else {
                        throw answer.failure("a registry MUST NOT send more than 4096 bytes of warnings")
                    }
                }
            }
        ]

    private static func image(_ probe: Probe, _ algorithm: Digest.Algorithm) async throws -> SampleManifest {
        var sample = Sample(algorithm)
        let root = sample.image()
        sample.tagging = .none
        try await probe.push(sample)
        return root
    }

    private static func expectDigest(_ answer: Exchange, _ digest: Digest) throws {
        try answer.expect(200, asks: "existing content is answered with 200 OK")
        try answer.expectHeader(
            "Docker-Content-Digest",
            is: digest.description,
            asks: "a successful answer MUST contain the digest in Docker-Content-Digest: \(digest)"
        )
    }

    private static func expectLength(_ answer: Exchange, _ count: Int) throws {
        try answer.expect(200, asks: "existing content is answered with 200 OK")
        try answer.expectHeader(
            "Content-Length",
            is: String(count),
            asks: "a successful answer to HEAD MUST contain the size in Content-Length: \(count)"
        )
    }
}
