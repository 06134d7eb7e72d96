// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import Subprocess

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// Why an outside program could not be used by a test.
public struct ToolError: Error, CustomStringConvertible {
    /// What failed, and what the program said.
    public let description: String

    /// An error with its whole text.
    public init(description: String) { self.description = description }
}

/// What an outside program printed and how it ended.
public struct ToolResult: Sendable {
    /// How it ended; 128 + n when signal n ended it.
    public let exitCode: Int32
    /// Standard output.
    public let output: String
    /// Standard error.
    public let errorOutput: String
}

/// A program that a test may start: one whose Debian package `scripts/packages.txt` lists.
///
/// A test that needs a program which the project's own set-up does not install would pass here and fail on a fresh machine; so the
/// look-up fails unless the package is listed.
public struct Tool: Sendable {
    /// Name as typed on a command line.
    public let name: String
    /// Absolute path of the program.
    public let path: String

    /// Runs the program without a shell.
    ///
    /// - Returns: exit code and at most 16 MiB each of standard output and standard error.
    public func run(
        _ arguments: [String],
        input: [UInt8] = [],
        environment: [String: String] = [:],
        directory: String? = nil
    ) async throws -> ToolResult {
        let overrides = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) }
        )
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: Arguments(arguments),
            environment: .inherit.updating(overrides),
            workingDirectory: directory.map { FilePath($0) },
            input: .array(input),
            output: .string(limit: 16 << 20),
            error: .string(limit: 16 << 20)
        )
        let code: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return ToolResult(exitCode: code, output: result.standardOutput, errorOutput: result.standardError)
    }

    /// Runs the program and returns its standard output; throws with both outputs unless it exits with 0.
    @discardableResult
    public func check(
        _ arguments: [String],
        input: [UInt8] = [],
        environment: [String: String] = [:],
        directory: String? = nil
    ) async throws -> String {
        let result = try await run(arguments, input: input, environment: environment, directory: directory)
        guard result.exitCode == 0 else {
            throw ToolError(
                description:
                    "\(name) \(arguments.joined(separator: " ")) ended with \(result.exitCode)\n\(result.output)\n\(result.errorOutput)"
            )
        }
        return result.output
    }
}

/// Programs that tests use, and the Debian package each comes from.
private let packageOfProgram: [String: String] = [
    "skopeo": "skopeo", "docker-registry": "docker-registry", "rsyslogd": "rsyslog-openssl",
    "podman": "podman", "buildah": "buildah", "docker": "docker.io",
    "curl": "curl", "dpkg": "dpkg", "mmdebstrap": "mmdebstrap", "tar": "tar",
    "gcc": "gcc", "git": "git", "readelf": "binutils",
    "python3": "python3", "bsdtar": "libarchive-tools", "zstd": "zstd", "xz": "xz-utils", "gzip": "gzip",
    "make": "make", "bash": "bash",
    "openssl": "openssl", "sqlite3": "sqlite3", "swift": "", "postgres": "postgresql", "setpriv": "util-linux",
    "rpm": "rpm", "rpmbuild": "rpm",
    "softhsm2-util": "softhsm2",
    "chromium-headless-shell": "chromium-headless-shell",
    "ruby": "ruby", "java": "default-jre-headless", "gpg": "gnupg", "gpgconf": "gnupg",
]

/// Root of the checkout that the tests were built from.
public let checkoutRoot: String = {
    var parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
}()

/// Finds an outside program for a test.
///
/// - Throws: ``ToolError`` when it is not in the table above, its package is not in `scripts/packages.txt`, or it is not installed.
public func tool(_ name: String) throws -> Tool {
    guard let package = packageOfProgram[name] else {
        throw ToolError(description: "\(name): not in TestKit's table of programs; add it with its Debian package")
    }
    if !package.isEmpty {
        let list = try String(contentsOfFile: checkoutRoot + "/scripts/packages.txt", encoding: .utf8)
        let packages = list.split(separator: "\n").map { $0.prefix { $0 != "#" && $0 != " " } }
        guard packages.contains(where: { $0 == package }) else {
            throw ToolError(description: "\(name): its package \(package) is not in scripts/packages.txt")
        }
    }
    let search = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    for directory in search.split(separator: ":") {
        let candidate = "\(directory)/\(name)"
        if FileManager.default.isExecutableFile(atPath: candidate) { return Tool(name: name, path: candidate) }
    }
    throw ToolError(description: "\(name): not installed (package \(package)); run scripts/setup")
}

/// Programs built by this package, beside the test bundle.
public func builtProduct(_ name: String) throws -> Tool {
    let directory = CommandLine.arguments.first.map { $0.prefix(upTo: $0.lastIndex(of: "/") ?? $0.startIndex) } ?? ""
    for candidate in ["\(directory)/\(name)", "\(checkoutRoot)/.build/release/\(name)"]
    where FileManager.default.isExecutableFile(atPath: candidate) {
        return Tool(name: name, path: candidate)
    }
    throw ToolError(description: "\(name): not built beside the tests; run swift build -c release --build-tests")
}

/// Where the feeds for tests are: `KONTOR_FEEDS`, else `../shared/feeds` beside the checkout; nil where there are none.
public let feedsDirectory: String? = {
    let named = ProcessInfo.processInfo.environment["KONTOR_FEEDS"]
    for candidate in [named, checkoutRoot + "/../shared/feeds"].compactMap({ $0 })
    where FileManager.default.fileExists(atPath: candidate) {
        return candidate
    }
    return nil
}()
