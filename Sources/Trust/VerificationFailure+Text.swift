// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import Certificates
internal import SBOM
internal import Time

extension VerificationOutcome {
    /// Why a check stands against evidence, for people; nil when it passed.
    var problem: LocalizedText? {
        switch self {
        case .passed: nil
        case .failed(let failure): failure.text
        case .notAssessed(let reason):
            LocalizedText(de: "nicht prüfbar: \(reason)", en: "cannot be verified: \(reason)")
        }
    }
}

extension VerificationFailure {
    /// The reason in both languages.
    var text: LocalizedText { LocalizedText(de: german, en: description) }

    private var german: String {
        switch self {
        case .malformed(let reason): "nicht lesbar: \(reason)"
        case .noTrustedKey: "kein Schlüssel der Vertrauensregel hat signiert"
        case .certificate(let problem): problem.german
        case .foreignCertificate: "die Signatur ist nicht vom Schlüssel in ihrem Zertifikat"
        case .notLogged: "kein anerkanntes Log hat einen Eintrag davon"
        case .wrongLog: "der Eintrag ist aus einem Log, dem nicht vertraut wird"
        case .invalidLogEntry: "die Signatur des Logs über den Eintrag ist ungültig"
        case .foreignLogEntry: "der Eintrag des Logs betrifft eine andere Signatur"
        case .invalidInclusion: "nicht belegt ist, dass der Eintrag im Log steht"
        case .notYetValid(let time): "der Schlüssel gilt erst ab \(time)"
        case .expired(let time): "abgelaufen am \(time)"
        case .revoked(let time): "der Schlüssel ist gesperrt" + (time.map { " seit \($0)" } ?? "")
        case .claimNotAllowed(let claim): "der Schlüssel darf das nicht signieren: \(claim)"
        case .outOfScope: "der Schlüssel darf für dieses Repository nicht signieren"
        case .wrongDigest: "es geht um anderen Inhalt"
        case .wrongRepository(let name): "es geht um „\(name)“"
        case .wrongTag(let tag): tag.map { "es geht um den Tag „\($0)“" } ?? "es nennt keinen Tag"
        }
    }
}
