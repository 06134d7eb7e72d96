// SPDX-License-Identifier: EUPL-1.2

import Conformance
import NIOCore
import NIOPosix
import TestKit

/// Debian's docker-registry, in a directory of its own, as its package configures it but with deleting enabled.
enum DockerRegistry {
    /// Runs it for as long as a closure runs.
    ///
    /// - Parameter body: gets its address.
    static func run<T: Sendable>(_ body: @Sendable @escaping (String) async throws -> T) async throws -> T {
        let directory = try TemporaryDirectory("docker-registry")
        let port = try await freePort()
        let configuration = """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage:
              cache: {blobdescriptor: inmemory}
              filesystem: {rootdirectory: \(directory.file("data"))}
              delete: {enabled: true}
            http: {addr: '127.0.0.1:\(port)'}

            """
        let file = try directory.write(Array(configuration.utf8), to: "config.yml")
        let program = try tool("docker-registry")
        let url = "http://127.0.0.1:\(port)"
        return try await withThrowingTaskGroup(of: T?.self) { group in
            // Ends with the group: when the task is cancelled the process is killed.
            group.addTask {
                let result = try await program.run(["serve", file])
                throw ToolError(description: "docker-registry ended with \(result.exitCode)\n\(result.errorOutput)")
            }
            group.addTask {
                try await waitUntilReady(url)
                return try await body(url)
            }
            defer {
                group.cancelAll()
                withExtendedLifetime(directory) {}
            }
            guard let result = try await group.next(), let result else { throw CancellationError() }
            return result
        }
    }

    private static func waitUntilReady(_ url: String) async throws {
        let run = ConformanceRun(try settings(for: url, .v1_1))
        for attempt in 0..<400 {
            do {
                _ = try await run.run([])
                return
            } catch let error as ConformanceError {
                guard attempt < 399 else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// A port that was free a moment ago: the program takes a number only.
    private static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port
        try await channel.close()
        guard let port else { throw ToolError(description: "no free port") }
        return port
    }
}
