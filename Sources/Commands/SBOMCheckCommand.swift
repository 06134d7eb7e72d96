// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Glibc
import JSON
import SBOM

/// `kontor sbom check`: holds a bill of materials against TR-03183-2.
struct SBOMCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: Language.process(Texts.sbomCheckAbstract),
        discussion: Language.process(Texts.sbomCheckDiscussion)
    )

    /// How the report is written.
    enum Form: String, CaseIterable {
        case text, json, markdown
    }

    @Argument(help: help(Texts.sbomCheckFile, value: "FILE"))
    var file: String

    @Option(help: help(Texts.sbomCheckFormat, value: "text|json|markdown"))
    var format = "text"

    @Option(name: [.short, .long], help: help(Texts.output, value: "FILE"))
    var output: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(Form.self, format, name: "--format")
        let name = file == "-" ? terminal.language(Texts.standardInput) : file
        let bytes = try bytes(name)
        let bill: BillOfMaterials
        do { bill = try BillOfMaterials(reading: bytes) } catch {
            throw CommandFailure(Texts.inFile(name, error.text))
        }
        let page = SBOMCheckPage(name: name, bill: bill, report: TR03183.check(bill), language: terminal.language)
        switch form {
        case .text: try terminal.result(Array(page.text.utf8), to: output)
        case .markdown: try terminal.result(Array(page.markdown.utf8), to: output)
        case .json: try terminal.result(page.json.bytes(.pretty) + [0x0a], to: output)
        }
        if page.report.conclusion != .conforms { throw ExitCode(1) }
    }

    private func bytes(_ name: String) throws(CommandFailure) -> [UInt8] {
        let limit = BillLimits().bytes
        do {
            return file == "-" ? try contents(descriptor: 0, limit: limit) : try contents(file, limit: limit)
        } catch { throw CommandFailure(Texts.cannotRead(name, error.text)) }
    }
}

/// What a check of a bill came to, as text, Markdown and JSON.
struct SBOMCheckPage {
    let name: String
    let bill: BillOfMaterials
    let report: TR03183.Report
    let language: Language

    var json: JSONValue {
        guard case .object(var members) = report.json else { return report.json }
        members["schemaVersion"] = 1
        members["document"] = [
            "name": .string(name), "format": .string(bill.format.rawValue), "specVersion": .string(bill.specVersion),
            "components": .integer(Int64(bill.entries.count)),
        ]
        return .object(members)
    }

    private var head: String {
        let roles = TR03183.Role.allCases.compactMap { role in
            report.roles[role].map { language(Texts.role(role, count: $0)) }
        }
        return "\(bill.format.rawValue) \(bill.specVersion) · \(bill.entries.count) \(language(Texts.components)) · "
            + roles.joined(separator: ", ")
    }

    // MARK: - Text

    /// The answer, then every field with what was found; escape sequences of the document cannot reach the terminal.
    var text: String {
        var lines = [language(Texts.conclusion(report.conclusion)), "\(name) · \(head)", ""]
        for result in report.results {
            let field = result.field
            let demand = language(Texts.requirement(field.requirement))
            lines.append(
                "\(language(Texts.outcome(result.outcome)).uppercased())  \(language(field.title)) (§ \(field.clause), \(demand))"
            )
            for finding in result.findings where finding.outcome != .met || finding.advice != nil {
                let outcome = finding.outcome == result.outcome ? "" : "\(language(Texts.outcome(finding.outcome))): "
                lines.append("    \(finding.count) × \(outcome)\(language(finding.explanation))")
                guard finding.outcome != .notApplicable else { continue }
                if !finding.places.isEmpty { lines.append("        \(places(finding))") }
                if let advice = finding.advice { lines.append("        → \(language(advice))") }
            }
        }
        lines += ["", language(Texts.limitsTitle) + ":"] + TR03183.limits.map { "  - \(language($0))" }
        return lines.map { printable($0) + "\n" }.joined()
    }

    /// The first three; the form for programs has more.
    private func places(_ finding: TR03183.Finding) -> String {
        let shown = finding.places.prefix(3).joined(separator: ", ")
        let more = finding.count - min(3, finding.places.count)
        return more > 0 ? "\(shown) \(language(Texts.more(more)))" : shown
    }

    // MARK: - Markdown

    var markdown: String {
        var lines = ["### \(language(Texts.conclusion(report.conclusion)))", "", "\(escaped(name)) · \(head)", ""]
        let titles = [Texts.field, Texts.clause, Texts.demand, Texts.result, Texts.found].map { language($0) }
        lines.append("| " + titles.joined(separator: " | ") + " |")
        lines.append("|" + String(repeating: " --- |", count: titles.count))
        for result in report.results {
            let cells = [
                language(result.field.title), "§ " + result.field.clause,
                language(Texts.requirement(result.field.requirement)), mark(result.outcome), found(result),
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        lines += ["", "<details><summary>\(language(Texts.limitsTitle))</summary>", ""]
        lines += TR03183.limits.map { "- \(language($0))" } + ["", "</details>"]
        return lines.map { printable($0) + "\n" }.joined()
    }

    private func mark(_ outcome: TR03183.Outcome) -> String {
        let sign =
            switch outcome {
            case .met: "✅"
            case .missing: "❌"
            case .unknown: "❔"
            case .notApplicable: "–"
            }
        return "\(sign) \(language(Texts.outcome(outcome)))"
    }

    private func found(_ result: TR03183.Result) -> String {
        let shown = result.findings.filter { $0.outcome == .missing || $0.outcome == .unknown }
        return shown.map { finding in
            var text = "\(finding.count) × \(language(finding.explanation))"
            // Pointers are made of names of members and numbers only.
            if let place = finding.places.first { text += " (`\(place)`)" }
            if let advice = finding.advice { text += ". \(escaped(language(advice)))" }
            return text
        }.joined(separator: "<br>")
    }

    /// Text that is no markup: a bar would end the cell, and a name could hold a link.
    private func escaped(_ text: String) -> String {
        String(
            text.flatMap { character -> [Character] in
                "\\`*_{}[]<>#|!".contains(character) ? ["\\", character] : [character]
            }
        )
    }
}
