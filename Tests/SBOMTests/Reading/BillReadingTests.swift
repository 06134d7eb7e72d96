// SPDX-License-Identifier: EUPL-1.2

import JSON
import SBOM
import Testing

@Suite("Reading bills of materials")
struct BillReadingTests {
    static func read(_ document: JSONValue, limits: BillLimits = BillLimits()) throws -> BillOfMaterials {
        try BillOfMaterials(reading: document.bytes(), limits: limits)
    }

    @Test("CycloneDX: every field in the document's own words, with its place")
    func cycloneDX() throws {
        let bill = try Self.read(BillSamples.cycloneDX)
        #expect(bill.format == .cycloneDX && bill.specVersion == "1.6" && bill.version == "1")
        #expect(bill.identifier == "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79")
        #expect(bill.timestamp == "2026-11-22T09:00:00Z")
        #expect(bill.creators.map(\.emails) == [["sicherheit@example.org"]])
        #expect(bill.tools == ["builder 2.0"] && bill.lifecycles == ["build"])
        #expect(bill.subject?.name == "team/app" && bill.subject?.pointer == "/metadata/component")
        #expect(bill.entries.map(\.reference) == ["os", "deb", "jar", "jdk"])
        #expect(bill.entries.map(\.pointer) == (0..<4).map { "/components/\($0)" })
        let jar = bill.entries[2]
        #expect(jar.licenses.map(\.acknowledgement) == ["concluded", "declared"])
        #expect(jar.references[0].hashes.map(\.algorithm) == ["SHA-512"])
        #expect(jar.references[0].hashes.map(\.value) == [BillSamples.sha512])
        #expect(jar.references[0].pointer == "/components/2/externalReferences/0")
        #expect(jar.values(of: "bsi:component:archive") == ["archive"])
        #expect(bill.entries.map(\.isOutsideDelivery) == [false, false, false, true])
        #expect(bill.dependencies.map(\.from) == ["image", "os", "deb", "jar"])
        #expect(bill.compositions.map(\.aggregate) == ["complete", "unknown"])
    }

    @Test("SPDX 3: the graph, with the delivered file in the words of the BSI's taxonomy")
    func spdx3() throws {
        let bill = try Self.read(BillSamples.spdx3)
        #expect(bill.format == .spdx && bill.specVersion == "3.0.1" && bill.identifier == "urn:sbom")
        #expect(bill.creators.map(\.emails) == [["sicherheit@example.org"]] && bill.tools == ["builder"])
        #expect(bill.lifecycles == ["build"] && bill.subject?.name == "team/app" && bill.subject?.type == "container")
        let jar = try #require(bill.entries.first)
        #expect(jar.pointer == "/@graph/7" && jar.purl?.name == "app-core")
        #expect(jar.parties.map(\.urls) == [["https://team.example.org/"]])
        #expect(jar.values(of: "bsi:component:filename") == ["app-core-1.0.jar"])
        #expect(jar.values(of: "bsi:component:structured") == ["structured"])
        #expect(jar.references.map(\.type) == ["distribution"])
        #expect(jar.references[0].hashes.map(\.algorithm) == ["SHA-512"])
        #expect(jar.references[0].hashes.map(\.value) == [BillSamples.sha512])
        #expect(jar.licenses.map(\.text) == ["MIT"] && jar.licenses.map(\.acknowledgement) == ["concluded"])
        #expect(bill.dependencies.map(\.from) == ["urn:image", "urn:jar"])
        #expect(bill.dependencies.map(\.to) == [["urn:jar"], []])
        #expect(bill.compositions.count == 2 && bill.fileCount == 1)
    }

    @Test("SPDX 2: packages, people with addresses, files counted and left aside")
    func spdx2() throws {
        let bill = try Self.read(BillSamples.spdx2)
        #expect(bill.format == .spdx && bill.specVersion == "2.3" && bill.fileCount == 1)
        #expect(bill.creators.first?.name == "Team" && bill.creators.first?.emails == ["team@example.org"])
        #expect(bill.tools == ["builder-2.0"] && bill.subject?.name == "image")
        let package = try #require(bill.entries.first)
        #expect(package.parties.map(\.emails) == [["openssl@example.org"]])
        #expect(package.licenses.map(\.acknowledgement) == ["declared"])
        #expect(package.hashes.map(\.algorithm) == ["SHA-512"] && package.otherIdentifiers.count == 1)
        #expect(bill.dependencies.map(\.to) == [["SPDXRef-deb"], []])
    }

