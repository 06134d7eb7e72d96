// SPDX-License-Identifier: EUPL-1.2

import SBOM
import Time

extension Texts {
    static let feedsExportAbstract = LocalizedText(
        de: "Gibt die geltenden Sicherheitshinweise als unterschriebenes OCI-Artefakt aus.",
        en: "Writes the advisories in force as a signed OCI artefact."
    )
    static let feedsExportDiscussion = LocalizedText(
        de:
            "Ein anderer Knoten liest es mit kontor feeds import --key ein, auch ohne Netz. Unterschrieben wird mit dem Schlüssel der Rolle feeds; skopeo copy --all und oras cp kopieren es mit der Unterschrift.",
        en:
            "Another node takes it with kontor feeds import --key, also without a network. The key of the role feeds signs it; skopeo copy --all and oras cp copy it with its signature."
    )
    static let bundlePlace = LocalizedText(
        de: "Wohin: oci:DIR[:TAG], oci-archive:FILE[:TAG] oder registry/name[:tag].",
        en: "Where to: oci:DIR[:TAG], oci-archive:FILE[:TAG] or registry/name[:tag]."
    )
    static let bundleAddress = LocalizedText(
        de: "Adresse des Knotens, der es sagt (KONTOR_PUBLIC_URL).",
        en: "Address of the node that says it (KONTOR_PUBLIC_URL)."
    )
    static let bundleKey = LocalizedText(
        de:
            "Öffentlicher Schlüssel (PEM), dem geglaubt wird; mehrfach möglich. PATH ist dann der Ort eines Pakets: oci:DIR[:TAG], oci-archive:FILE oder registry/name[:tag|@digest].",
        en:
            "Public key (PEM) that is believed; may be repeated. PATH is then the place of a bundle: oci:DIR[:TAG], oci-archive:FILE or registry/name[:tag|@digest]."
    )
    static let bundleTrustRoot = LocalizedText(
        de:
            "Wie --key: Datei mit den Schlüsseln eines Knotens (/api/v1/trust-root), von denen die der Rolle feeds gelten.",
        en: "As --key: file with the keys of a node (/api/v1/trust-root), of which those of the role feeds count."
    )
    static let allowOlder = LocalizedText(
        de: "Auch ein Paket, das älter ist als das, was gilt.",
        en: "Also a bundle that is older than what is in force."
    )
    static let allowOlderNeedsKey = LocalizedText(
        de: "--allow-older gilt nur für Pakete, also mit --key oder --trust-root",
        en: "--allow-older is for bundles only, so with --key or --trust-root"
    )
    static let bundleHasDates = LocalizedText(
        de: "--as-of passt nicht zu einem Paket, das eigene Daten hat",
        en: "--as-of does not go with a bundle, which has dates of its own"
    )
    static func bundleNeedsKey(_ path: String) -> LocalizedText {
        LocalizedText(
            de: "\(path): ein Paket wird nur mit --key FILE oder --trust-root FILE eingelesen",
            en: "\(path): a bundle is imported only with --key FILE or --trust-root FILE"
        )
    }
    static let bundleWithoutAddress = LocalizedText(
        de: "ohne --public-url nennt die Aussage https://localhost als ihren Herausgeber; geprüft wird der Schlüssel",
        en: "without --public-url the statement names https://localhost as its maker; what is verified is the key"
    )
    static func bundleMade(index: String, snapshot: String) -> LocalizedText {
        LocalizedText(de: "Paket \(index)\nStand \(snapshot)", en: "bundle \(index)\nsnapshot \(snapshot)")
    }
    static func bundleSigned(_ key: String, _ fingerprint: String) -> LocalizedText {
        LocalizedText(
            de: "unterschrieben mit dem Schlüssel \(key), Fingerabdruck \(fingerprint)",
            en: "signed with the key \(key), fingerprint \(fingerprint)"
        )
    }
    static func bundleVerified(_ place: String, _ key: String, _ created: Timestamp) -> LocalizedText {
        LocalizedText(
            de: "\(place): die Unterschrift des Schlüssels \(key) gilt; gemacht am \(created.rfc3339)",
            en: "\(place): the signature of the key \(key) is good; made on \(created.rfc3339)"
        )
    }
    static func bundleRefused(_ reason: String) -> LocalizedText {
        LocalizedText(de: "Das Paket wurde nicht eingelesen: \(reason)", en: "the bundle was not imported: \(reason)")
    }
    static let bundleNode = LocalizedText(
        de: "Knoten, in dessen Log die Signaturen eingetragen werden; der Schlüssel muss seiner sein.",
        en: "Node in whose log the signatures are entered; the key has to be its own."
    )
    static let bundleNotLogged = LocalizedText(
        de: "Der Knoten hat die Signatur nicht in sein Log eingetragen.",
        en: "The node did not enter the signature in its log."
    )
    static let bundleRequireLog = LocalizedText(
        de: "Nur Pakete übernehmen, deren Signatur im Log des Knotens steht (--trust-root).",
        en: "Take only bundles whose signature is in the node's log (--trust-root)."
    )
    static let bundleLogNeedsRoot = LocalizedText(
        de: "--require-log braucht --trust-root: die Datei nennt die Schlüssel des Logs.",
        en: "--require-log needs --trust-root: the file has the keys of the log."
    )
    static func bundleLogged(_ instant: Timestamp) -> LocalizedText {
        LocalizedText(
            de: "Im Log des Knotens seit \(instant.rfc3339), mit Nachweis.",
            en: "In the node's log since \(instant.rfc3339), with proof."
        )
    }
}
