// SPDX-License-Identifier: EUPL-1.2

import Keys
import SBOM
import Time

/// Texts of `kontor keys` and `kontor signer`.
extension Texts {
    static let keysAbstract = LocalizedText(
        de: "Zeigt, erneuert und widerruft die Schlüssel eines Knotens.",
        en: "Shows, renews and revokes the keys of a node."
    )
    static let keysDiscussion = LocalizedText(
        de:
            "Läuft dort, wo die Schlüssel liegen, unter dem Konto, dem sie gehören. Der Dienst liest Änderungen von selbst. Jede Rolle hat eigene Schlüssel: release, provenance, verdict, scan, vex, audit, log-notes, log-timestamps, feeds, openpgp.",
        en:
            "Runs where the keys lie, under the account that owns them. The signer reads changes by itself. Every role has keys of its own: release, provenance, verdict, scan, vex, audit, log-notes, log-timestamps, feeds, openpgp."
    )
    static let keysDirectory = LocalizedText(
        de: "Verzeichnis der Schlüssel (KONTOR_KEYS); sonst keys im Datenverzeichnis.",
        en: "Directory of the keys (KONTOR_KEYS); else keys in the data directory."
    )
    static let keysListAbstract = LocalizedText(
        de: "Nennt alle Schlüssel mit Rolle, Zustand und Fingerabdruck.",
        en: "Names all keys with role, state and fingerprint."
    )
    static let keysExportAbstract = LocalizedText(
        de: "Schreibt einen öffentlichen Schlüssel als PEM.",
        en: "Writes a public key as PEM."
    )
    static let keysRotateAbstract = LocalizedText(
        de: "Macht den nächsten Schlüssel einer Rolle.",
        en: "Makes the next key of a role."
    )
    static let keysRevokeAbstract = LocalizedText(
        de: "Widerruft einen Schlüssel; ein anderer unterschreibt sofort an seiner Stelle.",
        en: "Revokes a key; another one signs in its place at once."
    )
    static let keyOrRole = LocalizedText(
        de: "Kennung eines Schlüssels, oder eine Rolle: der Schlüssel, der jetzt für sie unterschreibt.",
        en: "Identifier of a key, or a role: the key that signs for it now."
    )
    static let keyRole = LocalizedText(de: "Rolle des Schlüssels.", en: "Role of the key.")
    static let keyIdentifier = LocalizedText(
        de: "Kennung des Schlüssels, wie keys list sie nennt.",
        en: "Identifier of the key, as keys list names it."
    )
    static let keyOverlap = LocalizedText(
        de: "Wie lange der neue Schlüssel nur angekündigt ist, bevor er unterschreibt; 0d: sofort.",
        en: "How long the new key is only announced before it signs; 0d: at once."
    )
    static let revocationReason = LocalizedText(de: "Warum, in einem Satz.", en: "Why, in one sentence.")
    static let revokedFrom = LocalizedText(
        de: "Ab wann nichts mehr gilt, was er unterschrieb (RFC 3339); sonst ab jetzt.",
        en: "From when nothing counts that it signed (RFC 3339); else from now on."
    )
    static func badOverlap(_ text: String) -> LocalizedText {
        LocalizedText(
            de: "--overlap: \"\(text)\" ist keine Zahl von Tagen von 0d bis 3650d",
            en: "--overlap: \"\(text)\" is no number of days from 0d to 3650d"
        )
    }
    static func badInstant(_ name: String, _ text: String) -> LocalizedText {
        LocalizedText(
            de: "\(name): \"\(text)\" ist kein Zeitpunkt; schreiben Sie ihn wie 2026-11-26T12:00:00Z",
            en: "\(name): \"\(text)\" is no instant; write it like 2026-11-26T12:00:00Z"
        )
    }
    static func noKeys(_ directory: String) -> LocalizedText {
        LocalizedText(
            de: "In \(directory) liegt kein Schlüssel; kontor signer macht die ersten.",
            en: "There is no key in \(directory); kontor signer makes the first ones."
        )
    }
    static func signsInstead(_ key: KeyRecord) -> LocalizedText {
        LocalizedText(
            de: "\(key.id) unterschreibt jetzt für \(key.role.rawValue).",
            en: "\(key.id) signs for \(key.role.rawValue) now."
        )
    }

