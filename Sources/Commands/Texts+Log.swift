// SPDX-License-Identifier: EUPL-1.2

import MerkleLog
import SBOM

/// Texts of `kontor log`.
extension Texts {
    static let logAbstract = LocalizedText(
        de: "Prüft Transparenzlogs und Quittungen, ohne ihrem Betreiber zu glauben.",
        en: "Verifies transparency logs and receipts without believing who runs them."
    )
    static let logVerifyAbstract = LocalizedText(
        de: "Rechnet ein ganzes Log aus seinen Einträgen nach: jede Kachel, die Wurzel, die Signatur.",
        en: "Recomputes a whole log from its entries: every tile, the root, the signature."
    )
    static let logVerifyDiscussion = LocalizedText(
        de:
            "Liest alle Einträge, prüft die Signatur des Checkpoints, rechnet jede Kachel und die Wurzel nach und nennt jede Datei, die nicht stimmt. Aus einem Verzeichnis braucht es kein Netz. Exit-Codes: 0 alles stimmt; 1 etwas stimmt nicht oder fehlt; 2 nicht lesbar oder falscher Aufruf.",
        en:
            "Reads all entries, checks the checkpoint's signature, recomputes every tile and the root, and names each file that is wrong. From a directory it needs no network. Exit codes: 0 all is as it must be; 1 something is wrong or missing; 2 cannot be read, or bad usage."
    )
    static let logReceiptAbstract = LocalizedText(
        de: "Prüft ohne Netz, dass ein Eintrag in einem Log steht.",
        en: "Proves without network that an entry stands in a log."
    )
    static let logReceiptDiscussion = LocalizedText(
        de:
            "Liest eine Quittung (c2sp.org/tlog-proof@v1) und den Eintrag, für den sie gilt. Exit-Codes: 0 sie beweist es; 1 sie beweist es nicht; 2 nicht lesbar oder falscher Aufruf.",
        en:
            "Reads a receipt (c2sp.org/tlog-proof@v1) and the entry that it is for. Exit codes: 0 it proves it; 1 it does not; 2 cannot be read, or bad usage."
    )
    static let logPlace = LocalizedText(
        de: "Verzeichnis eines Logs, oder seine Adresse: https://knoten.example/log.",
        en: "Directory of a log, or its address: https://node.example/log."
    )
    static let logKey = LocalizedText(
        de: "Öffentlicher Schlüssel des Logs oder eines Zeugen als NAME+ID+SCHLÜSSEL; mehrfach möglich.",
        en: "Public key of the log or of a witness as NAME+ID+KEY; may be given several times."
    )
    static let logPolicy = LocalizedText(
        de: "Richtlinie (C2SP tlog-policy) statt --key: welche Logs gelten und wie viele Zeugen nötig sind.",
        en: "Policy (C2SP tlog-policy) instead of --key: which logs count, and how many witnesses are needed."
    )
    static let logKeyOrPolicy = LocalizedText(
        de: "nennen Sie entweder --key VKEY oder --policy DATEI; ohne Schlüssel beweist eine Signatur nichts",
        en: "give either --key VKEY or --policy FILE; without a key a signature proves nothing"
    )
    static let logReceiptFile = LocalizedText(de: "Quittung als Datei.", en: "Receipt as a file.")
    static let logEntryFile = LocalizedText(
        de: "Eintrag als Datei, Byte für Byte wie im Log.",
        en: "Entry as a file, byte for byte as it is in the log."
    )

    // MARK: - Results

    static func logVerified(_ name: String) -> LocalizedText {
        LocalizedText(de: "Stimmt: \(name)", en: "Verified: \(name)")
    }
    static func logNotVerified(_ name: String) -> LocalizedText {
        LocalizedText(de: "STIMMT NICHT: \(name)", en: "NOT VERIFIED: \(name)")
    }
    static let logSignedBy = LocalizedText(de: "signiert von", en: "signed by")
    static func logRecomputed(bundles: Int, tiles: Int) -> LocalizedText {
        LocalizedText(
            de: "nachgerechnet: Bündel von Einträgen \(bundles), richtige Kacheln \(tiles)",
            en: "recomputed: bundles of entries \(bundles), right tiles \(tiles)"
        )
    }
    static let logFileMissing = LocalizedText(de: "fehlt", en: "is missing")
    static let logBundleMissing = LocalizedText(
        de: "fehlt; die Einträge ab hier sind nicht nachzurechnen",
        en: "is missing; the entries from here on cannot be recomputed"
    )
    static let logBundleBroken = LocalizedText(
        de: "ist kein Bündel von Einträgen dieser Länge; die Einträge ab hier sind nicht nachzurechnen",
        en: "is no bundle of entries of this length; the entries from here on cannot be recomputed"
    )
    static let logTileDiffers = LocalizedText(
        de: "ist nicht, was aus den Einträgen folgt",
        en: "is not what follows from the entries"
    )
    static func logRootDiffers(_ found: String, said: String) -> LocalizedText {
        LocalizedText(
            de: "die Einträge ergeben die Wurzel \(found), der Checkpoint nennt \(said)",
            en: "the entries hash to the root \(found), the checkpoint says \(said)"
        )
    }
    static func logReceiptProves(_ origin: String, index: Int, size: Int) -> LocalizedText {
        LocalizedText(
            de: "Bewiesen: Eintrag \(index) von \(size) im Log \(origin)",
            en: "Proven: entry \(index) of \(size) in the log \(origin)"
        )
    }
    static func logReceiptFails(_ reason: LocalizedText) -> LocalizedText {
        LocalizedText(de: "NICHT BEWIESEN: \(reason.de)", en: "NOT PROVEN: \(reason.en)")
    }

    /// Why a note or receipt is not believed.
    static func logNote(_ error: NoteError) -> LocalizedText {
        let german =
            switch error {
            case .tooLarge: "die Datei ist größer, als eine Notiz sein darf"
            case .badText: "die Notiz ist kein UTF-8 oder enthält ein Steuerzeichen"
            case .badSignatures: "die Signaturen der Notiz sind nicht lesbar"
            case .tooManySignatures: "die Notiz hat zu viele Signaturen"
            case .badName: "ein Schlüssel trägt einen unzulässigen Namen"
            case .badKey: "ein öffentlicher Schlüssel ist unbrauchbar"
            case .invalidSignature(let name): "die Signatur von \(name) ist falsch: Text oder Signatur wurden verändert"
            case .noKnownSignature:
                "keiner der Schlüssel, denen hier vertraut wird, hat signiert, oder es fehlen Zeugen"
            case .badCheckpoint: "das ist kein Checkpoint eines Logs"
            case .badReceipt: "die Quittung ist nicht lesbar, oder ihr Beweis führt nicht vom Eintrag zur Wurzel"
            }
        return LocalizedText(de: german, en: error.description)
    }
}
