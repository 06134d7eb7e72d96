// SPDX-License-Identifier: EUPL-1.2

import Foundation
import NodeTestKit
import TestKit

/// `kontor demo` as people start it; killed when the value goes.
///
/// Unchecked: owned by one test; everything but the process handle is constant, and that is only asked and signalled.
final class DemoProcess: @unchecked Sendable {
    private let process = Process()
    /// What it printed.
    let output: String
    let port: Int
    /// Secrets by account name, as they were printed.
    let secrets: [String: String]

    /// Starts it on a data directory, and waits until it says that it is ready.
    init(data: String) async throws {
        let log = "\(data).\(UInt64.random(in: 0 ... .max)).log"
        let (out, errors) = (log + ".out", log + ".err")
        for path in [out, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.executableURL = URL(fileURLWithPath: try builtProduct("kontor").path)
        process.arguments = ["demo", "--data", data]
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        var text = ""
        for _ in 0..<1_200 {
            text = try String(contentsOfFile: out, encoding: .utf8)
            if text.contains("\nready:") { break }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        guard text.contains("\nready:"), let match = text.firstMatch(of: #/http://127\.0\.0\.1:(\d+)/exercise/#),
            let port = Int(match.1)
        else {
            process.terminate()
            let said = try String(contentsOfFile: errors, encoding: .utf8)
            throw ToolError(description: "the exercise did not become ready:\n\(text)\n\(said)")
        }
        output = text
        self.port = port
        var secrets: [String: String] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("  ") {
            let words = line.split(separator: " ")
            if words.count > 2 { secrets[String(words[0])] = String(words[1]) }
        }
        self.secrets = secrets
    }

    /// Signed in as one of those who were printed; nil for nobody.
    func client(_ name: String?) throws -> TestClient {
        guard let name else { return TestClient(port: port) }
        guard let secret = secrets[name] else { throw ToolError(description: "no secret of \(name) in:\n\(output)") }
        return TestClient(port: port, login: "\(name):\(secret)")
    }

    /// Ends it as Ctrl-C does.
    func stop() {
        guard process.isRunning else { return }
        process.interrupt()
        process.waitUntilExit()
    }

    deinit {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
