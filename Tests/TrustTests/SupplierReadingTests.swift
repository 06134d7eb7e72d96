// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Attestations
import Criteria
import JSON
import OCI
import Policies
import SBOM
import Testing
import Time
import Trust

@Suite("What suppliers' statements say")
struct SupplierReadingTests {
    static let digest = Digest.sha256(Array("an image".utf8))
    static let other = Digest.sha256(Array("another image".utf8))
    static let base = Digest.sha256(Array("a base".utf8))
    static let key = try? PublicKey(
        .ed25519,
        point: [
            0xD7, 0x5A, 0x98, 0x01, 0x82, 0xB1, 0x0A, 0xB7, 0xD5, 0x4B, 0xFE, 0xD3, 0xC9, 0x64, 0x07, 0x3A,
            0x0E, 0xE1, 0x72, 0xF3, 0xDA, 0xA6, 0x23, 0x25, 0xAF, 0x02, 0x1A, 0x68, 0xF7, 0x07, 0x51, 0x1A,
        ]
    )
    static let builder = "https://build.example/isolated/v1"

    private func rules(_ builders: [TrustedBuilder]) throws -> TrustRules {
        let key = try #require(Self.key)
        let rule = TrustedKeyRule(name: "platform", material: .key(key), signs: [PredicateType.provenance])
        return TrustRules(publishers: [TrustedPublisher(name: "Plattform", keys: [rule])], builders: builders)
    }

    private func signer(isNode: Bool = false) throws -> EvidenceSigner {
        EvidenceSigner(
            name: "platform",
            fingerprint: try #require(Self.key).fingerprint.description,
            isNode: isNode
        )
    }

    private func reading(
        _ type: String,
        _ predicate: String,
        builders: [TrustedBuilder] = [],
        isNode: Bool = false
    ) throws -> SupplierReading {
        var reading = SupplierReading(subject: Self.digest, rules: try rules(builders))
        try read(&reading, type, predicate, isNode: isNode)
        reading.finish()
        return reading
    }

    private func read(
        _ reading: inout SupplierReading,
        _ type: String,
        _ predicate: String,
        isNode: Bool = false
    ) throws {
        let payload = """
            {"_type":"https://in-toto.io/Statement/v0.1","predicateType":"\(type)",
            "subject":[{"name":"registry.example/gov/app","digest":{"sha256":"\(Self.digest.hex)"}}],
            "predicate":\(predicate)}
            """
        reading.read(
            try Statement(parsing: Array(payload.utf8)),
            by: try signer(isNode: isNode),
            payload: .sha256(Array(payload.utf8)),
            loggedAt: nil
        )
    }

    // MARK: - Provenance

    private static let v1 = """
        {"buildDefinition":{"buildType":"https://build.example/type/v1",
        "externalParameters":{"ref":"refs/tags/1.0","debug":false},
        "resolvedDependencies":[
        {"uri":"git+https://git.example/app@refs/tags/1.0","digest":{"gitCommit":"0123456789abcdef"}},
        {"uri":"pkg:oci/base@sha256%3A\(base.hex)?repository_url=registry.example"},
        {"uri":"pkg:docker/golang@1.25"},{"uri":"pkg:deb/debian/openssl@3.0.17","digest":{"sha256":"\(other.hex)"}},
        {"name":"tools","mediaType":"application/vnd.oci.image.manifest.v1+json","digest":{"sha256":"\(other.hex)"}}]},
        "runDetails":{"builder":{"id":"\(builder)"}}}
        """

    @Test("version 1 names builder, source, revision and images with their digests")
    func provenance() throws {
        let evidence = try reading(PredicateType.provenance, Self.v1).evidence
        let found = try #require(evidence.provenance.first)
        #expect(found.builder == Self.builder && found.signer == "platform" && found.level == 0)
        #expect(found.operatedBy == nil && found.unexpected == nil)
        #expect(found.source == "git+https://git.example/app@refs/tags/1.0" && found.revision == "0123456789abcdef")
        #expect(found.images.map(\.digest) == [Self.base, nil, Self.other])
        #expect(evidence.gaps.isEmpty)
    }

    @Test("version 0.2 is read as well")
    func oldProvenance() throws {
        let predicate = """
            {"builder":{"id":"\(Self.builder)"},"buildType":"https://build.example/type/v1",
            "invocation":{"configSource":{"uri":"git+https://git.example/app","digest":{"sha1":"abcdef"}}},
            "materials":[{"uri":"docker://registry.example/base@sha256:\(Self.base.hex)"}]}
            """
        let found = try #require(try reading(PredicateType.provenanceV0_2, predicate).evidence.provenance.first)
        #expect(found.source == "git+https://git.example/app" && found.revision == "abcdef")
        #expect(found.images.map(\.digest) == [Self.base])
    }

