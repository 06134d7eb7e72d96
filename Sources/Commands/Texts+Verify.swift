// SPDX-License-Identifier: EUPL-1.2

import Attestations
import Certificates
import ClientTrust
import SBOM

/// Texts of `kontor verify`.
extension Texts {
    static let verifyAbstract = LocalizedText(
        de: "Prüft ein Image und alles, was daran hängt, mit Schlüsseln, die vorliegen; ohne den Knoten zu fragen.",
        en: "Verifies an image and everything attached to it by keys at hand, without asking the node."
    )
    static let verifyDiscussion = LocalizedText(
        de:
            "Digest, Tag, jedes Image des Index, jede Signatur (cosign, Sigstore-Bundle, OpenPGP), Attestierungen, Gültigkeit der Schlüssel, Aufnahme ins Log. In einem Layout oder Archiv braucht es kein Netz und liest auch die Schichten. Unbekanntes gilt nicht. Exit-Codes: 0 bestätigt; 1 nicht, mit Grund; 2 nicht entscheidbar oder falscher Aufruf.",
        en:
            "Digest, tag, every image of the index, every signature (cosign, Sigstore bundle, OpenPGP), attestations, validity of keys, inclusion in the log. In a layout or archive it needs no network and reads the layers too. What is unknown does not count. Exit codes: 0 verified; 1 not, with the reason; 2 could not be decided, or bad usage."
    )
    static let verifyImage = LocalizedText(
        de: "registry/name[:tag|@digest], oci:VERZEICHNIS[:TAG|@DIGEST] oder oci-archive:DATEI[:TAG|@DIGEST]",
        en: "registry/name[:tag|@digest], oci:DIR[:TAG|@DIGEST] or oci-archive:FILE[:TAG|@DIGEST]"
    )
    static let verifyTrustRoot = LocalizedText(
        de:
            "Vertrauensanker des Knotens: die Antwort von GET /api/v1/trust-root, deren Fingerabdrücke Sie verglichen haben.",
        en: "Trust root of the node: the answer of GET /api/v1/trust-root, whose fingerprints you have compared."
    )
    static let verifyKey = LocalizedText(
        de:
            "Öffentlicher Schlüssel eines Herausgebers (PEM oder OpenPGP), der auch signiert haben muss; mehrfach möglich.",
        en: "Public key of a publisher (PEM or OpenPGP), which must have signed too; may be given several times."
    )
    static let verifyCertificateRoots = LocalizedText(
        de:
            "Zertifikate einer Stelle (PEM, Wurzel und Zwischenstellen), deren Zertifikate für --certificate-identity gelten.",
        en:
            "Certificates of an authority (PEM, root and authorities below), whose certificates count for --certificate-identity."
    )
    static let verifyTrustedRoot = LocalizedText(
        de: "Stellen, Logs und Zeitstempeldienste aus einer trusted_root.json; statt oder neben --certificate-roots.",
        en:
            "Authorities, logs and time-stamp authorities from a trusted_root.json; instead of or beside --certificate-roots."
    )
    static let verifyCertificateIdentity = LocalizedText(
        de:
            "Für wen das Zertifikat sein muss: email:…, uri:… oder dns:…, ein * steht innerhalb eines Teils; mehrfach möglich.",
        en:
            "Whom the certificate must be for: email:…, uri:… or dns:…, a * stands inside one part; may be given several times."
    )
    static let verifyCertificateIssuer = LocalizedText(
        de:
            "Wer für die Identität bürgt (OIDC-Aussteller), wie im Zertifikat; ohne die Angabe darf darin keiner stehen.",
        en:
            "Who vouches for the identity (OIDC issuer), as in the certificate; without it the certificate must name none."
    )
    static let verifyCertificateIncomplete = LocalizedText(
        de: "--certificate-identity gehört zu --certificate-roots oder --trusted-root; nennen Sie beides",
        en: "--certificate-identity belongs to --certificate-roots or --trusted-root; give both"
    )
    static func verifyBadIdentity(_ text: String) -> LocalizedText {
        LocalizedText(
            de: "--certificate-identity \"\(text)\" ist keine Identität; schreiben Sie email:…, uri:… oder dns:…",
            en: "--certificate-identity \"\(text)\" is no identity; write email:…, uri:… or dns:…"
        )
    }
    static let verifyName = LocalizedText(
        de: "Name, unter dem das Image signiert ist, wenn es woanders liegt: Kopie, Archiv, Spiegel.",
        en: "Name under which the image is signed, when it lies elsewhere: copy, archive, mirror."
    )
    static let verifyRequire = LocalizedText(
        de:
            "Was da sein muss: cosign, bundle, openpgp, provenance, sbom, verdict, scan, vex, test-result oder ein Prädikattyp; mehrfach möglich.",
        en:
            "What must be there: cosign, bundle, openpgp, provenance, sbom, verdict, scan, vex, test-result or a predicate type; may be given several times."
    )
    static let verifyLog = LocalizedText(
        de: "Was das Log zeigen muss: inclusion (bewiesen), promise (zugesagt) oder none (interne Namensräume).",
        en: "What the log must show: inclusion (proven), promise (promised) or none (internal namespaces)."
    )
    static let verifyTimeout = LocalizedText(
        de: "Sekunden, nach denen aufgegeben wird.",
        en: "Seconds after which it is given up."
    )
    static let verifying = LocalizedText(de: "prüfe", en: "verifying")
    static let verifyNoKeys = LocalizedText(
        de:
            "nennen Sie --trust-root DATEI, --key DATEI oder --certificate-roots DATEI; ohne Schlüssel beweist eine Signatur nichts",
        en: "give --trust-root FILE, --key FILE or --certificate-roots FILE; without a key a signature proves nothing"
    )
    static func verifyNameNeedsRegistry(_ name: String) -> LocalizedText {
        LocalizedText(
            de: "--name \"\(name)\" nennt keine Registry; schreiben Sie registry.example/repository:tag",
            en: "--name \"\(name)\" names no registry; write registry.example/repository:tag"
        )
    }
    static func verifyTimedOut(_ seconds: Int64) -> LocalizedText {
        LocalizedText(
            de: "nach \(seconds) Sekunden aufgegeben; mit --timeout länger warten",
            en: "given up after \(seconds) seconds; wait longer with --timeout"
        )
    }

