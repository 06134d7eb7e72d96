// SPDX-License-Identifier: EUPL-1.2

import Foundation
import TestKit
import Testing

@Suite("Large layers")
struct LargeLayerTests {
    @Test("a layer of 2 GiB, streamed without a length, costs less than 150 MiB of memory", .timeLimit(.minutes(5)))
    func memoryIsIndependentOfSize() async throws {
        let directory = try TemporaryDirectory("large")
        let node = try await NodeProcess(data: directory.file("data"))
        let idle = try node.memory
        let secret = try node.secret
        let size = 2 << 30
        let script = """
            set -euo pipefail
            location=$(curl -fsS -u "admin:$SECRET" -X POST -D - -o /dev/null "$URL/v2/large/blob/blobs/uploads/" | tr -d '\\r' | awk 'tolower($1) == "location:" { print $2 }')
            case "$location" in /*) location="$URL$location" ;; esac
            next=$(head -c \(size) /dev/zero | curl -fsS -u "admin:$SECRET" -X PATCH -H 'Content-Type: application/octet-stream' \
                -H 'Transfer-Encoding: chunked' -T - -D - -o /dev/null "$location" | tr -d '\\r' | awk 'tolower($1) == "location:" { print $2 }')
            case "$next" in /*) next="$URL$next" ;; esac
            case "$next" in *\\?*) join='&' ;; *) join='?' ;; esac
            curl -fsS -u "admin:$SECRET" -X PUT -H 'Content-Length: 0' -o /dev/null "$next${join}digest=$DIGEST"
            curl -fsS -u "admin:$SECRET" -I "$URL/v2/large/blob/blobs/$DIGEST" | tr -d '\\r' | awk 'tolower($1) == "content-length:" { print $2 }'
            """
        let digest = try await tool("bash").check(["-c", "head -c \(size) /dev/zero | sha256sum | cut -d ' ' -f 1"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let length = try await tool("bash").check(
            ["-c", script],
            environment: ["SECRET": secret, "URL": node.url, "DIGEST": "sha256:" + digest]
        )
        #expect(length.trimmingCharacters(in: .whitespacesAndNewlines) == String(size))
        let peak = try node.peakMemory
        print("2 GiB push: idle \(idle >> 20) MiB, peak \(peak >> 20) MiB")
        #expect(peak - idle < 150 << 20, "peak \(peak >> 20) MiB, idle \(idle >> 20) MiB")
        node.stop()
    }
}
