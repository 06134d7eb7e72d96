// SPDX-License-Identifier: EUPL-1.2

import Commands
import Criteria
import Foundation
import JSON
import TestKit
import Testing

/// Forms, baselines, differences and catalogues, through the real program.
@Suite("Reports on the command line")
struct ReportCommandTests {
    private static func kontor(_ arguments: [String]) async throws -> ToolResult {
        let environment = [
            "LC_ALL": "C", "LANG": "C", "KONTOR_CONFIG": "/dev/null", "HOME": "/nonexistent",
            "XDG_DATA_HOME": "/nonexistent", "KONTOR_LANG": "en",
        ]
        return try await builtProduct("kontor").run(arguments, environment: environment)
    }

    private static func layout(_ name: String, in directory: TemporaryDirectory, user: String, package: String = "12.4")
        throws -> String
    {
        var builder = ImageBuilder()
        builder.user = user
        builder.layer { tar in
            tar.file("etc/os-release", text: "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n")
            tar.file(
                "var/lib/dpkg/status",
                text: """
                    Package: base-files
                    Status: install ok installed
                    Architecture: amd64
                    Maintainer: Nobody <nobody@debian.test>
                    Version: \(package)
                    Description: files

                    """
            )
            tar.file("usr/bin/tool", text: "x", mode: user.isEmpty ? 0o4755 : 0o755)
        }
        try builder.built().writeOCILayout(to: directory.file(name), tag: "v1")
        return "oci:" + directory.file(name)
    }

    @Test(
        "each form goes to standard output, or whole to a file",
        arguments: ["sarif", "markdown", "junit", "gitlab-codequality"]
    )
    func forms(_ form: String) async throws {
        let directory = try TemporaryDirectory()
        let image = try Self.layout("image", in: directory, user: "")
        let arguments = ["check", image, "--data", directory.file("data"), "--as-of", "2026-11-22", "--format", form]
        let printed = try await Self.kontor(arguments)
        #expect(printed.exitCode == 0, "\(printed.errorOutput)")
        let file = directory.file("report")
        let written = try await Self.kontor(arguments + ["--output", file])
        #expect(written.exitCode == 0 && written.output.isEmpty)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == printed.output)
        switch form {
        case "sarif": #expect(try JSONValue(parsing: printed.output)["version"] == "2.1.0")
        case "markdown": #expect(printed.output.hasPrefix("### No level (build stage), "))
        case "junit": #expect(printed.output.contains("<testcase classname=\"kontor.security.bronze\""))
        default: #expect(try JSONValue(parsing: printed.output).arrayValue?.isEmpty == false)
        }
    }

