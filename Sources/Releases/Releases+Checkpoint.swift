// SPDX-License-Identifier: EUPL-1.2

internal import MerkleLog

extension Releases {
    /// A checkpoint for the proof in a bundle: the same text, signed by the keys of P-256 alone.
    ///
    /// cosign 2.5 refuses a checkpoint with a signature line that is not by the key of its trusted root, whichever others are on it, and that
    /// key has to be P-256. The log's own files and receipts keep every signature.
    static func forBundles(_ note: SignedNote, _ keys: [NoteKey]) -> SignedNote {
        let own = note.signatures.filter { signature in
            keys.contains {
                $0.algorithm == .ecdsaP256 && $0.name == signature.name && $0.id == signature.keyID
            }
        }
        // A log without such a key convinces no cosign; its proof is still one for everybody else.
        return own.isEmpty ? note : SignedNote(text: note.text, signatures: own)
    }
}
