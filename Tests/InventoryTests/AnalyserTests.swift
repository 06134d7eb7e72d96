// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Foundation
import ImageSources
import Inventory
import OCI
import SBOM
import TestKit
import Testing

/// The program whose `analyse` is tested: an installed one when it is named, else the one that was built with the tests.
func analyserProgram() throws -> String {
    if let named = ProcessInfo.processInfo.environment["KONTOR_TEST_PROGRAM"] { return named }
    return try builtProduct("kontor").path
}

/// The analyser child as it is used: the real program, confined by the kernel.
@Suite("Analyser child")
struct AnalyserTests {
    private static func analyser(_ exercise: String? = nil, _ limits: AnalyserLimits = .standard) throws -> Analyser {
        let kontor = try analyserProgram()
        var analyser = Analyser(executable: kontor, limits: limits, temporaryDirectory: NSTemporaryDirectory())
        analyser.exercise = exercise
        return analyser
    }

    private static func image() -> BuiltImage {
        var builder = ImageBuilder()
        builder.layer(.gzip) { tar in
            tar.directory("etc")
            tar.file(
                "etc/os-release",
                text: "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME=\"Debian 12\"\n"
            )
            tar.file("etc/passwd", text: "root:x:0:0:root:/root:/bin/bash\n")
        }
        builder.layer(.zstd) { tar in tar.file("usr/bin/tool", text: "#!/bin/sh\n", mode: 0o4755) }
        return builder.built()
    }

    private static func input(_ image: BuiltImage) -> AnalyserInput {
        AnalyserInput(
            manifest: image.manifest,
            digest: image.manifestDigest,
            configuration: image.configuration,
            layers: image.layers.map { .init(bytes: .memory($0.bytes), mediaType: $0.mediaType, digest: $0.digest) }
        )
    }

