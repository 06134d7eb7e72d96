// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NodeTestKit
import OCI
import RegistryHTTP
import Testing

/// What becomes of a body that nobody wants to read, or that does not come.
@Suite("Bodies that are refused, unwanted or slow")
struct UnreadBodyTests {
    @Test("100 Continue comes after authorisation, and not before a refusal")
    func expectContinue() async throws {
        try await TestRegistry.run { test in
            let bytes = pattern(1000)
            let login = base64(test.client.login ?? "")
            try await RawConnection.open(test.port) { connection in
                try await connection.send(
                    "POST /v2/a/blobs/uploads/?digest=\(Digest.sha256(bytes)) HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \(login)\r\n"
                        + "Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
                )
                #expect(try await connection.answer().status == 100)
                try await connection.send(bytes)
                #expect(try await connection.answer().status == 201)
            }
            try await RawConnection.open(test.port) { connection in
                try await connection.send(
                    "POST /v2/a/blobs/uploads/?digest=\(Digest.sha256(bytes)) HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
                        + "Expect: 100-continue\r\n\r\n"
                )
                #expect(try await connection.answer().status == 401)
                #expect(try await connection.isClosed())
            }
        }
    }

    @Test("an announced body that nobody asked for ends the connection: it may or may not come")
    func unwantedBody() async throws {
        try await TestRegistry.run { test in
            try await RawConnection.open(test.port) { connection in
                try await connection.send(
                    "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \(base64(test.client.login ?? ""))\r\n"
                        + "Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
                )
                let answer = try await connection.answer()
                #expect(answer.status == 202)
                #expect(answer["connection"] == "close")
                #expect(try await connection.isClosed())
            }
        }
    }

    /// Whoever waited for the announced body would wait for an hour: that the connection ends at all is the proof.
    @Test("a refused upload is cut off, not swallowed; the client reads the answer", .timeLimit(.minutes(10)))
    func cutOff() async throws {
        let limits = ConnectionHandler.Limits(
            lingerTime: .milliseconds(500),
            lingerBytes: 1 << 20,
            drainTime: .hours(1)
        )
        let settings = RegistryHTTPSettings(paceWindow: .seconds(3600))
        try await TestRegistry.run(settings: settings, connection: limits) { test in
            try await RawConnection.open(test.port) { connection in
                try await connection.send(
                    "PATCH /v2/a/blobs/uploads/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n"
                )
                let answer = try await connection.answer()
                #expect(answer.status == 401)
                #expect(answer["connection"] == "close")
                #expect(try await connection.isClosed())
            }
        }
    }

    @Test("7.2/11: a client that drips its body is cut off")
    func drip() async throws {
        let settings = RegistryHTTPSettings(minimumUploadRate: 1_000_000, paceWindow: .milliseconds(100))
        try await TestRegistry.run(settings: settings) { test in
            let location = try await test.begin("a")
            let login = base64(test.client.login ?? "")
            try await RawConnection.open(test.port) { connection in
                try await connection.send(
                    "PATCH \(location) HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \(login)\r\nContent-Length: 100000\r\n\r\n"
                )
                for _ in 0..<10 {
                    try? await connection.send([1])
                    try await Task.sleep(for: .milliseconds(30))
                }
                #expect(try await connection.answer().status == 408)
            }
            #expect(try await test.client.request("GET", location).status == 204)
        }
    }
}
