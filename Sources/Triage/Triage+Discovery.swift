// SPDX-License-Identifier: EUPL-1.2

import Advisories
public import Database
import FoundationEssentials
import JSON
import OCI
import Registry
import Time
import Vulnerabilities

extension Triage {
    /// Layers of one manifest that are looked at.
    private static let maximumLayers = 8
    /// Largest layer that is read, in bytes.
    private static let largestLayer = 4 << 20

    /// The handlers that a node's job runner needs for this room.
    public var jobs: [String: JobRunner.Handler] {
        [Registry.referrerJob: { job in try await discover(job) }]
    }

    /// Reads the VEX documents of a manifest that names an image as its subject.
    ///
    /// The format is told by the content, never by a media type, which anybody may write. What is no VEX document is passed over: most of what
    /// is attached to images is something else.
    func discover(_ job: Job) async throws {
        guard let at = job.subject.lastIndex(of: "@"),
            let repository = try? RepositoryName(parsing: String(job.subject[..<at])),
            let digest = try? Digest(parsing: String(job.subject[job.subject.index(after: at)...]))
        else { throw JobFailure("\"\(job.subject.prefix(300))\" does not name a manifest", isRetryable: false) }
        guard let manifest = try await registry.manifest(repository, digest),
            case .image(let parsed)? = try? ManifestDocument(parsing: manifest.bytes, contentType: manifest.mediaType),
            let subject = parsed.subject?.digest
        else { return }
        var found: [(layer: Int, document: VEXDocument)] = []
        for (index, layer) in parsed.layers.prefix(Self.maximumLayers).enumerated() {
            guard Self.isJSON(layer.mediaType), layer.size <= Int64(Self.largestLayer),
                let bytes = try await registry.blobBytes(repository, layer.digest, limit: Self.largestLayer),
                let document = Self.document(bytes, about: subject), !document.statements.isEmpty
            else { continue }
            found.append((index, document))
        }
        // What was attached before and is gone from the registry is forgotten on the way.
        var gone: Set<Digest> = []
        let known = try await database.read { try DiscoveredStatements.documents(of: subject, in: repository, $0) }
        for other in Set(known.map(\.manifest)) {
            if try await registry.manifestSummary(repository, other) == nil { gone.insert(other) }
        }
        let (documents, lost, now) = (found, gone, clock.now())
        guard !documents.isEmpty || !lost.isEmpty else { return }
        try await database.write { t in
            try DiscoveredStatements.sweep(subject, in: repository, t) { !lost.contains($0) }
            for (layer, document) in documents {
                try DiscoveredStatements.keep(
                    document,
                    found: DiscoveredStatements.Origin(
                        repository: repository,
                        subject: subject,
                        manifest: digest,
                        layer: layer,
                        pushedBy: manifest.firstSeenBy
                    ),
                    at: now,
                    in: t
                )
            }
        }
    }

    private static func isJSON(_ mediaType: String) -> Bool {
        let essence = MediaType.essence(mediaType)
        return essence.hasSuffix("+json") || essence.hasSuffix("/json")
    }

    /// A VEX document, bare or in an attestation; nil for what is none.
    ///
    /// Signatures of an envelope are not looked at: whatever it says is shown as nobody's.
    static func document(_ bytes: [UInt8], about subject: Digest) -> VEXDocument? {
        var limits = VEXLimits()
        limits.bytes = largestLayer
        limits.values = 500_000
        limits.statements = 10_000
        limits.products = 50_000
        limits.refusals = 0
        let image = VEXProduct(VEXComponent(digests: [subject.description]))
        return try? VEXDocument(parsing: payload(bytes) ?? bytes, subjects: [image], limits: limits)
    }

    /// What a DSSE envelope or a Sigstore bundle carries; nil where the bytes are neither.
    private static func payload(_ bytes: [UInt8]) -> [UInt8]? {
        let limits = JSONLimits(depth: 64, bytes: largestLayer, values: 500_000)
        guard let value = try? JSONValue(parsing: bytes, limits: limits) else { return nil }
        let envelope = value["dsseEnvelope"] ?? value
        guard envelope["payloadType"]?.stringValue == "application/vnd.in-toto+json",
            let text = envelope["payload"]?.stringValue, let data = Data(base64Encoded: text)
        else { return nil }
        return Array(data)
    }
}
