// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// A path from the root, for a path that may begin in the working directory; one that leads nowhere stays as it is.
func absolutePath(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
}
