// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// What a key of a role signs, by the form of the bytes.
///
/// The signer does not believe its caller: whoever takes over the process that serves HTTP can have statements signed, but no release by
/// the key of verdicts, no checkpoint by the key of releases, and nothing at all that another protocol would take for its own.
extension KeyRole {
    /// Most bytes that are signed at once.
    public static let maximumBytes = 32 << 20

    /// Refuses bytes that a key of this role does not sign.
    ///
    /// - Parameter publicKey: of the key that would sign.
    func check(_ bytes: ArraySlice<UInt8>, by publicKey: [UInt8]) throws(KeysError) {
        guard bytes.count <= Self.maximumBytes else {
            throw .refused(role: self, reason: "it has \(bytes.count) bytes, at most \(Self.maximumBytes) are signed")
        }
        switch self {
        case .release:
            if bytes.starts(with: Self.simpleSigning) { return }
            try checkStatement(bytes)
        case .openPGP:
            guard bytes.starts(with: Self.simpleSigning) || Self.isOwnCertification(bytes, of: publicKey) else {
                throw .refused(role: self, reason: "it is no simple signing document, and no name of this key")
            }
        case .logTimestamps:
            if bytes.starts(with: Array(#"{"body":""#.utf8)) { return }
            try checkNote(bytes)
        case .logNotes: try checkNote(bytes)
        case .provenance, .verdict, .scan, .vex, .audit, .feeds: try checkStatement(bytes)
        }
    }

    /// Types of statements that the role's keys sign; the type's own version follows.
    var predicateTypes: [String] {
        switch self {
        case .release: ["https://sigstore.dev/cosign/sign/v1"]
        case .provenance: ["https://slsa.dev/provenance/v1"]
        case .verdict:
            [
                "https://slsa.dev/verification_summary/v1", "https://in-toto.io/attestation/svr/v0.",
                "https://in-toto.io/attestation/test-result/v0.",
            ]
        case .scan:
            [
                "https://cyclonedx.org/bom", "https://spdx.dev/Document", "https://in-toto.io/attestation/vulns/v0.",
                "https://cosign.sigstore.dev/attestation/vuln/v1",
            ]
        case .vex:
            ["https://openvex.dev/ns", "https://cyclonedx.org/vex", "https://docs.oasis-open.org/csaf/csaf/v2.0"]
        // Their types stand under the node's own address: any but those of the other roles.
        case .audit, .feeds, .logNotes, .logTimestamps, .openPGP: []
        }
    }

    private static let simpleSigning = Array(#"{"critical":{"#.utf8)

    /// What an OpenPGP key signs to give itself a name: its own packet, then the name.
    ///
    /// Source: RFC 9580, section 5.2.4.
    private static func isOwnCertification(_ bytes: ArraySlice<UInt8>, of publicKey: [UInt8]) -> Bool {
        let start = bytes.startIndex
        guard bytes.count > 3, bytes[start] == 0x99 else { return false }
        let length = Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
        let packet = bytes.dropFirst(3).prefix(length)
        // The point is the end of both encodings.
        return packet.count == length && packet.suffix(32).elementsEqual(publicKey.suffix(32))
            && bytes.dropFirst(3 + length).first == 0xB4
    }

    /// An in-toto statement in the encoding that DSSE signs.
    private func checkStatement(_ bytes: ArraySlice<UInt8>) throws(KeysError) {
        guard let body = Self.statement(in: bytes) else {
            throw .refused(role: self, reason: "it is no in-toto statement in DSSE's encoding")
        }
        let type: String
        do {
            type = try JSONFields(try JSONValue(parsing: Array(body))).string("predicateType")
        } catch {
            throw .refused(role: self, reason: "its statement cannot be read: \(error)")
        }
        let own = predicateTypes
        let foreign = own.isEmpty ? Self.allCases.flatMap(\.predicateTypes) : []
        guard own.isEmpty ? !foreign.contains(where: type.hasPrefix) : own.contains(where: type.hasPrefix) else {
            throw .refused(role: self, reason: "statements of the type \(type.prefix(200)) belong to another role")
        }
    }

    /// A checkpoint: origin, size, root hash, and perhaps lines after them.
    private func checkNote(_ bytes: ArraySlice<UInt8>) throws(KeysError) {
        let lines = bytes.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
        guard bytes.count <= 64 << 10, lines.count == 4, !lines[0].isEmpty, bytes.last == 0x0A,
            (1...19).contains(lines[1].count), lines[1].allSatisfy({ (0x30...0x39).contains($0) }),
            lines[2].count == 44, lines[0].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw .refused(role: self, reason: "it is no checkpoint of a log") }
    }

    /// The body of `DSSEv1 28 application/vnd.in-toto+json LENGTH BODY`; nil for anything else.
    private static func statement(in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let start = Array("DSSEv1 28 application/vnd.in-toto+json ".utf8)
        guard bytes.starts(with: start) else { return nil }
        let rest = bytes.dropFirst(start.count)
        guard let space = rest.prefix(12).firstIndex(of: 0x20),
            let length = Int(String(decoding: rest[..<space], as: UTF8.self)), rest[space...].count - 1 == length
        else { return nil }
        return rest[(space + 1)...]
    }
}
