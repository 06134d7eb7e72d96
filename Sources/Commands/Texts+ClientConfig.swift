// SPDX-License-Identifier: EUPL-1.2

import ClientTrust
import SBOM

/// Texts of `kontor client-config`.
extension Texts {
    static let clientConfigAbstract = LocalizedText(
        de: "Schreibt die Dateien, mit denen ein Client nur zieht, was ein Knoten freigegeben hat.",
        en: "Writes the files with which a client pulls only what a node released."
    )
    static let clientConfigDiscussion = LocalizedText(
        de:
            "Alles andere wird abgelehnt (default reject). Die Schlüssel kommen aus dem Vertrauensanker; vergleichen Sie ihre Fingerabdrücke auf einem anderen Weg. Ohne --output stehen die Dateien auf der Standardausgabe.",
        en:
            "Everything else is rejected (default reject). The keys come from the trust root; compare their fingerprints on another way. Without --output the files go to standard output."
    )
    static let clientConfigFor = LocalizedText(de: "Für welchen Client.", en: "For which client.")
    static let clientConfigSignatures = LocalizedText(
        de: "podman und skopeo: sigstore (Debian 13 und neuer, mit Log) oder openpgp (auch Debian 12).",
        en: "podman and skopeo: sigstore (Debian 13 and later, with the log) or openpgp (Debian 12 too)."
    )
    static let clientConfigMirror = LocalizedText(
        de: "Spiegel, von dem gezogen wird; mehrfach möglich, in dieser Reihenfolge.",
        en: "Mirror to pull from; may be given several times, tried in this order."
    )
    static let clientConfigMirrorsOnly = LocalizedText(
        de: "Die Registry selbst nie fragen.",
        en: "Never ask the registry itself."
    )
    static let clientConfigLookaside = LocalizedText(
        de: "Wo OpenPGP-Signaturen für Spiegel liegen (openpgp).",
        en: "Where OpenPGP signatures for mirrors lie (openpgp)."
    )
    static let clientConfigPlainHTTP = LocalizedText(
        de: "Registry und Spiegel ohne TLS ansprechen; nur zum Ausprobieren.",
        en: "Speak to registry and mirrors without TLS; for trying out only."
    )
    static let clientConfigOutput = LocalizedText(
        de: "Verzeichnis, in das die Dateien geschrieben werden.",
        en: "Directory that the files are written to."
    )
    static let clientConfigDirectory = LocalizedText(
        de: "Verzeichnis, in dem sie später liegen, wenn es ein anderes ist: /etc/containers.",
        en: "Directory in which they will lie later, when it is another one: /etc/containers."
    )
    static func clientConfigNeedsAbsolute(_ path: String) -> LocalizedText {
        LocalizedText(
            de:
                "\"\(path)\" ist kein absoluter Pfad, und das aktuelle Verzeichnis ist unbekannt; schreiben Sie --output /…",
            en: "\"\(path)\" is no absolute path, and the current directory is unknown; write --output /…"
        )
    }
    static func clientConfigCompare(_ role: String, _ fingerprint: String) -> LocalizedText {
        LocalizedText(
            de: "\(role) \(fingerprint): vergleichen Sie diesen Fingerabdruck auf einem anderen Weg",
            en: "\(role) \(fingerprint): compare this fingerprint on another way"
        )
    }

    /// What the files are, where they belong and how to see that they work.
    static func clientConfigReadme(
        _ client: ClientFiles.Client,
        _ signatures: ClientFiles.Signatures,
        registry: String,
        directory: String,
        mirrors: [String]
    ) -> LocalizedText {
        let parts =
            parts(client, signatures, registry, directory) + (mirrors.isEmpty ? [] : [mirrored(client, signatures)])
        let head = LocalizedText(
            de: "\(client.rawValue): nur, was \(registry) freigegeben hat\n",
            en: "\(client.rawValue): only what \(registry) released\n"
        )
        let all = [head] + parts + [rotation]
        return LocalizedText(
            de: all.map(\.de).joined(separator: "\n") + "\n",
            en: all.map(\.en).joined(separator: "\n") + "\n"
        )
    }

