// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import NIOSSL

extension HTTPClient.Configuration {
    /// Trusts the certificates of a PEM file instead of the system's.
    mutating func trust(file: String) throws(ConformanceError) {
        let certificates: [NIOSSLCertificate]
        do { certificates = try NIOSSLCertificate.fromPEMFile(file) } catch {
            throw .badCertificates(file: file, reason: "\(error)".printable())
        }
        guard !certificates.isEmpty else { throw .badCertificates(file: file, reason: "there are none") }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(certificates)
        tlsConfiguration = configuration
    }
}
