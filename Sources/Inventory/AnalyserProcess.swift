// SPDX-License-Identifier: EUPL-1.2

import CConfinement
import Glibc
import ImageSources

/// One child from its start to the moment it is reaped, on one thread.
///
/// The thread must be the one that starts the child: the kernel kills the child when that thread ends, not when the process does.
enum AnalyserProcess {
    /// Runs the child and returns what it wrote to standard output.
    ///
    /// - Parameter descriptors: become numbers 3, 4, … in the child.
    static func run(
        executable: String,
        arguments: [String],
        environment: [String],
        job: [UInt8],
        descriptors: [Int32],
        limits: AnalyserLimits,
        stop: StopSignal,
        log: @Sendable (String) -> Void
    ) throws(AnalyserError) -> [UInt8] {
        let input: OpenDescriptor
        var output: Pipe
        var errors: Pipe
        do {
            input = try .memory(job)
            output = try Pipe()
            errors = try Pipe()
        } catch {
            throw .cannotStart(error.text)
        }
        var process: pid_t = 0
        let numbers = [input.number, output.writingNumber, errors.writingNumber] + descriptors
        let result = withStrings(arguments) { arguments in
            withStrings(environment) { environment in
                kontor_spawn(executable, arguments, environment, numbers, Int32(numbers.count), &process)
            }
        }
        withExtendedLifetime(input) {}
        guard result == 0 else { throw .cannotStart("\(executable): \(SystemError(result).text)") }
        // Only the child may hold the writing ends, or the end of its output would never be seen.
        let readOutput = output.closeWriting()
        let readErrors = errors.closeWriting()
        var supervision = Supervision(limits: limits, output: readOutput, errors: readErrors, stop: stop.reading)
        let ending = supervision.watch(process)
        let tail = supervision.errorTail
        if !tail.isEmpty { log("analyser: " + tail) }
        switch ending {
        case .cancelled: throw .cancelled
        case .timedOut: throw .timedOut(limits.wallClock)
        case .outputTooLarge: throw .outputTooLarge(limit: limits.output)
        case .signal(let number): throw .signal(number, log: tail)
        case .exited(let code):
            guard code == 0 else { throw .exit(code, log: tail) }
            return supervision.collected
        }
    }

    private struct Pipe {
        let reading: OpenDescriptor
        private var writing: OpenDescriptor?

        var writingNumber: Int32 { writing?.number ?? -1 }

        init() throws(SystemError) {
            var ends: [Int32] = [-1, -1]
            guard kontor_pipe(&ends) == 0 else { throw SystemError(errno) }
            reading = OpenDescriptor(taking: ends[0])
            writing = OpenDescriptor(taking: ends[1])
        }

        /// Lets go of the writing end and returns the reading end.
        mutating func closeWriting() -> OpenDescriptor {
            writing = nil
            return reading
        }
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

/// How a child ended, or was ended.
private enum Ending {
    case exited(Int32), signal(Int32), timedOut, outputTooLarge, cancelled
}

/// Reads what a child writes, within bounds, until it ends or must end.
private struct Supervision {
    let limits: AnalyserLimits
    let output: OpenDescriptor
    let errors: OpenDescriptor
    let stop: Int32
    var collected: [UInt8] = []
    private var errorBytes: [UInt8] = []

    init(limits: AnalyserLimits, output: OpenDescriptor, errors: OpenDescriptor, stop: Int32) {
        self.limits = limits
        self.output = output
        self.errors = errors
        self.stop = stop
    }

    /// The last lines of standard error, fit for a log.
    var errorTail: String {
        let text = String(decoding: errorBytes, as: UTF8.self)
        var clean = String(
            text.unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? " " : Character($0) }
        )
        while clean.last == " " { clean.removeLast() }
        return clean
    }

    mutating func watch(_ process: pid_t) -> Ending {
        let clock = ContinuousClock()
        let deadline = clock.now + limits.wallClock
        var polled = [
            pollfd(fd: output.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
        ]
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var wait: Int32 = 1
        while true {
            let bothEnded = polled[0].fd < 0 && polled[1].fd < 0
            if bothEnded {
                var status: Int32 = 0
                let reaped = waitpid(process, &status, WNOHANG)
                if reaped == process { return ending(status) }
                if reaped < 0, errno != EINTR { return .exited(255) }
            }
            let left = deadline - clock.now
            guard left > .zero else { return end(process, .timedOut) }
            // With both pipes at their end the child is about to be gone; look again soon, then less often.
            let milliseconds = bothEnded ? wait : Int32(clamping: left.components.seconds &* 1000 + 1000)
            if bothEnded { wait = min(wait * 2, 100) }
            guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { continue }
            if polled[2].revents != 0 { return end(process, .cancelled) }
            if polled[0].fd >= 0, polled[0].revents != 0 {
                let count = read(output.number, &buffer, buffer.count)
                if count > 0 {
                    guard collected.count + count <= limits.output else { return end(process, .outputTooLarge) }
                    collected.append(contentsOf: buffer[..<count])
                } else if count == 0 || errno != EINTR {
                    polled[0].fd = -1
                }
            }
            if polled[1].fd >= 0, polled[1].revents != 0 {
                let count = read(errors.number, &buffer, buffer.count)
                if count > 0 {
                    errorBytes.append(contentsOf: buffer[..<count])
                    if errorBytes.count > limits.errorOutput {
                        errorBytes.removeFirst(errorBytes.count - limits.errorOutput)
                    }
                } else if count == 0 || errno != EINTR {
                    polled[1].fd = -1
                }
            }
        }
    }

    private func ending(_ status: Int32) -> Ending {
        var value: Int32 = 0
        return kontor_wait_status(status, &value) == 1 ? .signal(value) : .exited(value)
    }

    /// Kills the child and waits until it is gone; SIGKILL cannot be held up, so this ends.
    private func end(_ process: pid_t, _ ending: Ending) -> Ending {
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return ending
    }
}

/// Runs blocking work on a thread of its own; nil when there is no thread to be had.
///
/// Not on a shared pool: an analysis may take minutes, and the pool's threads read files for everybody else.
func onOwnThread<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T? {
    await withCheckedContinuation { (continuation: CheckedContinuation<T?, Never>) in
        let work = ThreadWork { continuation.resume(returning: body()) }
        let retained = Unmanaged.passRetained(work)
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            },
            retained.toOpaque()
        )
        if result == 0 {
            pthread_detach(thread)
        } else {
            retained.release()
            continuation.resume(returning: nil)
        }
    }
}

private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
