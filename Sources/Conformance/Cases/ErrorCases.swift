// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1
import OCI

/// Bodies of refusals; other cases look at theirs too.
enum ErrorCases {
    static let all =
        [
            ("blob", HTTPMethod.GET, "blobs/" + missing, [404]),
            ("manifest", .GET, "manifests/nothing", [404]),
            ("manifest-digest", .GET, "manifests/" + missing, [404]),
            ("delete-manifest", .DELETE, "manifests/" + missing, [404, 405, 400]),
            ("delete-blob", .DELETE, "blobs/" + missing, [404, 405, 400]),
            ("malformed-blob-digest", .GET, "blobs/sha256:baddigeststring", [404, 400]),
            ("upload", .GET, "blobs/uploads/00000000-0000-4000-8000-000000000000", [404, 400]),
        ].map { id, method, path, statuses in
            ConformanceCase(
                "errors.\(id)",
                "\(method.rawValue) of \(path.prefix(40)): status, form and code of the refusal",
                .errors,
                source
            ) { probe in
                try await probe.push(.random(100))
                let answer = try await probe.send(method, "/v2/\(probe.repository)/\(path)")
                guard statuses.contains(answer.status) else {
                    throw answer.failure(
                        "what is not there is refused with \(statuses.map(String.init).joined(separator: " or "))"
                    )
                }
                try answer.expectErrorBody()
            }
        } + [
            ConformanceCase("errors.unauthorized", "writing without credentials: form and code", .errors, source) {
                probe in
                let answer = try await probe.send(.POST, "/v2/\(probe.repository)/blobs/uploads/", isAnonymous: true)
                if answer.status == 202 {
                    _ = try probe.session(of: answer, in: probe.repository)
                    throw Skipped("the registry lets everybody write")
                }
                try answer.expect(
                    401,
                    403,
                    asks: "a request without the needed credentials is answered with 401 or 403"
                )
                if answer.status == 401 {
                    try answer.expectHeader(
                        "WWW-Authenticate",
                        asks: "an answer with 401 MUST have a WWW-Authenticate",
                        source: .http("15.5.2. 401 Unauthorized")
                    )
                }
                try answer.expectErrorBody()
            }
        ]

    private static let source = SpecificationSource.distribution("Error Codes")
    private static let missing = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
}