    @Test("what the table believes of a builder needs both, the id and the key")
    func table() throws {
        var row = TrustedBuilder(id: Self.builder, keys: ["platform"], level: 3, operatedBy: "Plattform")
        let found = try reading(PredicateType.provenance, Self.v1, builders: [row]).evidence.provenance.first
        #expect(found?.level == 3 && found?.operatedBy == "Plattform" && found?.unexpected == nil)
        row.id = "https://build.example/isolated/v2"
        #expect(try reading(PredicateType.provenance, Self.v1, builders: [row]).evidence.provenance.first?.level == 0)
        row.id = Self.builder
        row.keys = ["another"]
        #expect(try reading(PredicateType.provenance, Self.v1, builders: [row]).evidence.provenance.first?.level == 0)
    }

    @Test("a build that is expected differs in nothing, and every difference is told")
    func expectation() throws {
        var row = TrustedBuilder(
            id: Self.builder,
            keys: ["platform"],
            level: 3,
            buildType: "https://build.example/type/v1",
            parameters: [
                ExpectedParameter(name: "ref", value: "refs/tags/*"), ExpectedParameter(name: "debug", value: "false"),
            ]
        )
        func unexpected() throws -> [String]? {
            try reading(PredicateType.provenance, Self.v1, builders: [row]).evidence.provenance.first?.unexpected
        }
        #expect(try unexpected() == [])
        row.parameters[1].value = "true"
        #expect(try unexpected() == ["debug is false"])
        row.parameters.removeLast()
        #expect(try unexpected() == ["debug is not expected"])
        row.buildType = "https://build.example/type/v2"
        #expect(try unexpected()?.count == 2)
    }

