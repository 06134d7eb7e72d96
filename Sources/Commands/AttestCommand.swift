// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient
import OCI
import Time

/// `kontor attest`: what a node attests about an image; with `--audit`, what people found who looked at it.
struct AttestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: Language.process(Texts.attestAbstract),
        discussion: Language.process(Texts.attestDiscussion)
    )
    /// Questions before the command gives up; the node goes on by itself.
    private static let questions = 600
    /// Bytes of the longest report that is hashed.
    private static let longestReport = 1 << 30

    @Argument(help: help(Texts.attestImage, value: "IMAGE")) var image: String
    @Flag(help: help(Texts.attestAudit)) var audit = false
    @Option(help: help(Texts.attestAuditor, value: "OFFICE")) var auditor: String?
    @Option(help: help(Texts.attestScope, value: "TEXT")) var scope: String?
    @Option(help: help(Texts.attestResult, value: "passed|failed")) var result: String?
    @Option(help: help(Texts.attestReport, value: "FILE|sha256:…")) var report: String?
    @Option(name: .customLong("report-uri"), help: help(Texts.attestReportURI, value: "URL")) var reportURI: String?
    @Option(help: help(Texts.attestFinished, value: "TIME")) var finished: String?
    @Option(name: .customLong("valid-until"), help: help(Texts.attestUntil, value: "TIME")) var validUntil: String?
    @OptionGroup var node: NodeOptions

    func validate() throws {
        let details = [auditor, scope, result, report, reportURI, finished, validUntil]
        if !audit, details.contains(where: { $0 != nil }) {
            throw ValidationError(Language.process(Texts.attestOnlyAudit))
        }
        if audit, [auditor, scope, result, report, validUntil].contains(nil) {
            throw ValidationError(Language.process(Texts.attestIncomplete))
        }
    }

    func run() async throws {
        var asked: JSONValue?
        if audit { asked = .some(try request()) }
        let body = asked
        try await node.with { client, output in
            guard let body else { return try await list(client, output) }
            guard let queued = try await client.call("POST", "/audits", body), case .integer(let id)? = queued["id"]
            else { throw CommandFailure(Texts.attestUnclear) }
            for _ in 0..<Self.questions {
                let answer = try await client.call("GET", path)
                let row = answer?["items"]?.arrayValue?.first { $0["id"] == .integer(id) }
                if let row, row["state"]?.stringValue == "published" {
                    output.terminal.clearStep()
                    return try show(row, output)
                }
                let problem = answer?["problem"]?.stringValue
                if answer?["pending"] == .bool(false), answer?["items"] != nil {
                    output.terminal.clearStep()
                    throw CommandFailure(Texts.attestFailed(problem ?? ""), code: 1)
                }
                output.terminal.step(Texts.attestWaiting(problem))
                try await Task.sleep(for: .milliseconds(500))
            }
            output.terminal.clearStep()
            throw CommandFailure(Texts.attestPending(path), code: 1)
        }
    }

    private var path: String { "/images/\(NodeClient.segment(image))/attestations" }

    private func list(_ client: NodeClient, _ output: ManagementOutput) async throws {
        guard let answer = try await client.call("GET", path), let items = answer["items"]?.arrayValue else {
            throw CommandFailure(Texts.attestNoVerdict, code: 1)
        }
        if output.form == .json { return try output.object(answer) }
        for item in items { try show(item, output) }
        if let problem = answer["problem"]?.stringValue { output.terminal.note(Texts.attestProblem(problem)) }
        if items.isEmpty, answer["problem"]?.stringValue == nil { output.terminal.note(Texts.attestNothing) }
    }

    private func show(_ item: JSONValue, _ output: ManagementOutput) throws {
        if output.form == .json { return try output.object(item) }
        try output.item(item, ["kind", "state", "logIndex", "referrer", "predicateType"])
    }

    private func request() throws -> JSONValue {
        let hash = try digest(report ?? "")
        var report: [String: JSONValue] = ["digest": .string(hash.description)]
        if let reportURI { report["uri"] = .string(reportURI) }
        return [
            "image": .string(image), "auditor": .optional(auditor), "scope": .optional(scope),
            "result": .optional(result), "report": .object(report),
            "finished": .string(try finished.map { try instant($0, "--finished") } ?? WallClock.system.now().rfc3339),
            "validUntil": .string(try instant(validUntil ?? "", "--valid-until")),
        ]
    }

    /// A digest as it is, or that of a file.
    private func digest(_ text: String) throws -> Digest {
        if text.hasPrefix("sha256:") {
            do { return try Digest(parsing: text) } catch { throw CommandFailure("--report: \(error)") }
        }
        do { return .sha256(try contents(text, limit: Self.longestReport)) } catch {
            throw CommandFailure("\(text): \(error)")
        }
    }

    /// An instant, or a day from its beginning.
    private func instant(_ text: String, _ name: String) throws -> String {
        guard let time = Timestamp(rfc3339: text) ?? Timestamp(date: text) else {
            throw CommandFailure(Texts.attestTime(name, text))
        }
        return time.rfc3339
    }
}
