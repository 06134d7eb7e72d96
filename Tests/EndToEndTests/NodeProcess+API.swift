// SPDX-License-Identifier: EUPL-1.2

import JSON
import NodeTestKit
import TestKit

extension NodeProcess {
    /// A client of the node, signed in as `name:secret`; nil for nobody in particular.
    func client(_ login: String?) throws -> TestClient {
        guard let port = Int(registry.split(separator: ":").last ?? "") else {
            throw ToolError(description: "no port in \(registry)")
        }
        return TestClient(port: port, login: login)
    }

    /// Signed in as admin.
    var admin: TestClient { get throws { try client("admin:" + secret) } }

    /// Asks the API; anything but an answer of 2xx is an error.
    @discardableResult
    func ask(_ method: String, _ path: String, _ body: JSONValue? = nil, as client: TestClient? = nil) async throws
        -> JSONValue
    {
        let answer = try await (client ?? admin).request(
            method,
            "/api/v1" + path,
            headers: body == nil ? [] : [("Content-Type", "application/json")],
            body: method == "GET" ? nil : body?.bytes() ?? []
        )
        guard (200..<300).contains(answer.status) else {
            throw ToolError(description: "\(method) \(path): \(answer.status) \(answer.text)")
        }
        return answer.json ?? .null
    }

    /// Runs a verb of the program against the node, as admin.
    func kontor(_ arguments: [String]) async throws -> ToolResult {
        try await builtProduct("kontor").run(
            arguments + ["--node", url, "--username", "admin", "--password-file", data + "/admin-secret"]
        )
    }

    /// Whether skopeo pulls an image as `name:secret`, and what it says.
    func pull(_ image: String, as login: String, to place: String) async throws -> ToolResult {
        try await tool("skopeo").run([
            "copy", "--quiet", "--src-tls-verify=false", "--src-creds", login, "docker://\(registry)/\(image)",
            "dir:" + place,
        ])
    }

    /// Pushes an image of one small layer, with skopeo, and names it by its digest.
    func pushSmall(_ name: String, files: [(String, String)], in directory: TemporaryDirectory) async throws -> String {
        let folder = "tree-\(UInt64.random(in: 0 ... .max))"
        for (path, text) in files { try directory.write(Array(text.utf8), to: folder + "/" + path) }
        let tar = directory.file(folder + ".tar")
        try await tool("tar").check(["-C", directory.file(folder), "-cf", tar, "."])
        let layout = directory.file(folder + "-layout")
        try await tool("skopeo").check(["copy", "--quiet", "tarball:" + tar, "oci:\(layout):v"])
        guard try await push(layout + ":v", to: name) else { throw ToolError(description: "\(name) was not accepted") }
        let creds = ["--tls-verify=false", "--creds", "admin:" + (try secret)]
        let digest = try await tool("skopeo").check(
            ["inspect", "--format", "{{.Digest}}"] + creds + ["docker://\(registry)/\(name)"]
        )
        let repository = name.split(separator: ":").first.map(String.init) ?? name
        return "\(repository)@\(digest.trimmed)"
    }
}

extension String {
    fileprivate var trimmed: String { String(filter { !$0.isWhitespace }) }
}
