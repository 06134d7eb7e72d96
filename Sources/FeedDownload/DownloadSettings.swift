// SPDX-License-Identifier: EUPL-1.2

/// The bounds of a download, and the way out to the network.
public struct DownloadSettings: Sendable {
    /// The most bytes that one feed may have as it is transferred; an import reads no larger file.
    public var sizeLimit: Int64 = 1 << 30
    /// How often one feed is tried.
    public var attempts = 5
    /// How many feeds are fetched at a time.
    public var parallel = 4
    /// How many redirects are followed.
    public var redirects = 5
    /// How long making a connection may take.
    public var connectTimeout: Duration = .seconds(15)
    /// How long a connection may say nothing.
    public var idleTimeout: Duration = .seconds(60)
    /// How long one attempt may take altogether.
    public var attemptTimeout: Duration = .seconds(3600)
    /// Fewest bytes per second, as an average of the attempt, once it has lasted ``slowAfter``.
    public var slowestRate: Int64 = 1024
    /// From when on an attempt can be too slow.
    public var slowAfter: Duration = .seconds(60)
    /// Longest wait that a publisher may ask for (`Retry-After`); beyond it the feed is left for the next run.
    public var longestWait: Duration = .seconds(300)
    /// Allows plain HTTP to hosts other than this machine.
    public var plainHTTP = false
    /// Which requests go through a proxy.
    public var proxy = ProxyRules()
    /// A PEM file with certificates that are trusted beside the system's; nil: the system's alone.
    public var authoritiesFile: String?

    /// The defaults.
    public init() {}
}
