// SPDX-License-Identifier: EUPL-1.2

internal import DurableFiles
internal import Time

extension KeyStore {
    /// Longest PIN, in bytes.
    private static let maximumPIN = 256

    /// Lets a key in a token sign for a role; the present key signs until then.
    ///
    /// The key has to show that it can: it signs something that no protocol knows, and the signature is verified.
    ///
    /// - Parameters:
    ///   - generates: has the token make the key first; else it is there already.
    ///   - overlap: how long the key is only announced, so that others can learn it before it signs.
    public func adopt(
        _ role: KeyRole,
        in location: TokenLocation,
        generates: Bool = false,
        overlap: Duration = .zero
    ) throws(KeysError) -> KeyRecord {
        try location.check()
        let pin = try pin(of: location)
        return try rotate(role, overlap: overlap) { start, now throws(KeysError) in
            if generates { try TokenKey.generate(location, pin: pin, algorithm: role.algorithm) }
            let key = try TokenKey(location, pin: pin, algorithm: role.algorithm)
            _ = try key.signature(of: Array("kontor: this key is in a token\n".utf8))
            return KeyRecord(
                role: role,
                algorithm: role.algorithm,
                publicKey: key.publicKey,
                created: now,
                signsFrom: start,
                token: location
            )
        }
    }

    /// The key of a record, in its token.
    func tokenKey(_ location: TokenLocation, of record: KeyRecord) throws(KeysError) -> TokenKey {
        try location.check()
        let key = try TokenKey(location, pin: try pin(of: location), algorithm: record.algorithm)
        guard key.publicKey == record.publicKey else {
            throw .token(place: location.text, reason: "it is another key than the list of keys says")
        }
        return key
    }

    private func pin(of location: TokenLocation) throws(KeysError) -> [UInt8] {
        let path = location.pinFile
        guard let status = try Self.file({ () throws(FileError) in try files.statusAt(path) }) else {
            throw .token(place: location.text, reason: "its PIN file \(path) is missing")
        }
        guard status.kind == .file else { throw .token(place: location.text, reason: "\(path) is no regular file") }
        guard status.mode & 0o077 == 0 else { throw .exposed(path: path, mode: status.mode & 0o777) }
        var pin = try Self.file { () throws(FileError) in try files.contents(of: path, limit: Self.maximumPIN) } ?? []
        while let last = pin.last, last == 0x0A || last == 0x0D { pin.removeLast() }
        guard !pin.isEmpty else { throw .token(place: location.text, reason: "its PIN file \(path) is empty") }
        return pin
    }
}
