// SPDX-License-Identifier: EUPL-1.2

import Crypto
import FoundationEssentials
import MerkleLog
import Testing

/// The test log of Tessera: a published key pair, fifteen words.
enum Tessera {
    static let key = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    /// Published with the test data, behind the byte of its kind; signs nothing else.
    static let seed = "AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
    static let words = [
        "one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten", "ileven", "twelf", "threeten",
        "fourten", "fivten",
    ].map { Array($0.utf8) }
    static let checkpoint =
        "example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n"
        + "— example.com/log/testdata M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n"
}

@Suite("Notes, checkpoints, receipts")
struct NoteTests {
    static let fooKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    static let fooNote =
        "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"

    @Test("the example of the specification verifies and is written back byte for byte")
    func specificationVector() throws {
        let key = try NoteKey(parsing: Self.fooKey)
        #expect(key.description == Self.fooKey)
        let note = try SignedNote(parsing: Array(Self.fooNote.utf8))
        #expect(note.text == Array("This is an example message.\n".utf8))
        #expect(try note.signers(among: [key]) == [key])
        #expect(note.bytes == Array(Self.fooNote.utf8))
    }

    @Test("Tessera's test log: the words give its root, and its key the checkpoint's bytes")
    func tesseraVector() throws {
        var tree = TiledTree()
        for word in Tessera.words { try tree.append(word) }
        let checkpoint = Checkpoint(origin: "example.com/log/testdata", size: 15, root: tree.root)
        #expect(checkpoint.root.base64 == "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=")
        let key = try NoteKey(parsing: Tessera.key)
        let seed = try #require(Data(base64Encoded: Tessera.seed)).dropFirst()
        let signing = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        #expect(Array(signing.publicKey.rawRepresentation) == key.publicKey)
        let signed = try SignedCheckpoint(verifying: Array(Tessera.checkpoint.utf8), by: [key])
        #expect(signed.checkpoint == checkpoint)
        #expect(signed.note.bytes == Array(Tessera.checkpoint.utf8))
        #expect(signed.note.text == checkpoint.text)
        let ours = SignedNote(
            text: checkpoint.text,
            signatures: [key.signature(Array(try signing.signature(for: checkpoint.text)))]
        )
        #expect(ours.bytes == Array(Tessera.checkpoint.utf8))
    }

