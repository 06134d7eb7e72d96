// SPDX-License-Identifier: EUPL-1.2

internal import Crypto
internal import DurableFiles
public import Time

/// A signature and the key that made it.
public struct KeySignature: Sendable, Hashable {
    /// The key.
    public let key: KeyRecord
    /// ASN.1 DER for ECDSA, 64 bytes for Ed25519.
    public let bytes: [UInt8]

    /// Names a signature.
    public init(key: KeyRecord, bytes: [UInt8]) {
        self.key = key
        self.bytes = bytes
    }
}

/// Who signs: another process of this node, or in tests a store in this one.
public protocol Signer: Sendable {
    /// Signs each of several byte strings with the key of a role that signs now.
    ///
    /// For ``KeyRole/openPGP`` the bytes are what OpenPGP hashes with SHA-512; the signature is over that hash.
    func sign(_ messages: [[UInt8]], as role: KeyRole) async throws(KeysError) -> [KeySignature]

    /// All keys, the oldest first, also those that sign no more.
    func keys() async throws(KeysError) -> [KeyRecord]
}

extension Signer {
    /// Signs one byte string.
    public func sign(_ message: [UInt8], as role: KeyRole) async throws(KeysError) -> KeySignature {
        guard let signature = try await sign([message], as: role).first else {
            throw .signer("it answered without a signature")
        }
        return signature
    }
}

/// Signs with the keys of a store; the one place that reads private keys.
///
/// The store is read anew when its list changed, so that a rotation needs no restart.
final class StoreSigner {
    private let store: KeyStore
    private let clock: WallClock
    private var version: FileStatus?
    private var list: [KeyRecord] = []
    private var open: [String: SigningKey] = [:]

    init(store: KeyStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    func keys() throws(KeysError) -> [KeyRecord] {
        // Every change is a new file under the old name: another inode, or a later time where an inode comes again.
        let current = try store.version()
        if current == nil || current != version {
            list = try store.records()
            open = [:]
            version = current
        }
        return list
    }

    func sign(_ messages: [ArraySlice<UInt8>], as role: KeyRole) throws(KeysError) -> [KeySignature] {
        let now = clock.now()
        guard let record = try keys().last(where: { $0.role == role && $0.state(at: now) == .active }) else {
            throw .noKey(role)
        }
        for message in messages { try role.check(message, by: record.publicKey) }
        let key: SigningKey
        if let known = open[record.id] {
            key = known
        } else {
            key = try store.signingKey(of: record)
            open[record.id] = key
        }
        var signatures: [KeySignature] = []
        for message in messages {
            do {
                // OpenPGP signs the hash of what it is over; hashed here, so that the form can be seen before.
                let bytes =
                    role == .openPGP
                    ? try key.signature(of: SHA512.hash(data: message)) : try key.signature(of: message)
                signatures.append(KeySignature(key: record, bytes: bytes))
            } catch {
                // A token that was taken out is asked anew when it is there again.
                open[record.id] = nil
                throw .signer("the key \(record.id) does not sign: \(error)")
            }
        }
        return signatures
    }
}

/// Signs in this process, for tests and for verbs that hold the keys anyway.
public actor LocalSigner: Signer {
    private let signer: StoreSigner

    /// Signs with the keys of a store.
    public init(store: KeyStore, clock: WallClock = .system) { signer = StoreSigner(store: store, clock: clock) }

    /// Signs each of several byte strings.
    public func sign(_ messages: [[UInt8]], as role: KeyRole) async throws(KeysError) -> [KeySignature] {
        try signer.sign(messages.map { $0[...] }, as: role)
    }

    /// All keys, the oldest first.
    public func keys() async throws(KeysError) -> [KeyRecord] { try signer.keys() }
}
