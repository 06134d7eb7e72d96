// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// Files below one directory, each of a bounded size.
struct DirectoryFiles {
    private let path: String

    init(_ path: String) { self.path = path }

    /// The bytes of a file; nil when there is none.
    ///
    /// - Throws: ``CommandFailure``; also when the directory itself is missing, which is no finding about a log.
    func file(_ name: String, limit: Int) throws(CommandFailure) -> [UInt8]? {
        guard access("\(path)/\(name)", F_OK) == 0 else {
            let reason = errno
            guard reason == ENOENT || reason == ENOTDIR, access(path, X_OK) == 0 else {
                throw CommandFailure(Texts.cannotRead(path, CommandFailure(String(cString: strerror(reason))).text))
            }
            return nil
        }
        do { return try contents("\(path)/\(name)", limit: limit) } catch {
            throw CommandFailure(Texts.cannotRead("\(path)/\(name)", error.text))
        }
    }
}
