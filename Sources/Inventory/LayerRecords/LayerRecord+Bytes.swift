// SPDX-License-Identifier: EUPL-1.2

import Archives
import Cataloguers
import Criteria
import JSON
import OCI
import SBOM

/// Why bytes are no record; the layer is read instead.
struct LayerRecordError: Error, Equatable {
    let reason: String
}

extension LayerRecord {
    static let magic = Array("kontor layer record\n".utf8)

    /// The record as bytes: the SHA-256 of what follows, then numbers in LEB128, texts and byte strings with their length before them.
    var bytes: [UInt8] {
        let body = self.body
        return Self.magic + Digest.sha256(body).bytes + body
    }

    private var body: [UInt8] {
        var writer = RecordWriter()
        writer.text(Self.version)
        writer.text(stored.description)
        writer.text(uncompressed.description)
        for number in [storedBytes, uncompressedBytes, secretBytes] { writer.number(UInt64(clamping: number)) }
        writer.number(UInt64(events.count))
        for event in events {
            switch event {
            case .entry(let entry):
                writer.number(0)
                writer.entry(entry)
            case .kept(let contents):
                writer.number(1)
                writer.blob(contents)
            case .catalogued(let cataloguer, let found):
                writer.number(2)
                writer.text(cataloguer)
                writer.blob(found.json.bytes())
            case .hashed(let hash):
                writer.number(3)
                writer.raw(hash.bytes)
            }
        }
        writer.number(UInt64(secrets.count))
        for secret in secrets { writer.secret(secret) }
        return writer.bytes
    }

    /// Reads a record of this very version.
    init(parsing bytes: [UInt8]) throws(LayerRecordError) {
        var reader = RecordReader(bytes)
        guard try reader.raw(Self.magic.count).elementsEqual(Self.magic) else {
            throw LayerRecordError(reason: "it is no record of a layer")
        }
        // A disk that forgot a bit must not change what an image is said to hold.
        guard try reader.raw(32).elementsEqual(Digest.sha256(Array(bytes.dropFirst(Self.magic.count + 32))).bytes)
        else {
            throw LayerRecordError(reason: "its check sum does not match its content")
        }
        guard try reader.text() == Self.version else { throw LayerRecordError(reason: "it is of another version") }
        stored = try reader.digest()
        uncompressed = try reader.digest()
        storedBytes = try reader.size()
        uncompressedBytes = try reader.size()
        secretBytes = try reader.size()
        let count = try reader.count()
        events.reserveCapacity(count)
        for _ in 0..<count {
            switch try reader.number() {
            case 0: events.append(.entry(try reader.entry()))
            case 1: events.append(.kept(Array(try reader.blob())))
            case 2:
                let cataloguer = try reader.text()
                let json = Array(try reader.blob())
                do {
                    let limits = JSONLimits(depth: 32, bytes: Self.limit, values: 5_000_000)
                    events.append(
                        .catalogued(
                            cataloguer,
                            try Catalogued(json: JSONFields(JSONValue(parsing: json, limits: limits)))
                        )
                    )
                } catch {
                    throw LayerRecordError(reason: "what \(cataloguer.prefix(40)) said cannot be read: \(error)")
                }
            case 3:
                if let hash = FileHash(try reader.raw(32)) { events.append(.hashed(hash)) }
            case let kind: throw LayerRecordError(reason: "an event of kind \(kind)")
            }
        }
        for _ in 0..<(try reader.count()) { secrets.append(try reader.secret()) }
        guard reader.isAtEnd else { throw LayerRecordError(reason: "it goes on after its end") }
    }
}

/// Writes the parts of a record.
private struct RecordWriter {
    private var packed = PackedWriter()

    var bytes: [UInt8] { packed.bytes }

    mutating func number(_ value: UInt64) { packed.number(value) }

    mutating func raw(_ piece: [UInt8]) { packed.raw(piece) }

    mutating func blob(_ piece: [UInt8]) { packed.blob(piece) }

    mutating func text(_ text: String) { packed.text(text) }

    /// Nil and a text are told apart by a number before.
    mutating func text(_ text: String?) {
        number(text == nil ? 0 : 1)
        if let text { self.text(text) }
    }

    mutating func entry(_ entry: ArchiveEntry) {
        text(entry.path)
        number(UInt64(RecordKind.all.firstIndex(of: entry.kind) ?? RecordKind.all.count - 1))
        for value in [UInt64(entry.mode), UInt64(entry.userID), UInt64(entry.groupID), UInt64(clamping: entry.size)] {
            number(value)
        }
        blob(entry.capabilities)
        text(entry.linkTarget)
        text(entry.warning)
    }

    mutating func secret(_ secret: LayerRecord.Secret) {
        text(secret.hit.rule)
        text(secret.hit.confidence.rawValue)
        text(secret.hit.subject)
        number(UInt64(clamping: secret.hit.offset))
        text(secret.hit.excerpt)
        number(secret.isBinary ? 1 : 0)
    }
}

