// SPDX-License-Identifier: EUPL-1.2

import Commands
import JSON
import TestKit
import Testing

@Suite("Lists of hashes for advisories") struct HashListTests {
    private static let one = String(repeating: "0a", count: 32)
    private static let two = String(repeating: "fF", count: 32)

    @Test("what sha256sum writes is read, whatever the names")
    func forms() throws {
        let text = """
            # found on 26 November
            \(Self.one)  /usr/lib/a name.so

            \\\(Self.two) *od\\nd\r
            sha256:\(Self.one)
            """
        let list = try HashList(parsing: Array(text.utf8), name: "list")
        #expect(list.hashes == [Self.one, Self.two.lowercased(), Self.one])
    }

    @Test("a real sha256sum is understood, by way of Python's own hash")
    func real() async throws {
        let directory = try TemporaryDirectory("hashes")
        let path = try directory.write(Array("evil".utf8), to: "evil.so")
        let script =
            "import hashlib,sys; print(hashlib.sha256(open(sys.argv[1],'rb').read()).hexdigest()+'  '+sys.argv[1])"
        let line = try await tool("python3").check(["-c", script, path])
        let list = try HashList(parsing: Array(line.utf8), name: "list")
        #expect(list.hashes == ["b5c1fb2efc6d6b4674c2fdcc48ce01b43a3b7c03763c0c3355de0099ee0f8c73"])
    }

    @Test("a line that begins with no hash is named", arguments: ["abc", "\(two)0", "sha256:", "md5 \(one)"])
    func refused(line: String) {
        let text = "\(Self.one)\n\(line)\n"
        #expect { try HashList(parsing: Array(text.utf8), name: "list.txt") } throws: { error in
            "\(error)".contains("list.txt") && "\(error)".contains("2")
        }
    }

    @Test("the entry stands behind those that are there")
    func added() throws {
        let list = try HashList(parsing: Array(Self.one.utf8), name: "list")
        let record: JSONValue = ["id": "K-1", "affected": [["package": ["ecosystem": "PyPI", "name": "x"]]]]
        let entry: JSONValue = ["database_specific": ["sha256": [.string(Self.one)]]]
        #expect(list.added(to: record)["affected"]?.arrayValue?.last == entry)
        #expect(list.added(to: ["id": "K-1"])["affected"] == [entry])
        #expect(try HashList(parsing: [], name: "list").added(to: record) == record)
    }
}
