// SPDX-License-Identifier: EUPL-1.2

/// Why a node does not start.
public enum NodeError: Error, Sendable, CustomStringConvertible {
    /// Another process holds the data directory.
    case dataDirectoryInUse(path: String, holder: String?)
    /// The data directory cannot be made or used.
    case dataDirectoryUnusable(path: String, reason: String)
    /// The address cannot be listened at.
    case cannotListen(host: String, port: Int, reason: String)
    /// Certificate or key of the listener cannot be used.
    case certificate(String)
    /// A node for the public lacks pages that its operator has to write.
    case missingPages([String])
    /// The data directory is of an exercise, and nothing would say so.
    case exerciseDirectory(String)

    /// What, where, why, what next.
    public var description: String {
        switch self {
        case .dataDirectoryInUse(let path, let holder):
            "another node\(holder.map { " (process \($0))" } ?? "") already works on \(path); stop it first, or give this one a "
                + "directory of its own with --data"
        case .dataDirectoryUnusable(let path, let reason):
            "the data directory \(path) cannot be used: \(reason)"
        case .certificate(let reason):
            "the certificate of the listener cannot be used: \(reason)"
        case .missingPages(let files):
            "a public node needs imprint, privacy notice and accessibility statement in German and English; write \(files.joined(separator: ", ")) "
                + "(plain text; \"# \" begins a heading, \"- \" a list entry), or start without --public"
        case .exerciseDirectory(let path):
            "\(path) holds an exercise, whose organisations, images and advisories are made up; start it with `kontor demo --data \(path)`"
        case .cannotListen(let host, let port, let reason):
            "cannot listen at \(host):\(port): \(reason); does this machine have that address, and is the port free? choose another with --listen HOST:PORT"
        }
    }
}
