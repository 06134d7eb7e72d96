// SPDX-License-Identifier: EUPL-1.2

import JSON
import Testing

@Suite("Walking large JSON")
struct StreamTests {
    private func members(_ text: String, _ limits: JSONLimits = .standard) throws -> [String] {
        var seen: [String] = []
        try Array(text.utf8).withUnsafeBytes { bytes in
            try JSONStream.forEachMember(in: bytes, limits: limits) { name, value in
                seen.append("\(name)=\(value.text())")
            }
        }
        return seen
    }

    private func elements(_ text: String, of key: String = "list") throws -> ([String], [String: JSONValue]) {
        var seen: [String] = []
        let others = try Array(text.utf8).withUnsafeBytes { bytes in
            try JSONStream.forEachElement(ofMember: key, in: bytes) { seen.append($0.text()) }
        }
        return (seen, others)
    }

    @Test("members come in the order of the text")
    func order() throws {
        #expect(try members(#" { "b" : 1 , "a" : {"x":[2]} } "#) == ["b=1", #"a={"x":[2]}"#])
        #expect(try members("{}").isEmpty)
    }

    @Test("the bound on values holds per member, not for the sum")
    func valuesPerMember() throws {
        let limits = JSONLimits(values: 3)
        #expect(try members(#"{"a":[1,2],"b":[3,4],"c":[5,6]}"#, limits).count == 3)
        #expect(throws: JSONError.self) { try members(#"{"a":[1,2,3]}"#, limits) }
    }

    @Test(
        "broken texts are refused",
        arguments: [
            "", " ", "[]", "1", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\":1}x",
            "{\"a\":1,\"a\":2}", "{\"a\":1 \"b\":2}",
            "{,}",
        ]
    )
    func refuses(_ text: String) { #expect(throws: JSONError.self) { try members(text) } }

    @Test("elements of one member come in order, and the other members are returned")
    func elementsOfMember() throws {
        let (seen, others) = try elements(#"{"version":"1","list":[{"a":1},2,[]],"count":3}"#)
        #expect(seen == [#"{"a":1}"#, "2", "[]"])
        #expect(others == ["version": "1", "count": 3])
        #expect(try elements(#"{"list":[ ]}"#).0.isEmpty)
    }

    @Test(
        "a missing, doubled or malformed list is refused",
        arguments: [
            "{}", #"{"list":1}"#, #"{"list":[1],"list":[2]}"#, #"{"list":[1,]}"#, #"{"list":[1"#, #"{"list":[1}}"#,
            #"{"a":1,"a":2,"list":[]}"#,
        ]
    )
    func refusesList(_ text: String) { #expect(throws: JSONError.self) { try elements(text) } }

    @Test("what the caller throws ends the walk")
    func callerThrows() {
        struct Enough: Error {}
        #expect(throws: Enough.self) {
            try Array(#"{"a":1,"b":2}"#.utf8).withUnsafeBytes { bytes in
                try JSONStream.forEachMember(in: bytes) { _, _ in throw Enough() }
            }
        }
    }
}
