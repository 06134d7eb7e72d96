// SPDX-License-Identifier: EUPL-1.2

import CConfinement
import Glibc

/// The git program, started so that nothing of the machine's or a repository's settings has a say.
///
/// No system, global or repository configuration, no hooks, no filters, no pager, no prompt, no helper, no objects fetched on demand: only
/// plumbing that reads objects, in a repository whose configuration is our own.
package struct GitProgram: Sendable {
    let path: String
    let limits: GitLimits

    /// Any other program that is to be held to the same bounds.
    package init(path: String, limits: GitLimits) {
        self.path = path
        self.limits = limits
    }

    init(limits: GitLimits) throws(GitError) {
        let candidates = ["/usr/bin/git", "/usr/local/bin/git", "/bin/git"]
        guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else { throw .noProgram }
        path = found
        self.limits = limits
    }

    private static func environment(_ directory: String?, protocols: String) -> [String] {
        (directory.map { ["GIT_DIR=\($0)"] } ?? []) + [
            "PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=/nonexistent", "XDG_CONFIG_HOME=/nonexistent",
            "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_CONFIG_GLOBAL=/dev/null",
            "GIT_ATTR_NOSYSTEM=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0",
            "GIT_OPTIONAL_LOCKS=0", "GIT_ASKPASS=/bin/false", "SSH_ASKPASS=/bin/false", "GIT_PAGER=cat",
            "GIT_ALLOW_PROTOCOL=\(protocols)", "GIT_SSH_COMMAND=/bin/false",
        ]
    }

    /// Runs git in a directory of our own and hands over what it prints, piece by piece.
    ///
    /// - Parameters:
    ///   - directory: the repository; nil where the call makes one.
    ///   - protocols: what it may speak, such as `https`; "none" for nothing.
    ///   - isTooMuch: asked now and then, ends the call.
    ///   - piece: takes what is printed; false ends the call without an error.
    func run(
        _ arguments: [String],
        in directory: String?,
        what: String,
        input: [UInt8] = [],
        protocols: String = "none",
        isTooMuch: () -> Bool = { false },
        piece: ([UInt8]) throws(GitError) -> Bool
    ) throws(GitError) {
        try run(
            ["git"] + arguments,
            environment: Self.environment(directory, protocols: protocols),
            what: what,
            input: input,
            isTooMuch: isTooMuch,
            piece: piece
        )
    }

    /// Runs the program and hands over what it prints, piece by piece.
    ///
    /// - Parameters:
    ///   - arguments: with the name of the program before them.
    ///   - isTooMuch: asked now and then, ends the call.
    ///   - piece: takes what is printed; false ends the call without an error.
    package func run(
        _ arguments: [String],
        environment: [String],
        what: String,
        input: [UInt8] = [],
        isTooMuch: () -> Bool = { false },
        piece: ([UInt8]) throws(GitError) -> Bool
    ) throws(GitError) {
        let child = try start(arguments, environment, input)
        defer {
            close(child.output)
            close(child.errors)
        }
        var tail: [UInt8] = []
        var isDone = false
        do throws(GitError) {
            isDone = try watch(child, what: what, &tail, isTooMuch, piece)
        } catch {
            end(child.process)
            throw error
        }
        if isDone {
            end(child.process)
            return
        }
        var status: Int32 = 0
        while waitpid(child.process, &status, 0) < 0, errno == EINTR {}
        var value: Int32 = 0
        let bySignal = kontor_wait_status(status, &value) == 1
        guard !bySignal, value == 0 else {
            let text = String(decoding: tail, as: UTF8.self).unicodeScalars.map {
                $0.value < 0x20 ? " " : Character($0)
            }
            throw .failed(what: what, reason: String(String(text).suffix(400)))
        }
    }

    /// Runs git and returns everything that it prints.
    func output(_ arguments: [String], in directory: String, what: String, limit: Int) throws(GitError) -> [UInt8] {
        var bytes: [UInt8] = []
        try run(arguments, in: directory, what: what) { (piece) throws(GitError) in
            guard bytes.count + piece.count <= limit else { throw GitError.limit(what: what, limit: "\(limit) bytes") }
            bytes.append(contentsOf: piece)
            return true
        }
        return bytes
    }

    // MARK: - The child

    private struct Child {
        var process: pid_t
        var output: Int32
        var errors: Int32
    }

    private func start(_ arguments: [String], _ environment: [String], _ input: [UInt8]) throws(GitError) -> Child {
        var output: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        let memory = input.withUnsafeBytes { kontor_memory_file($0.baseAddress, $0.count) }
        guard memory >= 0, kontor_pipe(&output) == 0, kontor_pipe(&errors) == 0 else {
            let reason = String(cString: strerror(errno))
            for descriptor in [memory] + output + errors where descriptor >= 0 { close(descriptor) }
            throw .temporary(path: path, reason: reason)
        }
        var process: pid_t = 0
        let numbers = [memory, output[1], errors[1]]
        let result = Self.withStrings(arguments) { arguments in
            Self.withStrings(environment) { environment in
                kontor_spawn(path, arguments, environment, numbers, Int32(numbers.count), &process)
            }
        }
        for descriptor in numbers { close(descriptor) }
        guard result == 0 else {
            close(output[0])
            close(errors[0])
            throw .temporary(path: path, reason: String(cString: strerror(result)))
        }
        return Child(process: process, output: output[0], errors: errors[0])
    }

    /// Reads until both pipes end; true when `piece` wanted no more.
    private func watch(
        _ child: Child,
        what: String,
        _ tail: inout [UInt8],
        _ isTooMuch: () -> Bool,
        _ piece: ([UInt8]) throws(GitError) -> Bool
    ) throws(GitError) -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(limits.seconds)
        var polled = [
            pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.errors, events: Int16(POLLIN), revents: 0),
        ]
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var printed: Int64 = 0
        var looked = clock.now
        while polled[0].fd >= 0 || polled[1].fd >= 0 {
            guard clock.now < deadline else { throw .limit(what: what, limit: "\(limits.seconds) seconds") }
            if clock.now - looked > .milliseconds(200) {
                looked = clock.now
                if isTooMuch() { throw .limit(what: what, limit: "\(limits.copy) bytes on disk") }
            }
            guard poll(&polled, nfds_t(polled.count), 250) > 0 else { continue }
            if polled[0].fd >= 0, polled[0].revents != 0 {
                let count = read(child.output, &buffer, buffer.count)
                if count > 0 {
                    printed += Int64(count)
                    guard printed <= limits.output else { throw .limit(what: what, limit: "\(limits.output) bytes") }
                    if !(try piece(Array(buffer[..<count]))) { return true }
                } else if count == 0 || errno != EINTR {
                    polled[0].fd = -1
                }
            }
            if polled[1].fd >= 0, polled[1].revents != 0 {
                let count = read(child.errors, &buffer, buffer.count)
                if count > 0 {
                    tail.append(contentsOf: buffer[..<count])
                    if tail.count > 4096 { tail.removeFirst(tail.count - 4096) }
                } else if count == 0 || errno != EINTR {
                    polled[1].fd = -1
                }
            }
        }
        return false
    }

    /// Kills the child and what it started, and waits until it is gone.
    private func end(_ process: pid_t) {
        // The child leads a group of its own: helpers that it started end with it.
        kill(-process, SIGKILL)
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    private static func withStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> R)
        -> R
    {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
