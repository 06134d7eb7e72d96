// SPDX-License-Identifier: EUPL-1.2

extension CertificateProblem {
    /// One sentence in German; here because two rooms that know nothing of one another show it to people.
    public var german: String {
        switch self {
        case .noPath: "sein Zertifikat führt zu keiner Wurzel, der vertraut wird"
        case .pathTooLong: "die Kette seines Zertifikats ist länger, als sie sein darf"
        case .notYetValid(let time): "ein Zertifikat gilt erst ab \(time)"
        case .expired(let time): "ein Zertifikat war am \(time) abgelaufen"
        case .noAuthority: "ein Zertifikat stammt von einem, das keine Zertifizierungsstelle ist"
        case .authority: "das Zertifikat ist das einer Zertifizierungsstelle"
        case .keyUsage: "der Schlüssel des Zertifikats ist nicht für Signaturen"
        case .purpose: "das Zertifikat ist nicht für diesen Zweck"
        case .unknownExtension(let oid): "ein Zertifikat verlangt, was hier nicht verstanden wird (\(oid))"
        case .badSignature: "die Signatur eines Zertifikats ist ungültig"
        case .noIdentity: "das Zertifikat nennt niemanden"
        case .otherIdentity(let name): "das Zertifikat ist für \(name)"
        case .otherIssuer(let name):
            name.map { "für die Identität bürgt \($0)" } ?? "für die Identität bürgt niemand"
        case .noProvenTime: "niemand, dem vertraut wird, sagt, wann signiert wurde"
        case .timestamp(let reason): "der Zeitstempel zählt nicht: \(reason)"
        case .notTransparent: "kein Zertifikatslog, dem vertraut wird, kennt das Zertifikat"
        }
    }
}