    private static func parts(
        _ client: ClientFiles.Client,
        _ signatures: ClientFiles.Signatures,
        _ registry: String,
        _ directory: String
    ) -> [LocalizedText] {
        switch client {
        case .podman, .skopeo:
            let policy = LocalizedText(
                de:
                    "policy.json lehnt alles ab, was nicht von \(registry) kommt und signiert ist, auch lokale Archive und podman push. Wer mehr braucht, trägt es dort ein.",
                en:
                    "policy.json rejects everything that is not from \(registry) and signed, local archives and podman push too. Whoever needs more writes it there."
            )
            let form =
                signatures == .sigstore
                ? LocalizedText(
                    de:
                        "Geprüft werden Signatur, Name mit Tag, Digest und die Zusage des Logs. skopeo und podman von Debian 12 können das nicht und lehnen alles ab: für sie --signatures openpgp.",
                    en:
                        "Checked are signature, name with tag, digest and the promise of the log. skopeo and podman of Debian 12 cannot do that and reject everything: --signatures openpgp for them."
                )
                : LocalizedText(
                    de: "Geprüft werden Signatur, Name mit Tag und Digest. Ein Log kennt diese Form nicht.",
                    en: "Checked are signature, name with tag and digest. No log knows this form."
                )
            let place =
                client == .podman
                ? LocalizedText(
                    de:
                        "Die Dateien gehören nach \(directory) (oder ~/.config/containers). Probe: podman pull \(registry)/NAME:TAG geht, ein nicht freigegebenes Image nicht.",
                    en:
                        "The files belong into \(directory) (or ~/.config/containers). Try: podman pull \(registry)/NAME:TAG works, an image that was not released does not."
                )
                : LocalizedText(
                    de:
                        "Die Dateien gehören nach \(directory). Probe: skopeo --policy \(directory)/policy.json --registries.d \(directory)/registries.d copy docker://\(registry)/NAME:TAG dir:/tmp/x geht, mit einem nicht freigegebenen Image nicht.",
                    en:
                        "The files belong into \(directory). Try: skopeo --policy \(directory)/policy.json --registries.d \(directory)/registries.d copy docker://\(registry)/NAME:TAG dir:/tmp/x works, with an image that was not released it does not."
                )
            return [policy, form, place]
        case .cosign:
            return [
                LocalizedText(
                    de:
                        "\(directory)/verify IMAGE prüft ohne andere Server: eine Signatur eines der Schlüssel, mit Zusage des Logs. Einzeln: SIGSTORE_REKOR_PUBLIC_KEY=keys/log-….pub cosign verify --offline=true --key keys/release-….pub IMAGE.",
                    en:
                        "\(directory)/verify IMAGE verifies without other servers: a signature of one of the keys, with the log's promise. By hand: SIGSTORE_REKOR_PUBLIC_KEY=keys/log-….pub cosign verify --offline=true --key keys/release-….pub IMAGE."
                ),
                LocalizedText(
                    de:
                        "trusted_root.json ist für Bundles und Dateien (--new-bundle-format --trusted-root trusted_root.json), damit cosign keinen Server im Internet fragt.",
                    en:
                        "trusted_root.json is for bundles and files (--new-bundle-format --trusted-root trusted_root.json), so that cosign asks no server on the Internet."
                ),
                LocalizedText(
                    de:
                        "cosign vergleicht den Namen in der Signatur nicht: Ein Tag, der auf ein anderes freigegebenes Image verschoben wurde, fällt ihm nicht auf; kontor verify, skopeo und podman schon.",
                    en:
                        "cosign does not compare the name in the signature: it does not notice a tag that was moved to another released image; kontor verify, skopeo and podman do."
                ),
            ]
        case .containerd:
            return [
                LocalizedText(
                    de:
                        "certs.d gehört nach \(directory)/certs.d (config_path in der Konfiguration). containerd 1 prüft keine Signaturen; ab 2.0 fragt es das Programm image-verifier/kontor, das kontor verify aufruft.",
                    en:
                        "certs.d belongs into \(directory)/certs.d (config_path in the configuration). containerd 1 verifies no signatures; from 2.0 on it asks the program image-verifier/kontor, which calls kontor verify."
                ),
                LocalizedText(
                    de:
                        "conf.d/kontor-verifier.toml muss von der Konfiguration eingebunden sein (imports). Ohne bin_dir prüft containerd nichts und sagt nichts. Probe: ctr image pull eines nicht freigegebenen Images muss scheitern.",
                    en:
                        "conf.d/kontor-verifier.toml has to be imported by the configuration (imports). Without bin_dir containerd verifies nothing and says nothing. Try: ctr image pull of an image that was not released must fail."
                ),
            ]
        }
    }

    private static func mirrored(_ client: ClientFiles.Client, _ signatures: ClientFiles.Signatures) -> LocalizedText {
        switch (client, signatures) {
        case (.podman, .openPGP), (.skopeo, .openPGP):
            LocalizedText(
                de:
                    "Spiegel geben OpenPGP-Signaturen nicht selbst heraus: Legen Sie sie auf einen Webserver als PFAD-IM-SPIEGEL@sha256=DIGEST/signature-1 und nennen Sie ihn mit --lookaside, sonst wird jeder Pull vom Spiegel abgelehnt.",
                en:
                    "Mirrors do not give out OpenPGP signatures themselves: put them on a web server as PATH-IN-THE-MIRROR@sha256=DIGEST/signature-1 and name it with --lookaside, or every pull from a mirror is rejected."
            )
        case (.podman, _), (.skopeo, _):
            LocalizedText(
                de:
                    "Der Spiegel muss die Tags sha256-….sig mitkopiert haben (skopeo sync tut es nicht, oras cp je Tag tut es). registries.conf.d nennt ihn, registries.d sucht auch dort nach Signaturen.",
                en:
                    "The mirror must have copied the tags sha256-….sig too (skopeo sync does not, oras cp of each tag does). registries.conf.d names it, registries.d looks for signatures there too."
            )
        case (.cosign, _):
            LocalizedText(
                de: "cosign kennt keine Spiegel: Prüfen Sie die Kopie mit kontor verify SPIEGEL/NAME:TAG --name NAME.",
                en: "cosign knows no mirrors: verify the copy with kontor verify MIRROR/NAME:TAG --name NAME."
            )
        case (.containerd, _):
            LocalizedText(
                de:
                    "hosts.toml nennt die Spiegel. Wofür ein Tag steht, wird die Registry selbst gefragt, außer mit --mirrors-only; kontor verify fragt die Registry, unter deren Namen gezogen wird.",
                en:
                    "hosts.toml names the mirrors. What a tag stands for is asked of the registry itself, except with --mirrors-only; kontor verify asks the registry by whose name was pulled."
            )
        }
    }

    private static let rotation = LocalizedText(
        de:
            "Bekommt der Knoten einen neuen Schlüssel oder widerruft einen, holen Sie den Vertrauensanker neu, vergleichen die Fingerabdrücke und schreiben die Dateien neu.",
        en:
            "When the node gets a new key or revokes one, fetch the trust root again, compare the fingerprints and write the files anew."
    )
}
