// SPDX-License-Identifier: EUPL-1.2

public import OCI

/// How the registry answers over HTTP.
public struct RegistryHTTPSettings: Sendable {
    /// Name of the node, as it stands in the challenge that a client shows when it asks for a password.
    public var realm: String
    /// Address of the token service, `https://node.example/token`, as far as it is known; nil leaves clients with Basic credentials alone.
    public var tokenRealm: @Sendable () -> String?
    /// Whether repositories here stand in for those of the same names at another registry, by its host.
    ///
    /// It is what clients of a mirror ask for by `ns`. Whoever asked for an image of one registry must not get that of another.
    public var standsFor: @Sendable (String) -> Bool
    /// Page that explains an image's verdict, as far as the node's address is known.
    public var imagePage: @Sendable (RepositoryName, Digest) -> String?
    /// Slowest upload that is borne, in bytes a second, measured over ``paceWindow`` of waiting for the client.
    public var minimumUploadRate: Int
    /// How long a client is waited for before its pace is judged.
    public var paceWindow: Duration
    /// Bodies up to this size are read to their end even when the request is refused, so that the connection can go on.
    public var drainBytes: Int
    /// Whether files go out by `sendfile`; only on connections without TLS.
    public var usesSendFile: Bool

    /// Settings of a node.
    public init(
        realm: String = "kontor",
        tokenRealm: @escaping @Sendable () -> String? = { nil },
        standsFor: @escaping @Sendable (String) -> Bool = { _ in false },
        imagePage: @escaping @Sendable (RepositoryName, Digest) -> String? = { _, _ in nil },
        minimumUploadRate: Int = 1024,
        paceWindow: Duration = .seconds(30),
        drainBytes: Int = 64 << 10,
        usesSendFile: Bool = true
    ) {
        self.realm = realm
        self.tokenRealm = tokenRealm
        self.standsFor = standsFor
        self.imagePage = imagePage
        self.minimumUploadRate = minimumUploadRate
        self.paceWindow = paceWindow
        self.drainBytes = drainBytes
        self.usesSendFile = usesSendFile
    }
}
