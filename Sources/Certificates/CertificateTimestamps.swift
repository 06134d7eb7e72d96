// SPDX-License-Identifier: EUPL-1.2

import Crypto
public import Time

/// A log of certificates whose word is believed.
public struct CertificateLog: Sendable, Hashable {
    /// The key that signs its promises.
    public let key: CertificateKey
    /// From when its promises count; nil: always.
    public let validFrom: Timestamp?
    /// Until when; nil while it is in use.
    public let validUntil: Timestamp?

    /// Makes a log.
    public init(key: CertificateKey, validFrom: Timestamp? = nil, validUntil: Timestamp? = nil) {
        self.key = key
        self.validFrom = validFrom
        self.validUntil = validUntil
    }

    fileprivate func counts(at time: Timestamp) -> Bool {
        (validFrom.map { $0 <= time } ?? true) && (validUntil.map { time < $0 } ?? true)
    }
}

extension Certificate {
    /// When one of some logs promised to log the certificate; nil when none did.
    ///
    /// - Parameter issuer: the certificate above it in its chain.
    ///
    /// Source: RFC 6962, sections 3.2 and 3.3.
    public func promised(by logs: [CertificateLog], issuer: Certificate) -> Timestamp? {
        guard let list = extensions.timestamps, var rest = Self.vector(list[...], lengthBytes: 2, atEnd: true) else {
            return nil
        }
        var looked = 0
        while !rest.isEmpty, looked < 8 {
            guard let length = Self.number(&rest, 2), length <= rest.count else { return nil }
            let promise = rest.prefix(length)
            rest = rest.dropFirst(length)
            looked += 1
            if let time = promised(promise, by: logs, issuer: issuer) { return time }
        }
        return nil
    }

    private func promised(
        _ promise: ArraySlice<UInt8>,
        by logs: [CertificateLog],
        issuer: Certificate
    ) -> Timestamp? {
        var rest = promise
        guard rest.popFirst() == 0, rest.count >= 40 else { return nil }
        let id = Array(rest.prefix(32))
        rest = rest.dropFirst(32)
        let time = Array(rest.prefix(8))
        rest = rest.dropFirst(8)
        guard let length = Self.number(&rest, 2), length <= rest.count else { return nil }
        let more = Array(rest.prefix(length))
        rest = rest.dropFirst(length)
        // Only the two algorithms of RFC 6962: SHA-256 with ECDSA or RSA.
        guard let hash = rest.popFirst(), let kind = rest.popFirst(), hash == 4, kind == 3 || kind == 1,
            let signature = Self.vector(rest, lengthBytes: 2, atEnd: true),
            let log = logs.first(where: { $0.key.fingerprint == id })
        else { return nil }
        let body = signedWithoutTimestamps
        guard body.count < 1 << 24 else { return nil }
        let size = [UInt8(body.count >> 16 & 0xFF), UInt8(body.count >> 8 & 0xFF), UInt8(body.count & 0xFF)]
        let extensions = [UInt8(more.count >> 8 & 0xFF), UInt8(more.count & 0xFF)] + more
        let message = [0, 0] + time + [0, 1] + issuer.key.fingerprint + size + body + extensions
        guard
            log.key.isValidSignature(Array(signature), for: message, kind == 3 ? .ecdsa(.sha256) : .rsa(.sha256))
        else { return nil }
        let milliseconds = time.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard milliseconds < 1 << 52 else { return nil }
        let instant = Timestamp(microseconds: Int64(milliseconds) * 1000)
        return log.counts(at: instant) ? instant : nil
    }

    /// What was signed, as it was before logs had seen it.
    private var signedWithoutTimestamps: [UInt8] {
        let list = DERWriter.element(DERTag.sequence, extensions.withoutTimestamps.flatMap { $0 })
        let extensions =
            self.extensions.withoutTimestamps.isEmpty
            ? [] : DERWriter.element(DERTag.constructed(3), list)
        return DERWriter.element(DERTag.sequence, beforeExtensions + extensions)
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>, _ count: Int) -> Int? {
        guard bytes.count >= count else { return nil }
        let value = bytes.prefix(count).reduce(0) { $0 << 8 | Int($1) }
        bytes = bytes.dropFirst(count)
        return value
    }

    private static func vector(_ bytes: ArraySlice<UInt8>, lengthBytes: Int, atEnd: Bool) -> ArraySlice<UInt8>? {
        var rest = bytes
        guard let length = number(&rest, lengthBytes), length <= rest.count, !atEnd || length == rest.count else {
            return nil
        }
        return rest.prefix(length)
    }
}

/// Writes the lengths that RFC 6962 has written anew.
enum DERWriter {
    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
        var octets: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            octets.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(octets.count)] + octets + content
    }
}
