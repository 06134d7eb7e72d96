// SPDX-License-Identifier: EUPL-1.2

import Syslog
import TestKit
import Testing

@Suite struct SyslogSenderTests {
    private func settings(_ bench: Bench, host: String = "localhost") -> SyslogSettings {
        SyslogSettings(host: host, port: bench.receiver.port, authoritiesFile: bench.certificates.authority)
    }

    private func failure(_ work: () async throws -> Void) async -> SyslogError? {
        do { try await work() } catch { return error as? SyslogError }
        return nil
    }

    @Test(
        "messages of any bytes arrive whole and in order, and are there once they are confirmed",
        arguments: ["localhost", "127.0.0.1"]
    )
    func order(host: String) async throws {
        let bench = try await Bench()
        let sender = try SyslogSender(settings(bench, host: host))
        let first: [[UInt8]] = [[0x30], Array("12 a\nb".utf8), [0, 255, 10], [UInt8](repeating: 0x61, count: 60_000)]
        let second = (0..<3_000).map { Array("message \($0)".utf8) }
        try await sender.send(first)
        try await sender.send(second)
        try await sender.confirm()
        #expect(bench.receiver.messages == [first + second])
        try await sender.confirm()
        try await sender.send([])
        try await sender.send([[1]])
        try await sender.confirm()
        #expect(bench.receiver.messages == [first + second, [[1]]])
        await bench.receiver.stop()
    }

    @Test("a receiver whose authority is not trusted gets nothing")
    func authority() async throws {
        let bench = try await Bench()
        var settings = settings(bench)
        settings.authoritiesFile = nil
        let sender = try SyslogSender(settings)
        guard case .unreachable(let reason)? = await failure({ try await sender.send([[1]]) }) else {
            Issue.record("sent to a stranger")
            return
        }
        #expect(reason.contains("CERTIFICATE_VERIFY_FAILED"))
        #expect(bench.receiver.messages == [[]])
        await bench.receiver.stop()
    }

    @Test("a receiver with a certificate for another name gets nothing")
    func hostname() async throws {
        let bench = try await Bench()
        // Certificate of the same authority, but for node.example.
        let directory = bench.directory
        let other = try await Receiver(
            TestCertificates(
                authority: bench.certificates.authority,
                server: bench.certificates.client,
                serverKey: bench.certificates.clientKey
            )
        )
        for host in ["localhost", "127.0.0.1"] {
            let sender = try SyslogSender(
                SyslogSettings(host: host, port: other.port, authoritiesFile: directory.file("authority.pem"))
            )
            guard case .unreachable? = await failure({ try await sender.send([[1]]) }) else {
                Issue.record("sent to another name")
                return
            }
        }
        #expect(other.messages == [[], []])
        await other.stop()
        await bench.receiver.stop()
    }

    @Test("a client certificate is shown; without one the refusal is seen at the latest when it is to be confirmed")
    func clientCertificate() async throws {
        let bench = try await Bench(demandsClient: true)
        var settings = settings(bench)
        let without = try SyslogSender(settings)
        // TLS 1.3: the refusal comes after the client believes that all is well.
        let refusal = await failure {
            try await without.send([[1]])
            try await without.confirm()
        }
        #expect(refusal != nil)
        settings.clientCertificateFile = bench.certificates.client
        settings.clientKeyFile = bench.certificates.clientKey
        let with = try SyslogSender(settings)
        try await with.send([[2]])
        try await with.confirm()
        #expect(bench.receiver.messages == [[], [[2]]])
        await bench.receiver.stop()
    }

    @Test("a receiver that is not there, or says nothing, is unreachable")
    func unreachable() async throws {
        let bench = try await Bench(.silent)
        var settings = settings(bench)
        settings.connectTimeout = .milliseconds(100)
        let silent = try SyslogSender(settings)
        guard case .unreachable? = await failure({ try await silent.send([[1]]) }) else {
            Issue.record("a silent receiver took something")
            return
        }
        await bench.receiver.stop()
        let gone = try SyslogSender(settings)
        guard case .unreachable? = await failure({ try await gone.send([[1]]) }) else {
            Issue.record("nobody took something")
            return
        }
    }

    @Test("a receiver that stops reading stalls the sender, which gives up after its time")
    func stalled() async throws {
        let bench = try await Bench(.stopsReading)
        var settings = settings(bench)
        settings.writeTimeout = .milliseconds(200)
        let sender = try SyslogSender(settings)
        let batch = [[UInt8]](repeating: [UInt8](repeating: 0x61, count: 64 << 10), count: 60)
        let found = await failure {
            // More than both systems' buffers hold.
            for _ in 0..<20 { try await sender.send(batch) }
        }
        #expect(found == .stalled(seconds: 0))
        await bench.receiver.stop()
    }

    @Test("a sender that is cancelled while it waits for the receiver ends at once, and can be used again")
    func cancellation() async throws {
        let bench = try await Bench(.stopsReading)
        let sender = try SyslogSender(settings(bench))
        let batch = [[UInt8]](repeating: [UInt8](repeating: 0x61, count: 64 << 10), count: 60)
        let work = Task { for _ in 0..<20 { try await sender.send(batch) } }
        for await _ in bench.receiver.firstReads { break }
        #expect(await failure({ try await sender.send([[1]]) }) == .busy)
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        try await sender.send([[1]])
        await sender.close()
        await bench.receiver.stop()
    }

