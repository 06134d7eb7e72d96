// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
import SBOM
import TestKit
import Testing
import Time

@Suite("VEX: writing")
struct VEXWriterTests {
    private func read(_ value: JSONValue) throws -> VEXDocument {
        try VEXDocument(parsing: value.bytes(.pretty))
    }

    // No list of the three functions: the compiler (6.3.1) crashes on references to functions with typed throws.
    private func write(_ publication: VEXPublication, _ format: VEXFormat) throws -> JSONValue {
        switch format {
        case .openVEX: try OpenVEX.document(publication)
        case .csaf: try CSAFVEX.document(publication)
        case .cycloneDX: try CycloneDXVEX.document(publication)
        }
    }

    private func set(_ statements: [VEXStatement], _ change: (inout VEXStatement) -> Void = { _ in }) -> Set<
        VEXStatement
    > {
        Set(
            statements.map {
                var statement = $0
                change(&statement)
                return statement
            }
        )
    }

    @Test("OpenVEX is read back as it was, but for labels of responses")
    func openVEX() throws {
        let publication = try VEXExamples.publication()
        let document = try read(try OpenVEX.document(publication))
        #expect(document.refused.isEmpty)
        #expect(document.format == .openVEX)
        #expect(document.id == "https://www.beispielamt.example/vex/VEX-2026-0001%20%28%C3%A4%29")
        #expect(document.author == "Beispielamt")
        #expect(document.version == "2")
        #expect(document.timestamp == VEXExamples.instant("2026-06-01T10:00:00Z"))
        #expect(set(document.statements) == set(publication.statements) { $0.responses = [] })
    }

    @Test("OpenVEX has a justification or an impact statement, never both, as its schema wants")
    func openVEXSchema() throws {
        let document = try OpenVEX.document(try VEXExamples.publication())
        for statement in try JSONFields(document).objects("statements") {
            if try statement.string("status") == "not_affected" {
                #expect(statement.has("justification") != statement.has("impact_statement"))
            }
            #expect(try statement.string("status") != "affected" || statement.has("action_statement"))
        }
    }

    @Test("CycloneDX is read back as it was, with every justification and response")
    func cycloneDX() throws {
        var publication = try VEXExamples.publication()
        let product = [VEXProduct(VEXComponent(digests: [VEXExamples.digest]))]
        for (number, justification) in VEXJustification.allCases.enumerated() {
            publication.statements.append(
                VEXStatement(
                    vulnerability: VEXVulnerability("CVE-2025-100\(number)"),
                    products: product,
                    status: .notAffected,
                    justification: justification,
                    responses: VEXResponse.allCases,
                    timestamp: VEXExamples.now
                )
            )
        }
        let document = try read(try CycloneDXVEX.document(publication))
        #expect(document.refused.isEmpty)
        #expect(document.author == "Beispielamt")
        #expect(document.version == "2")
        #expect(document.statements == publication.statements)
    }

    @Test("CSAF is read back as it was")
    func csaf() throws {
        let publication = try VEXExamples.publication()
        let document = try read(try CSAFVEX.document(publication))
        #expect(document.refused.isEmpty)
        #expect(document.id == publication.id)
        #expect(document.namespace == "https://www.beispielamt.example")
        #expect(document.author == "Beispielamt")
        #expect(document.role == "vendor")
        #expect(document.version == "2")
        #expect(set(document.statements) == set(publication.statements))
    }

    @Test("the same publication is the same bytes")
    func deterministic() throws {
        let publication = try VEXExamples.publication()
        for format in VEXFormat.allCases {
            #expect(try write(publication, format).bytes() == write(publication, format).bytes())
        }
    }

    @Test("CSAF files are named by the identifier")
    func fileName() {
        #expect(CSAFVEX.fileName(id: "VEX-2026-0001 (ä)") == "vex-2026-0001_.json")
        #expect(CSAFVEX.fileName(id: "Example Company - 2019-YH3234") == "example_company_-_2019-yh3234.json")
        #expect(CSAFVEX.fileName(id: "RHBA-2019:0024") == "rhba-2019_0024.json")
    }

    private struct Fault: CustomTestStringConvertible, Sendable {
        let what: String
        let place: String
        let change: @Sendable (inout VEXPublication) -> Void
        var testDescription: String { what }
    }

    private static let faults: [Fault] = [
        Fault(what: "no statement", place: "statements") { $0.statements = [] },
        Fault(what: "no revision", place: "revisions") { $0.revisions = [] },
        Fault(what: "revisions the wrong way round", place: "revisions") { $0.revisions.reverse() },
        Fault(what: "a publisher without a name", place: "publisher.name") { $0.publisher.name = " " },
        Fault(what: "a namespace that is no address", place: "publisher.namespace") { $0.publisher.namespace = "x" },
        Fault(what: "affected and nothing to do", place: "statements[2]") { $0.statements[2].actionStatement = nil },
        Fault(what: "not affected without a ground", place: "statements[1]") { $0.statements[1].impactStatement = nil },
        Fault(what: "no fix as the ground", place: "statements[1]") { $0.statements[1].impactStatement = "Won't fix" },
        Fault(what: "no product", place: "statements[3]") { $0.statements[3].products = [] },
        Fault(what: "a product without a name that others know", place: "statements[3]") {
            $0.statements[3].products[0].identity = VEXComponent(id: "app")
        },
    ]

    @Test("what readers would refuse is not written", arguments: faults)
    private func refused(_ fault: Fault) throws {
        var publication = try VEXExamples.publication()
        fault.change(&publication)
        for format in VEXFormat.allCases {
            let error = #expect(throws: VEXWriteError.self) { try write(publication, format) }
            #expect(error?.place == fault.place)
            #expect(error?.reason.de != error?.reason.en)
        }
    }

    @Test("CSAF does not say two things of one product")
    func contradiction() throws {
        var publication = try VEXExamples.publication()
        publication.statements[3].products = publication.statements[2].products
        let error = #expect(throws: VEXWriteError.self) { try CSAFVEX.document(publication) }
        #expect(error?.place == "statements[3]")
    }

    @Test("CycloneDX documents are valid under the published schema")
    func cycloneDXSchema() async throws {
        let document = try CycloneDXVEX.document(try VEXExamples.publication())
        let environment = try await pythonEnvironment(["cyclonedx-python-lib"])
        let script = """
            import sys
            from cyclonedx.schema import SchemaVersion
            from cyclonedx.validation.json import JsonStrictValidator
            fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
            sys.exit(None if fault is None else f"{fault.data.message} at {list(fault.data.absolute_path)}")
            """
        try await environment.python.check(["-c", script], input: document.bytes())
    }
}
