// SPDX-License-Identifier: EUPL-1.2

import CConfinement
import Glibc
import Synchronization
public import Time

/// The process that holds the private keys: answers over a local socket, and nothing else.
///
/// A caller that stops in the middle of a message is let go after ten seconds.
public struct SignerServer: Sendable {
    private let store: KeyStore
    private let clock: WallClock
    private let allowed: Set<UInt32>
    private let log: @Sendable (String) -> Void

    /// A signer for a store.
    ///
    /// - Parameters:
    ///   - allowed: accounts that may ask, beside the signer's own.
    ///   - log: takes one line for each caller that is refused and each error.
    public init(
        store: KeyStore,
        allowed: Set<UInt32> = [],
        clock: WallClock = .system,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.allowed = allowed.union([getuid()])
        self.clock = clock
        self.log = log
    }

    /// Makes this process's memory unreadable for other processes of the same account, and its keys no part of a core dump or of swap.
    ///
    /// - Returns: what could not be done, in words.
    public static func hideMemory() -> [String] {
        let failed = Int(kontor_hide_memory())
        let problems = [
            (1, "others of its account may read its memory"), (2, "a crash may leave a core dump"),
            (4, "its memory may be swapped out"),
        ]
        return problems.filter { failed & $0.0 != 0 }.map(\.1)
    }

    /// Serves callers at a path until the process ends.
    public func serve(at path: String, onReady: () -> Void) throws(KeysError) {
        let listening = try LocalSocket.listen(at: path)
        onReady()
        let shared = SharedSigner(store: store, clock: clock)
        while true {
            let caller = try listening.accept()
            let hasThread = onNewThread { serve(caller) { shared.answer($0) } }
            if !hasThread { log("a caller was turned away: the system gives no thread") }
        }
    }

    /// Serves the one caller at a descriptor until it closes.
    public func serve(descriptor: Int32) {
        let shared = SharedSigner(store: store, clock: clock)
        serve(LocalSocket(taking: descriptor)) { shared.answer($0) }
    }

    private func serve(_ caller: LocalSocket, _ answer: ([UInt8]) -> [UInt8]) {
        do {
            let user = try caller.peer()
            guard allowed.contains(user) else {
                log("a process of the account \(user) was refused; --allow-uid \(user) would let it ask")
                try caller.write(SignerMessage.encode(.signer("the account \(user) may not ask")))
                return
            }
            while let message = try caller.message() { try caller.write(answer(message)) }
        } catch { log("a caller was let go: \(error)") }
    }
}

/// The signer behind all callers, one request at a time.
private final class SharedSigner: Sendable {
    // Owner: this mutex.
    private let signer: Mutex<StoreSigner>

    init(store: KeyStore, clock: WallClock) { signer = Mutex(StoreSigner(store: store, clock: clock)) }

    func answer(_ message: [UInt8]) -> [UInt8] {
        signer.withLock { signer in
            do throws(KeysError) {
                switch try SignerMessage.request(message) {
                case .keys: return SignerMessage.encode(keys: try signer.keys())
                case .sign(let role, let messages): return SignerMessage.encode(try signer.sign(messages, as: role))
                }
            } catch { return SignerMessage.encode(error) }
        }
    }
}

/// Runs a body on a thread of its own; false when the system gives none.
private func onNewThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    let box = Unmanaged.passRetained(ThreadBody(body))
    var thread = pthread_t()
    let result = pthread_create(
        &thread,
        nil,
        { pointer in
            guard let pointer else { return nil }
            Unmanaged<ThreadBody>.fromOpaque(pointer).takeRetainedValue().body()
            return nil
        },
        box.toOpaque()
    )
    guard result == 0 else {
        box.release()
        return false
    }
    pthread_detach(thread)
    return true
}

private final class ThreadBody: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
