// SPDX-License-Identifier: EUPL-1.2

import NIOHTTP1
import RegistryClient

/// `/v2/` itself.
enum BaseCases {
    static let all = [
        ConformanceCase("base.get", "GET /v2/ says that this is a registry", .base, source) { probe in
            try await probe.get("/v2/").expect(200, asks: "200 OK says that the registry implements the specification")
        },
        ConformanceCase("base.anonymous", "GET /v2/ without credentials answers, or says how to sign in", .base, source)
        {
            probe in
            let answer = try await probe.send(.GET, "/v2/", isAnonymous: true)
            try answer.expect(200, 401, asks: "GET /v2/ is answered with 200, or with 401 where credentials are needed")
            guard answer.status == 401 else { return }
            let http = SpecificationSource.http("15.5.2. 401 Unauthorized")
            let asks = "an answer with 401 MUST have a WWW-Authenticate with a challenge"
            try answer.expectHeader("WWW-Authenticate", asks: asks, source: http)
            guard !answer.headers["WWW-Authenticate"].flatMap(Challenge.parse).isEmpty else {
                throw answer.failure(asks, got: "no challenge that can be read", source: http)
            }
            try answer.expectErrorBody()
        },
    ]

    private static let source = SpecificationSource.distribution("Determining Support", "end-1")
}
