// SPDX-License-Identifier: EUPL-1.2

/// A report for people.
public struct TerminalReport: Sendable {
    /// One line for one result, for while a run goes on.
    public static func line(_ result: CaseResult) -> String {
        let (word, note) =
            switch result.outcome {
            case .passed: ("pass", "")
            case .failed: ("FAIL", "")
            case .skipped(let skip): ("skip", "  " + skip.reason)
            }
        let parts = result.duration.components
        let milliseconds = String(parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
        return "\(word)  \(padded(result.subject.id, to: 48)) \(padded(milliseconds, to: 6, fromLeft: true)) ms\(note)"
    }

    private let report: ConformanceReport

    /// Of a report.
    public init(_ report: ConformanceReport) { self.report = report }

    /// What failed, in full, and a table of all groups.
    public var text: String {
        var lines: [String] = []
        for result in report.failures {
            guard let failure = result.failure else { continue }
            lines += [
                "", "FAIL \(result.subject.id): \(result.subject.title)", "  sent       \(failure.request)",
                "  asked for  \(failure.expected)", "  by         \(failure.source ?? result.subject.source)",
                "  came       \(failure.got)",
            ]
        }
        lines += ["", row("group", "cases", "passed", "failed", "skipped")]
        for (group, results) in report.groups { lines.append(row(group.rawValue, results)) }
        lines.append(row("all", report.results))
        let seconds = report.duration.components.seconds
        lines.append("")
        lines.append("\(report.registry), version \(report.version.rawValue), \(seconds) s")
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(_ name: String, _ results: [CaseResult]) -> String {
        let failed = results.count { $0.failure != nil }
        let skipped = results.count { $0.skip != nil }
        return row(
            name,
            "\(results.count)",
            "\(results.count - failed - skipped)",
            failed == 0 ? "-" : "\(failed)",
            skipped == 0 ? "-" : "\(skipped)"
        )
    }

    private func row(_ name: String, _ cells: String...) -> String {
        Self.padded(name, to: 14) + cells.map { Self.padded($0, to: 9, fromLeft: true) }.joined()
    }

    private static func padded(_ text: String, to width: Int, fromLeft: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return fromLeft ? space + text : text + space
    }
}