    @Test("when the receiver ends the connection, what was not confirmed is named as lost; then it goes on")
    func connectionLost() async throws {
        let bench = try await Bench(.endsConnection)
        let sender = try SyslogSender(settings(bench))
        for _ in 0..<2 {
            let found = await failure {
                try await sender.send([[1]])
                for await _ in bench.receiver.endings { break }
                try await sender.send([[2]])
            }
            guard case .connectionLost? = found else {
                Issue.record("a lost batch went unnoticed: \(String(describing: found))")
                return
            }
        }
        #expect(bench.receiver.messages.count == 2)
        await bench.receiver.stop()
    }

    @Test("a connection that the receiver ended before confirms nothing")
    func confirmationOfLost() async throws {
        let bench = try await Bench(.endsConnection)
        let sender = try SyslogSender(settings(bench))
        let found = await failure {
            try await sender.send([[1]])
            for await _ in bench.receiver.endings { break }
            try await sender.confirm()
        }
        guard case .connectionLost? = found else {
            Issue.record("a lost batch was confirmed: \(String(describing: found))")
            return
        }
        await bench.receiver.stop()
    }

    @Test("a cut connection is never a confirmation")
    func cut() async throws {
        let bench = try await Bench(.cuts)
        var settings = settings(bench)
        settings.confirmation = .closeNotify
        let sender = try SyslogSender(settings)
        let found = await failure {
            try await sender.send([[1]])
            try await sender.confirm()
        }
        #expect(found?.isRetryable == true)
        await bench.receiver.stop()
    }

    @Test("an end without close_notify is a confirmation only where that was chosen")
    func endOfStream() async throws {
        let bench = try await Bench(.forgetsCloseNotify)
        var settings = settings(bench)
        let strict = try SyslogSender(settings)
        try await strict.send([[1]])
        #expect(await failure({ try await strict.confirm() }) == .notConfirmed("without close_notify"))
        settings.confirmation = .endOfStream
        let lenient = try SyslogSender(settings)
        try await lenient.send([[2]])
        try await lenient.confirm()
        #expect(bench.receiver.messages == [[[1]], [[2]]])
        await bench.receiver.stop()
    }

    @Test("a receiver that does not answer the end does not hold the sender for ever")
    func unanswered() async throws {
        let bench = try await Bench(.goesDeaf)
        var settings = settings(bench)
        settings.confirmTimeout = .milliseconds(100)
        for confirmation in [SyslogSettings.Confirmation.closeNotify, .endOfStream] {
            settings.confirmation = confirmation
            let sender = try SyslogSender(settings)
            try await sender.send([[1]])
            for await _ in bench.receiver.firstReads { break }
            guard case .notConfirmed? = await failure({ try await sender.confirm() }) else {
                Issue.record("confirmed by nobody")
                return
            }
        }
        await bench.receiver.stop()
    }

    @Test("what is beyond its bound is refused before anything is sent")
    func bounds() async throws {
        let bench = try await Bench()
        var settings = settings(bench)
        (settings.maximumMessageBytes, settings.maximumBatchBytes) = (10, 15)
        let sender = try SyslogSender(settings)
        let ten = [UInt8](repeating: 1, count: 10)
        #expect(await failure({ try await sender.send([ten + [1]]) }) == .tooLarge(bytes: 11, limit: 10))
        #expect(await failure({ try await sender.send([ten, ten]) }) == .tooLarge(bytes: 20, limit: 15))
        #expect(await failure({ try await sender.send([[]]) })?.isRetryable == false)
        #expect(bench.receiver.messages.isEmpty)
        await bench.receiver.stop()
    }
}

@Suite struct SyslogSettingsTests {
    struct Address: Sendable, CustomTestStringConvertible {
        let text: String
        let host: String
        let port: Int
        init(_ text: String, _ host: String, _ port: Int) { (self.text, self.host, self.port) = (text, host, port) }
        var testDescription: String { text }
    }

    @Test(
        "an address is read",
        arguments: [
            Address("syslog.example", "syslog.example", 6514),
            Address("syslog.example:10514", "syslog.example", 10_514),
            Address("192.0.2.7:1", "192.0.2.7", 1), Address("[2001:db8::7]", "2001:db8::7", 6514),
            Address("[2001:db8::7]:65535", "2001:db8::7", 65_535),
        ]
    )
    func valid(address: Address) throws {
        let settings = try SyslogSettings(address: address.text)
        #expect(settings.host == address.host && settings.port == address.port)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", ":6514", "syslog.example:", "syslog.example:0", "syslog.example:65536", "syslog.example:+1", "a:1:2",
            "2001:db8::7", "[2001:db8::7", "[]:1", "[::1]6514", "a b", "a\n", "a\0b", "sys\u{e4}log",
            String(repeating: "a", count: 256),
        ]
    )
    func invalid(text: String) {
        #expect(throws: SyslogError.self) { try SyslogSettings(address: text) }
    }

    @Test("files that cannot be used are named at the start")
    func files() throws {
        let directory = try TemporaryDirectory()
        let empty = try directory.write([], to: "empty.pem")
        for file in [empty, directory.file("missing.pem")] {
            let found = #expect(throws: SyslogError.self) {
                try SyslogSender(SyslogSettings(host: "syslog.example", authoritiesFile: file))
            }
            #expect(found?.description.contains(file) == true && found?.isRetryable == false)
        }
        #expect(throws: SyslogError.self) {
            try SyslogSender(SyslogSettings(host: "syslog.example", clientKeyFile: empty))
        }
    }
}
