// SPDX-License-Identifier: EUPL-1.2

/// Why a text is not a policy: where, what should be there, and what is there.
public struct PolicyReadError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Path from the root, such as `retention[0].keep[1].newest`; empty for the whole.
    public let path: String
    /// Line of a YAML text, counted from 1; nil for JSON and for the whole.
    public var line: Int?
    /// What should be there.
    public let expected: String
    /// What is there; bounded.
    public let found: String

    /// Makes an error.
    public init(path: String, line: Int? = nil, expected: String, found: String) {
        self.path = path
        self.line = line
        self.expected = expected
        self.found = found
    }

    /// Where, what should be there and what is there, in one sentence.
    public var description: String {
        let place = (line.map { " line \($0)" } ?? "") + (path.isEmpty ? "" : " \(path)")
        return "policy\(place): expected \(expected), found \(found)"
    }
}
