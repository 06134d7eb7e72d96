// SPDX-License-Identifier: EUPL-1.2

import Criteria
import JSON
import Testing

@Suite("Image evidence as JSON")
struct ImageEvidenceCodecTests {
    private static var full: ImageEvidence {
        var evidence = Sample.image
        evidence.annotations = ["a": "b"]
        evidence.problems = [InventoryProblem(path: "x", layer: nil, reason: "y", affectsComponents: true)]
        evidence.integrity.checks.append(IntegrityCheck(subject: "layer 1", expected: "a", actual: nil, problem: "p"))
        evidence.integrity.unknownMediaTypes = ["a/b"]
        evidence.files.privileged = FileList(total: 5, items: [Sample.file("usr/bin/su", mode: 0o4755)])
        let weak = WeakProgram(path: "usr/bin/a", layer: 1, missing: [.readOnlyRelocations, .stackProtector])
        evidence.files.programs = ProgramEvidence(total: 9, unread: 2, weak: 3, examples: [weak])
        evidence.files.openCode = FileList(total: 1, items: [Sample.file("app/a.py", mode: 0o666)])
        evidence.secrets.hits = [
            SecretHit(
                rule: "r",
                place: .history,
                confidence: .medium,
                subject: "0",
                layer: nil,
                offset: 3,
                excerpt: "***"
            )
        ]
        return evidence
    }

    @Test("reads back what it wrote")
    func roundTrip() throws {
        for evidence in [Self.full, ImageEvidence()] {
            let bytes = evidence.json.bytes()
            #expect(try ImageEvidence(json: JSONValue(parsing: bytes)) == evidence)
        }
    }

    /// Members of hostile evidence: path from the root, value, and what the error must name.
    @Test(
        "hostile evidence is refused with its path",
        arguments: [
            (["schemaVersion"], JSONValue.integer(2)), (["schemaVersion"], .null), (["more"], .null),
            (["digest"], "sha256:xyz"),
            (["annotations"], ["a": 1]), (["configuration"], [:]), (["integrity"], .null),
            (["integrity", "more"], .null),
            (["integrity", "checks"], [.object([:])]), (["components"], [["name": "x"]]), (["problems"], ["x"]),
            (["users"], [["name": "a", "userID": -1, "groupID": 0, "home": "", "shell": ""]]),
            (["users"], [["name": "a", "userID": 4_294_967_296, "groupID": 0, "home": "", "shell": ""]]),
            (["groups"], [["name": "a", "groupID": 0, "members": []]]), (["files", "entries"], -1),
            (["files", "hiddenBytes"], 1.5),
            (["files", "programs", "weak"], 8),
            (["files", "programs", "examples"], [["path": "a", "layer": 0, "missing": ["x"]]]),
            (["files", "executables", "total"], 0), (["files", "executables"], ["total": 1, "items": [1]]),
            (
                ["files", "privileged"],
                [
                    "total": 1,
                    "items": [
                        [
                            "path": "a", "mode": 65_535, "userID": 0, "groupID": 0, "size": 0, "layer": 0,
                            "owner": .null, "hasCapabilities": false,
                        ]
                    ],
                ]
            ),
            (["secrets", "complete"], "yes"), (["secrets", "bytesScanned"], -1),
            (["secrets", "hits"], [["rule": "x"]]),
            (["distribution"], ["id": 1]),
        ] as [([String], JSONValue)]
    )
    func hostile(path: [String], value: JSONValue) throws {
        let json = Self.full.json.replacing(path[...], with: value)
        let error = #expect(throws: JSONShapeError.self) { try ImageEvidence(json: json) }
        #expect(error?.path.contains(path[path.count - 1]) == true, "\(error?.description ?? "")")
        #expect((error?.description.count ?? 0) < 1000)
    }

    @Test(
        "no member may be left out",
        arguments: [
            "schemaVersion", "annotations", "integrity", "components", "problems", "users", "groups", "files",
            "secrets",
        ]
    )
    func missing(key: String) throws {
        var members = try #require(Self.full.json.objectValue)
        members[key] = nil
        #expect(throws: JSONShapeError.self) { try ImageEvidence(json: .object(members)) }
    }

    @Test("lists have bounds")
    func bounds() throws {
        let hit: JSONValue = [
            "rule": "r", "place": "file", "confidence": "high", "subject": "s", "layer": 0, "offset": 0, "excerpt": "",
        ]
        let json = Self.full.json.replacing(["secrets", "hits"], with: .array(Array(repeating: hit, count: 1001)))
        let error = #expect(throws: JSONShapeError.self) { try ImageEvidence(json: json) }
        #expect(error?.expected == "at most 1000 elements")
    }
}

extension JSONValue {
    fileprivate func replacing(_ path: ArraySlice<String>, with value: JSONValue) -> JSONValue {
        guard let key = path.first else { return value }
        var members = objectValue ?? [:]
        members[key] = (members[key] ?? .null).replacing(path.dropFirst(), with: value)
        return .object(members)
    }
}
