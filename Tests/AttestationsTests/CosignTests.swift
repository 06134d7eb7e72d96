// SPDX-License-Identifier: EUPL-1.2

import Attestations
import FoundationEssentials
import JSON
import OCI
import TestKit
import Testing
import Time

/// Bundles beside files, against cosign: it must accept ours without any network, and refuse what is not ours.
@Suite("cosign, without a registry")
struct CosignTests {
    let signer: Signer
    let log: TestLog
    let directory: TemporaryDirectory
    let cosign: Tool
    private static let file = Array("a snapshot of a catalogue".utf8)

    init() async throws {
        signer = try Signer.p256()
        log = try TestLog()
        directory = try TemporaryDirectory("cosign")
        cosign = try await trixieTool("cosign")
        try directory.write(Self.file, to: "file")
        try directory.write(Array(signer.key.pem.utf8), to: "key.pub")
        try directory.write(Array(try Signer.p256().key.pem.utf8), to: "other.pub")
        try directory.write(root(log.signer.key), to: "root.json")
        try directory.write(root(try Signer.p256().key), to: "other-root.json")
    }

    private func root(_ key: PublicKey) -> [UInt8] {
        TrustedRoot(logs: [.init(baseURL: "https://log.example", key: key, start: Sample.time - .seconds(1000))]).bytes
    }

    private func run(
        _ command: String,
        _ bundle: SigstoreBundle,
        key: String = "key.pub",
        root: String = "root.json",
        file: String = "file",
        _ more: [String] = []
    ) async throws -> ToolResult {
        let name = "bundle-\(UInt64.random(in: .min ... .max)).json"
        try directory.write(bundle.bytes, to: name)
        #expect(try SigstoreBundle(parsing: bundle.bytes).bytes == bundle.bytes)
        return try await cosign.run(
            [
                command, "--new-bundle-format", "--bundle", directory.file(name), "--key", directory.file(key),
                "--trusted-root",
                directory.file(root),
            ] + more + [directory.file(file)],
            environment: ["HOME": directory.path, "TUF_ROOT": directory.path, "HTTPS_PROXY": "http://127.0.0.1:1"]
        )
    }

    private func expect(_ result: ToolResult, _ passes: Bool, _ comment: Comment) {
        #expect((result.exitCode == 0) == passes, comment)
        if (result.exitCode == 0) != passes { Issue.record("\(result.errorOutput)") }
    }

    @Test("verify-blob with our log required")
    func blob() async throws {
        let signature = try signer.sign(Self.file)
        let content = SigstoreBundle.Content.message(digest: .sha256(Self.file), signature: signature)
        let entry = try log.proven(
            .hashedRekord(payload: Self.file, signature: signature, key: signer.key),
            at: Sample.time
        )
        let bundle = SigstoreBundle(content, hint: signer.key.hint, logEntries: [entry])
        expect(try await run("verify-blob", bundle), true, "ours")
        expect(try await run("verify-blob", bundle, key: "other.pub"), false, "another key")
        expect(try await run("verify-blob", bundle, root: "other-root.json"), false, "another log")
        try directory.write(Self.file + [0x21], to: "changed")
        expect(try await run("verify-blob", bundle, file: "changed"), false, "another file")
        let unlogged = SigstoreBundle(content, hint: signer.key.hint)
        expect(try await run("verify-blob", unlogged), false, "no entry")
        expect(try await run("verify-blob", unlogged, ["--insecure-ignore-tlog"]), true, "no entry, none asked for")
    }

    @Test("verify-blob-attestation with our log required")
    func attestation() async throws {
        let statement = Sample.provenance(of: .sha256(Self.file))
        let envelope = try signer.envelope(statement)
        let body = LogBody.dsse(envelope, signers: [.init(signature: envelope.signatures[0].bytes, key: signer.key)])
        let entry = try log.proven(body, at: Sample.time)
        let bundle = SigstoreBundle(.envelope(envelope), hint: signer.key.hint, logEntries: [entry])
        // cosign 2.5 does not compare the type with that of a bundle; VerificationTests show that this house does.
        let type = ["--type", PredicateType.provenance]
        let command = "verify-blob-attestation"
        expect(try await run(command, bundle, type), true, "ours")
        expect(try await run(command, bundle, key: "other.pub", type), false, "another key")
        expect(try await run(command, bundle, root: "other-root.json", type), false, "another log")
        try directory.write(Self.file + [0x21], to: "changed")
        expect(try await run(command, bundle, file: "changed", type), false, "another file")
        expect(
            try await run(command, SigstoreBundle(.envelope(envelope), hint: signer.key.hint), type),
            false,
            "no entry"
        )
        var unpromised = entry
        unpromised.promise = nil
        let bundleWithout = SigstoreBundle(.envelope(envelope), hint: signer.key.hint, logEntries: [unpromised])
        expect(try await run(command, bundleWithout, type), false, "no promise")
    }

    @Test("what cosign signs is read here")
    func theirs() async throws {
        let environment = ["HOME": directory.path, "COSIGN_PASSWORD": "", "TUF_ROOT": directory.path]
        try await cosign.check(["generate-key-pair"], environment: environment, directory: directory.path)
        try await cosign.check(
            [
                "sign-blob", "--yes", "--key", directory.file("cosign.key"), "--tlog-upload=false",
                "--new-bundle-format", "--bundle",
                directory.file("theirs.json"), directory.file("file"),
            ],
            environment: environment
        )
        func bytes(_ name: String) throws -> [UInt8] {
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory.file(name))))
        }
        let key = try PublicKey(pem: String(decoding: try bytes("cosign.pub"), as: UTF8.self))
        let terms = KeyTerms(name: "theirs", claims: [.file], validFrom: Sample.time)
        let policy = TrustPolicy(keys: [TrustedKey(key, terms)], logRequirement: .none)
        let verification = Verification(policy: policy, now: Sample.time)
        #expect(verification.report(onFile: Self.file, bundle: try bytes("theirs.json")).isAccepted)
        #expect(
            verification.report(onFile: Self.file + [0], bundle: try bytes("theirs.json")).failures == [.noTrustedKey]
        )
        #expect(try SigstoreBundle(parsing: bytes("theirs.json")).hint == key.hint)
    }
}
