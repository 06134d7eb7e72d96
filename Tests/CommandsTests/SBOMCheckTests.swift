// SPDX-License-Identifier: EUPL-1.2

import JSON
import TestKit
import Testing

/// `kontor sbom check`, through the real program.
@Suite("Checking bills of materials on the command line")
struct SBOMCheckTests {
    private static func kontor(_ arguments: [String], input: [UInt8] = [], language: String = "en") async throws
        -> ToolResult
    {
        let environment = [
            "LC_ALL": "C", "LANG": "C", "KONTOR_CONFIG": "/dev/null", "HOME": "/nonexistent",
            "XDG_DATA_HOME": "/nonexistent",
        ]
        return try await builtProduct("kontor").run(
            ["sbom"] + arguments + ["--lang", language],
            input: input,
            environment: environment
        )
    }

    /// An image without components; conforming but for what is asked to be left out.
    private static func document(timestamp: JSONValue = "2026-11-22T09:00:00Z", name: String = "team/app") -> [UInt8] {
        let maker: JSONValue = ["name": "Team", "contact": [["email": "team@example.org"]]]
        let document: JSONValue = [
            "bomFormat": "CycloneDX", "specVersion": "1.6",
            "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
            "metadata": [
                "timestamp": timestamp, "manufacturer": maker,
                "component": [
                    "bom-ref": "image", "type": "container", "name": .string(name), "version": "1.0",
                    "manufacturer": maker,
                    "licenses": [["expression": "EUPL-1.2", "acknowledgement": "concluded"]],
                ],
            ],
            "dependencies": [["ref": "image", "dependsOn": []]],
            "compositions": [["aggregate": "complete", "dependencies": ["image"]]],
        ]
        return document.bytes()
    }

    @Test("exit code 0 for a bill that conforms, from a file and from standard input; a file may be called check")
    func conforms() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(Self.document(), to: "check")
        for result in [
            try await Self.kontor(["check", file]), try await Self.kontor(["check", "-"], input: Self.document()),
        ] {
            #expect(result.exitCode == 0, "\(result.errorOutput)")
            #expect(result.output.hasPrefix("Conforms to BSI TR-03183-2 2.1.0\n"))
            #expect(result.errorOutput.isEmpty)
        }
    }

    @Test("exit code 1 for one that does not, with clause, place and advice in the asked language")
    func doesNotConform() async throws {
        let broken = Self.document(timestamp: nil)
        let english = try await Self.kontor(["check", "-"], input: broken)
        #expect(english.exitCode == 1 && english.errorOutput.isEmpty)
        #expect(english.output.hasPrefix("Does not conform to BSI TR-03183-2 2.1.0\n"))
        #expect(english.output.contains("MISSING  Timestamp (§ 5.2.1, must)\n    1 × not stated\n"))
        #expect(english.output.contains("        /metadata/timestamp\n        → State it in metadata.timestamp"))
        let german = try await Self.kontor(["check", "-"], input: broken, language: "de")
        #expect(german.exitCode == 1)
        #expect(german.output.contains("FEHLT  Zeitstempel (§ 5.2.1, muss)\n    1 × nicht angegeben\n"))
    }

    @Test("JSON for programs, with its schema version")
    func json() async throws {
        let result = try await Self.kontor(["check", "-", "--format", "json"], input: Self.document(timestamp: nil))
        #expect(result.exitCode == 1)
        let answer = try JSONValue(parsing: result.output)
        #expect(answer["schemaVersion"] == 1 && answer["conclusion"] == "doesNotConform")
        #expect(answer["guideline"] == ["name": "BSI TR-03183-2", "version": "2.1.0"])
        #expect(answer["document"]?["format"] == "CycloneDX")
        #expect(answer["roles"]?["logical"] == 1)
        let fields = try #require(answer["results"]?.arrayValue)
        #expect(fields.count == 26)
        let timestamp = try #require(fields.first { $0["field"] == "timestamp" })
        #expect(timestamp["outcome"] == "missing" && timestamp["clause"] == "5.2.1")
        #expect(timestamp["requirement"] == "must")
        let finding = try #require(timestamp["findings"]?[0])
        #expect(finding["reason"] == "notStated" && finding["count"] == 1)
        #expect(finding["places"] == ["/metadata/timestamp"])
        #expect(finding["advice"]?["de"]?.stringValue?.isEmpty == false)
    }

    @Test("Markdown: a table; what a stranger wrote is no markup, and no escape sequence reaches the terminal")
    func hostile() async throws {
        let document = Self.document(name: "\u{1b}[2J](https://evil.example)|")
        let markdown = try await Self.kontor(["check", "-", "--format", "markdown"], input: document)
        #expect(markdown.exitCode == 0)
        #expect(markdown.output.hasPrefix("### Conforms to BSI TR-03183-2 2.1.0\n"))
        #expect(markdown.output.contains("| Timestamp | § 5.2.1 | must | ✅ met |  |"))
        let text = try await Self.kontor(["check", "-"], input: document)
        for output in [markdown.output, text.output] {
            #expect(!output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var input = ""
        var says: String
        var testDescription: String { says }
    }

    @Test(
        "exit code 2 with the reason for what cannot be read and for bad usage, and nothing on standard output",
        arguments: [
            Refused(arguments: ["check", "/nonexistent/bom.json"], says: "/nonexistent/bom.json cannot be read"),
            Refused(arguments: ["check", "-"], says: "standard input: invalid JSON at byte 0"),
            Refused(arguments: ["check", "-"], input: "{}", says: "no bill of materials in a known format"),
            Refused(
                arguments: ["check", "-"],
                input: "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"/>",
                says: "not read: CycloneDX XML. Write the bill as JSON"
            ),
            Refused(
                arguments: ["check", "-"],
                input: #"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [1]}"#,
                says: "/components/0: expected object, found integer"
            ),
            Refused(arguments: ["check", "-", "--format", "xml"], says: "choose one of text, json, markdown"),
            Refused(arguments: ["check"], says: "Missing expected argument"),
        ]
    )
    func refused(_ refused: Refused) async throws {
        let result = try await Self.kontor(refused.arguments, input: Array(refused.input.utf8))
        #expect(result.exitCode == 2)
        #expect(result.output.isEmpty)
        #expect(result.errorOutput.contains(refused.says), "\(result.errorOutput)")
    }
}

