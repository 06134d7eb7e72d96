// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import Criteria
internal import Time

extension Report {
    /// The report as JUnit XML: a suite of one test for each criterion, one for each advisory and source package, one for each ecosystem
    /// without advisories.
    ///
    /// Unknown is an `error`, not `skipped`: JUnit's error says that the test could not be carried out, which is what happened, and is shown
    /// as not passed; a skipped test is shown as nothing to worry about. Skipped is what does not apply, counts at a later stage only, or
    /// is asked for by a higher level than the caller's.
    public var junit: String {
        let suites = [criteriaSuite, findingsSuite, notAssessedSuite]
        let total = suites.reduce(JUnitCounts()) { $0 + $1.counts }
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuites name=\"kontor\" \(total.attributes)>\n"
        for suite in suites {
            text += suite.xml(name: name, timestamp: verdict.evaluatedAt.rfc3339, properties: properties)
        }
        return text + "</testsuites>\n"
    }

    private var properties: [(String, String)] {
        [
            ("image", name), ("digest", verdict.image.digest ?? ""), ("level", verdict.level.rawValue),
            ("stage", verdict.stage.rawValue), ("catalogue", verdict.catalogueVersion),
        ]
    }

    private var criteriaSuite: JUnitSuite {
        var suite = JUnitSuite(name: language(ReportTexts.criteria))
        for result in verdict.criteria {
            suite.add(
                class: "kontor.\(result.area.rawValue).\(result.level.rawValue)",
                name: "\(result.id) \(language(result.title))",
                outcome: outcome(of: result),
                message: language(result.explanation),
                details: result.evidence.prefix(20).map(\.text)
                    + (result.advice.map { [language(ReportTexts.toDo) + ": " + language($0)] } ?? [])
            )
        }
        return suite
    }

    private func outcome(of result: CriterionResult) -> JUnitOutcome {
        guard verdict.counts(result), result.result != .notApplicable else { return .skipped }
        if result.result == .pass { return .passed }
        guard isAskedFor(result) else { return .skipped }
        return result.result == .fail ? .failure : .error
    }

    private var findingsSuite: JUnitSuite {
        var suite = JUnitSuite(name: language(ReportTexts.findings))
        for group in verdict.advisoryGroups {
            let finding = group.finding
            suite.add(
                class: "kontor.findings.\(finding.severity.rawValue)",
                name: "\(finding.id) \(group.sourceName) \(group.sourceVersion)",
                outcome: finding.status.isAffected ? .failure : finding.isOpen ? .error : .passed,
                message: sentence(group),
                details: [finding.evidence.record, finding.evidence.rule, finding.riskExplanation].filter {
                    !$0.isEmpty
                }
            )
        }
        return suite
    }

    private var notAssessedSuite: JUnitSuite {
        var suite = JUnitSuite(name: language(ReportTexts.notAssessed))
        for item in verdict.notAssessed {
            suite.add(
                class: "kontor.notAssessed",
                name: "\(item.ecosystem): \(language(ReportTexts.components(item.components)))",
                outcome: .error,
                message: language(item.reason),
                details: []
            )
        }
        return suite
    }
}

/// How one test ended.
private enum JUnitOutcome: String {
    case passed, failure, error, skipped
}

private struct JUnitCounts {
    var tests = 0
    var failures = 0
    var errors = 0
    var skipped = 0

    static func + (left: JUnitCounts, right: JUnitCounts) -> JUnitCounts {
        JUnitCounts(
            tests: left.tests + right.tests,
            failures: left.failures + right.failures,
            errors: left.errors + right.errors,
            skipped: left.skipped + right.skipped
        )
    }

    var attributes: String {
        "tests=\"\(tests)\" failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"\(skipped)\" time=\"0\""
    }
}

private struct JUnitSuite {
    let name: String
    private(set) var counts = JUnitCounts()
    private var cases = ""

    init(name: String) { self.name = name }

    mutating func add(class className: String, name: String, outcome: JUnitOutcome, message: String, details: [String])
    {
        counts.tests += 1
        cases += "    <testcase classname=\"\(className.xml)\" name=\"\(name.xml)\" time=\"0\""
        switch outcome {
        case .passed:
            cases += "/>\n"
            return
        case .failure: counts.failures += 1
        case .error: counts.errors += 1
        case .skipped: counts.skipped += 1
        }
        let element = outcome.rawValue
        cases += ">\n      <\(element) message=\"\(message.xml)\""
        if outcome != .skipped { cases += " type=\"\(outcome == .failure ? "fail" : "unknown")\"" }
        let text = outcome == .skipped ? "" : details.map(\.xml).joined(separator: "\n")
        cases += text.isEmpty ? "/>\n" : ">\(text)</\(element)>\n"
        cases += "    </testcase>\n"
    }

    func xml(name image: String, timestamp: String, properties: [(String, String)]) -> String {
        var text =
            "  <testsuite name=\"\("\(name): \(image)".xml)\" \(counts.attributes) timestamp=\"\(timestamp.xml)\">\n"
        text += "    <properties>\n"
        for (name, value) in properties {
            text += "      <property name=\"\(name.xml)\" value=\"\(value.xml)\"/>\n"
        }
        return text + "    </properties>\n" + cases + "  </testsuite>\n"
    }
}
