// SPDX-License-Identifier: EUPL-1.2

/// Why an exercise cannot be started, or goes no further.
public enum DemoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The directory holds something else: it is not touched.
    case foreignDirectory(String)
    /// An earlier start was cut off before the exercise was complete.
    case unfinished(String)
    /// What the exercise wrote down about itself cannot be read.
    case damaged(path: String, reason: String)
    /// A part of the making did not do what it always does.
    case failed(what: String, why: String)

    /// The reason in words, and what to do next.
    public var description: String {
        switch self {
        case .foreignDirectory(let path):
            "\(path) holds something else than an exercise (there is no exercise/exercise.json in it); nothing in it was touched. "
                + "Name an empty or a new directory, or leave --data out"
        case .unfinished(let path):
            "the exercise in \(path) was cut off while it was made; remove that directory and start again"
        case .damaged(let path, let reason):
            "\(path): \(reason); remove the exercise's directory and start again"
        case .failed(let what, let why): "\(what): \(why)"
        }
    }
}
