// SPDX-License-Identifier: EUPL-1.2

/// Why an image has no evidence.
public enum AnalyserError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The child could not be started at all.
    case cannotStart(String)
    /// The child could not confine itself and therefore read nothing.
    case notConfined(String)
    /// The child read the image and says what is wrong with it.
    case image(String)
    /// The child was ended by a signal: it crashed, or passed a limit of the kernel.
    case signal(Int32, log: String)
    /// The child ended with a code that is not 0, without an answer.
    case exit(Int32, log: String)
    /// The child took too long and was killed.
    case timedOut(Duration)
    /// The child's answer passed the limit and the child was killed.
    case outputTooLarge(limit: Int)
    /// The child's answer is cut off or not what it should be.
    case badAnswer(String)
    /// Whoever asked does not wait any more; the child was killed.
    case cancelled

    /// Whether another attempt with the same image can end otherwise.
    public var isRetryable: Bool {
        switch self {
        case .cannotStart, .signal, .exit, .timedOut, .badAnswer, .cancelled: true
        case .notConfined, .image, .outputTooLarge: false
        }
    }

    /// What happened, in one English sentence without a full stop.
    public var description: String {
        switch self {
        case .cannotStart(let reason): "the analyser could not be started: \(reason)"
        case .notConfined(let reason):
            "the analyser refused to read the image because it could not confine itself (\(reason)); "
                + "Kontor needs a Linux kernel with seccomp, which a container runtime may have switched off"
        case .image(let reason): reason
        case .signal(let number, let log): "analyser ended by signal \(number)\(Self.meaning(number))\(Self.tail(log))"
        case .exit(let code, let log): "analyser ended with code \(code)\(Self.tail(log))"
        case .timedOut(let limit): "analyser was ended after \(limit.components.seconds) seconds"
        case .outputTooLarge(let limit): "analyser's answer passed \(limit) bytes"
        case .badAnswer(let reason): "analyser's answer cannot be used: \(reason)"
        case .cancelled: "analysis was cancelled"
        }
    }

    private static func meaning(_ number: Int32) -> String {
        switch number {
        case 4, 5, 6, 7, 8, 11: " (it crashed, or passed its memory limit)"
        case 9: " (killed)"
        case 24: " (it passed its CPU limit)"
        case 25: " (it passed its file size limit)"
        case 31: " (it made a forbidden system call)"
        default: ""
        }
    }

    private static func tail(_ log: String) -> String { log.isEmpty ? "" : ": " + log.suffix(300) }
}
