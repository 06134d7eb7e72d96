// SPDX-License-Identifier: EUPL-1.2

import Glibc
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// The certificate and key of the listener, read again when their files change: a renewed certificate needs no restart.
///
/// Each handshake takes what is current. Files that cannot be read, or do not belong together, change nothing: the old pair stays, and the
/// log says why.
final class TLSCertificates: Sendable {
    private struct Pair: Sendable {
        let chain: [NIOSSLCertificateSource]
        let key: NIOSSLPrivateKeySource
    }

    private struct State {
        var pair: Pair
        var stamp: String
        var failure: String?
    }

    private let certificateFile: String
    private let keyFile: String
    private let logger: Logger
    // Owner: this mutex.
    private let state: Mutex<State>

    /// Reads the files.
    ///
    /// - Throws: ``NodeError/certificate(_:)`` naming the file.
    init(certificateFile: String, keyFile: String, logger: Logger) throws {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.logger = logger
        let stamp = Self.stamp(certificateFile) + Self.stamp(keyFile)
        state = Mutex(State(pair: try Self.read(certificateFile, keyFile), stamp: stamp))
    }

    /// For the listener: TLS 1.2 and newer, HTTP/1.1 only.
    ///
    /// Uploads over HTTP/2 cost three to five times as much.
    func configuration() -> TLSConfiguration {
        let pair = state.withLock { $0.pair }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: pair.chain,
            privateKey: pair.key
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.applicationProtocols = ["http/1.1"]
        configuration.sslContextCallback = { [self] _, promise in
            let pair = state.withLock { $0.pair }
            var override = NIOSSLContextConfigurationOverride()
            override.certificateChain = pair.chain
            override.privateKey = pair.key
            promise.succeed(override)
        }
        return configuration
    }

    /// Looks at the files from time to time, until it is cancelled.
    func watch(every interval: Duration = .seconds(10)) async throws {
        while true {
            try await Task.sleep(for: interval)
            reload()
        }
    }

    /// Reads the files if they changed.
    func reload() {
        let stamp = Self.stamp(certificateFile) + Self.stamp(keyFile)
        guard state.withLock({ $0.stamp != stamp }) else { return }
        do {
            let pair = try Self.read(certificateFile, keyFile)
            state.withLock { $0 = State(pair: pair, stamp: stamp) }
            logger.notice("new certificate in use", metadata: ["file": "\(certificateFile)"])
        } catch {
            // Once for each reason: half-written files are seen several times.
            let isNews = state.withLock { state in
                defer { state.failure = "\(error)" }
                return state.failure != "\(error)"
            }
            if isNews { logger.error("the old certificate stays in use: \(error)") }
        }
    }

    private static func read(_ certificateFile: String, _ keyFile: String) throws -> Pair {
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        do { chain = try NIOSSLCertificate.fromPEMFile(certificateFile) } catch {
            throw NodeError.certificate(
                "\(certificateFile): \(error); PEM with the node's certificate first is expected"
            )
        }
        guard !chain.isEmpty else { throw NodeError.certificate("\(certificateFile) holds no certificate") }
        do { key = try NIOSSLPrivateKey(file: keyFile, format: .pem) } catch {
            throw NodeError.certificate("\(keyFile): \(error); a PEM private key without passphrase is expected")
        }
        let pair = Pair(chain: chain.map { .certificate($0) }, key: .privateKey(key))
        do {
            // Whether the two belong together, only a context says.
            _ = try NIOSSLContext(
                configuration: .makeServerConfiguration(certificateChain: pair.chain, privateKey: pair.key)
            )
        } catch {
            throw NodeError.certificate("\(certificateFile) and \(keyFile) do not belong together: \(error)")
        }
        return pair
    }

    private static func stamp(_ path: String) -> String {
        // Of the file that a link leads to: some renew certificates by exchanging a link to their directory.
        var status = stat()
        guard stat(path, &status) == 0 else { return "-;" }
        return "\(status.st_dev) \(status.st_ino) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_size);"
    }
}
