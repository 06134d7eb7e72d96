// SPDX-License-Identifier: EUPL-1.2

import Syslog
import TestKit
import Testing

@Suite struct RsyslogTests {
    private func messages(_ numbers: Range<Int>) -> [[UInt8]] {
        numbers.map { number in
            Array(
                """
                <110>1 2026-11-26T12:00:00Z node.example kontor 7 test.sent [kontor@32473 id="\(number)"] \
                number \(number == 4_999 ? "last" : "\(number)")
                """.utf8
            )
        }
    }

    @Test(
        "a real rsyslog takes everything in order, also over several connections, with and without a client certificate",
        arguments: [false, true]
    )
    func rsyslog(demandsClientCertificate: Bool) async throws {
        let all = messages(0..<5_000)
        let lines = try await RsyslogServer.run(
            demandsClientCertificate: demandsClientCertificate,
            until: "number last"
        ) { address in
            var settings = SyslogSettings(
                host: "localhost",
                port: address.port,
                authoritiesFile: address.certificates.authority
            )
            if demandsClientCertificate {
                // Refused first: nothing of it may count as read.
                let stranger = try SyslogSender(settings)
                await #expect(throws: SyslogError.self) {
                    try await stranger.send([all[0]])
                    try await stranger.confirm()
                }
                settings.clientCertificateFile = address.certificates.client
                settings.clientKeyFile = address.certificates.clientKey
            }
            let sender = try SyslogSender(settings)
            for start in stride(from: 0, to: all.count, by: 500) {
                try await sender.send(Array(all[start..<start + 500]))
                if start % 2_000 == 1_500 { try await sender.confirm() }
            }
            try await sender.confirm()
        }
        #expect(lines == all.map { String(decoding: $0, as: UTF8.self) })
    }
}
