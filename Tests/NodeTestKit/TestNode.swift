// SPDX-License-Identifier: EUPL-1.2

import Accounts
import FoundationEssentials
import Logging
public import Node
public import TestKit
import Time

/// A whole node inside the test's process: port 0, a temporary directory, the real composition.
public struct TestNode: Sendable {
    /// The running node.
    public let node: RunningNode
    /// Its data directory.
    public let directory: TemporaryDirectory
    /// Signed in as admin.
    public let client: TestClient

    /// Port that it listens at.
    public var port: Int { node.port }
    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }
    /// `127.0.0.1:PORT`, as in image references.
    public var authority: String { "127.0.0.1:\(port)" }
    /// Secret of the account `admin`.
    public var secret: String { client.login.map { String($0.dropFirst("admin:".count)) } ?? "" }

    /// Runs a node for as long as a closure runs, then ends it in order.
    ///
    /// - Parameters:
    ///   - directory: state of an earlier run, for restarts; a new one when nil.
    ///   - configure: changes the configuration before the start.
    ///   - body: the test.
    public static func run<T: Sendable>(
        directory: TemporaryDirectory? = nil,
        configure: (inout NodeConfiguration) -> Void = { _ in },
        _ body: @Sendable @escaping (TestNode) async throws -> T
    ) async throws -> T {
        let directory = try directory ?? TemporaryDirectory("node")
        var configuration = NodeConfiguration(
            dataDirectory: directory.file("data"),
            port: 0,
            analyserExecutable: (try? builtProduct("kontor").path) ?? "/bin/false"
        )
        // Tests sign in thousands of times, many at once.
        configuration.passwordLogRounds = 8
        configure(&configuration)
        var logger = Logger(label: "kontor.test")
        logger.logLevel = .critical
        let (nodes, ready) = AsyncStream<RunningNode>.makeStream()
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { [configuration, logger] in
                defer { ready.finish() }
                try await Node.run(
                    configuration,
                    logger: logger,
                    handlesSignals: false,
                    announce: { _ in },
                    onReady: { node in ready.yield(node) }
                )
                return nil
            }
            var iterator = nodes.makeAsyncIterator()
            guard let node = await iterator.next() else {
                // It ended before it answered: the reason comes out of its task.
                while let _ = try await group.next() {}
                throw WireError("the node ended before it was ready")
            }
            // The first start tells the secret; later ones find it where the operator would.
            let secret =
                try node.adminSecret?.secret
                ?? String(contentsOfFile: configuration.dataDirectory + "/admin-secret", encoding: .utf8)
            let client = TestClient(port: node.port, login: "admin:" + secret.filter { !$0.isNewline })
            do {
                let result = try await body(TestNode(node: node, directory: directory, client: client))
                await node.stop()
                while let _ = try await group.next() {}
                return result
            } catch {
                await node.stop()
                throw error
            }
        }
    }
}
