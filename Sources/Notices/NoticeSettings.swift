// SPDX-License-Identifier: EUPL-1.2

public import Mail
public import Webhooks

/// Who sends notices, and how long is tried.
public struct NoticeSettings: Sendable {
    /// Name of the node, as receivers know it.
    public var node: String
    /// What stands before the token in a link, such as `https://node.example.org/notices/answer/`; never taken from a request.
    public var answerLink: String
    /// Who sends mail; nil when this node sends none.
    public var from: MailAddress?
    /// A name beside ``from``.
    public var fromName: String
    /// Where webhooks may go; nil when this node sends none.
    public var webhookRules: WebhookRules?
    /// Wait after the first failure; doubles with each.
    public var firstRetry: Duration = .seconds(30)
    /// Longest wait between two attempts.
    public var longestRetry: Duration = .seconds(3_600)
    /// After this long nothing more is tried, and the page says so.
    public var giveUpAfter: Duration = .seconds(3 * 86_400)
    /// Webhooks that are under way at the same time; mail goes one after the other.
    public var webhooksAtOnce = 8
    /// How often an idle sender looks for something to send.
    public var poll: Duration = .milliseconds(500)

    /// A node; everything else has its usual value.
    public init(
        node: String,
        answerLink: String,
        from: MailAddress? = nil,
        fromName: String = "",
        webhookRules: WebhookRules? = .standard
    ) {
        self.node = node
        self.answerLink = answerLink
        self.from = from
        self.fromName = fromName
        self.webhookRules = webhookRules
    }
}