    @Test("every version that is read", arguments: ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"])
    func versions(_ version: String) throws {
        let document = BillSamples.cycloneDX.replacing("/specVersion", with: .string(version))
        #expect(try Self.read(document).specVersion == version)
    }

    @Test("tools of CycloneDX 1.4, a component inside a component, a byte order mark")
    func oldForms() throws {
        var document = BillSamples.cycloneDX.replacing("/metadata/tools", with: [["name": "old", "version": "1"]])
        document = document.replacing("/components/2/components", with: [["name": "inner", "type": "library"]])
        let bill = try BillOfMaterials(reading: [0xEF, 0xBB, 0xBF] + document.bytes())
        #expect(bill.tools == ["old 1"])
        #expect(bill.entries.map(\.name) == ["debian", "libssl3", "app-core", "inner", "jdk"])
        #expect(bill.entries[3].parent == 2 && bill.entries[3].pointer == "/components/2/components/0")
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let text: String
        let error: BillReadError
        var testDescription: String { error.description }
    }

    @Test(
        "other formats are refused by their name, with what to do",
        arguments: [
            Refused(
                text: "<?xml version=\"1.0\"?><bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"/>",
                error: .notRead(.cycloneDXXML)
            ),
            Refused(text: "  <SoftwareIdentity/>", error: .notRead(.swid)),
            Refused(text: "<html/>", error: .notRead(.xml)),
            Refused(text: "<rdf:RDF xmlns:spdx=\"http://spdx.org/rdf/terms#\"/>", error: .notRead(.spdxRDF)),
            Refused(text: "SPDXVersion: SPDX-2.3\n", error: .notRead(.spdxTagValue)),
            Refused(text: "spdxVersion: SPDX-2.3\n", error: .notRead(.spdxYAML)),
            Refused(text: "\u{1F}\u{0}\u{0}", error: .notRead(.binary)),
            Refused(text: "PK\u{3}\u{4}", error: .notRead(.zip)),
            Refused(text: #"{"artifacts": [], "descriptor": {}}"#, error: .notRead(.syft)),
            Refused(text: #"{"SchemaVersion": 2, "Results": []}"#, error: .notRead(.trivy)),
            Refused(text: #"{"_type": "x", "predicateType": "y"}"#, error: .notRead(.attestation)),
            Refused(text: #"{"document": {"csaf_version": "2.0"}}"#, error: .notRead(.csaf)),
            Refused(text: #"{"@context": "https://openvex.dev/ns/v0.2.0"}"#, error: .notRead(.openVEX)),
            Refused(text: #"{"version": "2.1.0", "runs": []}"#, error: .notRead(.sarif)),
            Refused(
                text: #"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "type": "SpdxDocument"}"#,
                error: .notRead(.spdxElement)
            ),
            Refused(text: "{}", error: .unknownDocument),
            Refused(text: "[]", error: .unknownDocument),
            Refused(
                text: #"{"bomFormat": "CycloneDX", "specVersion": "2.0"}"#,
                error: .unsupportedVersion(.cycloneDX, "2.0")
            ),
            Refused(text: #"{"spdxVersion": "SPDX-2.1"}"#, error: .unsupportedVersion(.spdx, "SPDX-2.1")),
            Refused(text: "", error: .invalidJSON(JSONError(.unexpectedEnd, at: 0))),
            Refused(text: "{", error: .invalidJSON(JSONError(.unexpectedEnd, at: 1))),
        ]
    )
    func refused(_ refused: Refused) {
        #expect(throws: refused.error) { try BillOfMaterials(reading: Array(refused.text.utf8)) }
        #expect(!refused.error.text.de.isEmpty && refused.error.text.de != refused.error.text.en)
    }

    struct Shape: Sendable, CustomTestStringConvertible {
        let sample: JSONValue
        let pointer: String
        let value: JSONValue
        var testDescription: String { pointer }
    }

    @Test(
        "a member of the wrong type is an error at its place, never \"not there\"",
        arguments: [
            Shape(sample: BillSamples.cycloneDX, pointer: "/serialNumber", value: 1),
            Shape(sample: BillSamples.cycloneDX, pointer: "/components", value: [:]),
            Shape(sample: BillSamples.cycloneDX, pointer: "/components/1", value: "x"),
            Shape(sample: BillSamples.cycloneDX, pointer: "/components/1/licenses/0", value: "MIT"),
            Shape(sample: BillSamples.cycloneDX, pointer: "/components/1/manufacturer", value: []),
            Shape(sample: BillSamples.cycloneDX, pointer: "/components/1/manufacturer/url", value: "https://x.org/"),
            Shape(sample: BillSamples.cycloneDX, pointer: "/components/2/externalReferences/0/hashes", value: "x"),
            Shape(sample: BillSamples.cycloneDX, pointer: "/dependencies/0/dependsOn/0", value: 1),
            Shape(sample: BillSamples.cycloneDX, pointer: "/dependencies/0/ref", value: 1),
            Shape(sample: BillSamples.cycloneDX, pointer: "/metadata/component/name", value: true),
            Shape(sample: BillSamples.spdx2, pointer: "/packages/1/versionInfo", value: 3),
            Shape(sample: BillSamples.spdx2, pointer: "/creationInfo/creators", value: "x"),
            Shape(sample: BillSamples.spdx3, pointer: "/@graph/7/name", value: 1),
            Shape(sample: BillSamples.spdx3, pointer: "/@graph/7", value: 1),
            Shape(sample: BillSamples.spdx3, pointer: "/@graph/8/verifiedUsing/0/hashValue", value: 1),
        ]
    )
    func shape(_ shape: Shape) throws {
        let error = #expect(throws: BillReadError.self) {
            try Self.read(shape.sample.replacing(shape.pointer, with: shape.value))
        }
        guard case .unexpected(let pointer, _, let found)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(pointer == shape.pointer)
        #expect(found == shape.value.kindName)
    }

    @Test("limits: bytes, depth, components, edges")
    func limits() {
        let document = BillSamples.cycloneDX
        #expect(throws: BillReadError.tooMany("components", limit: 3)) {
            try Self.read(document, limits: BillLimits(components: 3))
        }
        #expect(throws: BillReadError.tooMany("dependencies", limit: 4)) {
            try Self.read(document, limits: BillLimits(edges: 4))
        }
        #expect(throws: BillReadError.self) { try Self.read(document, limits: BillLimits(bytes: 1000)) }
        #expect(throws: BillReadError.self) { try Self.read(document, limits: BillLimits(depth: 3)) }
        #expect(throws: BillReadError.tooMany("elements", limit: 3)) {
            try Self.read(BillSamples.spdx3, limits: BillLimits(components: 3))
        }
        #expect(throws: BillReadError.tooMany("relationships", limit: 2)) {
            try Self.read(BillSamples.spdx2, limits: BillLimits(edges: 2))
        }
    }

    @Test("cut or damaged anywhere, a document is read or refused, and never ends the program")
    func damaged() {
        for sample in [BillSamples.cycloneDX, BillSamples.spdx2, BillSamples.spdx3] {
            let bytes = sample.bytes()
            for end in stride(from: 0, to: bytes.count, by: 37) {
                #expect(throws: BillReadError.self) { try BillOfMaterials(reading: Array(bytes[..<end])) }
            }
            var generator = SplitMix(state: 7)
            for _ in 0..<300 {
                var broken = bytes
                for _ in 0..<3 { broken[Int(generator.next() % UInt64(bytes.count))] = UInt8(generator.next() % 128) }
                if let bill = try? BillOfMaterials(reading: broken) { _ = TR03183.check(bill) }
            }
        }
    }

    @Test("components inside one another to the limit, references to oneself, circles and doubles are read and judged")
    func twisted() throws {
        var nested: JSONValue = ["name": "leaf", "type": "library", "bom-ref": "x"]
        for _ in 0..<29 { nested = ["name": "n", "type": "library", "bom-ref": "x", "components": [nested]] }
        let document = BillSamples.cycloneDX
            .replacing("/components/4", with: nested)
            .replacing("/dependencies/2/dependsOn", with: ["deb", "os", "nowhere", "deb"])
        let bill = try Self.read(document)
        #expect(bill.entries.count == 4 + 30)
        #expect(TR03183.check(bill).result(.dependencies)?.outcome == .missing)
        let deeper = document.replacing("/components/4", with: ["components": [["components": [nested]]]])
        #expect(throws: BillReadError.self) { try Self.read(deeper) }
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