    /// Where a key stands, with the instant that matters.
    static func keyState(_ key: KeyRecord, at now: Timestamp) -> LocalizedText {
        switch key.state(at: now) {
        case .announced:
            return LocalizedText(
                de: "angekündigt, unterschreibt ab \(key.signsFrom.rfc3339)",
                en: "announced, signs from \(key.signsFrom.rfc3339)"
            )
        case .active:
            let end = key.signsUntil?.rfc3339
            return LocalizedText(
                de: "unterschreibt seit \(key.signsFrom.rfc3339)" + (end.map { ", bis \($0)" } ?? ""),
                en: "signs since \(key.signsFrom.rfc3339)" + (end.map { ", until \($0)" } ?? "")
            )
        case .retired:
            let end = key.signsUntil?.rfc3339 ?? ""
            return LocalizedText(de: "abgelöst seit \(end)", en: "retired since \(end)")
        case .revoked:
            let start = key.revokedFrom?.rfc3339 ?? ""
            let reason = key.revocationReason ?? ""
            return LocalizedText(
                de: "widerrufen ab \(start): \(reason)",
                en: "revoked from \(start): \(reason)"
            )
        }
    }

    // MARK: - Tokens

    static let keysAdoptAbstract = LocalizedText(
        de: "Lässt einen Schlüssel in einem Token (PKCS#11) für eine Rolle unterschreiben.",
        en: "Lets a key in a token (PKCS#11) sign for a role."
    )
    static let keysAdoptDiscussion = LocalizedText(
        de:
            "Der Schlüssel löst den bisherigen ab wie bei rotate und verlässt das Token nie. Aufrufen unter dem Konto von kontor signer, der die Bibliothek lädt. Eine falsche PIN wird nicht noch einmal versucht.",
        en:
            "The key replaces the present one as rotate does, and never leaves the token. Call it under the account of kontor signer, which loads the library. A wrong PIN is not tried again."
    )
    static let tokenModule = LocalizedText(
        de: "Bibliothek des Tokens, mit ganzem Pfad; nur root oder das eigene Konto darf sie ändern können.",
        en: "Library of the token, with its whole path; only root or the own account may be able to change it."
    )
    static let tokenName = LocalizedText(de: "Name des Tokens (Label).", en: "Label of the token.")
    static let tokenKeyLabel = LocalizedText(de: "Name des Schlüssels (Label).", en: "Label of the key.")
    static let tokenKeyIdentifier = LocalizedText(
        de: "Kennung des Schlüssels (CKA_ID), hexadezimal.",
        en: "Identifier of the key (CKA_ID), hexadecimal."
    )
    static let tokenPINFile = LocalizedText(
        de: "Datei mit der PIN, Rechte 0600, mit ganzem Pfad.",
        en: "File with the PIN, mode 0600, with its whole path."
    )
    static let tokenEnvironment = LocalizedText(
        de: "Umgebungsvariable, die die Bibliothek braucht, etwa SOFTHSM2_CONF=…; mehrfach möglich.",
        en: "Environment variable that the library needs, such as SOFTHSM2_CONF=…; may be repeated."
    )
    static let tokenGenerate = LocalizedText(
        de: "Das Token macht den Schlüssel; sonst muss er schon da sein.",
        en: "The token makes the key; else it has to be there already."
    )
    static func inToken(_ location: TokenLocation) -> LocalizedText {
        LocalizedText(de: "liegt im Token: \(location.text)", en: "lies in a token: \(location.text)")
    }

    // MARK: - Signer

    static let signerAbstract = LocalizedText(
        de: "Hält die privaten Schlüssel eines Knotens und unterschreibt für ihn.",
        en: "Holds the private keys of a node and signs for it."
    )
    static let signerDiscussion = LocalizedText(
        de:
            "Unter einem eigenen Konto gestartet, sind die Schlüssel auch dann sicher, wenn jemand den Knoten übernimmt; ohne das startet der Knoten ihn selbst und meldet \"not isolated\". Fehlende Schlüssel werden gemacht.",
        en:
            "Started under an account of its own, it keeps the keys safe even when somebody takes over the node; without that the node starts it by itself and says \"not isolated\". Keys that are missing are made."
    )
    static let signerSocket = LocalizedText(
        de: "Pfad des lokalen Sockets (KONTOR_SIGNER).",
        en: "Path of the local socket (KONTOR_SIGNER)."
    )
    static let signerOption = LocalizedText(
        de: "Socket eines Dienstes kontor signer unter eigenem Konto (KONTOR_SIGNER); sonst startet der Knoten einen.",
        en: "Socket of a kontor signer under an account of its own (KONTOR_SIGNER); else the node starts one."
    )
    static let allowUID = LocalizedText(
        de: "Nummer des Kontos, das fragen darf; mehrfach möglich. Das eigene darf immer.",
        en: "Number of an account that may ask; may be repeated. Its own always may."
    )
    static let signerNeedsKeys = LocalizedText(
        de: "kontor signer braucht --keys DIR",
        en: "kontor signer needs --keys DIR"
    )
    static let signerNeedsSocket = LocalizedText(
        de: "kontor signer braucht --socket PATH",
        en: "kontor signer needs --socket PATH"
    )
    static func signerReady(_ path: String) -> LocalizedText {
        LocalizedText(de: "wartet auf Fragen an \(path)", en: "waits for questions at \(path)")
    }
}
