// SPDX-License-Identifier: EUPL-1.2

import Synchronization

/// Where the node is reached, for addresses that it tells: its setting, else where it listens; never what a request says.
final class OwnAddress: Sendable {
    private let publicURL: String?
    private let host: String
    private let scheme: String
    // Owner: this mutex; known when the node listens.
    private let port = Mutex<Int?>(nil)

    init(_ configuration: NodeConfiguration) {
        publicURL = configuration.publicURL
        host = configuration.host
        scheme = configuration.tls == nil ? "http" : "https"
    }

    func listens(at port: Int) { self.port.withLock { $0 = port } }

    /// Host and port, as they stand in references to images.
    var authority: String? { url.flatMap(Self.authority(of:)) }

    /// Whether it is going to be told, once the node listens.
    var isPending: Bool { publicURL == nil && port.withLock { $0 == nil } && !isEveryInterface }

    /// Host and port of an address; nil when it is none.
    static func authority(of url: String) -> String? {
        guard let start = url.firstRange(of: "://") else { return nil }
        return String(url[start.upperBound...].prefix { $0 != "/" })
    }

    /// Without a trailing slash; nil while it cannot be told: an address that means every interface is none that a client can go to.
    var url: String? {
        if let publicURL { return publicURL }
        guard !isEveryInterface, let port = port.withLock({ $0 }) else { return nil }
        return host.contains(":") && !host.hasPrefix("[")
            ? "\(scheme)://[\(host)]:\(port)" : "\(scheme)://\(host):\(port)"
    }

    private var isEveryInterface: Bool { ["0.0.0.0", "::", "[::]", ""].contains(host) }
}
