// SPDX-License-Identifier: EUPL-1.2

public import Accounts
internal import Attestations
internal import Audit
internal import Database
public import JSON
public import OCI
internal import Registry
internal import Releases
internal import Time

extension Trust {
    /// Messages that are kept of one image.
    static let maximumMessages = 32
    /// Bytes of the document that brings one.
    public static let maximumDocument = 2 * AttestationLimits.simpleSigningBytes

    /// The OpenPGP signatures of an image as registries give them out themselves: the node's own, then those of publishers.
    public func openPGPSignatures(_ repository: RepositoryName, _ digest: Digest) async throws -> JSONValue {
        RegistrySignatures(try await openPGPMessages(repository, digest), of: digest).json
    }

    /// The same as messages.
    func openPGPMessages(_ repository: RepositoryName, _ digest: Digest) async throws -> [[UInt8]] {
        let place: [SQLValue] = [
            .text(repository.text), .text(digest.description), .integer(Int64(Self.maximumMessages)),
        ]
        let kept = try await database.lookUp { t in try t.query(TrustSchema.messages, place).map { try $0.bytes(0) } }
        let own = try await releases.openPGPMessages(repository, digest)
        return own + kept.filter { !own.contains($0) }
    }

    /// Keeps what `skopeo copy --sign-by` and `podman push --sign-by` send; whether it counts is decided by the trust policy.
    ///
    /// Refused is what could never count: no message, no claim about this image, or one message more than is read.
    ///
    /// - Parameters:
    ///   - document: `{"schemaVersion":2,"name":"DIGEST@ID","type":"atomic","content":"BASE64"}`.
    ///   - account: who sends it, and may push there.
    /// - Throws: ``RegistryError``.
    ///
    /// Source: openshift/origin, image signatures; written by containers/image.
    public func keep(
        signature document: [UInt8],
        of digest: Digest,
        in repository: RepositoryName,
        by account: Account
    ) async throws {
        let message = try Self.message(document, about: digest)
        let now = clock.now()
        let row: [SQLValue] = [
            .text(repository.text), .text(digest.description), .blob(Digest.sha256(message).bytes), .blob(message),
            .time(now), .text(account.name),
        ]
        let place: [SQLValue] = [
            .text(repository.text), .text(digest.description), .integer(Int64(Self.maximumMessages)),
        ]
        let isQueued = try await database.write { t in
            let kept = try t.query(TrustSchema.messages, place).map { try $0.bytes(0) }
            guard !kept.contains(message) else { return false }
            guard kept.count < Self.maximumMessages else {
                throw RegistryError.manifestInvalid(
                    "\(digest) has \(Self.maximumMessages) OpenPGP signatures; no more are kept of one image"
                )
            }
            guard try Registry.isSpokenOf(digest, in: repository, at: now, t) else {
                throw RegistryError.manifestUnknown(digest.description, repository)
            }
            try t.execute(TrustSchema.keep, row)
            try AuditLog.append(
                t,
                actor: account.name,
                action: "signature.push",
                subject: Registry.assessmentSubject(repository, digest),
                detail: ["form": "openpgp", "digest": .string(Digest.sha256(message).description)],
                at: now
            )
            return true
        }
        if isQueued { registry.wake() }
    }

    private static func message(_ document: [UInt8], about digest: Digest) throws -> [UInt8] {
        func refusal(_ reason: String) -> RegistryError { .manifestInvalid("this is no OpenPGP signature: \(reason)") }
        let fields: JSONFields
        let (version, type, name, content): (Int64, String, String, String)
        do {
            fields = try JSONFields(
                JSONValue(parsing: document, limits: JSONLimits(depth: 4, bytes: maximumDocument, values: 100))
            )
            (version, type) = (try fields.integer("schemaVersion"), try fields.string("type"))
            (name, content) = (try fields.string("name"), try fields.string("content"))
        } catch { throw refusal("\(error)") }
        guard version == 2, type == "atomic" else { throw refusal("expected schemaVersion 2 and type atomic") }
        guard name.hasPrefix("\(digest)@") else { throw refusal("its name is not that of a signature of \(digest)") }
        guard let message = Base64.decoded(content) else { throw refusal("its content is not base64") }
        do {
            let claim = try SimpleSigning(parsing: try OpenPGPMessage(parsing: message).content, as: .openPGP)
            guard claim.digest == digest else { throw refusal("it is about \(claim.digest)") }
        } catch let error as RegistryError { throw error } catch { throw refusal("\(error)") }
        return message
    }
}
