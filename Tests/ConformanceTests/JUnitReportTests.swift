// SPDX-License-Identifier: EUPL-1.2

import Conformance
import Testing

@Suite("JUnit")
struct JUnitReportTests {
    private static func subject(_ id: String, _ group: CaseGroup) -> ConformanceCase {
        ConformanceCase(id, "a title & more", group, .distribution("Pulling blobs", "end-2")) { _ in }
    }

    @Test("a report has a suite for each group and says what was sent, asked for and came")
    func document() {
        let failure = Failed(expected: "a < b", got: "\"c\"\nd\u{1}", request: "GET /v2/?a&b")
        let report = ConformanceReport(
            registry: "http://x",
            version: .dev,
            results: [
                CaseResult(Self.subject("base.a", .base), .passed, duration: .milliseconds(1)),
                CaseResult(Self.subject("tags.b", .tags), .failed(failure), duration: .milliseconds(2345)),
                CaseResult(Self.subject("base.c", .base), .skipped(Skipped("it's 'so'")), duration: .zero),
            ],
            duration: .seconds(61)
        )
        #expect(
            JUnitReport(report).text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites name="kontor-conformance dev of http://x" tests="3" failures="1" errors="0" skipped="1" time="61.000">
                  <testsuite name="base" tests="2" failures="0" errors="0" skipped="1" time="0.001">
                    <testcase classname="conformance.base" name="base.a" time="0.001"/>
                    <testcase classname="conformance.base" name="base.c" time="0.000">
                      <skipped message="it&apos;s &apos;so&apos;"/>
                    </testcase>
                  </testsuite>
                  <testsuite name="tags" tests="1" failures="1" errors="0" skipped="0" time="2.345">
                    <testcase classname="conformance.tags" name="tags.b" time="2.345">
                      <failure type="Failed" message="a &lt; b; came: &quot;c&quot;&#10;d\u{FFFD}">a title &amp; more
                sent: GET /v2/?a&amp;b
                asked for: a &lt; b
                by: OCI distribution-spec, &quot;Pulling blobs&quot; (end-2)
                came: &quot;c&quot;
                d\u{FFFD}</failure>
                    </testcase>
                  </testsuite>
                </testsuites>

                """
        )
    }

    @Test(
        "characters that XML does not have, or reads otherwise, are written so that it comes back",
        arguments: [
            ("\u{0}\u{8}\u{b}\u{1f}", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("a\r\nb\tc", "a&#13;&#10;b&#9;c", "a&#13;\nb\tc"),
            ("\u{FFFE}\u{FFFF}", "\u{FFFD}\u{FFFD}", "\u{FFFD}\u{FFFD}"),
            ("ü€😀", "ü€😀", "ü€😀"), ("]]>", "]]&gt;", "]]&gt;"), ("&amp;", "&amp;amp;", "&amp;amp;"),
        ]
    )
    func escapes(text: String, attribute: String, element: String) {
        #expect(JUnitReport.escaped(text, keepsLines: false) == attribute)
        #expect(JUnitReport.escaped(text, keepsLines: true) == element)
    }

    @Test("a report for people names what failed and counts every group")
    func terminal() {
        let failure = Failed(expected: "this", got: "that", request: "GET /v2/")
        let report = ConformanceReport(
            registry: "http://x",
            version: .v1_1,
            results: [CaseResult(Self.subject("base.a", .base), .failed(failure), duration: .zero)],
            duration: .seconds(1)
        )
        let text = TerminalReport(report).text
        for part in ["FAIL base.a", "GET /v2/", "this", "that", "\"Pulling blobs\" (end-2)", "base", "all"] {
            #expect(text.contains(part))
        }
    }

    @Test("text of a stranger cannot steer a terminal")
    func printable() {
        #expect("a\u{1b}[31mb\r\n\u{202e}c".printable() == "a [31mb   c")
        #expect(String(repeating: "x", count: 400).printable(3) == "xxx…")
    }
}
