// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import Time

/// Something that happened, in the envelope that receivers know.
///
/// Source: CloudEvents 1.0.2, 2 and 3; its JSON format 1.0.2, 3 (structured content mode).
public struct CloudEvent: Sendable, Hashable {
    /// `application/cloudevents+json`.
    public static let mediaType = "application/cloudevents+json"

    /// Unique at its source, and the id of the webhook: letters, digits, hyphens and low lines.
    public let id: String
    /// What it came from: a URI or the end of one.
    public let source: String
    /// What kind of thing happened: `org.example.advisory.published.v1`.
    public let type: String
    /// What it happened to, at the source.
    public let subject: String?
    /// When it happened.
    public let time: Timestamp
    /// What there is to say.
    public let data: JSONValue

    /// Takes an event.
    ///
    /// - Throws: ``WebhookError/message(_:)``.
    public init(
        id: String,
        source: String,
        type: String,
        subject: String? = nil,
        time: Timestamp,
        data: JSONValue
    ) throws(WebhookError) {
        try WebhookMessage.check(id: id)
        // RFC 3986's characters; a whole grammar would refuse nothing that does harm.
        guard (1...1024).contains(source.utf8.count), source.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }),
            !source.utf8.contains(where: { "\"<>\\^`{|}".utf8.contains($0) })
        else { throw .message("source: not a URI reference of 1 to 1024 bytes") }
        guard (1...256).contains(type.utf8.count), type.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
            throw .message("type: not 1 to 256 characters of ASCII without spaces")
        }
        if let subject {
            guard (1...1024).contains(subject.utf8.count),
                subject.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { throw .message("subject: not 1 to 1024 bytes without control characters") }
        }
        guard (0...9999).contains(time.date.year) else {
            throw .message("time: \(time.rfc3339) has no form in RFC 3339; check the clock")
        }
        (self.id, self.source, self.type, self.subject, self.time, self.data) = (id, source, type, subject, time, data)
    }

    /// The event as one JSON object; the same bytes each time.
    public func bytes() -> [UInt8] {
        var members: [String: JSONValue] = [
            "specversion": "1.0", "id": .string(id), "source": .string(source), "type": .string(type),
            "time": .string(time.rfc3339), "datacontenttype": "application/json", "data": data,
        ]
        if let subject { members["subject"] = .string(subject) }
        return JSONValue.object(members).bytes()
    }
}

/// What is sent to a receiver: bytes, and an id by which it knows a second one.
public struct WebhookMessage: Sendable, Hashable {
    /// Most bytes of a body; receivers often take no more.
    public static let maximumBytes = 256 << 10

    /// Value of `webhook-id`; the same for every attempt.
    public let id: String
    /// Value of `content-type`.
    public let mediaType: String
    /// What is signed and sent.
    public let body: [UInt8]

    /// Takes an event; its id is the id of the webhook.
    ///
    /// - Throws: ``WebhookError/message(_:)``.
    public init(_ event: CloudEvent) throws(WebhookError) {
        try self.init(id: event.id, mediaType: CloudEvent.mediaType, body: event.bytes())
    }

    /// Takes a body of any kind.
    ///
    /// - Throws: ``WebhookError/message(_:)``.
    public init(id: String, mediaType: String, body: [UInt8]) throws(WebhookError) {
        try Self.check(id: id)
        guard (3...127).contains(mediaType.utf8.count), mediaType.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }),
            mediaType.utf8.contains(0x2F)
        else { throw .message("media type: not a type and a subtype, such as application/json") }
        guard body.count <= Self.maximumBytes else {
            throw .message("\(body.count) bytes are more than \(Self.maximumBytes); say less, and link to the rest")
        }
        (self.id, self.mediaType, self.body) = (id, mediaType, body)
    }

    /// No dot: it separates the id from the timestamp in what is signed, and the two must not be shifted against each
    /// other.
    static func check(id: String) throws(WebhookError) {
        guard (1...128).contains(id.utf8.count),
            id.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == 0x2D || $0 == 0x5F
            })
        else { throw .message("\(WebhookText.shown(id, 128)): an id is 1 to 128 of A-Z a-z 0-9 - _") }
    }
}
