// SPDX-License-Identifier: EUPL-1.2

public import Hummingbird
public import NIOCore

/// What a request brings along beside its bytes: the connection it came over.
public struct RegistryRequestContext: RequestContext {
    /// Hummingbird's own part.
    public var coreContext: CoreRequestContextStorage
    /// The connection.
    public let channel: any Channel

    /// Makes the context of one request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// From which contexts of other routes can be made.
    public var source: ApplicationRequestContextSource {
        ApplicationRequestContextSource(channel: channel, logger: logger)
    }
}
