// SPDX-License-Identifier: EUPL-1.2

import Attestations
import FoundationEssentials
import JSON
import OCI
import TestKit
import Testing
import Time

/// Signatures beside an image in a registry, against those who verify them there: cosign, and skopeo of two Debian releases.
@Suite("Verifiers of images")
struct RegistryVerifierTests {
    private func expect(_ result: ToolResult, _ passes: Bool, _ comment: Comment) {
        #expect((result.exitCode == 0) == passes, comment)
        if (result.exitCode == 0) != passes { Issue.record("\(result.errorOutput)") }
    }

    @Test(
        "cosign verifies our signature with our log, and refuses another key, another log, no entry and a changed payload"
    )
    func cosignSignature() async throws {
        try await DockerRegistry.run { host in
            let release = try await SignedRelease(host: host)
            func verify(_ key: String, _ log: String, _ more: [String] = ["--offline=true"]) async throws -> ToolResult
            {
                try await release.cosign(["verify", "--key", release.directory.file(key)] + more, log: log)
            }
            expect(try await verify("key.pub", "log.pub"), false, "not signed")
            try await release.sign()
            let verified = try await verify("key.pub", "log.pub")
            expect(verified, true, "ours")
            #expect(verified.errorOutput.contains("transparency log was verified offline"))
            expect(try await verify("other.pub", "log.pub"), false, "another key")
            expect(try await verify("key.pub", "other.pub"), false, "another log")
            try await release.sign(logged: false)
            expect(try await verify("key.pub", "log.pub"), false, "no entry")
            let ignoring = ["--insecure-ignore-tlog=true", "--private-infrastructure"]
            expect(try await verify("key.pub", "log.pub", ignoring), true, "no entry, none asked for")
            try await release.sign(logged: false, tampered: true)
            expect(try await verify("key.pub", "log.pub", ignoring), false, "another payload")
        }
    }

    @Test("cosign verifies our attestations in either form")
    func cosignAttestations() async throws {
        try await DockerRegistry.run { host in
            let release = try await SignedRelease(host: host)
            let envelope = try release.signer.envelope(release.statement())
            let type = PredicateType.provenance
            func verify(_ key: String, _ more: [String], log: String? = nil) async throws -> ToolResult {
                try await release.cosign(
                    ["verify-attestation", "--key", release.directory.file(key), "--type", type] + more,
                    log: log
                )
            }
            var manifest = AttachedManifest(.attestations)
            let promise = try release.log.promise(release.envelopeBody(envelope), at: Sample.time)
            try manifest.replace(envelope: envelope, predicateType: type, entry: promise)
            try await release.push(
                manifest.document,
                tag: try AttachedManifest.tag(.attestations, of: release.image.manifestDigest).text,
                blobs: [manifest.configuration, envelope.bytes]
            )
            let ignoring = ["--insecure-ignore-tlog=true", "--private-infrastructure"]
            expect(try await verify("key.pub", ignoring), true, "attached")
            expect(try await verify("other.pub", ignoring), false, "attached, another key")
            expect(try await verify("key.pub", ["--offline=true"], log: "log.pub"), true, "attached, with our log")
            expect(try await verify("key.pub", ["--offline=true"], log: "other.pub"), false, "attached, another log")

            let entry = try release.log.proven(release.envelopeBody(envelope), at: Sample.time)
            let bundle = SigstoreBundle(.envelope(envelope), hint: release.signer.key.hint, logEntries: [entry]).bytes
            let subject = Descriptor(
                mediaType: release.image.mediaType,
                digest: release.image.manifestDigest,
                size: Int64(release.image.manifest.count)
            )
            let referrer = SigstoreBundle.referrer(
                bundle: bundle,
                predicateType: type,
                subject: subject,
                created: Sample.time
            )
            let document = referrer.json.bytes(.rfc8785)
            // The tag that clients fall back to where a registry has no referrers API.
            let index = ImageIndex(manifests: [
                Descriptor(
                    mediaType: MediaType.imageManifest,
                    digest: .sha256(document),
                    size: Int64(document.count),
                    artifactType: SigstoreBundle.mediaType,
                    annotations: referrer.annotations
                )
            ])
            try await release.push(
                index.json.bytes(),
                mediaType: MediaType.imageIndex,
                tag: "sha256-" + release.image.manifestDigest.hex,
                blobs: [document, bundle, SigstoreBundle.emptyConfiguration, release.image.manifest]
                    + release.image.blobs.map(\.bytes)
            )
            let root = ["--new-bundle-format", "--trusted-root", release.directory.file("root.json")]
            expect(try await verify("key.pub", root + ignoring), true, "bundle")
            expect(try await verify("other.pub", root + ignoring), false, "bundle, another key")
            expect(try await verify("key.pub", root), true, "bundle, with our log")
            let otherRoot = ["--new-bundle-format", "--trusted-root", release.directory.file("other-root.json")]
            expect(try await verify("key.pub", otherRoot), false, "bundle, another log")
        }
    }

