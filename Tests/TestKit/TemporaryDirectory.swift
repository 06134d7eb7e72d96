// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// A directory of its own for one test; gone when ``remove()`` runs or the value's last owner lets go.
public final class TemporaryDirectory: Sendable {
    /// Absolute path without a trailing slash.
    public let path: String

    /// Creates an empty directory below the system's temporary directory.
    public init(_ label: String = "kontor-test") throws {
        let base = FileManager.default.temporaryDirectory.path
        let name = "\(label)-\(UInt64.random(in: .min ... .max))"
        path = (base.hasSuffix("/") ? base : base + "/") + name
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { remove() }

    /// Path of something inside.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file inside, with its parents, and returns its path.
    @discardableResult
    public func write(_ bytes: [UInt8], to name: String) throws -> String {
        let target = file(name)
        if let slash = target.lastIndex(of: "/") {
            try FileManager.default.createDirectory(atPath: String(target[..<slash]), withIntermediateDirectories: true)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: target))
        return target
    }

    /// Removes the directory and all in it; safe to call twice.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }
}
