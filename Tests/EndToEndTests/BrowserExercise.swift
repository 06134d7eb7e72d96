// SPDX-License-Identifier: EUPL-1.2

import Demo
import JSON
import Mail
import NodeTestKit
import Portal
import Synchronization
import TestKit
import Time

/// The pages of a node that was made for an exercise, with an inbox that anybody has written to.
///
/// Inbox and mail server are those of `kontor demo`; images and advisories are not needed for these pages.
final class BrowserExercise: Sendable {
    /// Templates that only such a node shows.
    static let templates: Set<String> = ["exercise", "inbox", "inbox-letter"]
    private static let vulnerability = "CVE-2099-40042"
    /// Scheme and host of links that are links.
    private static let origin = "http://exercise.example.org"
    private static let token = String(repeating: "a", count: 43)
    /// As many as make a second page of the inbox.
    private static let letters = 52
    /// What no page may break at 320 pixels.
    private static let long = String(repeating: "LangesWortOhneEnde", count: 40)

    private let directory: TemporaryDirectory
    private let inbox: FakeInbox
    private let server: InboxServer
    /// Owner: the desk.
    private let day = Mutex(ExerciseDesk.Day.yesterday)

    /// An exercise with an empty inbox.
    init() async throws {
        directory = try TemporaryDirectory("browser-inbox")
        inbox = try FakeInbox(directory: directory.file("inbox"))
        server = try await InboxServer(inbox)
    }

    /// Ends the mail server and takes the letters away: the desk may live as long as the node's parts do.
    func stop() async {
        await server.stop()
        directory.remove()
    }

    /// What the node is configured with.
    var desk: ExerciseDesk {
        ExerciseDesk(
            vulnerability: Self.vulnerability,
            origins: [Self.origin],
            day: { self.day.withLock { $0 } },
            goToToday: { self.day.withLock { $0 = .today } },
            letters: { try self.inbox.letters(before: $0, limit: $1) },
            letter: { try self.inbox.letter($0) }
        )
    }

    /// Sends what anybody on the machine can: all are hostile, the first in sender and subject too; the second has no subject.
    func fill() async throws {
        var settings = SMTPSettings(host: "127.0.0.1", port: server.port, security: .plain, clientName: "localhost")
        settings.messageTimeout = .seconds(20)
        let sender = try SMTPSender(settings)
        for number in 1...Self.letters {
            let subject = number == 1 ? SeededNode.hostile : number == 2 ? "" : "Meldung \(number)"
            let message = try MailMessage(
                from: try MailAddress(parsing: "kontor@example.org"),
                fromName: number == 1 ? SeededNode.hostile : "Kontor",
                to: try MailAddress(parsing: "sicherheit-\(number)@example.org"),
                subject: subject,
                date: Timestamp(seconds: 1_795_000_000),
                messageID: "\(number).probe@example.org",
                text: """
                    \(SeededNode.hostile)
                    </pre><script src="http://127.0.0.1:1/x.js"></script>
                    javascript:alert(4) http://127.0.0.1:1/notices/answer/\(Self.token)
                    \(Self.origin)/notices/answer/\(Self.token)"onmouseover="alert(5)
                    \(Self.long)
                    """
            )
            guard case .delivered = try await sender.send(message) else {
                throw WireError("the inbox did not take letter \(number)")
            }
        }
    }

    /// Before it begins.
    static let yesterday: [PageVisit] = [
        PageVisit(path: "/exercise"), PageVisit(path: "/exercise/inbox"),
        // Another day than today there is no way to.
        PageVisit(
            path: "/exercise",
            status: 400,
            form: .init(selector: "form[action='/exercise']", fields: [("day", "gestern")])
        ),
    ]

    /// With the vulnerability, and with letters.
    static let today: [PageVisit] = [
        PageVisit(path: "/exercise", shows: [vulnerability]),
        PageVisit(path: "/exercise/inbox", shows: ["Meldung \(letters)", "sicherheit-\(letters)@example.org"]),
        PageVisit(path: "/exercise/inbox?before=3", shows: [SeededNode.hostile]),
        PageVisit(path: "/exercise/inbox/1", shows: [SeededNode.hostile, "</pre><script src=", "alert(5)", long]),
    ]

    /// What the browser is to look at; nobody signs in.
    static func plan(_ node: TestNode, _ pages: [PageVisit]) -> JSONValue {
        ["origin": .string(node.url), "people": [:], "pages": .array(pages.map(\.json)), "downloads": []]
    }
}
