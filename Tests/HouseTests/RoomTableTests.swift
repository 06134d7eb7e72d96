// SPDX-License-Identifier: EUPL-1.2

import Foundation
import JSON
import TestKit
import Testing

/// One line of the table in docs/architecture.md.
private struct Room {
    let layer: Int
    let name: String
    let rooms: Set<String>?  // nil: everything
    let outside: Set<String>
}

private func roomTable() throws -> [String: Room] {
    let text = try String(contentsOfFile: checkoutRoot + "/docs/architecture.md", encoding: .utf8)
    var table: [String: Room] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("| L") {
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        guard cells.count == 5, let layer = Int(cells[0].dropFirst()) else { continue }
        let list = { (cell: String) in
            Set(cell.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }).subtracting(["–"])
        }
        let rooms = cells[3] == "everything" ? nil : list(cells[3])
        #expect(table[cells[1]] == nil, "room \(cells[1]) stands twice in the table")
        table[cells[1]] = Room(layer: layer, name: cells[1], rooms: rooms, outside: list(cells[4]))
    }
    return table
}

private func describedTargets() async throws -> [JSONFields] {
    let scratch = try TemporaryDirectory("describe")
    // --ignore-lock: the test run itself holds SwiftPM's lock; describing reads the manifest only.
    let output = try await tool("swift").check(
        [
            "package", "--package-path", checkoutRoot, "--scratch-path", scratch.path, "--ignore-lock", "describe",
            "--type", "json",
        ]
    )
    let start = try #require(output.firstIndex(of: "{"))
    return try JSONFields(JSONValue(parsing: String(output[start...]))).objects("targets")
}

private func imports(in source: String) -> Set<String> {
    var names: Set<String> = []
    for line in source.split(separator: "\n") {
        var words = line.split(separator: " ")[...]
        while let first = words.first,
            ["public", "package", "internal", "private", "fileprivate", "@preconcurrency", "@_exported"].contains(first)
        {
            words = words.dropFirst()
        }
        guard words.first == "import", words.count >= 2 else { continue }
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "typealias", "let", "var"]
        let named = words.dropFirst().first(where: { !kinds.contains($0) }) ?? ""
        names.insert(String(named.prefix { $0 != "." }))
    }
    return names
}

@Suite("The house")
struct RoomTableTests {
    @Test("every target is a room of the table, and depends only on what the table allows")
    func targetsMatchTable() async throws {
        let table = try roomTable()
        #expect(table.count > 20)
        var seen: Set<String> = []
        for target in try await describedTargets() {
            let name = try target.string("name")
            guard try target.string("path").hasPrefix("Sources/") else { continue }
            let room = try #require(table[name], "target \(name) has no line in docs/architecture.md")
            seen.insert(name)
            let dependencies = Set(try target.optionalStrings("target_dependencies") ?? [])
            if let allowed = room.rooms {
                #expect(
                    dependencies.subtracting(allowed).isEmpty,
                    "\(name) depends on rooms that the table does not allow"
                )
            }
            let products = Set(try target.optionalStrings("product_dependencies") ?? [])
            #expect(
                products.subtracting(room.outside).isEmpty,
                "\(name) depends on packages that the table does not allow"
            )
        }
        #expect(seen == Set(table.keys), "rooms in the table without a target")
    }

    @Test("arrows go down, or sideways; never up")
    func arrowsGoDown() throws {
        let table = try roomTable()
        for room in table.values {
            for other in room.rooms ?? [] {
                let below = try #require(table[other], "\(room.name) may import \(other), which is no room")
                #expect(
                    below.layer <= room.layer,
                    "\(room.name) (L\(room.layer)) points up to \(other) (L\(below.layer))"
                )
            }
        }
    }

    @Test("sideways arrows make no circle")
    func noCircles() throws {
        let table = try roomTable()
        var done: Set<String> = []
        func visit(_ name: String, _ path: [String]) {
            guard !done.contains(name) else { return }
            guard !path.contains(name) else {
                Issue.record("circle: \((path + [name]).joined(separator: " → "))")
                return
            }
            for next in table[name]?.rooms ?? [] { visit(next, path + [name]) }
            done.insert(name)
        }
        for name in table.keys { visit(name, []) }
    }

    @Test("import lines hold the table")
    func importsHoldTheTable() throws {
        let table = try roomTable()
        let always: Set<String> = ["FoundationEssentials", "Synchronization", "Swift", "_Concurrency"]
        let system: Set<String> = ["Glibc", "Musl", "Android"]
        var files = 0
        for (name, room) in table {
            let directory = checkoutRoot + "/Sources/" + name
            guard let walk = FileManager.default.enumerator(atPath: directory) else { continue }
            for case let file as String in walk where file.hasSuffix(".swift") {
                files += 1
                let source = try String(contentsOfFile: directory + "/" + file, encoding: .utf8)
                let found = imports(in: source).subtracting(always).subtracting(room.layer > 0 ? system : [])
                let allowed = room.outside.union(room.rooms ?? Set(table.keys))
                let extra = found.subtracting(allowed)
                #expect(
                    extra.isEmpty,
                    "Sources/\(name)/\(file) imports \(extra.sorted()), which docs/architecture.md does not allow"
                )
            }
        }
        #expect(files > 50)
    }

    @Test("each source file begins with its licence")
    func licenceHeaders() throws {
        for folder in ["Sources", "Tests", "scripts", ".ci"] {
            let walk = try #require(FileManager.default.enumerator(atPath: checkoutRoot + "/" + folder))
            for case let file as String in walk {
                let path = "\(checkoutRoot)/\(folder)/\(file)"
                let named =
                    file.hasSuffix(".swift") || file.hasSuffix(".h") || file.hasSuffix(".c") || folder == "scripts"
                    || folder == ".ci"
                var isDirectory: ObjCBool = false
                guard named, FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
                    !isDirectory.boolValue
                else { continue }
                let head = try String(contentsOfFile: path, encoding: .utf8).prefix(400)
                // REUSE-IgnoreStart
                #expect(head.contains("SPDX-License-Identifier: EUPL-1.2"), "\(folder)/\(file) names no licence")
                // REUSE-IgnoreEnd
            }
        }
    }

    @Test("no file is so long that it is two ideas")
    func filesAreShort() throws {
        let walk = try #require(FileManager.default.enumerator(atPath: checkoutRoot + "/Sources"))
        for case let file as String in walk where file.hasSuffix(".swift") {
            let lines = try String(contentsOfFile: "\(checkoutRoot)/Sources/\(file)", encoding: .utf8).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            let isTable = lines.prefix(12).contains { $0.contains("Generated by scripts/") }
            #expect(isTable || lines.count <= 700, "Sources/\(file) has \(lines.count) lines")
        }
    }
}
