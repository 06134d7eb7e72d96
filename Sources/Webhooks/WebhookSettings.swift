// SPDX-License-Identifier: EUPL-1.2

/// Where webhooks may go, who is trusted, and the bounds of a delivery.
public struct WebhookSettings: Sendable, Hashable {
    /// Where webhooks may go.
    public var rules: WebhookRules
    /// Certificates in PEM form that are trusted beside the system's; nil for none.
    public var authoritiesFile: String?
    /// Longest time for a whole delivery.
    public var timeout: Duration = .seconds(20)
    /// Longest time for a connection to one address.
    public var connectTimeout: Duration = .seconds(5)
    /// Value of `user-agent`.
    public var userAgent = "kontor"

    /// Everything but these has its usual value.
    public init(rules: WebhookRules = .standard, authoritiesFile: String? = nil) {
        self.rules = rules
        self.authoritiesFile = authoritiesFile
    }
}
