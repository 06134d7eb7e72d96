// SPDX-License-Identifier: EUPL-1.2

import Attestations
import Policies
import Time

/// Whose signatures count, in plain sentences.
extension PolicyWords {
    /// What an image needs to be called signed.
    func trust(_ rules: TrustRules) -> PolicySentence {
        let signers = rules.keys.count + rules.certificates.count
        var parts = [
            text(
                .policyTrust,
                [
                    "count": language.number(rules.threshold), "signers": language.number(signers),
                    "publishers": language.number(rules.publishers.count),
                ]
            )
        ]
        if let node = rules.publishers.first(where: \.countsNode) {
            parts.append(text(.policyTrustNode, ["publisher": short(node.name)]))
        } else {
            parts.append(text(.policyTrustNotNode))
        }
        let log: TextKey =
            switch rules.log {
            case .none: .policyTrustLogNone
            case .promise: .policyTrustLogPromise
            case .inclusion: .policyTrustLogInclusion
            }
        parts.append(text(log))
        return sentence("trust", parts)
    }

    /// Keys, rules on certificates, logs and builders, one by one.
    func signers(_ rules: TrustRules) -> [PolicySentence] {
        var found: [PolicySentence] = []
        for (place, publisher) in rules.publishers.enumerated() {
            for (index, key) in publisher.keys.enumerated() {
                let values = [
                    "publisher": short(publisher.name), "name": short(key.name),
                    "fingerprint": key.material.fingerprint,
                ]
                let parts = [text(.policyKey, values)] + terms(key.signs, key.repositories, key.signedAs)
                found.append(
                    sentence(
                        "trust.publishers[\(place)].keys[\(index)]",
                        parts + times(key.validFrom, key.validUntil, revoked: key.revokedFrom),
                        from: key.validFrom
                    )
                )
            }
            for (index, rule) in publisher.certificates.enumerated() {
                found.append(certificates(rule, of: publisher, "trust.publishers[\(place)].certificates[\(index)]"))
            }
        }
        for (index, log) in rules.logs.enumerated() {
            let parts = [text(.policyLog, ["name": short(log.name)])] + times(log.validFrom, log.validUntil)
            found.append(sentence("trust.logs[\(index)]", parts, from: log.validFrom))
        }
        for (index, builder) in rules.builders.enumerated() {
            let values = [
                "name": short(builder.id), "level": language.number(builder.level), "list": list(builder.keys),
            ]
            var parts = [text(.policyBuilder, values)]
            if let owner = builder.operatedBy { parts.append(text(.policyBuilderOwner, ["name": short(owner)])) }
            if let type = builder.buildType {
                let count = language.number(builder.parameters.count)
                parts.append(text(.policyBuilderType, ["name": short(type), "count": count]))
            }
            found.append(sentence("trust.builders[\(index)]", parts))
        }
        return found
    }

    private func certificates(
        _ rule: TrustedCertificateRule,
        of publisher: TrustedPublisher,
        _ path: String
    ) -> PolicySentence {
        let values = [
            "publisher": short(publisher.name), "name": short(rule.name),
            "list": list(rule.identities.map { "\($0)" }),
        ]
        var parts = [text(.policyCertificates, values)]
        if let issuer = rule.oidcIssuer { parts.append(text(.policyCertificatesIssuer, ["name": short(issuer)])) }
        let time: TextKey =
            switch rule.time {
            case .either: .policyTimeEither
            case .log: .policyTimeLog
            case .timestamp: .policyTimeStamp
            case .none: .policyTimeNone
            }
        parts.append(text(time))
        if rule.requiresCertificateLog { parts.append(text(.policyCertificatesLog)) }
        parts += terms(rule.signs, rule.repositories, rule.signedAs)
        parts += times(rule.validFrom, rule.validUntil, revoked: rule.revokedFrom)
        return sentence(path, parts, from: rule.validFrom)
    }

    private func terms(_ signs: [String], _ repositories: [Glob], _ names: [String]) -> [String] {
        let things = signs.map { $0 == TrustedKeyRule.image ? text(.policySignsImages) : $0 }
        var parts = [text(.policySigns, ["list": list(things)])]
        if !repositories.isEmpty { parts.append(text(.policyWhere, ["list": list(repositories.map(\.text))])) }
        if !names.isEmpty { parts.append(text(.policySignedAs, ["list": list(names)])) }
        return parts
    }

    private func times(_ from: Timestamp?, _ until: Timestamp?, revoked: Timestamp? = nil) -> [String] {
        var parts: [String] = []
        if let from, from <= now { parts.append(text(.policySince, ["date": language.dateTime(from)])) }
        if let until {
            parts.append(text(until <= now ? .policyOver : .policyUntil, ["date": language.dateTime(until)]))
        }
        if let revoked { parts.append(text(.policyRevoked, ["date": language.dateTime(revoked)])) }
        return parts
    }
}
