// SPDX-License-Identifier: EUPL-1.2

extension SignedNote {
    /// The same checkpoint for the proof in a Sigstore bundle: signed by a log's keys of P-256 alone.
    ///
    /// cosign 2.5 refuses a checkpoint with a signature line that is not by the key of its trusted root, whichever others are on it, and that
    /// key has to be P-256. The log's own files and receipts keep every signature.
    ///
    /// - Parameter keys: the log's keys; where none of P-256 has signed, the note stays as it is, a proof for everybody but cosign.
    public func forBundles(of keys: [NoteKey]) -> SignedNote {
        let own = signatures.filter { signature in
            keys.contains { $0.algorithm == .ecdsaP256 && $0.name == signature.name && $0.id == signature.keyID }
        }
        return own.isEmpty ? self : SignedNote(text: text, signatures: own)
    }
}
