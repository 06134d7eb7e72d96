// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import ClientTrust
import ImageSources
import JSON
import OCI
import RegistryClient
import Time

/// `kontor verify`: an image and everything that is attached to it, against keys that are at hand.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: Language.process(Texts.verifyAbstract),
        discussion: Language.process(Texts.verifyDiscussion)
    )

    @Argument(help: help(Texts.verifyImage, value: "IMAGE"))
    var image: String

    @Option(name: .customLong("trust-root"), help: help(Texts.verifyTrustRoot, value: "FILE"))
    var trustRoot: String?

    @Option(help: help(Texts.verifyKey, value: "FILE"))
    var key: [String] = []

    @Option(name: .customLong("certificate-roots"), help: help(Texts.verifyCertificateRoots, value: "FILE"))
    var certificateRoots: String?

    @Option(name: .customLong("trusted-root"), help: help(Texts.verifyTrustedRoot, value: "FILE"))
    var trustedRoot: String?

    @Option(name: .customLong("certificate-identity"), help: help(Texts.verifyCertificateIdentity, value: "ID"))
    var certificateIdentity: [String] = []

    @Option(name: .customLong("certificate-oidc-issuer"), help: help(Texts.verifyCertificateIssuer, value: "ISSUER"))
    var certificateIssuer: String?

    @Option(help: help(Texts.verifyName, value: "NAME"))
    var name: String?

    @Option(help: help(Texts.verifyRequire, value: "WHAT"))
    var require: [String] = []

    @Option(help: help(Texts.verifyLog, value: "inclusion|promise|none"))
    var log = "inclusion"

    @Option(help: help(Texts.platform, value: "OS/ARCH"))
    var platform: String?

    @Option(help: help(Texts.verifyTimeout, value: "SECONDS"))
    var timeout = 300

    @OptionGroup var access: RegistryAccessOptions

    @Option(help: help(Texts.format, value: "text|json"))
    var format = "text"

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(OutputForm.self, format, name: "--format")
        guard (1...86_400).contains(timeout) else {
            throw CommandFailure(Texts.unknownValue("--timeout", "\(timeout)", "1 … 86400"))
        }
        let demands = try demands()
        let verifier = ImageVerifier(
            demands: demands,
            expected: try expectedName(),
            registrySettings: try registrySettings(settings)
        )
        let location: ImageLocation
        do { location = try ImageLocation(parsing: image) } catch { throw CommandFailure("\(error)") }
        terminal.step(Texts.verifying)
        let verification: ImageVerification
        do { verification = try await within(.seconds(timeout)) { try await verifier.verify(location) } } catch {
            throw Self.failure(error)
        }
        terminal.clearStep()
        let page = VerificationPage(verification: verification, root: demands.root, language: terminal.language)
        switch form {
        case .text: try terminal.result(page.text)
        case .json: try terminal.result(page.json.bytes(.pretty) + [0x0a])
        }
        switch verification.outcome {
        case .passed: return
        case .failed: throw ExitCode(1)
        case .undecided: throw ExitCode(2)
        }
    }

    private static func failure(_ error: any Error) -> any Error {
        switch error {
        case is CommandFailure: error
        case ImageSourceError.digestMismatch, RegistryClientError.digestMismatch:
            // That something else lies there is an answer.
            CommandFailure("\(error)", code: 1)
        default: CommandFailure("\(error)")
        }
    }

    private func demands() throws(CommandFailure) -> TrustDemands {
        var root: TrustRoot?
        if let trustRoot {
            let bytes = try Self.file(trustRoot, limit: TrustRoot.maximumBytes)
            do { root = try TrustRoot(parsing: bytes) } catch { throw CommandFailure("\(trustRoot): \(error)") }
        }
        let certified = try certifiedPublisher()
        guard root != nil || !key.isEmpty || certified != nil else { throw CommandFailure(Texts.verifyNoKeys) }
        var publishers: [PublisherKey] = []
        for path in key {
            let bytes = try Self.file(path, limit: PublisherKey.maximumBytes)
            do { publishers.append(try PublisherKey(String(decoding: bytes, as: UTF8.self), name: path)) } catch {
                throw CommandFailure("\(path): \(error)")
            }
        }
        if let certified { publishers.append(certified) }
        var wanted: Platform?
        if let platform {
            do { wanted = try Platform(parsing: platform) } catch { throw CommandFailure("--platform: \(error)") }
        }
        var demands = TrustDemands(
            root: root,
            publishers: publishers,
            log: try choice(TrustDemands.Log.self, log, name: "--log"),
            platform: wanted,
            now: WallClock.system.now()
        )
        for word in require {
            if let form = AttachedForm(rawValue: word), form != .attestation {
                demands.forms.append(form)
            } else if let kind = AttestationKind(word) {
                demands.attestations.append(kind)
            } else {
                let words = ["cosign", "bundle", "openpgp"] + AttestationKind.words + ["https://…"]
                throw CommandFailure(Texts.unknownValue("--require", word, words.joined(separator: ", ")))
            }
        }
        return demands
    }

    /// Whom certificates must be of and for; nil when nothing of that is asked for.
    private func certifiedPublisher() throws(CommandFailure) -> PublisherKey? {
        let hasRoots = certificateRoots != nil || trustedRoot != nil
        guard hasRoots || !certificateIdentity.isEmpty || certificateIssuer != nil else { return nil }
        guard hasRoots, !certificateIdentity.isEmpty else { throw CommandFailure(Texts.verifyCertificateIncomplete) }
        let limit = PublisherKey.maximumCertificateBytes
        var pem: String?
        if let certificateRoots {
            pem = String(decoding: try Self.file(certificateRoots, limit: limit), as: UTF8.self)
        }
        var document: [UInt8]?
        if let trustedRoot { document = try Self.file(trustedRoot, limit: limit) }
        let publisher: PublisherKey?
        do {
            publisher = try PublisherKey(
                certificateRoots: pem,
                trustedRoot: document,
                identities: certificateIdentity,
                oidcIssuer: certificateIssuer
            )
        } catch {
            let files = [certificateRoots, trustedRoot].compactMap { $0 }.joined(separator: ", ")
            throw CommandFailure("\(files): \(error)")
        }
        guard let publisher else {
            throw CommandFailure(Texts.verifyBadIdentity(certificateIdentity.joined(separator: ", ").excerpt(300)))
        }
        return publisher
    }

    private func expectedName() throws(CommandFailure) -> Reference? {
        guard let name else { return nil }
        let reference: Reference
        do { reference = try Reference(parsing: name) } catch { throw CommandFailure("--name: \(error)") }
        guard reference.registry != nil else { throw CommandFailure(Texts.verifyNameNeedsRegistry(name)) }
        return reference
    }

    private func registrySettings(_ settings: Settings) throws -> RegistryClientSettings {
        var credentials = try access.credentials()
        if credentials == nil, case .registry(let reference)? = try? ImageLocation(parsing: image) {
            credentials = RegistryCredentials.stored(
                registry: reference.registry ?? "",
                repository: reference.repository.text,
                environment: processEnvironment
            )
        }
        return RegistryClientSettings(
            credentials: credentials,
            plainHTTP: try settings.flag(.plainHTTP, option: access.plainHTTP),
            manifestLimit: ImageChoice.manifestLimit
        )
    }

    static func file(_ path: String, limit: Int) throws(CommandFailure) -> [UInt8] {
        do { return try contents(path, limit: limit) } catch {
            throw CommandFailure(Texts.cannotRead(path, error.text))
        }
    }

    /// A registry that answers a byte a minute would keep whoever waits for the answer for ever.
    private func within<T: Sendable>(_ limit: Duration, _ body: @Sendable @escaping () async throws -> T) async throws
        -> T
    {
        try await withThrowingTaskGroup(of: T.self) { group in
            group.addTask(operation: body)
            group.addTask {
                try await Task.sleep(for: limit)
                throw CommandFailure(Texts.verifyTimedOut(limit.components.seconds))
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }
}
