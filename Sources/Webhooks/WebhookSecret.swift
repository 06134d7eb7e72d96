// SPDX-License-Identifier: EUPL-1.2

internal import Crypto
import FoundationEssentials

/// What a receiver and this node both know, and nobody else: `whsec_` and base64.
///
/// Source: Standard Webhooks, "Signature scheme" (symmetric; 24 to 64 bytes).
public struct WebhookSecret: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    private static let prefix = "whsec_"
    private let bytes: [UInt8]

    /// 32 bytes that nobody can guess.
    public static func random() -> WebhookSecret {
        var generator = SystemRandomNumberGenerator()
        return WebhookSecret(bytes: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads `whsec_…`.
    ///
    /// - Throws: ``WebhookError/secret(_:)``.
    public init(parsing text: String) throws(WebhookError) {
        guard text.utf8.count <= 100, text.hasPrefix(Self.prefix) else {
            throw .secret("it begins with whsec_ and has at most 100 characters")
        }
        let encoded = String(text.dropFirst(Self.prefix.count))
        // Read and written again: of two texts with the same meaning only one is taken.
        guard let data = Data(base64Encoded: encoded), data.base64EncodedString() == encoded else {
            throw .secret("behind whsec_ there is no base64 with its padding")
        }
        guard (24...64).contains(data.count) else { throw .secret("\(data.count) bytes, where 24 to 64 are wanted") }
        bytes = Array(data)
    }

    /// `whsec_…`: for the receiver, once.
    public var text: String { Self.prefix + Data(bytes).base64EncodedString() }

    /// The words "webhook secret".
    public var description: String { "webhook secret" }
    /// Nothing: a dump must not hold a secret.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// HMAC-SHA256.
    fileprivate func code(for message: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: bytes)))
    }
}

/// Proof for a receiver that a message is from this node, and from when.
///
/// Source: Standard Webhooks, "Webhook Headers" and "Signature scheme".
public enum WebhookSignature {
    /// The value of `webhook-signature`: one signature for each secret, so that a receiver can change its secret at
    /// any time.
    ///
    /// - Parameters:
    ///   - id: value of `webhook-id`.
    ///   - timestamp: value of `webhook-timestamp`, seconds since 1970.
    ///   - body: as it is sent.
    ///   - secrets: the new one first.
    public static func value(id: String, timestamp: Int64, body: [UInt8], secrets: [WebhookSecret]) -> String {
        let message = Array("\(id).\(timestamp).".utf8) + body
        return secrets.map { "v1," + Data($0.code(for: message)).base64EncodedString() }.joined(separator: " ")
    }
}
