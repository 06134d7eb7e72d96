// SPDX-License-Identifier: EUPL-1.2

import Foundation
import JSON
import TestKit
import Testing

@Suite("Power cuts")
struct CrashTests {
    /// An image of two layers of noise, so that nothing is inline and nothing compresses away.
    private func makeImage(_ index: Int, in directory: TemporaryDirectory) async throws -> String {
        var noise = SystemRandomNumberGenerator()
        let folder = "tree-\(index)"
        try directory.write(
            (0..<700_000).map { _ in UInt8.random(in: .min ... .max, using: &noise) },
            to: folder + "/noise-\(index)"
        )
        try directory.write(Array("ID=debian\nVERSION_ID=\"12\"\n".utf8), to: folder + "/etc/os-release")
        let tar = directory.file("image-\(index).tar")
        try await tool("tar").check(["-C", directory.file(folder), "-cf", tar, "."])
        let layout = directory.file("layout-\(index)")
        try await tool("skopeo").check(["copy", "--quiet", "tarball:" + tar, "oci:\(layout):v"])
        return layout + ":v"
    }

    @Test(
        "after kill -9 at 20 random moments every acknowledged push is there and gets its verdict",
        .timeLimit(.minutes(5))
    )
    func acknowledgedPushesSurvive() async throws {
        let directory = try TemporaryDirectory("crash")
        let data = directory.file("data")
        var layouts: [String] = []
        for index in 0..<12 { layouts.append(try await makeImage(index, in: directory)) }

        var acknowledged: [(name: String, layout: String)] = []
        for round in 0..<20 {
            let node = try await NodeProcess(data: data)
            let (first, firstEnd) = AsyncStream<Void>.makeStream()
            let pushes = Task { [layouts] () -> [(String, String)] in
                defer { firstEnd.finish() }
                var done: [(String, String)] = []
                // Pushes go on until the power is cut: every cut hits one, or its assessment.
                for step in 0... {
                    let layout = layouts[(round + step) % layouts.count]
                    let name = "crash/round-\(round)-\(step):v"
                    guard try await node.push(layout, to: name) else { break }
                    done.append((name, layout))
                    firstEnd.finish()
                }
                return done
            }
            // Every other moment is counted from the first push that was acknowledged: a slow machine would else cut only the first.
            if round % 2 == 1 { for await _ in first {} }
            try await Task.sleep(for: .milliseconds(Int.random(in: 10...600)))
            node.kill()
            acknowledged += try await pushes.value.map { (name: $0.0, layout: $0.1) }
        }
        #expect(!acknowledged.isEmpty, "no push was acknowledged in 20 rounds: the test did not test")

        let node = try await NodeProcess(data: data)
        for (name, layout) in acknowledged {
            let copy = directory.file("copy-\(UInt64.random(in: 0 ... .max))")
            let pull = try await tool("skopeo").run(
                [
                    "copy", "--quiet", "--src-tls-verify=false", "--src-creds", "admin:" + (try node.secret),
                    "docker://\(node.registry)/\(name)", "oci:\(copy):v",
                ]
            )
            #expect(pull.exitCode == 0, "\(name) was acknowledged and cannot be pulled: \(pull.errorOutput)")
            let original = try await tool("skopeo").check(["inspect", "--raw", "oci:" + layout])
            let pulled = try await tool("skopeo").check(["inspect", "--raw", "oci:\(copy):v"])
            #expect(original == pulled, "\(name) came back with another manifest")
            let verdict = try await node.verdict(of: name)
            #expect(verdict["level"]?.stringValue != nil)
            try? FileManager.default.removeItem(atPath: copy)
        }
        print("power cuts: \(acknowledged.count) acknowledged pushes, all there, all judged")
        node.stop()
    }
}
