// SPDX-License-Identifier: EUPL-1.2

public import DurableFiles

/// Why a key cannot be used, with what to do about it.
public enum KeysError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file operation that the system refused.
    case file(FileError)
    /// A private key that others could read.
    case exposed(path: String, mode: UInt32)
    /// A key file or the list of keys that is not what this room writes.
    case damaged(path: String, reason: String)
    /// No key of the role signs now.
    case noKey(KeyRole)
    /// No key has this identifier.
    case unknownKey(String)
    /// The state of a key does not allow this.
    case state(key: String, reason: String)
    /// A token, or the library that speaks to it, does not do what is needed.
    case token(place: String, reason: String)
    /// Bytes that a key of this role does not sign.
    case refused(role: KeyRole, reason: String)
    /// The signer cannot be reached, or answered nonsense.
    case signer(String)
    /// The signer refused, in its own words.
    case answered(String)

    /// One sentence in English: what, where, why, what next.
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .exposed(let path, let mode):
            "\(path) may be read by others (mode \(String(mode, radix: 8))); make it 0600, and replace the key if anybody may have read it"
        case .damaged(let path, let reason): "\(path): \(reason); restore it from a backup of the keys"
        case .noKey(let role):
            "no key of the role \(role.rawValue) signs now; make one with kontor keys rotate \(role.rawValue)"
        case .unknownKey(let key): "no key has the identifier \(key); kontor keys list names them all"
        case .state(let key, let reason): "key \(key): \(reason)"
        case .token(let place, let reason): "\(place): \(reason)"
        case .refused(let role, let reason): "a key of the role \(role.rawValue) does not sign this: \(reason)"
        case .signer(let reason): "the signer: \(reason)"
        case .answered(let reason): reason
        }
    }
}
