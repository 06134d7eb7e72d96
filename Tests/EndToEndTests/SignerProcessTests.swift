// SPDX-License-Identifier: EUPL-1.2

import Foundation
import Keys
import NIOPosix
import TestKit
import Testing

/// The signer as a process under an account of its own, and what other accounts can do to it.
///
/// Two accounts need root, as the machine that builds has it; without root the test says that it did not run.
@Suite("Signer under two accounts", .enabled(if: getuid() == 0, "needs root to start processes under other accounts"))
struct SignerProcessTests {
    private static let signerAccount: UInt32 = 61_001
    private static let strangerAccount: UInt32 = 61_002
    private static let nodeAccount: UInt32 = 61_003

    /// A signer that runs as ``signerAccount`` until the body ends.
    private func withSigner(
        _ body: (_ process: Process, _ keys: String, _ socket: String) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory("kontor-signer")
        let (keys, socket) = (directory.file("keys"), directory.file("signer.sock"))
        try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: false)
        for path in [keys, directory.path] { #expect(chown(path, Self.signerAccount, Self.signerAccount) == 0) }
        #expect(chmod(keys, 0o700) == 0)
        #expect(chmod(directory.path, 0o755) == 0)
        let program = directory.file("kontor")
        // The build directory need not be readable for other accounts.
        try FileManager.default.copyItem(atPath: try builtProduct("kontor").path, toPath: program)
        #expect(chmod(program, 0o755) == 0)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try tool("setpriv").path)
        process.arguments =
            Self.account(Self.signerAccount)
            + [
                program, "signer", "--keys", keys, "--socket", socket, "--allow-uid", "\(Self.nodeAccount)",
                "--allow-uid", "0",
            ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        for _ in 0..<200 where !FileManager.default.fileExists(atPath: socket) {
            guard process.isRunning else { throw ToolError(description: "the signer ended at its start") }
            try await Task.sleep(for: .milliseconds(50))
        }
        try await body(process, keys, socket)
        #expect(process.isRunning)
    }

    private static func account(_ number: UInt32) -> [String] {
        ["--reuid", "\(number)", "--regid", "\(number)", "--clear-groups"]
    }

    /// Runs a shell line as an account; returns its exit code and what it wrote.
    private func shell(_ line: String, as account: UInt32) async throws -> ToolResult {
        try await tool("setpriv").run(Self.account(account) + [try tool("bash").path, "-c", line])
    }

    @Test("a node under another account gets signatures and knows that the keys are isolated")
    func signs() async throws {
        try await withSigner { _, _, socket in
            let threads = NIOThreadPool(numberOfThreads: 1)
            threads.start()
            let client = SignerClient(path: socket, threads: threads)
            let note = Array("log.example\n1\n\(String(repeating: "A", count: 43))=\n".utf8)
            let signature = try await client.sign(note, as: .logNotes)
            #expect(signature.bytes.count == 64)
            #expect(try await client.keys().count == KeyRole.allCases.count)
            // This test runs as root, from whom nothing is hidden.
            #expect(try await client.isolation() == .root)
            try await threads.shutdownGracefully()
        }
    }

    @Test("a stranger's account gets no signature, no key file and no memory of the signer")
    func stranger() async throws {
        try await withSigner { process, keys, socket in
            // Debian's own: another one may lie where only root may go.
            _ = try tool("python3")
            let question = #"printf '\0\0\0\23\0\0\0\17{"verb":"keys"}'"#
            let ask = question + " | timeout 10 /usr/bin/python3 -c '\(Self.ask)' \(socket)"
            let refused = try await shell(ask, as: Self.strangerAccount)
            #expect(refused.output.contains("may not ask"), "\(refused.output) \(refused.errorOutput)")
            let allowed = try await shell(ask, as: Self.nodeAccount)
            #expect(allowed.output.contains("log-notes"), "\(allowed.output) \(allowed.errorOutput)")
            for account in [Self.strangerAccount, Self.nodeAccount] {
                let read = try await shell("cat \(keys)/*.pem \(keys)/keys.json", as: account)
                #expect(read.exitCode != 0 && read.output.isEmpty)
            }
            // Also the signer's own account cannot read its memory: a process that is not dumpable belongs to root there.
            for account in [Self.strangerAccount, Self.nodeAccount, Self.signerAccount] {
                let memory = try await shell("head -c 1 /proc/\(process.processIdentifier)/mem", as: account)
                #expect(memory.exitCode != 0 && memory.errorOutput.contains("Permission denied"))
                let maps = try await shell("cat /proc/\(process.processIdentifier)/maps", as: account)
                #expect(maps.exitCode != 0 && maps.output.isEmpty)
            }
        }
    }

    @Test("a token's key signs inside the signer, whose memory stays closed with the token's library in it")
    func token() async throws {
        try await withSigner { process, keys, socket in
            let base = String(keys.dropLast("/keys".count))
            let utility = try tool("softhsm2-util").path
            let made = try await shell(
                """
                umask 077; mkdir \(base)/tokens && printf '7391\\n' > \(base)/pin && \
                printf 'directories.tokendir = \(base)/tokens\\nobjectstore.backend = file\\n' > \(base)/softhsm2.conf && \
                SOFTHSM2_CONF=\(base)/softhsm2.conf \(utility) --init-token --free --label kontor --so-pin 99887766 --pin 7391 && \
                \(base)/kontor keys adopt log-notes --module /usr/lib/softhsm/libsofthsm2.so --token kontor --label notes \
                --pin-file \(base)/pin --env SOFTHSM2_CONF=\(base)/softhsm2.conf --generate --keys \(keys)
                """,
                as: Self.signerAccount
            )
            #expect(made.exitCode == 0, "\(made.output)\(made.errorOutput)")
            let client = SignerClient(path: socket)
            let note = Array("log.example\n1\n\(String(repeating: "A", count: 43))=\n".utf8)
            let signature = try await client.sign(note, as: .logNotes)
            #expect(signature.bytes.count == 64 && signature.key.token?.label == "notes")
            let maps = try String(contentsOfFile: "/proc/\(process.processIdentifier)/maps", encoding: .utf8)
            #expect(maps.contains("libsofthsm2.so"))
            for account in [Self.strangerAccount, Self.nodeAccount, Self.signerAccount] {
                let memory = try await shell("head -c 1 /proc/\(process.processIdentifier)/mem", as: account)
                #expect(memory.exitCode != 0 && memory.errorOutput.contains("Permission denied"))
            }
            for account in [Self.strangerAccount, Self.nodeAccount] {
                let read = try await shell("cat \(base)/pin \(base)/tokens/*/*", as: account)
                #expect(read.exitCode != 0 && read.output.isEmpty)
            }
        }
    }

    /// Sends standard input to a local socket and prints the answer.
    private static let ask = """
        import socket,sys
        s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
        try: s.sendall(sys.stdin.buffer.read()); s.shutdown(1)
        except BrokenPipeError: pass
        while True:
            try: b=s.recv(65536)
            except ConnectionResetError: break
            if not b: break
            sys.stdout.write(b.decode("latin-1"))
        """
}