    // MARK: - Answers

    static func verifyAnswer(_ outcome: TrustOutcome, _ name: String) -> LocalizedText {
        switch outcome {
        case .passed: LocalizedText(de: "Bestätigt: \(name)", en: "Verified: \(name)")
        case .failed: LocalizedText(de: "NICHT BESTÄTIGT: \(name)", en: "NOT VERIFIED: \(name)")
        case .undecided: LocalizedText(de: "NICHT ENTSCHEIDBAR: \(name)", en: "UNDECIDED: \(name)")
        }
    }
    static func outcome(_ outcome: TrustOutcome) -> LocalizedText {
        switch outcome {
        case .passed: LocalizedText(de: "ok", en: "ok")
        case .failed: LocalizedText(de: "nein", en: "no")
        case .undecided: LocalizedText(de: "offen", en: "open")
        }
    }
    static let verifyDigest = LocalizedText(de: "Digest", en: "digest")
    static let verifySignedName = LocalizedText(de: "muss signiert sein als", en: "must be signed as")
    static let verifyNothingAttached = LocalizedText(de: "nichts hängt daran", en: "nothing is attached")
    static let verifyNoSignature = LocalizedText(de: "keine Signatur", en: "no signature")
    static let verifyImageSignature = LocalizedText(de: "Signatur des Images", en: "signature of the image")
    static let verifyFailedSummary = LocalizedText(
        de: "die Bewertung ist NICHT bestanden",
        en: "the verdict is NOT passed"
    )
    static let verifyLeavesTagOpen = LocalizedText(
        de: "nennt keinen Tag und steht nur für den Digest",
        en: "names no tag and vouches for the digest only"
    )
    static func verifySignedBy(_ signer: String) -> LocalizedText {
        LocalizedText(de: "von \(signer)", en: "by \(signer)")
    }
    static func verifyLoggedAt(_ time: String) -> LocalizedText {
        LocalizedText(de: "im Log seit \(time)", en: "logged \(time)")
    }
    static func verifyEntry(_ index: Int64) -> LocalizedText {
        LocalizedText(de: "Eintrag \(index) bewiesen", en: "entry \(index) proven")
    }

    static func demand(_ demand: TrustDemand) -> LocalizedText {
        switch demand {
        case .digest: LocalizedText(de: "Digest", en: "digest")
        case .tag: LocalizedText(de: "Tag", en: "tag")
        case .index: LocalizedText(de: "Index", en: "index")
        case .content: LocalizedText(de: "Inhalt", en: "content")
        case .release: LocalizedText(de: "Freigabe des Knotens", en: "release of the node")
        case .log: LocalizedText(de: "Log", en: "log")
        case .form(let form): LocalizedText(de: "Form \(form.rawValue)", en: "form \(form.rawValue)")
        case .attestation(let kind):
            LocalizedText(de: "Attestierung \(kind.name)", en: "attestation \(kind.name)")
        case .publisher(let name): LocalizedText(de: "Herausgeber \(name)", en: "publisher \(name)")
        }
    }

