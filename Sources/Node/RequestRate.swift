// SPDX-License-Identifier: EUPL-1.2

package import NIOCore
import Synchronization

/// How many requests one address may send.
///
/// The generic cell rate algorithm (ITU-T I.371): one instant per address says when its bucket would be empty. Counted by IPv4 address and
/// by /64 of IPv6, which is what one subscriber has. This machine itself is not counted: behind a proxy on it, all are one address.
package final class RequestRate: Sendable {
    /// Addresses that are remembered; those that rest are forgotten.
    private static let maximumAddresses = 100_000

    /// Nanoseconds that one request costs.
    private let cost: UInt64
    /// Nanoseconds that an address may be ahead.
    private let allowance: UInt64
    private let countsLoopback: Bool
    // Owner: this mutex.
    private let empties = Mutex<[UInt64: UInt64]>([:])

    /// Bounds.
    ///
    /// - Parameters:
    ///   - perSecond: requests that an address may go on sending.
    ///   - burst: requests that it may send at once after a rest.
    ///   - countsLoopback: whether this machine is counted too.
    package init(perSecond: Int, burst: Int, countsLoopback: Bool = false) {
        cost = 1_000_000_000 / UInt64(max(1, perSecond))
        allowance = cost * UInt64(max(1, burst))
        self.countsLoopback = countsLoopback
    }

    /// Counts a request.
    ///
    /// - Returns: seconds after which the address may try again; nil when the request is within its bounds.
    package func refuse(_ address: SocketAddress?, at now: UInt64 = NIODeadline.now().uptimeNanoseconds) -> Int? {
        guard let key = address.flatMap(key) else { return nil }
        return empties.withLock { empties in
            let empty = max(empties[key] ?? 0, now) + cost
            guard empty - now <= allowance else {
                return max(1, Int((empty - now - allowance + 999_999_999) / 1_000_000_000))
            }
            if empties.count >= Self.maximumAddresses, empties[key] == nil {
                empties = empties.filter { $0.value > now }
                // All of them busy: whoever has so many addresses is not stopped by counting them.
                if empties.count >= Self.maximumAddresses { empties = [:] }
            }
            empties[key] = empty
            return nil
        }
    }

    /// Addresses that are remembered now.
    package var addresses: Int { empties.withLock { $0.count } }

    private func key(_ address: SocketAddress) -> UInt64? {
        // sockaddr_in has the address after family and port, sockaddr_in6 after the flow label too.
        let (start, length) =
            switch address {
            case .v4: (4, 4)
            case .v6: (8, 16)
            case .unixDomainSocket: (0, 0)
            }
        guard length > 0 else { return nil }
        let bytes = address.withSockAddr { pointer, size in
            Array(UnsafeRawBufferPointer(start: pointer, count: size).dropFirst(start).prefix(length))
        }
        guard bytes.count == length else { return nil }
        if length == 4 { return key(v4: bytes) }
        // ::ffff:a.b.c.d
        if bytes[0..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            return key(v4: bytes[12..<16])
        }
        if !countsLoopback, bytes[0..<15].allSatisfy({ $0 == 0 }), bytes[15] == 1 { return nil }
        return bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// No /64 that is in use begins with 32 zero bits.
    private func key(v4 bytes: some Sequence<UInt8>) -> UInt64? {
        let address = bytes.reduce(0) { $0 << 8 | UInt64($1) }
        return !countsLoopback && address >> 24 == 127 ? nil : address
    }
}
