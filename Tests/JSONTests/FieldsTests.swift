// SPDX-License-Identifier: EUPL-1.2

import JSON
import Testing

@Suite("Typed access to members")
struct FieldsTests {
    private func fields(_ text: String) throws -> JSONFields { try JSONFields(try JSONValue(parsing: text)) }

    @Test("members are read with their types")
    func reads() throws {
        let fields = try fields(
            #"{"s":"x","i":7,"d":1.5,"b":true,"a":[1],"t":["p","q"],"o":{"k":"v"},"l":[{"n":1},{"n":2}],"z":null}"#
        )
        #expect(try fields.string("s") == "x")
        #expect(try fields.int("i") == 7)
        #expect(try fields.integer("i") == 7)
        #expect(try fields.double("d") == 1.5)
        #expect(try fields.double("i") == 7)
        #expect(try fields.bool("b"))
        #expect(try fields.array("a") == [1])
        #expect(try fields.strings("t") == ["p", "q"])
        #expect(try fields.stringMap("o") == ["k": "v"])
        #expect(try fields.objects("l").map { try $0.int("n") } == [1, 2])
        #expect(try fields.object("o").path == "$.o")
        #expect(try fields.optionalString("z") == nil)
        #expect(try fields.optionalString("none") == nil)
        #expect(try fields.optionalObject("none") == nil)
        #expect(!fields.has("z") && fields.has("s"))
        #expect(fields.keys == ["a", "b", "d", "i", "l", "o", "s", "t", "z"])
    }

    @Test("errors name the path, what was expected and what is there")
    func errors() throws {
        let fields = try fields(#"{"l":[{"n":"x"}],"t":["a",1],"m":{"k":2},"z":null}"#)
        #expect(throws: JSONShapeError(path: "$.l[0].n", expected: "integer", found: "string")) {
            try fields.objects("l")[0].int("n")
        }
        #expect(throws: JSONShapeError(path: "$.t[1]", expected: "string", found: "integer")) {
            try fields.strings("t")
        }
        #expect(throws: JSONShapeError(path: "$.m.k", expected: "string", found: "integer")) {
            try fields.stringMap("m")
        }
        #expect(throws: JSONShapeError(path: "$.none", expected: "string", found: "nothing")) {
            try fields.string("none")
        }
        #expect(throws: JSONShapeError(path: "$.z", expected: "object", found: "null")) { try fields.object("z") }
        #expect(throws: JSONShapeError(path: "$.l", expected: "string", found: "array")) {
            try fields.optionalString("l")
        }
        #expect(throws: JSONShapeError(path: "$", expected: "object", found: "array")) { try JSONFields([]) }
        #expect(
            JSONShapeError(path: "$.a", expected: "string", found: "null").description
                == "$.a: expected string, found null"
        )
    }
}
