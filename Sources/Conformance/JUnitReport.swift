// SPDX-License-Identifier: EUPL-1.2

/// A report as JUnit XML, one suite for each group.
public struct JUnitReport: Sendable {
    private let report: ConformanceReport

    /// Of a report.
    public init(_ report: ConformanceReport) { self.report = report }

    /// The document.
    public var text: String {
        let name = "kontor-conformance \(report.version.rawValue) of \(report.registry)"
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text +=
            "<testsuites name=\(Self.attribute(name)) \(Self.counts(report.results)) time=\"\(Self.seconds(report.duration))\">\n"
        for (group, results) in report.groups {
            let time = results.reduce(Duration.zero) { $0 + $1.duration }
            text +=
                "  <testsuite name=\(Self.attribute(group.rawValue)) \(Self.counts(results)) time=\"\(Self.seconds(time))\">\n"
            for result in results { text += Self.testCase(result) }
            text += "  </testsuite>\n"
        }
        return text + "</testsuites>\n"
    }

    private static func testCase(_ result: CaseResult) -> String {
        let subject = result.subject
        let head =
            "    <testcase classname=\(attribute("conformance." + subject.group.rawValue)) name=\(attribute(subject.id)) "
            + "time=\"\(seconds(result.duration))\""
        switch result.outcome {
        case .passed: return head + "/>\n"
        case .skipped(let skip):
            return head + ">\n      <skipped message=\(attribute(skip.reason))/>\n    </testcase>\n"
        case .failed(let failure):
            let message = "\(failure.expected); came: \(failure.got)"
            let body = """
                \(subject.title)
                sent: \(failure.request)
                asked for: \(failure.expected)
                by: \(failure.source ?? subject.source)
                came: \(failure.got)
                """
            return head
                + ">\n      <failure type=\"Failed\" message=\(attribute(message))>\(escaped(body, keepsLines: true))</failure>\n    </testcase>\n"
        }
    }

    private static func counts(_ results: [CaseResult]) -> String {
        let failures = results.count { $0.failure != nil }
        let skips = results.count { $0.skip != nil }
        return "tests=\"\(results.count)\" failures=\"\(failures)\" errors=\"0\" skipped=\"\(skips)\""
    }

    /// With three decimals, whatever the language of the machine.
    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.utf8.count) + rest
    }

    private static func attribute(_ text: String) -> String { "\"" + escaped(text, keepsLines: false) + "\"" }

    /// Text for an element, or for an attribute: there a parser turns line breaks into spaces unless they are references.
    ///
    /// What XML 1.0 has no character for, such as most control characters, becomes U+FFFD: it cannot be written at all.
    package static func escaped(_ text: String, keepsLines: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: result += "&amp;"
            case 0x3c: result += "&lt;"
            case 0x3e: result += "&gt;"
            case 0x22: result += "&quot;"
            case 0x27: result += "&apos;"
            case 0x0d: result += "&#13;"
            case 0x09, 0x0a:
                if keepsLines { result.unicodeScalars.append(scalar) } else { result += "&#\(scalar.value);" }
            case 0x20...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append("\u{FFFD}")
            }
        }
        return result
    }
}
