// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// Blocks of RFC 7468: base64 between two lines that say what it is.
enum PEM {
    /// One block, with a line break at its end, as Go's tools write it.
    static func text(_ bytes: [UInt8], _ label: String) -> String {
        let text = Array(Data(bytes).base64EncodedString().utf8)
        let lines = stride(from: 0, to: text.count, by: 64).map { start in
            String(decoding: text[start..<min(start + 64, text.count)], as: UTF8.self)
        }
        return (["-----BEGIN \(label)-----"] + lines + ["-----END \(label)-----"]).joined(separator: "\n") + "\n"
    }

    /// The contents of the blocks of one kind; blocks of another kind are refused, other lines say nothing.
    static func blocks(_ pem: String, _ label: String, atMost limit: Int) throws(CertificateError) -> [[UInt8]] {
        guard pem.utf8.count <= CertificateLimits.pemBytes else { throw .tooLarge(limit: CertificateLimits.pemBytes) }
        var found: [[UInt8]] = []
        var block: String?
        for line in pem.split(whereSeparator: \.isNewline) {
            var line = line
            while let last = line.last, last == " " || last == "\t" { line.removeLast() }
            switch (line, block) {
            case ("-----BEGIN \(label)-----", nil): block = ""
            case ("-----END \(label)-----", let text?):
                guard found.count < limit else { throw .tooMany(limit: limit) }
                guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else {
                    throw .malformed("is not base64")
                }
                found.append([UInt8](data))
                block = nil
            case (_, let text?):
                guard !line.hasPrefix("-") else { throw .malformed("begins a block inside another") }
                block = text + line
            case (_, nil):
                guard !line.hasPrefix("-----BEGIN") else { throw .malformed("holds a block that is no \(label)") }
            }
        }
        guard block == nil else { throw .malformed("ends inside a block") }
        guard !found.isEmpty else { throw .malformed("holds no block -----BEGIN \(label)-----") }
        return found
    }
}

extension Certificate {
    private static let label = "CERTIFICATE"

    /// The certificate in PEM.
    public var pem: String { PEM.text(der, Self.label) }

    /// Reads a text of certificates in PEM, one after the other; at least one.
    public static func list(pem: String, atMost limit: Int) throws(CertificateError) -> [Certificate] {
        var list: [Certificate] = []
        for der in try PEM.blocks(pem, label, atMost: limit) { list.append(try Certificate(der: der)) }
        return list
    }
}

extension CertificateKey {
    private static let label = "PUBLIC KEY"

    /// The key in PEM.
    public var pem: String { PEM.text(spki, Self.label) }

    /// Reads one key in PEM.
    public init(pem: String) throws(CertificateError) {
        try self.init(spki: try PEM.blocks(pem, Self.label, atMost: 1)[0])
    }
}