    @Test("what is no provenance is a gap, not nothing")
    func malformed() throws {
        let evidence = try reading(PredicateType.provenance, #"{"buildDefinition":{}}"#).evidence
        #expect(evidence.provenance.isEmpty && evidence.gaps.count == 1)
        #expect(evidence.gaps.first?.en.contains("runDetails") == true)
    }

    @Test("attestations without number are bounded, and that is said")
    func bound() throws {
        var reading = SupplierReading(subject: Self.digest, rules: try rules([]))
        for _ in 0..<(SupplierReading.maximumStatements + 5) { try read(&reading, PredicateType.provenance, Self.v1) }
        reading.finish()
        #expect(reading.evidence.provenance.count == SupplierReading.maximumStatements)
        #expect(reading.evidence.gaps.count == 1)
    }

    // MARK: - Bills

    private static let bill = """
        {"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version":1,"metadata":{"timestamp":"2026-11-20T00:00:00Z","component":{"type":"container","name":"app",
        "externalReferences":[{"type":"rfc-9116","url":"https://example.org/.well-known/security.txt"}]}},
        "components":[{"type":"library","name":"openssl","version":"3.0.17","purl":"pkg:deb/debian/openssl@3.0.17"}]}
        """

    @Test(
        "a bill is judged by TR-03183-2, also as older cosign wraps it",
        arguments: [bill, "{\"Data\":\(bill),\"Timestamp\":\"2026-11-20T00:00:00Z\"}"]
    )
    func bills(_ predicate: String) throws {
        let evidence = try reading("https://cyclonedx.org/bom/v1.6", predicate).evidence
        let found = try #require(evidence.bills.first)
        #expect(found.format == "CycloneDX 1.6" && found.components == 1 && found.conclusion == .doesNotConform)
        #expect(found.missing.map(\.en).contains("Distribution licences"))
        #expect(found.timestamp == Timestamp(rfc3339: "2026-11-20T00:00:00Z"))
        #expect(evidence.contacts.map(\.place) == ["https://example.org/.well-known/security.txt"])
        #expect(evidence.contacts.first?.readAt == nil)
    }

    @Test("a bill that cannot be read says why", arguments: [#"{"bomFormat":"CycloneDX"}"#, "{}", #"{"Data":"x"}"#])
    func unreadableBill(_ predicate: String) throws {
        let found = try #require(try reading(PredicateType.spdx, predicate).evidence.bills.first)
        #expect(found.conclusion == nil && found.problem?.isEmpty == false)
    }

    @Test("what the node says itself is no supplier's word")
    func own() throws {
        #expect(try reading(PredicateType.cycloneDX, Self.bill, isNode: true).evidence == SupplierEvidence())
        #expect(try reading("https://openvex.dev/ns", Self.vex(), isNode: true).documents.isEmpty)
        #expect(try reading(PredicateType.provenance, Self.v1, isNode: true).evidence.provenance.count == 1)
    }

    // MARK: - VEX

    private static func vex(
        _ products: String = "",
        _ rest: String = #","status":"not_affected","justification":"component_not_present""#
    ) -> String {
        """
        {"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.org/vex/1","author":"Supplier",
        "timestamp":"2026-11-20T00:00:00Z","version":1,
        "statements":[{"vulnerability":{"name":"CVE-2026-1"}\(products)\(rest)}]}
        """
    }

    private static func products(_ list: String) -> String { ",\"products\":[\(list)]" }

    private func documents(_ products: String) throws -> (statements: [VEXStatement], foreign: [String]) {
        let reading = try reading("https://openvex.dev/ns", Self.vex(products))
        let document = try #require(reading.documents.first)
        #expect(reading.evidence.vex.first?.foreign == document.foreign)
        return (document.document.statements, document.foreign)
    }

    @Test("a signed document speaks about its subject alone")
    func subject() throws {
        let image = VEXComponent(digests: [Self.digest.description])
        let plain = try documents("")
        #expect(plain.statements.map(\.products) == [[VEXProduct(image)]] && plain.foreign.isEmpty)
        // A package that is named as a product is a part of this image here.
        let purl = try PackageURL(parsing: "pkg:deb/debian/openssl@3.0.17")
        let package = try documents(Self.products(#"{"@id":"\#(purl)"}"#))
        #expect(package.statements.map(\.products) == [[VEXProduct(image, subcomponents: [VEXComponent(purl: purl)])]])
        let own = try documents(Self.products("{\"@id\":\"pkg:oci/app@sha256%3A\(Self.digest.hex)\"}"))
        #expect(own.statements.first?.products.first?.identity == image)
    }

    @Test(
        "what it says about other images is left out, and told",
        arguments: [
            "{\"@id\":\"pkg:oci/app@sha256%3A\(other.hex)\"}",
            #"{"@id":"pkg:oci/app?repository_url=registry.example/app"}"#,
            "{\"@id\":\"https://example.org/app\",\"hashes\":{\"sha-256\":\"\(other.hex)\"}}",
            #"{"@id":"https://example.org/app"}"#,
        ]
    )
    func foreign(_ product: String) throws {
        let found = try documents(Self.products(product))
        #expect(found.statements.isEmpty && found.foreign == ["CVE-2026-1"])
    }

    @Test("what lacks a ground or an action is told, and so is what cannot be used")
    func wellFormed() throws {
        func facts(_ rest: String) throws -> AttestedVEX? {
            try reading("https://openvex.dev/ns/v0.2.0", Self.vex("", rest)).evidence.vex.first
        }
        #expect(try facts(#","status":"not_affected","justification":"component_not_present""#)?.unjustified == [])
        #expect(try facts(#","status":"not_affected","impact_statement":"never runs""#)?.unjustified == ["CVE-2026-1"])
        #expect(try facts(#","status":"not_affected""#)?.refused.count == 1)
        #expect(try facts(#","status":"affected","action_statement":"update""#)?.actionless == [])
        let gone = try reading("https://openvex.dev/ns", #"{"@context":"https://openvex.dev/ns"}"#).evidence
        #expect(gone.vex.isEmpty && gone.gaps.count == 1)
    }

    @Test("a CycloneDX document under a type for bills clears nothing")
    func vexAsBill() throws {
        let document = """
            {"bomFormat":"CycloneDX","specVersion":"1.6","version":1,
            "components":[{"bom-ref":"a","type":"library","name":"openssl","purl":"pkg:deb/debian/openssl@3.0.17"}],
            "vulnerabilities":[{"id":"CVE-2026-1","analysis":{"state":"not_affected",
            "justification":"code_not_present"},"affects":[{"ref":"a"}]}]}
            """
        #expect(try reading(PredicateType.cycloneDX, document).documents.isEmpty)
        let signed = try reading("https://cyclonedx.org/vex", document)
        #expect(signed.documents.first?.document.statements.count == 1 && signed.evidence.vex.first?.unjustified == [])
    }
}
