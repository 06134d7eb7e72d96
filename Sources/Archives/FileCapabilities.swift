// SPDX-License-Identifier: EUPL-1.2

import CLibArchive

/// Linux file capabilities of files on disk.
public enum FileCapabilities {
    /// Whether an open file has `security.capability` set.
    public static func areSet(on descriptor: Int32) -> Bool {
        fgetxattr(descriptor, "security.capability", nil, 0) > 0
    }
}
