// SPDX-License-Identifier: EUPL-1.2

import Certificates
import JSON
import Time

extension Verification {
    /// On what terms a signer is believed by its certificate; nil when it is not, and the report says why.
    func certified(
        _ signer: CertifiedSigner,
        _ made: MadeSignatures,
        _ report: inout EvidenceReport
    ) -> KeyTerms? {
        let key = signer.certificate.key
        guard let signature = made.signatures.first(where: { key.isValidSignature($0, for: made.signed) }) else {
            report.note(.signature, .foreignCertificate)
            return nil
        }
        report.note(.signature, nil)
        logged(made, signature: signature, by: .certificate(signer.certificate), &report)
        var problem: CertificateProblem?
        for authority in policy.authorities {
            do throws(CertificateProblem) {
                let accepted = try accepted(signer, signature, authority, loggedAt: report.loggedAt)
                report.note(.certificate, nil)
                report.note(.identity, nil)
                report.signed(authority.terms, fingerprint: authority.fingerprint)
                report.identity = accepted.name.description.excerpt(200) + accepted.voucher
                report.provenAt = accepted.provenAt
                if accepted.provenAt == nil {
                    report.changes(at: [signer.certificate.notAfter + .seconds(1)], after: now)
                }
                validity(authority.terms, &report)
                return authority.terms
            } catch {
                // Of several authorities the one that the certificate is of says most.
                if problem == nil || problem == .noPath { problem = error }
            }
        }
        let found = problem ?? .noPath
        report.note(found.isAboutIdentity ? .identity : .certificate, .certificate(found))
        return nil
    }

    private struct Accepted {
        let name: CertificateName
        let voucher: String
        let provenAt: Timestamp?
    }

    private func accepted(
        _ signer: CertifiedSigner,
        _ signature: [UInt8],
        _ authority: TrustedAuthority,
        loggedAt: Timestamp?
    ) throws(CertificateProblem) -> Accepted {
        let stamped = try stamped(signer, signature, authority)
        let proven = [loggedAt, stamped].compactMap { $0 }
        let isProven =
            switch authority.time {
            case .either: !proven.isEmpty
            case .log: loggedAt != nil
            case .timestamp: stamped != nil
            case .none: true
            }
        let path = try authority.roots.path(
            from: signer.certificate,
            through: signer.authorities,
            for: .codeSigning,
            at: proven.isEmpty ? [now] : proven
        )
        guard isProven else { throw .noProvenTime }
        if authority.requiresCertificateLog {
            guard path.count > 1,
                let seen = signer.certificate.promised(by: authority.certificateLogs, issuer: path[1]),
                seen <= now + Self.clockSkew
            else { throw .notTransparent }
        }
        let names = signer.certificate.names
        guard let first = names.first else { throw .noIdentity }
        guard let name = names.first(where: { name in authority.identities.contains { $0.matches(name) } }) else {
            throw .otherIdentity(first.description.excerpt(200))
        }
        let issuer = signer.certificate.oidcIssuer
        guard issuer == authority.oidcIssuer else { throw .otherIssuer(issuer?.excerpt(200)) }
        return Accepted(
            name: name,
            voucher: issuer.map { " (\($0.excerpt(200)))" } ?? "",
            provenAt: proven.max()
        )
    }

    /// What time-stamp authorities say; one that is not believed is an attempt where any is trusted.
    private func stamped(
        _ signer: CertifiedSigner,
        _ signature: [UInt8],
        _ authority: TrustedAuthority
    ) throws(CertificateProblem) -> Timestamp? {
        guard !authority.timestampRoots.isEmpty else { return nil }
        var latest: Timestamp?
        for der in signer.timestamps.prefix(AttestationLimits.timestamps) {
            let token: TimestampToken
            do throws(CertificateError) { token = try TimestampToken(der: der) } catch {
                throw .timestamp(error.description)
            }
            var reason = CertificateProblem.noPath
            var found: Timestamp?
            for roots in authority.timestampRoots where found == nil {
                do throws(CertificateProblem) { found = try token.verified(over: signature, by: roots) } catch {
                    reason = error
                }
            }
            guard let found else { throw reason }
            guard found <= now + Self.clockSkew else { throw .timestamp("it is of the future") }
            latest = max(latest ?? found, found)
        }
        return latest
    }
}

extension CertificateProblem {
    fileprivate var isAboutIdentity: Bool {
        switch self {
        case .noIdentity, .otherIdentity, .otherIssuer: true
        default: false
        }
    }
}
