// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NIOPosix

/// Debian's docker-registry in a directory of its own, a registry or a mirror: it knows nothing of signatures and has no referrers API.
public enum DockerRegistry {
    /// Runs it for as long as a closure runs.
    ///
    /// - Parameter body: gets host and port.
    public static func run<T: Sendable>(_ body: @Sendable @escaping (String) async throws -> T) async throws -> T {
        let directory = try TemporaryDirectory("docker-registry")
        let host = "127.0.0.1:\(try await freePort())"
        let configuration = """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: \(directory.file("data"))}, delete: {enabled: true}}
            http: {addr: '\(host)'}

            """
        let file = try directory.write(Array(configuration.utf8), to: "config.yml")
        let program = try tool("docker-registry")
        return try await withThrowingTaskGroup(of: T?.self) { group in
            // Ends with the group: when the task is cancelled the process is killed.
            group.addTask {
                let result = try await program.run(["serve", file])
                throw ToolError(description: "docker-registry ended with \(result.exitCode)\n\(result.errorOutput)")
            }
            group.addTask {
                try await tool("curl").check([
                    "-fsS", "--retry", "100", "--retry-connrefused", "--retry-delay", "1", "http://\(host)/v2/",
                ])
                return try await body(host)
            }
            defer {
                group.cancelAll()
                withExtendedLifetime(directory) {}
            }
            guard let result = try await group.next(), let result else { throw CancellationError() }
            return result
        }
    }

    /// A port that was free a moment ago: the program takes a number only.
    private static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(
            host: "127.0.0.1",
            port: 0
        ).get()
        let port = channel.localAddress?.port
        try await channel.close()
        guard let port else { throw ToolError(description: "no free port") }
        return port
    }
}
