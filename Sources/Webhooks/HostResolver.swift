// SPDX-License-Identifier: EUPL-1.2

import Glibc
internal import NIOPosix
import Synchronization

/// Where the addresses of a name come from: the system, or a test.
public struct HostResolver: Sendable {
    /// The addresses of a name, in the order in which they are to be tried.
    public var addresses: @Sendable (String) async throws -> [IPAddress]

    /// Makes a resolver from a function.
    public init(_ addresses: @escaping @Sendable (String) async throws -> [IPAddress]) { self.addresses = addresses }

    /// The system's, with two threads of its own, which end when the last copy of the value is gone.
    ///
    /// A name server that is slow holds only these, not those that read files.
    public static func system() -> HostResolver {
        let lookups = SystemLookups()
        return HostResolver { try await lookups.addresses(of: $0) }
    }
}

/// Why a name has no addresses.
struct ResolutionError: Error, CustomStringConvertible {
    let description: String
}

/// Lookups by `getaddrinfo`, which blocks for as long as it likes.
private final class SystemLookups: Sendable {
    private static let maximumWaiting = 64
    private static let maximumAddresses = 64

    private let pool = NIOThreadPool(numberOfThreads: 2)
    /// How many have not ended; owner: this.
    private let waiting = Mutex(0)

    init() { pool.start() }

    deinit { pool.shutdownGracefully { _ in } }

    func addresses(of name: String) async throws -> [IPAddress] {
        let hasRoom = waiting.withLock { count in
            guard count < Self.maximumWaiting else { return false }
            count += 1
            return true
        }
        guard hasRoom else { throw ResolutionError(description: "\(Self.maximumWaiting) lookups have not ended") }
        defer { waiting.withLock { $0 -= 1 } }
        return try await pool.runIfActive { try Self.lookUp(name) }
    }

    private static func lookUp(_ name: String) throws -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &first)
        guard code == 0 else { throw ResolutionError(description: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(first) }
        var found: [IPAddress] = []
        var next = first
        while let entry = next?.pointee, found.count < maximumAddresses {
            next = entry.ai_next
            guard let pointer = entry.ai_addr else { continue }
            let raw = UnsafeRawBufferPointer(start: UnsafeRawPointer(pointer), count: Int(entry.ai_addrlen))
            // Behind family and port: the address itself, for IPv6 after the flow label.
            let bytes: ArraySlice<UInt8>
            switch Int32(entry.ai_family) {
            case AF_INET where raw.count >= 8: bytes = Array(raw)[4..<8]
            case AF_INET6 where raw.count >= 24: bytes = Array(raw)[8..<24]
            default: continue
            }
            if let address = IPAddress(bytes: Array(bytes)), !found.contains(address) { found.append(address) }
        }
        return found
    }
}
