// SPDX-License-Identifier: EUPL-1.2

import NodeTestKit
import Synchronization

/// As much of a browser as forms need: it keeps cookies and sends forms.
final class Browser: Sendable {
    let client: TestClient
    // Owner: this mutex.
    private let jar = Mutex<[String: String]>([:])

    init(_ client: TestClient) { self.client = client.anonymous() }

    var cookies: [String: String] { jar.withLock { $0 } }

    func keep(_ name: String, _ value: String?) { jar.withLock { $0[name] = value } }

    func get(_ path: String, _ headers: [(String, String)] = []) async throws -> Answer {
        try await send("GET", path, headers, nil)
    }

    /// Sends a form as a page of this node would: from its origin, with the token that its pages carry.
    func post(
        _ path: String,
        _ fields: [(String, String)],
        token: String? = nil,
        origin: String? = nil
    ) async throws -> Answer {
        let fields = (token.map { [("form", $0)] } ?? []) + fields
        let body = fields.map { Self.encoded($0.0) + "=" + Self.encoded($0.1) }.joined(separator: "&")
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Origin", origin ?? "http://127.0.0.1:\(client.port)"),
        ]
        return try await send("POST", path, headers, Array(body.utf8))
    }

    func send(_ method: String, _ path: String, _ headers: [(String, String)], _ body: [UInt8]?) async throws -> Answer
    {
        let cookie = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        let answer = try await client.request(
            method,
            path,
            headers: headers + (cookie.isEmpty ? [] : [("Cookie", cookie)]),
            body: body
        )
        for set in answer.all("set-cookie") {
            let pair = set.prefix { $0 != ";" }
            let name = String(pair.prefix { $0 != "=" })
            keep(name, set.contains("Max-Age=0") ? nil : String(pair.dropFirst(name.count + 1)))
        }
        return answer
    }

    func signIn(_ name: String, _ password: String, next: String = "/") async throws -> Answer {
        try await post("/login", [("name", name), ("password", password), ("next", next)])
    }

    /// The token that the forms of a page carry.
    func token(_ path: String = "/account") async throws -> String? { Self.token(in: try await get(path).text) }

    static func token(in page: String) -> String? {
        guard let start = page.firstRange(of: "name=\"form\" value=\"") else { return nil }
        return String(page[start.upperBound...].prefix { $0 != "\"" })
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let hex = String(byte, radix: 16, uppercase: true)
            return "%" + (hex.count < 2 ? "0" : "") + hex
        }.joined()
    }
}
