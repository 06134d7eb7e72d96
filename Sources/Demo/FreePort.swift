// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// A port on 127.0.0.1.
///
/// It must be known before the node starts: the links in its letters name it.
enum FreePort {
    /// The one that was asked for, else the one of the last run where nobody has it now, else a free one.
    static func choose(_ wanted: Int?, else last: Int?) throws(DemoError) -> Int {
        if let wanted, wanted != 0 { return wanted }
        if let last, let same = bound(last) { return same }
        guard let free = bound(0) else {
            throw .failed(what: "port", why: "no port of 127.0.0.1 can be had: \(String(cString: strerror(errno)))")
        }
        return free
    }

    /// The port that was bound, and let go again; nil when that fails.
    private static func bound(_ port: Int) -> Int? {
        guard let number = UInt16(exactly: port) else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) == 0 && getsockname(descriptor, raw, &length) == 0
            }
        }
        return isBound ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }
}