    @Test("a baseline: the same image is fine, a worse one is exit code 1, a better one is fine")
    func baseline() async throws {
        let directory = try TemporaryDirectory()
        let good = try Self.layout("good", in: directory, user: "65532:65532")
        let bad = try Self.layout("bad", in: directory, user: "")
        let data = ["--data", directory.file("data"), "--as-of", "2026-11-22"]
        for (name, image) in [("good", good), ("bad", bad)] {
            let written = try await Self.kontor(
                ["check", image, "--format", "json", "--output", directory.file(name + ".json")] + data
            )
            #expect(written.exitCode == 0, "\(written.errorOutput)")
        }
        let same = try await Self.kontor(["check", good, "--baseline", directory.file("good.json")] + data)
        #expect(same.exitCode == 0)
        #expect(same.output.contains("Compared with the baseline: nothing changed"))
        let worse = try await Self.kontor(["check", bad, "--baseline", directory.file("good.json")] + data)
        #expect(worse.exitCode == 1)
        #expect(worse.output.contains("  worse: IMG-SEC-10 "))
        #expect(worse.errorOutput.contains("something new since the baseline"))
        let reported = try await Self.kontor(
            ["check", bad, "--baseline", directory.file("good.json"), "--fail-on-new", "none", "--format", "json"]
                + data
        )
        #expect(reported.exitCode == 0)
        #expect(
            reported.errorOutput.contains("  worse: IMG-SEC-10 "),
            "what the form cannot say stands on standard error"
        )
        let better = try await Self.kontor(["check", good, "--baseline", directory.file("bad.json")] + data)
        #expect(better.exitCode == 0)
    }

    @Test("a baseline that cannot be read is exit code 2 with the place, before the image is looked at")
    func brokenBaseline() async throws {
        let directory = try TemporaryDirectory()
        let cases = [
            ("{\"schemaVersion\": 1,}", "invalid JSON at byte "),
            ("{\"schemaVersion\": 2}", "$.schemaVersion: expected 1"),
            ("[]", "$: expected object"), ("", "invalid JSON at byte 0"),
        ]
        for (index, (text, says)) in cases.enumerated() {
            let file = try directory.write(Array(text.utf8), to: "\(index).json")
            let result = try await Self.kontor(["check", "oci:/nonexistent", "--baseline", file])
            #expect(result.exitCode == 2 && result.output.isEmpty)
            #expect(result.errorOutput.contains(file) && result.errorOutput.contains(says), "\(result.errorOutput)")
        }
        let missing = try await Self.kontor(["check", "oci:/nonexistent", "--baseline", "/nonexistent.json"])
        #expect(missing.exitCode == 2 && missing.errorOutput.contains("/nonexistent.json cannot be read"))
        let alone = try await Self.kontor(["check", "oci:/nonexistent", "--fail-on-new", "high"])
        #expect(alone.exitCode == 2 && alone.errorOutput.contains("--fail-on-new needs --baseline"))
        let word = try await Self.kontor(["check", "oci:x", "--baseline", "x", "--fail-on-new", "all"])
        #expect(word.exitCode == 2 && word.errorOutput.contains("critical, high, medium, low, any, none"))
    }

    @Test("the difference of two images names packages, rights and criteria, and ends with 0")
    func difference() async throws {
        let directory = try TemporaryDirectory()
        let old = try Self.layout("old", in: directory, user: "65532:65532")
        let new = try Self.layout("new", in: directory, user: "", package: "12.5")
        let data = ["--data", directory.file("data"), "--as-of", "2026-11-22"]
        let text = try await Self.kontor(["diff", old, new] + data)
        #expect(text.exitCode == 0, "\(text.errorOutput)")
        #expect(text.output.contains("  changed: deb base-files 12.4 → 12.5\n"))
        #expect(text.output.contains("  newly privileged: /usr/bin/tool 0755 0:0 → 04755 0:0\n"), "\(text.output)")
        #expect(text.output.contains("  IMG-SEC-10 "))
        let json = try await Self.kontor(["diff", old, new, "--format", "json"] + data)
        #expect(try JSONValue(parsing: json.output)["components"]?["changed"]?[0]?["name"] == "base-files")
        let same = try await Self.kontor(["diff", old, old, "--format", "markdown"] + data)
        #expect(same.exitCode == 0 && same.output.contains("No difference."))
        let missing = try await Self.kontor(["diff", old, "oci:/nonexistent"] + data)
        #expect(missing.exitCode == 2 && missing.output.isEmpty && missing.errorOutput.contains("/nonexistent"))
    }

    @Test("criteria: list, show and lint")
    func criteria() async throws {
        let directory = try TemporaryDirectory()
        let list = try await Self.kontor(["criteria", "list"])
        #expect(list.exitCode == 0)
        #expect(list.output.split(separator: "\n").count == (try Catalogue.embedded().criteria.count))
        let show = try await Self.kontor(["criteria", "show", "IMG-SEC-10"])
        #expect(
            show.exitCode == 0 && show.output.hasPrefix("IMG-SEC-10  ")
                && show.output.contains("Decided by the check: ")
        )
        let unknown = try await Self.kontor(["criteria", "show", "IMG-SEC-99"])
        #expect(unknown.exitCode == 2 && unknown.errorOutput.contains("criteria list"))
        let fine = try directory.write(Catalogue.embeddedYAML, to: "fine.yaml")
        #expect(try await Self.kontor(["criteria", "lint", fine]).exitCode == 0)
        let text = String(decoding: Catalogue.embeddedYAML, as: UTF8.self)
        let broken = try directory.write(
            Array(text.replacing("area: security", with: "area: sicherheit").utf8),
            to: "broken.yaml"
        )
        let lint = try await Self.kontor(["criteria", "lint", broken])
        #expect(lint.exitCode == 1)
        #expect(lint.output.contains(/broken\.yaml:[0-9]+: IMG-[A-Z]{3}-[0-9]{2}: "sicherheit"/), "\(lint.output)")
        let missing = try await Self.kontor(["criteria", "lint", "/nonexistent.yaml"])
        #expect(missing.exitCode == 2 && missing.output.isEmpty)
    }

    @Test("an own catalogue stands in the verdict by its version, and needs one; impact says who would fall")
    func catalogues() async throws {
        let directory = try TemporaryDirectory()
        let image = try Self.layout("image", in: directory, user: "")
        let data = ["--data", directory.file("data"), "--as-of", "2026-11-22"]
        let text = String(decoding: Catalogue.embeddedYAML, as: UTF8.self)
        let own = try directory.write(
            Array(text.replacing("version: \"2026.1\"", with: "version: \"2099.7\"").utf8),
            to: "own.yaml"
        )
        let check = try await Self.kontor(["check", image, "--catalogue", own, "--format", "json"] + data)
        #expect(check.exitCode == 0, "\(check.errorOutput)")
        #expect(try JSONValue(parsing: check.output)["catalogue"]?["version"] == "2099.7")
        let posing = try directory.write(
            Array(text.replacing("level: gold", with: "level: silver").utf8),
            to: "posing.yaml"
        )
        let refused = try await Self.kontor(["check", image, "--catalogue", posing] + data)
        #expect(refused.exitCode == 2 && refused.errorOutput.contains("without a version of its own"))
        let impact = try await Self.kontor(["criteria", "impact", own, image] + data)
        #expect(impact.exitCode == 0, "\(impact.errorOutput)")
        #expect(impact.output.hasPrefix("0 of 1 image would fall (catalogue 2026.1 → 2099.7)\n  stays: oci:"))
        let json = try await Self.kontor(["criteria", "impact", own, image, image, "--format", "json"] + data)
        #expect(try JSONValue(parsing: json.output)["images"]?.arrayValue?.count == 2)
    }
}
