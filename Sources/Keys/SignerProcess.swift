// SPDX-License-Identifier: EUPL-1.2

import CConfinement
import Glibc
public import NIOPosix
import Synchronization

/// A signer that a node starts for itself, where the operator runs none under another account.
///
/// It ends when the node does: its one connection closes then. One that has died is started again by the next question, at most once a
/// second.
public final class SignerProcess: Sendable {
    /// Asks it.
    public let client: SignerClient
    private let child: Child

    /// Prepares a signer; the first question starts it.
    ///
    /// - Parameters:
    ///   - executable: the program, started with `signer`.
    ///   - directory: of the keys.
    public init(executable: String, directory: String, threads: NIOThreadPool = .singleton) {
        let child = Child(executable: executable, directory: directory)
        self.child = child
        client = SignerClient(threads: threads) { () throws(KeysError) in try child.start().give() }
    }

    /// Ends the connection, and with it the process; waits for its end.
    public func stop() {
        client.disconnect()
        child.reap()
    }
}

private final class Child: Sendable {
    private struct State {
        var process: pid_t = 0
        var startedAt: ContinuousClock.Instant?
    }

    private let executable: String
    private let directory: String
    // Owner: this mutex.
    private let state = Mutex(State())

    init(executable: String, directory: String) {
        self.executable = executable
        self.directory = directory
    }

    /// Starts the process and returns this end of its socket.
    func start() throws(KeysError) -> LocalSocket {
        let result = state.withLock { state in Result { () throws(KeysError) in try start(&state) } }
        return try result.get()
    }

    func reap() {
        state.withLock { state in
            guard state.process > 0 else { return }
            var status: Int32 = 0
            while waitpid(state.process, &status, 0) < 0, errno == EINTR {}
            state.process = 0
        }
    }

    private func start(_ state: inout State) throws(KeysError) -> LocalSocket {
        if state.process > 0 {
            // Its connection is gone: it ends by itself, or hangs and is ended.
            kill(state.process, SIGKILL)
            var status: Int32 = 0
            while waitpid(state.process, &status, 0) < 0, errno == EINTR {}
            state.process = 0
        }
        if let last = state.startedAt, ContinuousClock.now - last < .seconds(1) {
            throw .signer("it ended at once; the node's log says why, and the next question starts it again")
        }
        let (own, other) = try LocalSocket.pair()
        let nothing = kontor_memory_file("", 0)
        guard nothing >= 0 else { throw .signer("cannot be started: \(String(cString: strerror(errno)))") }
        defer { close(nothing) }
        let arguments = [executable, "signer", "--keys", directory, "--descriptor", "3"]
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        let descriptors = [nothing, 2, 2, other.number]
        var process: pid_t = 0
        let failure = kontor_spawn(executable, &pointers, &environment, descriptors, Int32(descriptors.count), &process)
        guard failure == 0 else { throw .signer("cannot start \(executable): \(String(cString: strerror(failure)))") }
        state.process = process
        state.startedAt = .now
        return own
    }
}
