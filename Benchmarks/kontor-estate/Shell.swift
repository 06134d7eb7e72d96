// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// Says something on standard error.
func complain(_ text: String) {
    let line = Array("kontor-estate: \(text)\n".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

/// What a program printed; nil where it is not there or failed.
func output(of program: String, _ arguments: [String]) -> String? {
    var pipes: [Int32] = [0, 0]
    guard pipe(&pipes) == 0 else { return nil }
    defer { close(pipes[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
    posix_spawn_file_actions_addclose(&actions, pipes[0])
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var child: pid_t = 0
    let result = posix_spawnp(&child, program, &actions, nil, words, environ)
    close(pipes[1])
    guard result == 0 else { return nil }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(pipes[0], &buffer, buffer.count)
        guard count > 0 else { break }
        bytes += buffer.prefix(count)
    }
    var status: Int32 = 0
    waitpid(child, &status, 0)
    return status == 0 ? String(decoding: bytes, as: UTF8.self) : nil
}

/// Bytes that files below a folder have and that they take, as `du` counts them.
func size(of path: String) -> (bytes: Double, allocated: Double)? {
    func du(_ options: [String]) -> Double? {
        output(of: "du", options + [path])?.split(separator: "\t").first.flatMap { Double($0) }
    }
    guard let bytes = du(["-sb"]), let allocated = du(["-s", "--block-size=1"]) else { return nil }
    return (bytes, allocated)
}