    static func finding(_ finding: TrustFinding) -> LocalizedText {
        switch finding {
        case .digest(let digest): LocalizedText(de: "\(digest)", en: "\(digest)")
        case .otherDigest(let expected, let actual):
            LocalizedText(de: "sollte \(expected) sein und ist \(actual)", en: "should be \(expected) and is \(actual)")
        case .tag(let tag, let digest):
            LocalizedText(de: "\(tag) steht hier für \(digest)", en: "\(tag) stands for \(digest) here")
        case .absent(let what): LocalizedText(de: "\(what) ist nicht da", en: "\(what) is not there")
        case .images(let count): LocalizedText(de: "\(count) Images, alle da", en: "\(count) images, all there")
        case .missing(let digest): LocalizedText(de: "\(digest) fehlt", en: "\(digest) is missing")
        case .nested(let digest):
            LocalizedText(
                de: "\(digest) ist selbst ein Index; in den sieht kein Client",
                en: "\(digest) is an index itself, which no client looks into"
            )
        case .hashed(let blobs, let bytes):
            LocalizedText(
                de: "\(blobs) Blobs mit \(bytes) Bytes haben ihre Digests",
                en: "\(blobs) blobs of \(bytes) bytes have their digests"
            )
        case .signed(let signers):
            LocalizedText(
                de: "signiert von \(signers.joined(separator: ", "))",
                en: "signed by \(signers.joined(separator: ", "))"
            )
        case .nothing:
            LocalizedText(
                de: "es gibt keine Signatur und keine Attestierung",
                en: "there is no signature or attestation"
            )
        case .noneAccepted(let count):
            LocalizedText(
                de: "keine der \(count) gefundenen erfüllt das; was sie sagen und was fehlt, steht unten",
                en: "none of the \(count) that were found fulfils it; what they say and what they lack is below"
            )
        case .logged(let indices):
            LocalizedText(
                de: "Eintrag \(Self.list(indices)), Aufnahme bewiesen und Checkpoint signiert",
                en: "entry \(Self.list(indices)), inclusion proven and checkpoint signed"
            )
        case .promised:
            LocalizedText(
                de:
                    "vom Log zugesagt; bewiesen ist die Aufnahme nicht (nur Bundles bringen den Beweis; --log promise verlangt ihn nicht)",
                en:
                    "promised by the log; inclusion is not proven (only bundles bring the proof; --log promise does not ask for it)"
            )
        case .accepted(let count): LocalizedText(de: "\(count) gültig", en: "\(count) accepted")
        case .unread(let reason): LocalizedText(de: reason, en: reason)
        }
    }

    private static func list(_ indices: [Int64]) -> String { indices.map { "\($0)" }.joined(separator: ", ") }

    // MARK: - Checks

    static func check(_ name: VerificationCheckName) -> LocalizedText {
        switch name {
        case .format: LocalizedText(de: "Form", en: "format")
        case .signature: LocalizedText(de: "Signatur", en: "signature")
        case .certificate: LocalizedText(de: "Zertifikat", en: "certificate")
        case .identity: LocalizedText(de: "Identität", en: "identity")
        case .log: LocalizedText(de: "Log", en: "log")
        case .inclusion: LocalizedText(de: "Aufnahme ins Log", en: "inclusion in the log")
        case .keyValidity: LocalizedText(de: "Gültigkeit des Schlüssels", en: "validity of the key")
        case .keyScope: LocalizedText(de: "Befugnis des Schlüssels", en: "scope of the key")
        case .digest: LocalizedText(de: "Digest", en: "digest")
        case .repository: LocalizedText(de: "Repository", en: "repository")
        case .tag: LocalizedText(de: "Tag", en: "tag")
        case .expiry: LocalizedText(de: "Ablauf", en: "expiry")
        }
    }

    static func failure(_ failure: VerificationFailure) -> LocalizedText {
        let german =
            switch failure {
            case .malformed(let reason): reason
            case .noTrustedKey: "kein Schlüssel, dem hier getraut wird, hat sie gemacht"
            case .certificate(let problem): problem.german
            case .foreignCertificate: "die Signatur ist nicht vom Schlüssel in ihrem Zertifikat"
            case .notLogged: "kein Log, dem hier getraut wird, hat einen Eintrag davon"
            case .wrongLog: "der Eintrag ist aus einem Log, dem hier nicht getraut wird"
            case .invalidLogEntry: "die Signatur des Logs über den Eintrag stimmt nicht"
            case .foreignLogEntry: "der Eintrag des Logs gehört zu einer anderen Signatur"
            case .invalidInclusion: "dass der Eintrag im Log steht, ist nicht bewiesen"
            case .notYetValid(let time): "der Schlüssel gilt erst ab \(time)"
            case .expired(let time): "abgelaufen am \(time)"
            case .revoked(let time): "der Schlüssel ist widerrufen" + (time.map { " ab \($0)" } ?? "")
            case .claimNotAllowed(let claim): "der Schlüssel darf das nicht signieren: \(claim)"
            case .outOfScope: "der Schlüssel gilt nicht für dieses Repository"
            case .wrongDigest: "sie gilt anderem Inhalt"
            case .wrongRepository(let text): "sie gilt \"\(text)\""
            case .wrongTag(let text): text.map { "sie gilt dem Tag \"\($0)\"" } ?? "sie nennt keinen Tag"
            }
        return LocalizedText(de: german, en: failure.description)
    }
}