    @Test("what cosign signs and attests beside an image is read and verified here")
    func theirs() async throws {
        try await DockerRegistry.run { host in
            let release = try await SignedRelease(host: host)
            let cosign = try await trixieTool("cosign")
            let environment = [
                "HOME": release.directory.path, "COSIGN_PASSWORD": "", "TUF_ROOT": release.directory.path,
            ]
            let directory = release.directory.path
            try await cosign.check(["generate-key-pair"], environment: environment, directory: directory)
            let predicate: JSONValue = .object(Sample.provenance().predicate)
            try release.directory.write(predicate.bytes(), to: "predicate.json")
            let common = ["--yes", "--key", "cosign.key", "--tlog-upload=false", "--allow-http-registry"]
            let reference = "\(host)/gov/app@\(release.image.manifestDigest)"
            try await cosign.check(["sign"] + common + [reference], environment: environment, directory: directory)
            try await cosign.check(
                ["attest"] + common + ["--type", PredicateType.provenance, "--predicate", "predicate.json", reference],
                environment: environment,
                directory: directory
            )
            let pem = try Data(contentsOf: URL(fileURLWithPath: release.directory.file("cosign.pub")))
            let key = try PublicKey(pem: String(decoding: pem, as: UTF8.self))
            let claim = Claim.predicate(PredicateType.provenance)
            let terms = KeyTerms(name: "theirs", claims: [.imageSignature, claim], validFrom: Sample.time)
            let verification = Verification(
                policy: TrustPolicy(keys: [TrustedKey(key, terms)], logRequirement: .none),
                now: Sample.time
            )
            var subject = VerificationSubject(
                digest: release.image.manifestDigest,
                registry: host,
                repository: try RepositoryName(parsing: "gov/app")
            )
            let evidence = try await release.attached(.signatures) + release.attached(.attestations)
            let report = verification.report(on: evidence, about: subject)
            #expect(report.accepted(.imageSignature).count == 1 && report.accepted(claim).count == 1, "\(report)")
            // cosign signs no tag, so nothing says that the tag was meant.
            subject.tag = try Tag(parsing: "1.0")
            #expect(verification.report(on: evidence, about: subject).items.first?.failures == [.wrongTag(nil)])
            subject.digest = Sample.digest
            #expect(
                verification.report(on: evidence, about: subject).items.allSatisfy {
                    $0.failures.contains(.wrongDigest)
                }
            )
        }
    }

    @Test("skopeo of Debian 13 pulls only what our key signed for the tag and our log saw")
    func sigstoreSigned() async throws {
        try await DockerRegistry.run { host in
            let release = try await SignedRelease(host: host)
            let skopeo = try await trixieTool("skopeo")
            let attachments = "docker:\n  \(host):\n    use-sigstore-attachments: true\n"
            func pull(_ key: String, _ log: String, tag: String = "1.0", registries: String) async throws -> ToolResult
            {
                try await release.pull(
                    skopeo,
                    [
                        "type": "sigstoreSigned", "keyPath": .string(release.directory.file(key)),
                        "rekorPublicKeyPath": .string(release.directory.file(log)),
                    ],
                    registries: registries,
                    tag: tag
                )
            }
            expect(try await pull("key.pub", "log.pub", registries: attachments), false, "not signed")
            try await release.sign()
            expect(try await pull("key.pub", "log.pub", registries: attachments), true, "ours")
            expect(try await pull("other.pub", "log.pub", registries: attachments), false, "another key")
            expect(try await pull("key.pub", "other.pub", registries: attachments), false, "another log")
            expect(
                try await pull("key.pub", "log.pub", tag: "2.0", registries: attachments),
                false,
                "a tag that was moved here"
            )
            expect(
                try await pull("key.pub", "log.pub", registries: "docker: {}\n"),
                false,
                "attachments not looked for"
            )
            try await release.sign(logged: false)
            expect(try await pull("key.pub", "log.pub", registries: attachments), false, "no entry")
            try await release.sign(tampered: true)
            expect(try await pull("key.pub", "log.pub", registries: attachments), false, "another payload")
        }
    }

    @Test("skopeo of Debian 12 pulls only what our OpenPGP key signed for the tag")
    func signedBy() async throws {
        try await DockerRegistry.run { host in
            let release = try await SignedRelease(host: host)
            let signer = try Signer.ed25519()
            let (_, block, signing) = try OpenPGPTests.key(signer)
            try release.directory.write(Array(block.utf8), to: "key.asc")
            try release.directory.write(Array(try OpenPGPTests.key(try Signer.ed25519()).block.utf8), to: "other.asc")
            let lookaside = "docker:\n  \(host):\n    lookaside: file://\(release.directory.file("lookaside"))\n"
            func put(_ digest: OCI.Digest, tampered: Bool = false) throws {
                let payload = SimpleSigning(
                    .openPGP,
                    digest: digest,
                    dockerReference: release.reference,
                    creator: "kontor",
                    timestamp: 1_795_310_000
                ).bytes
                let signature = try signer.sign(signing.bytesToSign(payload))
                var message = try signing.message(payload, signature: signature)
                if tampered { message[message.count / 2] ^= 1 }
                try release.directory.write(
                    message,
                    to: "lookaside/gov/app@sha256=\(release.image.manifestDigest.hex)/signature-1"
                )
            }
            func pull(_ key: String, tag: String = "1.0") async throws -> ToolResult {
                try await release.pull(
                    try tool("skopeo"),
                    ["type": "signedBy", "keyType": "GPGKeys", "keyPath": .string(release.directory.file(key))],
                    registries: lookaside,
                    tag: tag
                )
            }
            expect(try await pull("key.asc"), false, "not signed")
            try put(release.image.manifestDigest)
            expect(try await pull("key.asc"), true, "ours")
            expect(try await pull("other.asc"), false, "another key")
            expect(try await pull("key.asc", tag: "2.0"), false, "a tag that was moved here")
            try put(release.image.manifestDigest, tampered: true)
            expect(try await pull("key.asc"), false, "a changed message")
            try put(Sample.digest)
            expect(try await pull("key.asc"), false, "other content")
        }
    }

    /// A registry that serves OpenPGP signatures itself: the answer of a file, in front of one that does not.
    private static let front = """
        import http.server, sys, urllib.request, urllib.error
        upstream, answers = sys.argv[1], sys.argv[2]
        class Front(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments): pass
            def do_GET(self):
                if self.path.startswith("/extensions/v2/"):
                    with open(answers, "rb") as file: body = file.read()
                    return self.answer(200, {"Content-Type": "application/json"}, body)
                request = urllib.request.Request(upstream + self.path, headers={"Accept": ", ".join(self.headers.get_all("Accept") or ["*/*"])})
                try:
                    with urllib.request.urlopen(request) as result:
                        self.answer(result.status, {**dict(result.headers), "X-Registry-Supports-Signatures": "1"}, result.read())
                except urllib.error.HTTPError as error:
                    self.answer(error.code, {}, error.read())
            def answer(self, code, headers, body):
                self.send_response(code)
                for name, value in headers.items():
                    if name.lower() not in ("content-length", "date", "connection"): self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
        with open(sys.argv[3], "w") as file: file.write(str(server.server_port))
        server.serve_forever()
        """

    @Test("skopeo of either Debian asks the registry itself for OpenPGP signatures")
    func registryNative() async throws {
        try await DockerRegistry.run { upstream in
            let image = try await SignedRelease(host: upstream)
            let answers = image.directory.file("answers.json")
            let port = image.directory.file("port")
            let python = try tool("python3")
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Ends with the group: when the task is cancelled the process is killed.
                group.addTask { _ = try await python.run(["-c", Self.front, "http://" + upstream, answers, port]) }
                defer { group.cancelAll() }
                var number = ""
                for _ in 0..<400 where number.isEmpty {
                    number = (try? String(contentsOfFile: port, encoding: .utf8)) ?? ""
                    try await Task.sleep(for: .milliseconds(25))
                }
                let release = image.reached(at: "127.0.0.1:" + number)
                let signer = try Signer.ed25519()
                let (_, block, signing) = try OpenPGPTests.key(signer)
                try release.directory.write(Array(block.utf8), to: "key.asc")
                let payload = SimpleSigning(
                    .openPGP,
                    digest: release.image.manifestDigest,
                    dockerReference: release.reference
                ).bytes
                let message = try signing.message(payload, signature: try signer.sign(signing.bytesToSign(payload)))
                let requirement: JSONValue = [
                    "type": "signedBy", "keyType": "GPGKeys", "keyPath": .string(release.directory.file("key.asc")),
                ]
                for skopeo in [try tool("skopeo"), try await trixieTool("skopeo")] {
                    for messages in [[], [message]] {
                        let answer = RegistrySignatures(messages, of: release.image.manifestDigest)
                        try release.directory.write(answer.json.bytes(), to: "answers.json")
                        let result = try await release.pull(skopeo, requirement, registries: "docker: {}\n")
                        expect(result, !messages.isEmpty, "\(skopeo.path), \(messages.count) signatures")
                    }
                }
            }
        }
    }
}
