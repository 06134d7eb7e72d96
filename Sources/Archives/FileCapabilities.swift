// SPDX-License-Identifier: EUPL-1.2

import CLibArchive

/// Linux file capabilities of files on disk.
public enum FileCapabilities {
    /// The extended attribute that holds them.
    static let attribute = "security.capability"
    /// Bytes of its value that are kept: the longest that the kernel knows, `vfs_ns_cap_data`, has 24.
    static let maximumBytes = 32

    /// Value of `security.capability` of an open file; empty where there is none.
    public static func value(on descriptor: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: maximumBytes)
        let count = fgetxattr(descriptor, attribute, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : []
    }
}