/// Writing a bill stays what it was, and names its creator when it is told.
@Suite("Creators of bills on the command line")
struct SBOMCreatorTests {
    private static func kontor(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> ToolResult
    {
        var own = [
            "LC_ALL": "C", "LANG": "C", "KONTOR_CONFIG": "/dev/null", "HOME": "/nonexistent",
            "XDG_DATA_HOME": "/nonexistent",
        ]
        own.merge(environment) { $1 }
        return try await builtProduct("kontor").run(arguments, environment: own)
    }

    private static func layout(in directory: TemporaryDirectory) throws -> String {
        var builder = ImageBuilder()
        builder.labels = [
            "org.opencontainers.image.authors": "Team <team@example.org>",
            "org.opencontainers.image.licenses": "EUPL-1.2",
        ]
        builder.layer { $0.file("etc/hostname", text: "x") }
        try builder.built().writeOCILayout(to: directory.file("check"), tag: "v1")
        return "oci:" + directory.file("check")
    }

    @Test("a bill that was written with its creator conforms, also of an image in a folder called check")
    func conforms() async throws {
        let directory = try TemporaryDirectory()
        let image = try Self.layout(in: directory)
        let places: [([String], [String: String])] = [
            (["sbom", image, "--sbom-creator", "Behörde <sicherheit@example.org>"], [:]),
            (["sbom", image], ["KONTOR_SBOM_CREATOR": "Behörde <https://example.org/>"]),
            (["sbom", "image", image, "--sbom-creator", "Behörde <sicherheit@example.org>"], [:]),
        ]
        for (arguments, environment) in places {
            let file = directory.file("bom.json")
            let written = try await Self.kontor(arguments + ["--output", file], environment)
            #expect(written.exitCode == 0, "\(written.errorOutput)")
            let checked = try await Self.kontor(["sbom", "check", file])
            #expect(checked.exitCode == 0, "\(checked.output)")
        }
        let nameless = try await Self.kontor(["sbom", image, "--output", directory.file("bom.json")])
        #expect(nameless.exitCode == 0)
        let checked = try await Self.kontor(["sbom", "check", directory.file("bom.json")])
        #expect(checked.exitCode == 1 && checked.output.contains("MISSING  Creator of the SBOM"))
    }

    @Test(
        "a creator without an address is refused",
        arguments: ["Behörde", "<a@example.org>", "Behörde <nobody>", "Behörde <a b@example.org>"]
    )
    func refused(_ creator: String) async throws {
        let result = try await Self.kontor(["sbom", "oci:/nonexistent", "--sbom-creator", creator])
        #expect(result.exitCode == 2 && result.errorOutput.contains("names nobody with an address"))
    }
}
