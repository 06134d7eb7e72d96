// SPDX-License-Identifier: EUPL-1.2

import CConfinement
import Glibc

/// One end of a local stream socket; closed when the last reference goes.
///
/// Every call blocks the thread it is made on.
final class LocalSocket: Sendable {
    let number: Int32

    init(taking number: Int32) { self.number = number }

    deinit { close(number) }

    /// A second descriptor of this end, for somebody else to own.
    func give() throws(KeysError) -> Int32 {
        let other = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard other >= 0 else { throw Self.failure("no descriptor") }
        return other
    }

    /// Two connected ends.
    static func pair() throws(KeysError) -> (LocalSocket, LocalSocket) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw failure("no pair of sockets")
        }
        return (LocalSocket(taking: ends[0]), LocalSocket(taking: ends[1]))
    }

    /// Connects to a signer that listens at a path.
    static func connect(to path: String) throws(KeysError) -> LocalSocket {
        let end = try make()
        guard try withAddress(path, { Glibc.connect(end.number, $0, $1) }) == 0 else {
            throw failure("nobody answers at \(path)")
        }
        return end
    }

    /// Listens at a path, which must be free or be the socket of a signer that is gone.
    static func listen(at path: String) throws(KeysError) -> LocalSocket {
        let end = try make()
        var isBound = try withAddress(path, { bind(end.number, $0, $1) }) == 0
        if !isBound, errno == EADDRINUSE, (try? connect(to: path)) == nil {
            var status = stat()
            if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK, unlink(path) == 0 {
                isBound = try withAddress(path, { bind(end.number, $0, $1) }) == 0
            }
        }
        guard isBound else { throw failure("cannot listen at \(path)") }
        // Who may ask is decided by the kernel's word about the caller, not by the mode of the path.
        guard chmod(path, 0o666) == 0, Glibc.listen(end.number, 64) == 0 else {
            throw failure("cannot listen at \(path)")
        }
        return end
    }

    /// Waits for the next caller.
    func accept() throws(KeysError) -> LocalSocket {
        while true {
            let end = Glibc.accept(number, nil, nil)
            if end >= 0 {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                return LocalSocket(taking: end)
            }
            guard errno == EINTR || errno == ECONNABORTED else { throw Self.failure("no caller is taken") }
        }
    }

    /// The account of the process at the other end, by the kernel's word.
    func peer() throws(KeysError) -> UInt32 {
        var user: uid_t = 0
        guard kontor_peer(number, &user) == 0 else { throw Self.failure("the caller is not known") }
        return user
    }

    /// Ends all reading and writing of the socket, also of another thread that waits in it.
    func end() { _ = shutdown(number, Int32(SHUT_RDWR)) }

    /// Bounds how long one call to read or write waits; 0 sets no bound.
    private func setTimeout(seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        _ = setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        _ = setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }

    func write(_ bytes: [UInt8]) throws(KeysError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                send(number, buffer.baseAddress?.advanced(by: done), buffer.count - done, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure("it does not take the message")
            }
            done += count
        }
    }

    /// The next message without its length; nil when the other end has closed.
    func message() throws(KeysError) -> [UInt8]? {
        setTimeout(seconds: 0)
        guard let head = try read(4), let size = SignerMessage.integer(head[...]) else { return nil }
        setTimeout(seconds: 10)
        guard size <= SignerMessage.maximum else { throw .signer("a message of \(size) bytes") }
        guard let body = try read(Int(size)) else { throw .signer("a message that ends early") }
        return body
    }

    private func read(_ count: Int) throws(KeysError) -> [UInt8]? {
        var bytes: [UInt8] = []
        // Room for what has come, not for what a caller says will come.
        var buffer = [UInt8](repeating: 0, count: min(max(count, 1), 1 << 16))
        while bytes.count < count {
            let got = recv(number, &buffer, min(buffer.count, count - bytes.count), 0)
            if got < 0 {
                if errno == EINTR { continue }
                throw Self.failure("it does not answer")
            }
            if got == 0 { return bytes.isEmpty ? nil : bytes }
            bytes += buffer[..<got]
        }
        return bytes
    }

    private static func make() throws(KeysError) -> LocalSocket {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw failure("no socket") }
        return LocalSocket(taking: number)
    }

    private static func withAddress(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(KeysError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard !bytes.isEmpty, bytes.count < room, !bytes.contains(0) else {
            throw .signer("the path of a socket has 1 to \(room - 1) bytes: \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func failure(_ what: String) -> KeysError {
        .signer("\(what): \(String(cString: strerror(errno)))")
    }
}
