// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// A program of Debian 13 (trixie) that tests run beside Debian 12: `cosign`, `csaf`, `oras`, `python3.13`, `skopeo`.
///
/// The first test that asks has it fetched by `scripts/trixie`, as ``pythonEnvironment(_:)`` does with Python's packages; where it is there
/// already, nothing is asked of any network.
///
/// - Throws: ``ToolError`` when no mirror can be reached or the program is none of those.
public func trixieTool(_ name: String) async throws -> Tool {
    let path = try await programs.value + "/" + name
    guard FileManager.default.isExecutableFile(atPath: path) else {
        throw ToolError(description: "\(name): not in \(path); add it to the programs of scripts/trixie")
    }
    return Tool(name: name, path: path)
}

/// Folder of the programs; made once per test run, other processes wait at the script's lock.
private let programs = Task {
    let output = try await tool("bash").check([checkoutRoot + "/scripts/trixie"])
    return String(output.split(separator: "\n").last ?? "")
}
