// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1
import OCI

/// Parts of blobs.
enum RangeCases {
    static let all =
        part("500-1499", 500...1499) + part("500-", 500...2047) + part("-500", 1548...2047)
        + part("2000-5000", 2000...2047) + refused("500-0") + refused("5000-10000")

    private static let size = 2048
    private static let source = SpecificationSource.distribution("Pulling blobs", "end-2")
    private static let http = SpecificationSource.http("14.2. Range, 15.3.7. 206, 15.5.17. 416")

    private static func part(_ range: String, _ bytes: ClosedRange<Int>) -> [ConformanceCase] {
        ConformanceCase.each("blob.range.\(range)", "bytes=\(range) of a blob of 2048 bytes", .range, source) {
            probe,
            algorithm in
            let (blob, answer) = try await ask(range, algorithm, probe)
            let asks =
                "bytes=\(range) of \(size) bytes is answered with 206 and bytes \(bytes.lowerBound)-\(bytes.upperBound)"
            try answer.expect(206, asks: asks, source: http)
            let told = try answer.expectHeader("Content-Range", asks: asks, source: http)
            let part = "bytes \(bytes.lowerBound)-\(bytes.upperBound)/"
            guard told == part + "\(size)" || told == part + "*" else {
                throw answer.failure(asks, got: "206 with Content-Range: \(told.printable())", source: http)
            }
            if answer["Content-Length"] != nil {
                try answer.expectHeader("Content-Length", is: String(bytes.count), asks: asks, source: http)
            }
            try answer.expectBody(Array(blob.bytes[bytes]), asks: asks, source: http)
        }
    }

    private static func refused(_ range: String) -> [ConformanceCase] {
        ConformanceCase.each("blob.range.\(range)", "bytes=\(range) of a blob of 2048 bytes is refused", .range, source)
        {
            probe,
            algorithm in
            let (_, answer) = try await ask(range, algorithm, probe)
            try answer.expect(
                416,
                asks: "a range outside the blob is answered with 416 Range Not Satisfiable",
                source: http
            )
        }
    }

    private static func ask(_ range: String, _ algorithm: Digest.Algorithm, _ probe: Probe) async throws
        -> (SampleBlob, Exchange)
    {
        let blob = SampleBlob.random(size, algorithm)
        try await probe.push(blob)
        let answer = try await probe.get(
            "/v2/\(probe.repository)/blobs/\(blob.digest)",
            ["Range": "bytes=\(range)"]
        )
        if answer.status == 200 {
            try answer.expectBody(blob.bytes, asks: "GET of an existing blob MUST provide the expected blob")
            throw Skipped(
                range == "500-0"
                    ? "the registry answers with the whole blob; an invalid range MAY be ignored (RFC 9110, 14.2)"
                    : "the registry answers with the whole blob; it SHOULD support Range"
            )
        }
        return (blob, answer)
    }
}
