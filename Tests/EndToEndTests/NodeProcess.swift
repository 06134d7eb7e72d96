// SPDX-License-Identifier: EUPL-1.2

import Foundation
import JSON
import TestKit

/// The built program, running as a node on a port of its own; killed when the value goes.
///
/// Unchecked: owned by one test; everything but the process handle is constant, and that is only asked and signalled.
final class NodeProcess: @unchecked Sendable {
    let process = Process()
    let data: String
    let url: String
    private let log: String

    /// Registry host and port, as clients write it.
    var registry: String { String(url.dropFirst("http://".count)) }
    /// The admin secret of this data directory.
    var secret: String {
        get throws {
            try String(contentsOfFile: data + "/admin-secret", encoding: .utf8).trimmingCharacters(
                in: .whitespacesAndNewlines
            )
        }
    }

    /// Starts `kontor serve` and waits until it is ready.
    init(data: String, options: [String] = []) async throws {
        self.data = data
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        log = data + ".log.\(UInt64.random(in: 0 ... .max))"
        try Data().write(to: URL(fileURLWithPath: log))
        process.executableURL = URL(fileURLWithPath: try builtProduct("kontor").path)
        process.arguments = ["serve", "--data", data, "--listen", "127.0.0.1:0"] + options
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardOutput = output
        process.standardError = output
        try process.run()

        var found: String?
        for _ in 0..<600 {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            if let match = text.firstMatch(of: #/http://127\.0\.0\.1:\d+/#) {
                let candidate = String(match.output)
                let ready = try await tool("curl").run(["-fsS", "-o", "/dev/null", candidate + "/readyz"])
                if ready.exitCode == 0 {
                    found = candidate
                    break
                }
            }
            guard process.isRunning else { throw ToolError(description: "the node ended while starting:\n\(text)") }
            try await Task.sleep(for: .milliseconds(50))
        }
        guard let found else {
            process.terminate()
            throw ToolError(
                description:
                    "the node was not ready in 30 s:\n\((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")"
            )
        }
        url = found
    }

    /// Ends it as a power cut would.
    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Ends it as an operator would.
    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    deinit { kill() }

    /// Peak resident memory so far, in bytes (`VmHWM`).
    var peakMemory: Int64 {
        get throws { try memory("VmHWM") }
    }

    /// Resident memory now, in bytes.
    var memory: Int64 {
        get throws { try memory("VmRSS") }
    }

    private func memory(_ field: String) throws -> Int64 {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(field + ":") } ?? ""
        return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int64($0) } ?? 0) * 1024
    }

    /// Status and body of a GET, signed in as admin.
    func get(_ path: String) async throws -> (status: Int, body: String) {
        let result = try await tool("curl").run([
            "-sS", "-u", "admin:" + (try secret), "-w", "\n%{http_code}", url + path,
        ])
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
    }

    /// Waits until an image has its verdict.
    func verdict(of reference: String, within limit: Duration = .seconds(90)) async throws -> JSONValue {
        let clock = ContinuousClock()
        let end = clock.now + limit
        var last = ""
        while clock.now < end {
            let (status, body) = try await get("/api/v1/images/\(reference)/verdict")
            if status == 200 { return try JSONValue(parsing: body) }
            last = "\(status) \(body)"
            guard status == 202 else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw ToolError(description: "no verdict for \(reference): \(last)")
    }

    /// Pushes an OCI layout with skopeo; true when skopeo says that it was accepted.
    func push(_ layout: String, to name: String, options: [String] = []) async throws -> Bool {
        let result = try await tool("skopeo").run(
            ["copy", "--quiet", "--dest-tls-verify=false", "--dest-creds", "admin:" + (try secret)] + options
                + ["oci:" + layout, "docker://\(registry)/\(name)"]
        )
        return result.exitCode == 0
    }
}