    @Test("any flipped bit of a signed checkpoint is refused")
    func flippedBits() throws {
        let key = try NoteKey(parsing: Tessera.key)
        let bytes = Array(Tessera.checkpoint.utf8)
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                #expect(throws: NoteError.self, "byte \(place), bit \(bit)") {
                    try SignedCheckpoint(verifying: changed, by: [key])
                }
            }
        }
    }

    @Test("unknown signatures are ignored, also sixteen of them; wrong ones of known keys are not")
    func unknownSignatures() throws {
        let key = try NoteKey(parsing: Self.fooKey)
        let note = try SignedNote(parsing: Array(Self.fooNote.utf8))
        let strangers = (0..<16).map { NoteSignature(name: "stranger.example/\($0)", keyID: 7, bytes: [1, 2, 3]) }
        let sameName = NoteSignature(name: key.name, keyID: key.id &+ 1, bytes: [1])
        let sameID = NoteSignature(name: "other.example", keyID: key.id, bytes: [1])
        let crowded = SignedNote(text: note.text, signatures: strangers + [sameName, sameID] + note.signatures)
        #expect(try SignedNote(parsing: crowded.bytes).signers(among: [key]) == [key])
        let wrong = SignedNote(
            text: note.text,
            signatures: note.signatures + [key.signature([UInt8](repeating: 0, count: 64))]
        )
        #expect(throws: NoteError.invalidSignature(key.name)) { try wrong.signers(among: [key]) }
        #expect(throws: NoteError.noKnownSignature) {
            try SignedNote(text: note.text, signatures: strangers).signers(among: [key])
        }
        let many = SignedNote(text: note.text, signatures: Array(repeating: sameID, count: 101))
        #expect(throws: NoteError.tooManySignatures) { try SignedNote(parsing: many.bytes) }
    }

    @Test(
        "what is no note is refused",
        arguments: [
            "", "\n", "\n\n", "text\n", "text\n\n", "text\n\n— name AAAAAAA=", "text\n— name AAAAAAA=\n",
            "text\n\n- name AAAAAAA=\n", "text\n\n— name  AAAAAAA=\n", "text\n\n— na+me AAAAAAA=\n",
            "text\n\n— name AAAA\n", "text\n\n— name AAAAAAB=\n", "text\n\n— name !!!!!!!=\n",
            "te\u{0}xt\n\n— name AAAAAAA=\n", "te\rxt\n\n— name AAAAAAA=\n", "text\n\n— na\u{a0}me AAAAAAA=\n",
            "text\n\n— name AAAAAAA=\nmore\n",
        ]
    )
    func notNotes(text: String) { #expect(throws: NoteError.self) { try SignedNote(parsing: Array(text.utf8)) } }

    @Test("a text with blank lines ends at the last of them")
    func blankLines() throws {
        let note = try SignedNote(parsing: Array("a\n\nb\n\n— n AAAAAAA=\n".utf8))
        #expect(note.text == Array("a\n\nb\n".utf8))
        #expect(throws: NoteError.badText) { try SignedNote(parsing: [0xff, 0x0a, 0x0a]) }
        #expect(throws: NoteError.tooLarge((1 << 20) + 1)) {
            try SignedNote(parsing: [UInt8](repeating: 0x61, count: (1 << 20) + 1))
        }
    }

    @Test(
        "what is no checkpoint is refused",
        arguments: [
            "o\n1\n", "o\n01\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n",
            "\n1\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n",
            "o\n-1\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n", "o\n1\nrKbD\n",
            "o\n9999999999999999999\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n",
            "o\n1\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=",
            "o\n1\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n",
            "o\n1\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383ct=\n",
        ]
    )
    func notCheckpoints(text: String) {
        #expect(throws: NoteError.self) { try Checkpoint(unverifiedText: Array(text.utf8)) }
    }

    @Test("keys: a wrong id, an unknown kind, a broken name or key are refused")
    func brokenKeys() {
        for text in [
            "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530d903a+CekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "+530d903a+Aeky", "a+b", "",
            "exam ple+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "example.com/foo+530d903a+Aeky",
        ] {
            #expect(throws: NoteError.self, "\(text)") { try NoteKey(parsing: text) }
        }
    }

    @Test("ECDSA: the id is that of the bare key, the signature DER over the text")
    func ecdsa() throws {
        let signing = P256.Signing.PrivateKey()
        let spki = Array(signing.publicKey.derRepresentation)
        let key = try NoteKey(name: "log.example", algorithm: .ecdsaP256, publicKey: spki)
        let hash = SHA256.hash(data: spki).prefix(4).reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        #expect(key.id == hash)
        #expect(try NoteKey(parsing: key.description) == key)
        let text = Checkpoint(origin: "log.example", size: 0, root: .empty).text
        let note = SignedNote(
            text: text,
            signatures: [key.signature(Array(try signing.signature(for: text).derRepresentation))]
        )
        #expect(try SignedCheckpoint(verifying: note.bytes, by: [key]).signers == [key])
        let other = SignedNote(text: text + Array("more\n".utf8), signatures: note.signatures)
        #expect(throws: NoteError.invalidSignature("log.example")) { try other.signers(among: [key]) }
    }

    @Test("a witness's cosignature counts with its time; alone it makes no checkpoint of the log")
    func cosignatures() throws {
        let log = try Signer("log.example")
        let witness = try Signer("witness.example", .cosignature)
        let text = Checkpoint(origin: "log.example", size: 0, root: .empty).text
        let note = SignedNote(
            text: text,
            signatures: [try log.sign(text), try witness.sign(text, time: 1_795_310_000)]
        )
        let signed = try SignedCheckpoint(verifying: note.bytes, by: [log.key, witness.key])
        #expect(signed.signers == [log.key, witness.key])
        #expect(throws: NoteError.noKnownSignature) { try SignedCheckpoint(verifying: note.bytes, by: [witness.key]) }
        // Another time under the same signature.
        var bytes = note.signatures[1].bytes
        bytes[7] ^= 1
        let moved = SignedNote(text: text, signatures: [note.signatures[0], witness.key.signature(bytes)])
        #expect(throws: NoteError.invalidSignature("witness.example")) {
            try moved.signers(among: [log.key, witness.key])
        }
        // Keys of another log vouch for nothing, whatever they signed.
        let stranger = try Signer("other.example")
        let foreign = SignedNote(text: text, signatures: [try stranger.sign(text)])
        #expect(throws: NoteError.noKnownSignature) {
            try SignedCheckpoint(verifying: foreign.bytes, by: [stranger.key])
        }
    }

    @Test("receipts are written, read and verified; any changed bit is refused")
    func receipts() throws {
        let log = try Signer("log.example")
        let entries = (0..<5).map { Array("leaf \($0)".utf8) }
        var memory = MemoryLog()
        try memory.append(entries)
        let text = Checkpoint(origin: "log.example", size: 5, root: memory.tree.root).text
        let note = SignedNote(text: text, signatures: [try log.sign(text)]).bytes
        for index in 0..<5 {
            let proof = try InclusionProof(index: index, size: 5, reading: memory.reader(5))
            let receipt = LogReceipt(index: index, hashes: proof.hashes, extra: [1, 2], checkpoint: note)
            let again = try LogReceipt(parsing: receipt.bytes)
            #expect(again == receipt)
            #expect(try again.verified(entry: entries[index], by: [log.key]).checkpoint.size == 5)
            #expect(throws: NoteError.self) { try again.verified(entry: entries[(index + 1) % 5], by: [log.key]) }
        }
        let proof = try InclusionProof(index: 3, size: 5, reading: memory.reader(5))
        let bytes = LogReceipt(index: 3, hashes: proof.hashes, checkpoint: note).bytes
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                #expect(throws: NoteError.self, "byte \(place), bit \(bit)") {
                    try LogReceipt(parsing: changed).verified(entry: entries[3], by: [log.key])
                }
            }
        }
        for text in [
            "", "c2sp.org/tlog-proof@v2\nindex 0\n\n", "c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\n",
            "c2sp.org/tlog-proof@v1\nindex 00\n\n", "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n",
            "c2sp.org/tlog-proof@v1\nindex 0\n",
            "c2sp.org/tlog-proof@v1\nindex 0\n" + String(repeating: MerkleHash.empty.base64 + "\n", count: 64) + "\n",
        ] {
            #expect(throws: NoteError.self) { try LogReceipt(parsing: Array(text.utf8)) }
        }
    }
}

/// A key pair of a test.
struct Signer {
    let key: NoteKey
    private let signing = Curve25519.Signing.PrivateKey()

    init(_ name: String, _ algorithm: NoteKey.Algorithm = .ed25519) throws {
        key = try NoteKey(name: name, algorithm: algorithm, publicKey: Array(signing.publicKey.rawRepresentation))
    }

    func sign(_ text: [UInt8]) throws -> NoteSignature { key.signature(Array(try signing.signature(for: text))) }

    func sign(_ text: [UInt8], time: UInt64) throws -> NoteSignature {
        let signature = Array(try signing.signature(for: Cosignature.message(time: time, text: text)))
        return key.signature(Cosignature(time: time, signature: signature).bytes)
    }
}