    /// Children of this process that ended and were not reaped.
    private static func zombies() throws -> Set<String> {
        let entries = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }
        return Set(
            entries.filter { entry in
                guard let status = try? String(contentsOfFile: "/proc/\(entry)/stat", encoding: .utf8),
                    let end = status.lastIndex(of: ")")
                else { return false }
                let fields = status[status.index(after: end)...].split(separator: " ")
                return fields.count > 1 && fields[0] == "Z" && fields[1] == "\(getpid())"
            }
        )
    }

    @Test("an image in memory gives its evidence")
    func evidence() async throws {
        let image = Self.image()
        let evidence = try await Self.analyser().analyse(Self.input(image))
        #expect(evidence.digest == image.manifestDigest)
        #expect(evidence.distribution?.codename == "bookworm")
        #expect(evidence.files.privileged.total == 1)
        #expect(evidence.problems.isEmpty)
        #expect(evidence.integrity.checks.allSatisfy { $0.problem == nil })
    }

    @Test("the child can reach nothing: no files, network, processes, signals, executable memory or higher limits")
    func reach() async throws {
        let error = await #expect(throws: AnalyserError.self) {
            try await Self.analyser("reach").analyse(Self.input(Self.image()))
        }
        guard case .image(let report) = error else {
            Issue.record("unexpected: \(String(describing: error))")
            return
        }
        let permitted = report.split(separator: " ").filter { $0.hasSuffix("=ok") }
        #expect(permitted == ["thread=ok"], "\(report)")
        for forbidden in [
            "read", "write", "list", "socket", "unix", "signal", "unlink", "chmod", "exec", "spawn", "memory", "limit",
        ] {
            #expect(report.contains(forbidden + "=1"), "\(forbidden) should be refused with EPERM: \(report)")
        }
    }

    @Test("a child that traps is reported with its signal")
    func trap() async throws {
        await #expect { try await Self.analyser("trap").analyse(Self.input(Self.image())) } throws: { error in
            guard case .signal(let number, _) = error as? AnalyserError else { return false }
            return [SIGILL, SIGTRAP].contains(number) && "\(error)".hasPrefix("analyser ended by signal \(number)")
        }
    }

    @Test("a child that allocates without end is stopped by its memory limit")
    func allocate() async throws {
        let limits = AnalyserLimits(memory: 256 << 20, wallClock: .seconds(60))
        await #expect { try await Self.analyser("allocate", limits).analyse(Self.input(Self.image())) } throws: {
            error in
            if case .signal = error as? AnalyserError { true } else { false }
        }
    }

    @Test("a child that spins is stopped by its CPU limit")
    func spin() async throws {
        let limits = AnalyserLimits(processorTime: .seconds(1), wallClock: .seconds(120))
        await #expect { try await Self.analyser("spin", limits).analyse(Self.input(Self.image())) } throws: { error in
            if case .signal(SIGXCPU, _) = error as? AnalyserError { true } else { false }
        }
    }

    @Test("a child that waits is stopped by the wall clock")
    func sleeps() async throws {
        let limits = AnalyserLimits(wallClock: .milliseconds(300))
        await #expect(throws: AnalyserError.timedOut(.milliseconds(300))) {
            try await Self.analyser("sleep", limits).analyse(Self.input(Self.image()))
        }
    }

    @Test("an answer without end is cut and the child killed")
    func flood() async throws {
        await #expect(throws: AnalyserError.outputTooLarge(limit: 1 << 20)) {
            try await Self.analyser("flood", AnalyserLimits(output: 1 << 20)).analyse(Self.input(Self.image()))
        }
    }

    @Test("an answer that is cut off or missing is not taken", arguments: ["truncate", "nothing"])
    func badAnswer(exercise: String) async throws {
        await #expect { try await Self.analyser(exercise).analyse(Self.input(Self.image())) } throws: { error in
            if case .badAnswer = error as? AnalyserError { true } else { false }
        }
    }

    @Test("what a child says on standard error is kept without control characters")
    func complaint() async throws {
        await #expect(throws: AnalyserError.exit(7, log: "something  [31mred")) {
            try await Self.analyser("complain").analyse(Self.input(Self.image()))
        }
    }

    @Test("cancelling the task kills the child")
    func cancellation() async throws {
        let analyser = try Self.analyser("sleep")
        let task = Task { try await analyser.analyse(Self.input(Self.image())) }
        try await Task.sleep(for: .milliseconds(150))
        task.cancel()
        let result = await task.result
        #expect(throws: AnalyserError.cancelled) { try result.get() }
    }

    @Test("a program that does not exist is a clear error")
    func missingProgram() async throws {
        let analyser = Analyser(executable: "/nonexistent/kontor")
        let error = await #expect(throws: AnalyserError.self) { try await analyser.analyse(Self.input(Self.image())) }
        #expect(error?.description.contains("/nonexistent/kontor") == true)
        #expect(error?.isRetryable == true)
    }

    @Test("many at once, crashes among them, disturb nobody and leave neither zombies nor descriptors")
    func concurrent() async throws {
        func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        let image = Self.image()
        let good = try Self.analyser()
        let bad = try Self.analyser("trap")
        _ = try await good.analyse(Self.input(image))
        let before = try descriptors()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<24 {
                group.addTask {
                    if index % 3 == 0 {
                        _ = try? await bad.analyse(Self.input(image))
                        return true
                    }
                    return try await good.analyse(Self.input(image)).digest == image.manifestDigest
                }
            }
            for try await ok in group { #expect(ok) }
        }
        // Other tests open some of their own at the same time, and close them; a leak would be one for each child at least, and stay.
        var open = try descriptors()
        for _ in 0..<300 where open >= before + 24 {
            try await Task.sleep(for: .milliseconds(100))
            open = try descriptors()
        }
        #expect(open < before + 24)
        // Other tests start children, too; theirs are zombies for a moment, a forgotten one stays.
        var left = try Self.zombies()
        for _ in 0..<50 where !left.isEmpty {
            try await Task.sleep(for: .milliseconds(100))
            left.formIntersection(try Self.zombies())
        }
        #expect(left.isEmpty)
    }

    @Test("the child cannot be used by hand")
    func byHand() async throws {
        let kontor = try analyserProgram()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: kontor)
        process.arguments = ["analyse"]
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 2)
    }

    @Test("the job survives its own writing and reading")
    func inputsAreIndependent() async throws {
        // The same layer twice is passed once; both places see it.
        var builder = ImageBuilder()
        builder.layer(.none) { $0.file("a", text: "1") }
        builder.layer(.none) { $0.file("a", text: "1") }
        let image = builder.built()
        let directory = try TemporaryDirectory()
        let path = try directory.write(image.layers[0].bytes, to: "layer")
        let descriptor = try OpenDescriptor.file(path)
        let evidence = try await Self.analyser().analyse(
            AnalyserInput(
                manifest: image.manifest,
                digest: image.manifestDigest,
                configuration: image.configuration,
                layers: image.layers.map {
                    .init(
                        bytes: .descriptor(descriptor, offset: 0, length: nil),
                        mediaType: $0.mediaType,
                        digest: $0.digest
                    )
                }
            )
        )
        #expect(evidence.files.entries >= 1)
        #expect(evidence.integrity.checks.allSatisfy { $0.problem == nil })
    }
}
