// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import JSON
import NodeTestKit
import OCI
import TestKit
import Testing

/// A supplier attests with the real cosign while the node replaces its own statements in the same list.
@Suite("A supplier attests at the same time as the node", .enabled(if: (try? builtProduct("kontor")) != nil))
struct SupplierRaceTests {
    private static let count = 8

    @Test("cosign never fails, and the list has in the end what the supplier said and what the node says now")
    func race() async throws {
        try await AttestedImage.run { image in
            _ = try await image.settled(count: 5)
            let folder = try TemporaryDirectory("supplier")
            defer { folder.remove() }
            let node = image.test.node
            let login = Array("admin:\(node.secret)".utf8)
            let auth: JSONValue = ["auths": .object([image.host: ["auth": .string(Data(login).base64EncodedString())]])]
            try folder.write(auth.bytes(), to: "config.json")
            try folder.write(Array("{}".utf8), to: "predicate.json")
            let environment = [
                "HOME": folder.path, "COSIGN_PASSWORD": "", "TUF_ROOT": folder.path, "DOCKER_CONFIG": folder.path,
            ]
            let cosign = try await trixieTool("cosign")
            try await cosign.check(["generate-key-pair"], environment: environment, directory: folder.path)
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    // Another audit by the same office takes the place of the one before, and so does the list.
                    var made = 0
                    while !Task.isCancelled {
                        let result: JSONValue = made % 2 == 0 ? "passed" : "failed"
                        do {
                            guard try await image.ask(["result": result]).status == 202 else { break }
                        } catch {
                            // The end of the group closes the connection of a request that is under way.
                            guard Task.isCancelled else { throw error }
                            break
                        }
                        made += 1
                        try? await Task.sleep(for: .milliseconds(150))
                    }
                    return made
                }
                for number in 0..<Self.count {
                    let done = try await cosign.run(
                        [
                            "attest", "--yes", "--key", folder.file("cosign.key"), "--tlog-upload=false",
                            "--allow-http-registry", "--type", Self.type(number), "--predicate",
                            folder.file("predicate.json"), "\(image.host)/bund/app@\(image.digest)",
                        ],
                        environment: environment
                    )
                    #expect(done.exitCode == 0, "\(number): \(done.errorOutput)")
                }
                group.cancelAll()
                let made = try await group.next() ?? 0
                #expect(made > Self.count, "the node had nothing to say anew")
            }
            let items = try await image.settled(count: 6)
            let own = items.compactMap { $0["envelope"]?.stringValue }.sorted()
            let types = (0..<Self.count).map { Self.type($0) }.sorted()
            var found: (own: [String], types: [String]) = ([], [])
            for _ in 0..<600 where found.own != own || found.types != types {
                try await Task.sleep(for: .milliseconds(100))
                let layers = try await image.list()?["layers"]?.arrayValue ?? []
                let suppliers = layers.filter {
                    $0["annotations"]?["predicateType"]?.stringValue?.hasPrefix("https://supplier.example/") == true
                }
                found.types = suppliers.compactMap { $0["annotations"]?["predicateType"]?.stringValue }.sorted()
                found.own = layers.filter { !suppliers.contains($0) }.compactMap { $0["digest"]?.stringValue }.sorted()
            }
            #expect(found.types == types)
            #expect(found.own == own)
        }
    }

    private static func type(_ number: Int) -> String { "https://supplier.example/\(number)" }
}
