// SPDX-License-Identifier: EUPL-1.2

import CConfinement
import Glibc

/// What tests make a confined child do, to see that it cannot, or that the parent survives it.
///
/// Works only under an environment variable that ``Analyser`` sets when a test asks for it: nobody who sends an image sets it.
enum AnalyserExercise {
    static let variable = "KONTOR_ANALYSER_EXERCISE"

    static func run(_ name: String) {
        guard getenv(variable) != nil else { return }
        switch name {
        case "trap": kontor_trap()
        case "spin":
            // Something that the optimiser cannot prove to be without effect.
            while getppid() >= 0 {}
        case "sleep": while true { sleep(60) }
        case "allocate": allocate()
        case "truncate": finish(#"{"evidence":{"#)
        case "nothing": finish("")
        case "flood": while true { write("                                ") }
        case "complain":
            _ = Array("something \u{1b}[31mred\n".utf8).withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
            exit(7)
        case "reach": reach()
        default: finish(#"{"error":{"code":"image","message":"unknown exercise"}}"#)
        }
    }

    private static func allocate() {
        var kept: [[UInt8]] = []
        while true { kept.append([UInt8](repeating: UInt8(kept.count & 0xff), count: 16 << 20)) }
    }

    /// Tries everything that is forbidden and reports what came of it.
    private static func reach() {
        var results: [String] = []
        func attempt(_ name: String, _ call: () -> Int32) {
            errno = 0
            let result = call()
            results.append("\(name)=\(result < 0 ? "\(errno)" : "ok")")
        }
        attempt("read") { open("/etc/passwd", O_RDONLY) }
        attempt("write") { open("/tmp/kontor-escape", O_WRONLY | O_CREAT, 0o600) }
        attempt("list") { opendir("/").map { _ in 0 } ?? -1 }
        attempt("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        attempt("unix") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }
        attempt("signal") { kill(getppid(), SIGTERM) }
        attempt("unlink") { unlink("/tmp/kontor-nothing") }
        attempt("chmod") { chmod("/tmp", 0o777) }
        attempt("exec") {
            var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
            return execv("/bin/true", &arguments)
        }
        attempt("spawn") {
            var child: pid_t = 0
            var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
            let result = posix_spawn(&child, "/bin/true", nil, nil, &arguments, nil)
            errno = result
            return result == 0 ? 0 : -1
        }
        attempt("executable memory") {
            mmap(nil, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, Int32(MAP_PRIVATE | MAP_ANONYMOUS), -1, 0) == MAP_FAILED
                ? -1 : 0
        }
        attempt("raise limit") {
            var limit = rlimit(rlim_cur: 1 << 40, rlim_max: 1 << 40)
            return setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
        }
        attempt("thread") {
            var thread = pthread_t()
            let result = pthread_create(&thread, nil, { $0 }, nil)
            if result == 0 { pthread_join(thread, nil) }
            return result == 0 ? 0 : -1
        }
        finish(#"{"error":{"code":"image","message":""# + results.joined(separator: " ") + #""}}"#)
    }

    private static func finish(_ text: String) {
        write(text)
        exit(0)
    }

    private static func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
    }
}