/// Reads the parts of a record; every length is held against what is left.
private struct RecordReader {
    private var packed: PackedReader

    init(_ bytes: [UInt8]) { packed = PackedReader(bytes) }

    var isAtEnd: Bool { packed.isAtEnd }

    mutating func raw(_ count: Int) throws(LayerRecordError) -> ArraySlice<UInt8> {
        do { return try packed.raw(count) } catch { throw LayerRecordError(reason: error.reason) }
    }

    mutating func number() throws(LayerRecordError) -> UInt64 {
        do { return try packed.number() } catch { throw LayerRecordError(reason: error.reason) }
    }

    /// A number of things of which each takes a byte at least.
    mutating func count() throws(LayerRecordError) -> Int {
        do { return try packed.count() } catch { throw LayerRecordError(reason: error.reason) }
    }

    mutating func size() throws(LayerRecordError) -> Int64 { Int64(clamping: try number()) }

    mutating func blob() throws(LayerRecordError) -> ArraySlice<UInt8> { try raw(try count()) }

    mutating func text() throws(LayerRecordError) -> String { String(decoding: try blob(), as: UTF8.self) }

    mutating func optionalText() throws(LayerRecordError) -> String? {
        try number() == 0 ? nil : try text()
    }

    mutating func digest() throws(LayerRecordError) -> Digest {
        let text = try text()
        do throws(DigestError) { return try Digest(parsing: text) } catch {
            throw LayerRecordError(reason: "\"\(text.prefix(80))\" is no digest")
        }
    }

    mutating func entry() throws(LayerRecordError) -> ArchiveEntry {
        let path = try text()
        let kind = try number()
        guard kind < UInt64(RecordKind.all.count) else { throw LayerRecordError(reason: "a member of kind \(kind)") }
        var entry = ArchiveEntry(path: path, kind: RecordKind.all[Int(kind)])
        entry.mode = UInt32(truncatingIfNeeded: try number())
        entry.userID = UInt32(truncatingIfNeeded: try number())
        entry.groupID = UInt32(truncatingIfNeeded: try number())
        entry.size = try size()
        entry.capabilities = Array(try blob())
        entry.linkTarget = try optionalText()
        entry.warning = try optionalText()
        return entry
    }

    mutating func secret() throws(LayerRecordError) -> LayerRecord.Secret {
        let rule = try text()
        let confidence = try text()
        guard let confidence = SecretHit.Confidence(rawValue: confidence) else {
            throw LayerRecordError(reason: "a confidence \"\(confidence.prefix(40))\"")
        }
        let subject = try text()
        let offset = try size()
        let excerpt = try text()
        return LayerRecord.Secret(
            hit: SecretHit(
                rule: rule,
                place: .file,
                confidence: confidence,
                subject: subject,
                layer: nil,
                offset: offset,
                excerpt: excerpt
            ),
            isBinary: try number() == 1
        )
    }
}

/// The kinds of members in the order of their numbers.
private enum RecordKind {
    static let all: [ArchiveEntry.Kind] = [
        .file, .directory, .symbolicLink, .hardLink, .characterDevice, .blockDevice, .fifo, .other,
    ]
}

extension Catalogued {
    /// What a cataloguer said, as an object.
    var json: JSONValue {
        [
            "components": .array(components.map(\.json)), "problems": .strings(problems), "marks": .strings(marks),
            "owned": .array(owned.map { ["component": .integer(Int64($0.component)), "path": .string($0.path)] }),
            "program": program.map { ["missing": $0.missing.map { .strings($0.map(\.rawValue)) } ?? .null] } ?? .null,
        ]
    }

    init(json fields: JSONFields) throws(JSONShapeError) {
        var components: [Component] = []
        for component in try fields.objects("components") { components.append(try Component(json: component)) }
        var owned: [OwnedPath] = []
        for entry in try fields.objects("owned") {
            owned.append(OwnedPath(component: try entry.int("component"), path: try entry.string("path")))
        }
        self.init(
            components: components,
            problems: try fields.strings("problems"),
            marks: try fields.strings("marks"),
            owned: owned,
            program: try Self.program(fields)
        )
    }

    private static func program(_ fields: JSONFields) throws(JSONShapeError) -> ProgramProtections? {
        guard let program = try fields.optionalObject("program") else { return nil }
        guard let names = try program.optionalStrings("missing") else { return ProgramProtections(missing: nil) }
        var missing: [ProgramProtections.Kind] = []
        for name in names {
            guard let kind = ProgramProtections.Kind(rawValue: name) else {
                throw JSONShapeError(path: program.path(of: "missing"), expected: "names of protections", found: name)
            }
            missing.append(kind)
        }
        return ProgramProtections(missing: missing)
    }
}
