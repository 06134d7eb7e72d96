// SPDX-License-Identifier: EUPL-1.2

import OCI

/// Several requests at once.
enum ConcurrencyCases {
    static let all = [
        ConformanceCase(
            "concurrency.same-blob",
            "four clients push the same blob at once, and all succeed",
            .concurrency,
            .distribution("Layer Upload De-duplication")
        ) { probe in
            let blob = SampleBlob.random(200_000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await probe.push(blob) } }
                try await group.waitForAll()
            }
            try await probe.expectBlob(blob)
        },
        ConformanceCase(
            "concurrency.many-uploads",
            "eight uploads at once do not disturb each other",
            .concurrency,
            .distribution("POST then PUT", "end-4a")
        ) { probe in
            let blobs = try await withThrowingTaskGroup(of: SampleBlob.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var session = try await probe.begin()
                        let pieces = UploadCases.pieces(4, of: 40_000, session)
                        let blob = SampleBlob(pieces.flatMap { $0 })
                        for piece in pieces { try await probe.append(piece, to: &session) }
                        try probe.expectCreated(try await probe.close(session, as: blob.digest), blob.digest)
                        return blob
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for blob in blobs { try await probe.expectBlob(blob) }
        },
        ConformanceCase(
            "concurrency.same-chunk",
            "of four equal first chunks at once one is taken, the others are out of order",
            .concurrency,
            .distribution("Pushing a blob in chunks", "end-5")
        ) { probe in
            let session = try await probe.begin()
            let pieces = UploadCases.pieces(2, of: 200_000, session)
            let blob = SampleBlob(pieces.flatMap { $0 })
            let answers = try await withThrowingTaskGroup(of: Exchange.self) { group in
                for _ in 0..<4 { group.addTask { try await probe.patch(session, pieces[0], at: 0) } }
                return try await group.reduce(into: [Exchange]()) { $0.append($1) }
            }
            var current = session
            current.offset = pieces[0].count
            let taken = answers.filter { $0.status == 202 }
            guard let first = taken.first, taken.count == 1 else {
                throw answers[0].failure(
                    "chunks MUST be uploaded in order: one chunk that begins with byte 0 is taken, the others are refused",
                    got: "\(answers.map(\.status))"
                )
            }
            for answer in answers where answer.status != 202 {
                try answer.expect(416, asks: "a chunk out of order MUST be refused with 416")
            }
            try probe.take(first, into: &current)
            try await probe.append(pieces[1], to: &current)
            try probe.expectCreated(try await probe.close(current, as: blob.digest), blob.digest)
            try await probe.expectBlob(blob)
        },
    ]
}
