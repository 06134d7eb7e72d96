// SPDX-License-Identifier: EUPL-1.2

internal import FoundationEssentials
import Glibc
internal import JSON
public import NIOPosix
import Synchronization

/// Asks a signer in another process.
public final class SignerClient: Signer {
    /// How far the private keys are from the process that serves HTTP.
    public enum Isolation: Sendable, Hashable {
        /// The signer runs under another account.
        case isolated(account: UInt32)
        /// The signer runs under the node's own account: who takes that over can read the keys.
        case sameAccount
        /// The node runs as root, from whom nothing is hidden.
        case root

        /// Whether another account holds the keys.
        public var isIsolated: Bool { if case .isolated = self { true } else { false } }
    }

    private let connect: @Sendable () throws(KeysError) -> LocalSocket
    private let threads: NIOThreadPool
    // Owner: this mutex; one question at a time, because answers carry no number.
    private let connection: Mutex<LocalSocket?>

    /// Asks the signer that listens at a path.
    ///
    /// - Parameter threads: where the calls wait.
    public convenience init(path: String, threads: NIOThreadPool = .singleton) {
        self.init(threads: threads) { () throws(KeysError) in try LocalSocket.connect(to: path).give() }
    }

    /// Asks whoever holds the other end of the descriptors that a closure makes.
    package init(threads: NIOThreadPool, connect: @escaping @Sendable () throws(KeysError) -> Int32) {
        self.threads = threads
        self.connect = { () throws(KeysError) in LocalSocket(taking: try connect()) }
        connection = Mutex(nil)
    }

    /// Asks for signatures of several byte strings.
    public func sign(_ messages: [[UInt8]], as role: KeyRole) async throws(KeysError) -> [KeySignature] {
        guard !messages.isEmpty else { return [] }
        let answer = try await ask(SignerMessage.encode(sign: messages, as: role))
        do {
            let key = try KeyRecord(json: .object(try answer.object("key").members), path: "$.key")
            let signatures = try answer.strings("signatures").map { text throws(KeysError) in
                guard let bytes = Data(base64Encoded: text) else {
                    throw KeysError.signer("a signature that is not base64")
                }
                return KeySignature(key: key, bytes: Array(bytes))
            }
            guard signatures.count == messages.count, key.role == role else {
                throw KeysError.signer("it answered another question")
            }
            return signatures
        } catch let error as KeysError {
            throw error
        } catch { throw .signer("an answer that cannot be read: \(error)") }
    }

    /// Asks for all keys, the oldest first.
    public func keys() async throws(KeysError) -> [KeyRecord] {
        let answer = try await ask(SignerMessage.encode(["verb": "keys"]))
        do {
            return try answer.array("keys").enumerated().map { try KeyRecord(json: $1, path: "$.keys[\($0)]") }
        } catch { throw .signer("an answer that cannot be read: \(error)") }
    }

    /// How far the keys are from this process, by the kernel's word about the other end.
    public func isolation() async throws(KeysError) -> Isolation {
        let account = try await onThread { connection throws(KeysError) in try connection.peer() }
        if getuid() == 0 { return .root }
        return account == getuid() ? .sameAccount : .isolated(account: account)
    }

    /// Ends the connection; the next question makes a new one.
    package func disconnect() { connection.withLock { $0 = nil } }

    private func ask(_ question: [UInt8]) async throws(KeysError) -> JSONFields {
        try await onThread { connection throws(KeysError) in
            try connection.write(question)
            guard let answer = try connection.message() else { throw KeysError.signer("it closed the connection") }
            return try SignerMessage.answer(answer)
        }
    }

    private func onThread<T: Sendable>(
        _ body: @escaping @Sendable (LocalSocket) throws(KeysError) -> T
    ) async throws(KeysError) -> T {
        let result: Result<T, KeysError>
        do {
            result = try await threads.runIfActive { [self] in
                connection.withLock { open in
                    Result { () throws(KeysError) in try exchange(&open, body) }
                }
            }
        } catch { throw .signer("the node is ending") }
        return try result.get()
    }

    /// One exchange; a connection that a restart of the signer cut is made anew once, because signing twice harms nobody.
    private func exchange<T>(
        _ open: inout LocalSocket?,
        _ body: (LocalSocket) throws(KeysError) -> T
    ) throws(KeysError) -> T {
        if let known = open {
            do throws(KeysError) { return try body(known) } catch {
                guard case .signer = error else { throw error }
                open = nil
            }
        }
        let fresh = try connect()
        let value = try body(fresh)
        open = fresh
        return value
    }
}
