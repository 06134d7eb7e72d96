// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// A Python environment with the packages of `scripts/python-requirements.txt`, at the versions that are pinned there.
public struct PythonEnvironment: Sendable {
    private let directory: String

    fileprivate init(directory: String) { self.directory = directory }

    /// Its interpreter.
    public var python: Tool { Tool(name: "python", path: directory + "/python") }

    /// A program that one of the packages brings: `syft`.
    public func program(_ name: String) throws -> Tool {
        let path = directory + "/" + name
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ToolError(
                description: "\(name): not in \(directory); add its package to scripts/python-requirements.txt"
            )
        }
        return Tool(name: name, path: path)
    }
}

/// The environment below `.build/test-python`, made by the first test that asks for it.
///
/// - Parameter packages: the packages that the test needs; each must be listed, as with Debian's in ``tool(_:)``.
public func pythonEnvironment(_ packages: [String]) async throws -> PythonEnvironment {
    let list = try String(contentsOfFile: checkoutRoot + "/scripts/python-requirements.txt", encoding: .utf8)
    let listed = list.split(separator: "\n").map { $0.prefix { !"=[<> ".contains($0) } }
    for package in packages {
        guard listed.contains(where: { $0 == package }) else {
            throw ToolError(description: "\(package): not in scripts/python-requirements.txt")
        }
    }
    return try await shared.value
}

/// Made once per test run; other processes wait at the script's lock.
private let shared = Task {
    let output = try await tool("python3").check(
        [checkoutRoot + "/scripts/python-environment.py", checkoutRoot + "/.build/test-python"]
    )
    return PythonEnvironment(directory: String(output.split(separator: "\n").last ?? ""))
}

/// Validates an SBOM strictly against CycloneDX 1.6, and that all of it can be reached from its root.
///
/// - Throws: ``ToolError`` with the first fault.
public func validateCycloneDX(_ document: [UInt8]) async throws {
    let environment = try await pythonEnvironment(["cyclonedx-python-lib"])
    try await environment.python.check([checkoutRoot + "/scripts/validate-cyclonedx.py", "-"], input: document)
}
