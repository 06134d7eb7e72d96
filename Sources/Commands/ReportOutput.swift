// SPDX-License-Identifier: EUPL-1.2

import Criteria
import DurableFiles
import JSON
import Reports

/// How a verdict is written.
enum ReportForm: String, CaseIterable {
    case text, json, sarif, markdown, junit
    case codeQuality = "gitlab-codequality"
}

extension Report {
    /// The report in a form.
    ///
    /// - Parameters:
    ///   - colour: paint the page of text.
    ///   - all: list every finding on the page of text.
    func bytes(_ form: ReportForm, colour: Bool, all: Bool) -> [UInt8] {
        switch form {
        case .json: return verdict.json.bytes(.pretty) + [0x0a]
        case .sarif: return sarif.bytes(.pretty) + [0x0a]
        case .codeQuality: return codeQuality.bytes(.pretty) + [0x0a]
        case .junit: return Array(junit.utf8)
        case .markdown: return Array(markdown.utf8)
        case .text:
            let page = VerdictText(
                verdict: verdict,
                name: name,
                language: language == .de ? .de : .en,
                colour: colour,
                all: all,
                catalogue: catalogue
            )
            guard let comparison else { return Array(page.text.utf8) }
            let lines = ComparisonText(comparison, language).lines.map { printable($0) + "\n" }.joined()
            return Array((page.text + "\n" + lines).utf8)
        }
    }
}

extension Language {
    /// The same language for a report.
    var report: ReportLanguage { self == .de ? .de : .en }
}

extension Terminal {
    /// Writes the result to a file, whole, or to standard output where none is named.
    func result(_ bytes: [UInt8], to path: String?) throws(CommandFailure) {
        guard let path else { return try result(bytes) }
        do { try SBOMCommand.write(bytes, to: path, FileOperations.live) } catch {
            throw CommandFailure(Texts.cannotWrite(path, "\(error)"))
        }
    }
}
