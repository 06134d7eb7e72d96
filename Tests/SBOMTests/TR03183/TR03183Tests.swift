// SPDX-License-Identifier: EUPL-1.2

import JSON
import SBOM
import Testing

@Suite("TR-03183-2")
struct TR03183Tests {
    static func report(_ document: JSONValue) throws -> TR03183.Report {
        TR03183.check(try BillReadingTests.read(document))
    }

    @Test(
        "a bill that has everything conforms, whatever its format",
        arguments: [BillSamples.cycloneDX, BillSamples.spdx3]
    )
    func conforming(_ document: JSONValue) throws {
        let report = try Self.report(document)
        #expect(report.conclusion == .conforms)
        for result in report.results where result.field.requirement == .must {
            #expect(result.outcome == .met, "\(result.field): \(result.findings)")
        }
        #expect(report.results.map(\.field) == TR03183.Field.allCases)
    }

    @Test("what counts as the identifier of a licence")
    func licences() throws {
        func outcome(_ text: String) throws -> TR03183.Outcome? {
            let document = BillSamples.cycloneDX.replacing(
                "/components/1/licenses/0/expression",
                with: .string(text)
            )
            return try Self.report(document).result(.distributionLicences)?.outcome
        }
        let good = [
            "MIT", "mit OR Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0",
            "LicenseRef-scancode-public-domain",
            "LicenseRef-kontor---X--", "DocumentRef-a:LicenseRef-b-c",
        ]
        for text in good { #expect(try outcome(text) == .met, "\(text)") }
        let bad = [
            "", "NONE", "NOASSERTION", "LicenseRef-mine", "LicenseRef--x", "LicenseRef-x-", "MIT AND", "Some licence",
            "MIT AND LicenseRef-mine", "DocumentRef-a-b:LicenseRef-c",
        ]
        for text in bad { #expect(try outcome(text) == .missing, "\(text)") }
    }

    @Test("roles: described as a file, logical, unpacked, outside")
    func roles() throws {
        let report = try Self.report(BillSamples.cycloneDX)
        #expect(report.roles == [.delivered: 1, .logical: 2, .unpacked: 1, .outside: 1])
        let filename = try #require(report.result(.filename))
        #expect(filename.count(.met) == 1 && filename.count(.notApplicable) == 4)
        #expect(filename.findings.map(\.reason).sorted() == ["logical", "outside", "stated", "unpacked"])
    }

    struct Mutation: Sendable, CustomTestStringConvertible {
        let pointer: String
        let value: JSONValue?
        let field: TR03183.Field
        let reason: String
        var outcome = TR03183.Outcome.missing
        /// Fields that change with it, because they speak of the same thing.
        var also: [TR03183.Field] = []
        var sample = BillSamples.cycloneDX
        var testDescription: String { "\(pointer): \(reason)" }
    }

    private static let jar = "/components/2"
    private static let file = "/@graph/8"

    @Test(
        "one thing broken changes exactly the result of its field",
        arguments: [
            // The document
            Mutation(pointer: "/specVersion", value: "1.5", field: .format, reason: "formatTooOld"),
            Mutation(
                pointer: "/vulnerabilities",
                value: [[:], [:]],
                field: .noVulnerabilities,
                reason: "vulnerabilities"
            ),
            Mutation(pointer: "/metadata/manufacturer", value: nil, field: .sbomCreator, reason: "notStated"),
            Mutation(
                pointer: "/metadata/manufacturer/contact",
                value: nil,
                field: .sbomCreator,
                reason: "contactNameOnly"
            ),
            Mutation(
                pointer: "/metadata/manufacturer/contact/0/email",
                value: "nobody",
                field: .sbomCreator,
                reason: "contactMalformed"
            ),
            Mutation(
                pointer: "/metadata/manufacturer",
                value: ["name": "x", "url": ["https://example.org/"]],
                field: .sbomCreator,
                reason: "stated",
                outcome: .met
            ),
            Mutation(
                pointer: "/metadata/manufacturer/url",
                value: ["https://example.org/"],
                field: .sbomCreator,
                reason: "contactBoth",
                outcome: .met
            ),
            Mutation(pointer: "/metadata/timestamp", value: nil, field: .timestamp, reason: "notStated"),
            Mutation(pointer: "/metadata/timestamp", value: "today", field: .timestamp, reason: "timestampMalformed"),
            Mutation(
                pointer: "/metadata/timestamp",
                value: "2026-11-22T09:00:00+01:00",
                field: .timestamp,
                reason: "timestampLocal",
                outcome: .met
            ),
            Mutation(pointer: "/serialNumber", value: nil, field: .sbomURI, reason: "mayExist", outcome: .unknown),
            Mutation(pointer: "/serialNumber", value: "urn:uuid:1", field: .sbomURI, reason: "serialNumberMalformed"),
            Mutation(
                pointer: "/signature",
                value: ["algorithm": "ES256"],
                field: .signature,
                reason: "stated",
                outcome: .met
            ),
            // Every component
            Mutation(pointer: jar + "/manufacturer", value: nil, field: .componentCreator, reason: "notStated"),
            Mutation(
                pointer: "/components/3/manufacturer",
                value: nil,
                field: .componentCreator,
                reason: "notStated"
            ),
            Mutation(
                pointer: "/components/1/manufacturer",
                value: nil,
                field: .componentCreator,
                reason: "notStated"
            ),
            Mutation(pointer: jar + "/name", value: nil, field: .componentName, reason: "notStated"),
            Mutation(pointer: jar + "/version", value: nil, field: .componentVersion, reason: "notStated"),
            Mutation(
                pointer: "/components/3/version",
                value: "unknown",
                field: .componentVersion,
                reason: "placeholder"
            ),
            Mutation(
                pointer: "/metadata/component/version",
                value: "",
                field: .componentVersion,
                reason: "notStated"
            ),
            Mutation(pointer: jar + "/purl", value: "maven", field: .identifiers, reason: "purlMalformed"),
            Mutation(
                pointer: "/components/3/cpe",
                value: nil,
                field: .identifiers,
                reason: "mayExist",
                outcome: .unknown
            ),
            // The delivered file
            Mutation(pointer: jar + "/properties/0", value: nil, field: .filename, reason: "notStated"),
            Mutation(
                pointer: jar + "/properties/0/value",
                value: "a/b.jar",
                field: .filename,
                reason: "filenameIsPath"
            ),
            Mutation(pointer: jar + "/properties/1", value: nil, field: .executable, reason: "notStated"),
            Mutation(pointer: jar + "/properties/1/value", value: "yes", field: .executable, reason: "valueUnknown"),
            Mutation(pointer: jar + "/properties/2", value: nil, field: .archive, reason: "notStated"),
            Mutation(pointer: jar + "/properties/2/value", value: "true", field: .archive, reason: "valueUnknown"),
            Mutation(pointer: jar + "/properties/3", value: nil, field: .structured, reason: "notStated"),
            Mutation(
                pointer: jar + "/properties/4",
                value: ["name": "bsi:component:structured", "value": "unstructured"],
                field: .structured,
                reason: "valuesConflict",
                also: [.effectiveLicence]
            ),
            Mutation(
                pointer: jar + "/externalReferences/0/hashes",
                value: nil,
                field: .deployableHash,
                reason: "notStated"
            ),
            Mutation(
                pointer: jar + "/externalReferences/0/hashes/0/alg",
                value: "SHA-256",
                field: .deployableHash,
                reason: "hashOther"
            ),
            Mutation(
                pointer: jar + "/externalReferences/0/hashes/0/content",
                value: "abc",
                field: .deployableHash,
                reason: "hashMalformed"
            ),
            Mutation(
                pointer: jar + "/externalReferences/0/url",
                value: "",
                field: .deployableURI,
                reason: "mayExist",
                outcome: .unknown
            ),
            Mutation(
                pointer: jar + "/externalReferences/0/url",
                value: "not a uri",
                field: .deployableURI,
                reason: "uriMalformed"
            ),
            Mutation(
                pointer: jar + "/externalReferences/1/type",
                value: "vcs",
                field: .sourceCodeURI,
                reason: "uriElsewhere"
            ),
            Mutation(
                pointer: jar + "/externalReferences/1",
                value: nil,
                field: .sourceCodeURI,
                reason: "mayExist",
                outcome: .unknown
            ),
            // Licences
            Mutation(
                pointer: jar + "/licenses/0/license/acknowledgement",
                value: nil,
                field: .distributionLicences,
                reason: "licenceNotConcluded"
            ),
            Mutation(
                pointer: "/components/1/licenses",
                value: nil,
                field: .distributionLicences,
                reason: "notStated"
            ),
            Mutation(
                pointer: "/components/1/licenses/0/expression",
                value: "some licence",
                field: .distributionLicences,
                reason: "licenceNoIdentifier"
            ),
            Mutation(
                pointer: "/components/1/licenses/0/expression",
                value: "LicenseRef-mine",
                field: .distributionLicences,
                reason: "licenceNoIdentifier"
            ),
            Mutation(
                pointer: "/components/1/licenses/0/expression",
                value: "NOASSERTION",
                field: .distributionLicences,
                reason: "licenceNoIdentifier"
            ),
            Mutation(
                pointer: jar + "/licenses/1/license",
                value: ["name": "mine", "acknowledgement": "declared"],
                field: .originalLicences,
                reason: "licenceNoIdentifier"
            ),
            Mutation(
                pointer: jar + "/properties/4/value",
                value: "mine",
                field: .effectiveLicence,
                reason: "licenceNoIdentifier"
            ),
            // The graph
            Mutation(pointer: "/dependencies/2", value: nil, field: .dependencies, reason: "noEntry"),
            Mutation(
                pointer: "/dependencies/2/dependsOn",
                value: ["nowhere"],
                field: .dependencies,
                reason: "danglingReference"
            ),
            Mutation(pointer: "/dependencies/1/dependsOn", value: [], field: .resolution, reason: "unreachable"),
            Mutation(
                pointer: "/components/1/bom-ref",
                value: "os",
                field: .dependencies,
                reason: "duplicateReference",
                also: [.resolution, .completeness]
            ),
            Mutation(pointer: "/compositions/1", value: nil, field: .completeness, reason: "notStated"),
            Mutation(
                pointer: "/compositions/1/aggregate",
                value: "not_specified",
                field: .completeness,
                reason: "completenessVague"
            ),
            // SPDX 3
            Mutation(
                pointer: file + "/verifiedUsing/0/algorithm",
                value: "sha256",
                field: .deployableHash,
                reason: "hashOther",
                sample: BillSamples.spdx3
            ),
            Mutation(
                pointer: file + "/software_additionalPurpose",
                value: ["executable", "archive"],
                field: .structured,
                reason: "notStated",
                sample: BillSamples.spdx3
            ),
            Mutation(
                pointer: file + "/name",
                value: nil,
                field: .filename,
                reason: "notStated",
                sample: BillSamples.spdx3
            ),
            Mutation(
                pointer: "/@graph/7/originatedBy",
                value: nil,
                field: .componentCreator,
                reason: "notStated",
                sample: BillSamples.spdx3
            ),
            Mutation(
                pointer: "/@graph/0/created",
                value: nil,
                field: .timestamp,
                reason: "notStated",
                sample: BillSamples.spdx3
            ),
            Mutation(
                pointer: "/@graph/0/specVersion",
                value: "3.0.0",
                field: .format,
                reason: "formatTooOld",
                sample: BillSamples.spdx3
            ),
            Mutation(
                pointer: "/@graph/14/completeness",
                value: nil,
                field: .completeness,
                reason: "notStated",
                sample: BillSamples.spdx3
            ),
            Mutation(
                pointer: "/@graph/11",
                value: nil,
                field: .distributionLicences,
                reason: "notStated",
                sample: BillSamples.spdx3
            ),
            Mutation(
                pointer: "/@graph/99/type",
                value: "security_Vulnerability",
                field: .noVulnerabilities,
                reason: "vulnerabilities",
                sample: BillSamples.spdx3
            ),
        ]
    )
    func mutation(_ mutation: Mutation) throws {
        let before = try Self.report(mutation.sample)
        let after = try Self.report(mutation.sample.replacing(mutation.pointer, with: mutation.value))
        for (old, new) in zip(before.results, after.results)
        where new.field != mutation.field && !mutation.also.contains(new.field) {
            #expect(old == new)
        }
        let result = try #require(after.result(mutation.field))
        #expect(result.outcome == mutation.outcome)
        let finding = try #require(result.findings.first { $0.reason == mutation.reason }, "\(result.findings)")
        #expect(finding.outcome == mutation.outcome)
        if mutation.outcome == .missing {
            #expect(finding.advice != nil && !finding.places.isEmpty)
            let decides = mutation.field.requirement == .must || mutation.field.requirement == .mustIfExists
            #expect(after.conclusion == (decides ? .doesNotConform : .conforms))
        } else {
            #expect(after.conclusion == .conforms)
        }
    }

    @Test("without a subject nothing can be reached, and whether a package is unpacked cannot be told")
    func noSubject() throws {
        let document = BillSamples.cycloneDX
            .replacing("/metadata/component", with: nil).replacing("/metadata/lifecycles", with: nil)
            .replacing("/dependencies/0", with: nil)
        let report = try Self.report(document)
        #expect(report.roles[.undetermined] == 1)
        #expect(report.result(.filename)?.outcome == .unknown)
        #expect(report.result(.resolution)?.outcome == .unknown)
        #expect(report.result(.primaryComponent)?.outcome == .missing)
        #expect(report.conclusion == .doesNotConform)
    }

    @Test("a package that is delivered as a file needs its fields; in an image the same package does not")
    func setting() throws {
        func report(_ type: String) throws -> TR03183.Report {
            try Self.report(BillSamples.cycloneDX.replacing("/metadata/component/type", with: .string(type)))
        }
        #expect(try report("container").result(.deployableHash)?.outcome == .met)
        let library = try report("library")
        #expect(library.roles[.unpacked] == nil)
        #expect(library.result(.deployableHash)?.count(.missing) == 2)
        #expect(library.result(.deployableHash)?.findings.first?.places == ["/components/1", "/metadata/component"])
    }

    @Test("a container that is described as a file is judged as one")
    func describedContainer() throws {
        let properties: JSONValue = [["name": "bsi:component:filename", "value": "app.tar"]]
        let report = try Self.report(
            BillSamples.cycloneDX.replacing("/metadata/component/properties", with: properties)
        )
        #expect(report.roles[.delivered] == 2)
        #expect(report.result(.deployableHash)?.findings.first?.places == ["/metadata/component"])
    }

    @Test("places are bounded, counts are not")
    func bounded() throws {
        let components: [JSONValue] = (0..<50).map { ["type": "library", "name": .string("n\($0)")] }
        let report = try Self.report(
            ["bomFormat": "CycloneDX", "specVersion": "1.6", "components": .array(components)]
        )
        let finding = try #require(report.result(.componentVersion)?.findings.first)
        #expect(finding.count == 50 && finding.places.count == BillOfMaterials.maximumPlaces)
        let vulnerabilities = BillSamples.cycloneDX.replacing(
            "/vulnerabilities",
            with: .array(Array(repeating: [:], count: 50))
        )
        #expect(try Self.report(vulnerabilities).result(.noVulnerabilities)?.count(.missing) == 50)
    }

    @Test("every text is there in both languages")
    func texts() throws {
        let broken = BillSamples.cycloneDX.replacing("/components/4", with: [:]).replacing("/compositions", with: nil)
        for result in try Self.report(broken).results {
            #expect(!result.field.clause.isEmpty)
            #expect(!result.field.title.de.isEmpty && result.field.title.de != result.field.title.en)
            for finding in result.findings {
                #expect(finding.explanation.de != finding.explanation.en)
                if finding.outcome == .missing { #expect(finding.advice.map { $0.de != $0.en } == true) }
            }
        }
        for limit in TR03183.limits { #expect(limit.de != limit.en) }
    }

    @Test("twenty thousand components in one chain are judged", .timeLimit(.minutes(1)))
    func large() throws {
        let count = 20_000
        let components: [JSONValue] = (0..<count).map { index in
            [
                "bom-ref": .string("r\(index)"), "type": "library", "name": .string("n\(index)"), "version": "1",
                "purl": .string("pkg:deb/debian/n\(index)@1?distro=debian-12"),
                "licenses": [["expression": "MIT AND Apache-2.0", "acknowledgement": "concluded"]],
            ]
        }
        let dependencies: [JSONValue] = (0..<count).map { index in
            ["ref": .string("r\(index)"), "dependsOn": [.string("r\((index + 1) % count)")]]
        }
        let document = BillSamples.cycloneDX.replacing("/components", with: .array(components))
            .replacing("/dependencies", with: .array(dependencies + [["ref": "image", "dependsOn": ["r0"]]]))
        let report = try Self.report(document)
        #expect(report.result(.resolution)?.count(.met) == count + 1)
        #expect(report.roles[.unpacked] == count)
    }
}
