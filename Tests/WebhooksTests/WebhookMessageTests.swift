// SPDX-License-Identifier: EUPL-1.2

import JSON
import Testing
import Time
import Webhooks

@Suite struct WebhookSignatureTests {
    @Test("the signature is the one of the specification's own example")
    func vector() throws {
        let secret = try WebhookSecret(parsing: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let value = WebhookSignature.value(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8),
            secrets: [secret]
        )
        #expect(value == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("while a secret is changed there is a signature for each, with a space between")
    func rotation() throws {
        let secrets = [WebhookSecret.random(), WebhookSecret.random()]
        func value(_ secrets: [WebhookSecret]) -> String {
            WebhookSignature.value(id: "a", timestamp: 1, body: [0, 255, 10], secrets: secrets)
        }
        #expect(value(secrets) == value([secrets[0]]) + " " + value([secrets[1]]))
        #expect(value([secrets[0]]) != value([secrets[1]]))
    }

    @Test("a secret is read as it is written, and shown by nothing but its text")
    func secrets() throws {
        let secret = WebhookSecret.random()
        #expect(try WebhookSecret(parsing: secret.text) == secret && secret.text.utf8.count == 50)
        #expect(secret != WebhookSecret.random())
        var dumped = "\(secret)\(String(reflecting: secret))"
        dump([secret], to: &dumped)
        #expect(!dumped.contains(secret.text.dropFirst(6)) && !dumped.contains("["))
    }

    @Test(
        "anything else is no secret, and is not repeated",
        arguments: [
            "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILA==",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx=",
            "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_", "whsec_" + String(repeating: "AAAA", count: 22),
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAB==",
        ]
    )
    func invalid(text: String) {
        let error = #expect(throws: WebhookError.self) { try WebhookSecret(parsing: text) }
        #expect(error?.description.contains("MfKQ") == false)
    }
}

@Suite struct CloudEventTests {
    @Test("an event is one JSON object with the attributes of the standard")
    func form() throws {
        let event = try CloudEvent(
            id: "01JD-a_7",
            source: "https://node.example.org/v2",
            type: "org.example.advisory.published.v1",
            subject: "team/\u{E4}pp@sha256:ab",
            time: Timestamp(seconds: 1_795_683_240),
            data: ["level": 3, "text": "a\nb"]
        )
        let text = """
            {"data":{"level":3,"text":"a\\nb"},"datacontenttype":"application/json","id":"01JD-a_7",\
            "source":"https://node.example.org/v2","specversion":"1.0","subject":"team/\u{E4}pp@sha256:ab",\
            "time":"2026-11-26T08:54:00Z","type":"org.example.advisory.published.v1"}
            """
        #expect(String(decoding: event.bytes(), as: UTF8.self) == text)
        let message = try WebhookMessage(event)
        #expect(
            message.id == event.id && message.mediaType == "application/cloudevents+json"
                && message.body == event.bytes()
        )
    }

    @Test("what has no form in the standard, or in a header, is refused")
    func bounds() throws {
        func event(
            id: String = "a",
            source: String = "/a",
            type: String = "a",
            subject: String? = nil,
            time: Timestamp = Timestamp(seconds: 0)
        ) throws {
            _ = try CloudEvent(id: id, source: source, type: type, subject: subject, time: time, data: nil)
        }
        try event()
        for id in ["", "a.b", "a b", "a\r\nb", "\u{E4}", "a:b", String(repeating: "a", count: 129)] {
            #expect(throws: WebhookError.self) { try event(id: id) }
            #expect(throws: WebhookError.self) { try WebhookMessage(id: id, mediaType: "a/b", body: []) }
        }
        for source in ["", "a b", "a\n", "<a>", "\u{E4}", String(repeating: "a", count: 1025)] {
            #expect(throws: WebhookError.self) { try event(source: source) }
        }
        for type in ["", "a b", "a\n", "\u{E4}"] { #expect(throws: WebhookError.self) { try event(type: type) } }
        for subject in ["", "a\n", "\0"] { #expect(throws: WebhookError.self) { try event(subject: subject) } }
        #expect(throws: WebhookError.self) { try event(time: Timestamp(microseconds: .max)) }
        for type in ["", "a", "a/b\r\nc: d", "a/b c"] {
            #expect(throws: WebhookError.self) { try WebhookMessage(id: "a", mediaType: type, body: []) }
        }
        #expect(throws: WebhookError.self) {
            try WebhookMessage(
                id: "a",
                mediaType: "a/b",
                body: [UInt8](repeating: 0, count: WebhookMessage.maximumBytes + 1)
            )
        }
    }
}
