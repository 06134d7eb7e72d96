// SPDX-License-Identifier: EUPL-1.2

import Attestations
import JSON
import OCI
import TestKit
import Time

/// An image in a registry, with everything that this room attaches to it.
struct SignedRelease: Sendable {
    let host: String
    let directory: TemporaryDirectory
    let image: BuiltImage
    let signer: Signer
    let log: TestLog
    var reference: String { host + "/gov/app:1.0" }

    init(host: String) async throws {
        self.host = host
        directory = try TemporaryDirectory("release")
        signer = try Signer.p256()
        log = try TestLog()
        var builder = ImageBuilder()
        builder.layer { tar in tar.file("etc/os-release", text: "ID=debian\n") }
        image = builder.built()
        try directory.write(Array(signer.key.pem.utf8), to: "key.pub")
        try directory.write(Array(log.signer.key.pem.utf8), to: "log.pub")
        try directory.write(Array(try Signer.p256().key.pem.utf8), to: "other.pub")
        for (name, key) in [("root.json", log.signer.key), ("other-root.json", try Signer.p256().key)] {
            let start = Sample.time - .seconds(1000)
            let root = TrustedRoot(logs: [.init(baseURL: "https://log.example", key: key, start: start)])
            try directory.write(root.bytes, to: name)
        }
        for tag in ["1.0", "2.0"] {
            try await push(image.manifest, mediaType: image.mediaType, tag: tag, blobs: image.blobs.map(\.bytes))
        }
    }

    private init(_ other: SignedRelease, host: String) {
        self.host = host
        (directory, image, signer, log) = (other.directory, other.image, other.signer, other.log)
    }

    /// The same, at another address.
    func reached(at host: String) -> SignedRelease { SignedRelease(self, host: host) }

    /// Pushes a manifest with its blobs from a layout, with the bytes as they are.
    func push(_ manifest: [UInt8], mediaType: String = MediaType.imageManifest, tag: String, blobs: [[UInt8]])
        async throws
    {
        let layout = "layout-\(tag)-\(UInt64.random(in: .min ... .max))"
        for blob in blobs + [manifest] {
            try directory.write(blob, to: "\(layout)/blobs/sha256/\(Digest.sha256(blob).hex)")
        }
        try directory.write(Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8), to: layout + "/oci-layout")
        let descriptor = Descriptor(
            mediaType: mediaType,
            digest: .sha256(manifest),
            size: Int64(manifest.count),
            annotations: ["org.opencontainers.image.ref.name": tag]
        )
        try directory.write(ImageIndex(manifests: [descriptor]).json.bytes(), to: layout + "/index.json")
        try await trixieTool("oras").check([
            "cp", "--from-oci-layout", directory.file(layout) + ":" + tag, "--to-plain-http",
            "\(host)/gov/app:\(tag)",
        ])
    }

    /// Signs the image for a tag and pushes the `.sig` manifest.
    func sign(tag: String = "1.0", logged: Bool = true, tampered: Bool = false) async throws {
        let payload = SimpleSigning(
            .cosign,
            digest: image.manifestDigest,
            dockerReference: "\(host)/gov/app:\(tag)"
        ).bytes
        let signature = try signer.sign(tampered ? payload + [0x20] : payload)
        let body = LogBody.hashedRekord(payload: payload, signature: signature, key: signer.key)
        var manifest = AttachedManifest(.signatures)
        try manifest.append(
            signature: signature,
            payload: payload,
            entry: logged ? try log.promise(body, at: Sample.time) : nil
        )
        let attached = try AttachedManifest.tag(.signatures, of: image.manifestDigest).text
        try await push(manifest.document, tag: attached, blobs: [manifest.configuration, payload])
    }

    /// What is attached to the image in the registry.
    func attached(_ kind: AttachedManifest.Kind) async throws -> [Evidence] {
        let oras = try await trixieTool("oras")
        let tag = try AttachedManifest.tag(kind, of: image.manifestDigest).text
        let text = try await oras.check(["manifest", "fetch", "--plain-http", "\(host)/gov/app:\(tag)"])
        guard case .image(let document) = try ManifestDocument(parsing: Array(text.utf8), contentType: nil) else {
            return []
        }
        let manifest = try AttachedManifest(kind, extending: document)
        var evidence: [Evidence] = []
        for layer in manifest.layers {
            let blob = try await oras.check([
                "blob", "fetch", "--plain-http", "--output", "-", "\(host)/gov/app@\(layer.digest)",
            ])
            if let found = manifest.evidence(layer, blob: Array(blob.utf8)) { evidence.append(found) }
        }
        return evidence
    }

    func statement() -> Statement { Sample.provenance(name: host + "/gov/app", of: image.manifestDigest) }

    func envelopeBody(_ envelope: DSSEEnvelope) -> LogBody {
        .dsse(envelope, signers: envelope.signatures.map { .init(signature: $0.bytes, key: signer.key) })
    }

    func cosign(_ arguments: [String], log: String? = nil) async throws -> ToolResult {
        var environment = ["HOME": directory.path, "TUF_ROOT": directory.path]
        if let log { environment["SIGSTORE_REKOR_PUBLIC_KEY"] = directory.file(log) }
        return try await trixieTool("cosign").run(
            arguments + ["--allow-http-registry", reference],
            environment: environment
        )
    }

    /// Pulls with a policy: one requirement for everything of this registry.
    func pull(_ skopeo: Tool, _ requirement: JSONValue, registries: String, tag: String = "1.0") async throws
        -> ToolResult
    {
        let policy: JSONValue = [
            "default": [["type": "reject"]], "transports": ["docker": [host: [requirement]]],
        ]
        let folder = "pull-\(UInt64.random(in: .min ... .max))"
        try directory.write(policy.bytes(), to: folder + "/policy.json")
        try directory.write(Array(registries.utf8), to: folder + "/registries.d/test.yaml")
        return try await skopeo.run([
            "--policy", directory.file(folder + "/policy.json"), "--registries.d",
            directory.file(folder + "/registries.d"), "copy",
            "--src-tls-verify=false", "docker://\(host)/gov/app:\(tag)", "dir:" + directory.file(folder + "/image"),
        ])
    }
}
