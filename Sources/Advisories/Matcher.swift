// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// Lays advisories over a component.
public enum Matcher {
    /// The findings of one component.
    ///
    /// Debian's advisories speak of source packages, so the component's source name and source version are compared. A version at or
    /// past the fix is no finding; nor is a package that the feed says was never vulnerable. What cannot be compared is a finding
    /// with status `undetermined`.
    ///
    /// - Parameters:
    ///   - component: one package of an image.
    ///   - advisories: any; those of other packages, releases and distributions are passed over.
    ///   - kev: looks up the catalogue of exploited vulnerabilities.
    ///   - epss: looks up the probability of exploitation.
    /// - Returns: one finding per vulnerability, ordered by identifier.
    public static func findings(
        component: Component,
        advisories: [Advisory],
        kev: (String) -> KEVEntry?,
        epss: (String) -> EPSSScore?
    ) -> [Finding] {
        guard let subject = MatchSubject(component) else { return [] }
        var found: [String: Finding] = [:]
        for advisory in advisories where subject.isMeant(by: advisory) {
            guard let match = subject.match(advisory) else { continue }
            let exploited = kev(advisory.id)
            let score = epss(advisory.id)
            let risk = Risk(severity: advisory.severity, kev: exploited, epss: score)
            let finding = Finding(
                id: advisory.id,
                componentName: component.name,
                componentVersion: component.version,
                componentPURL: component.purl?.description,
                status: match.status,
                fixedIn: match.fixedIn,
                severity: advisory.severity,
                severitySource: advisory.severity == .unknown ? nil : advisory.feed,
                kev: exploited,
                epss: score,
                risk: risk.value,
                riskExplanation: risk.explanation,
                evidence: FindingEvidence(
                    feed: advisory.feed,
                    record: advisory.record,
                    rule: match.rule,
                    sourceName: subject.name,
                    sourceVersion: subject.versionText
                )
            )
            // Two records about one vulnerability: the one that says "vulnerable" outweighs the one that cannot tell.
            if let other = found[advisory.id], other.status.isAffected || !finding.status.isAffected { continue }
            found[advisory.id] = finding
        }
        return found.values.sorted { $0.id < $1.id }
    }
}

/// A component as its feed knows it: by source package and release.
private struct MatchSubject {
    let name: String
    let versionText: String
    let version: Result<DpkgVersion, VersionError>
    let release: String

    /// Nil where no matching rule exists: another ecosystem, or no known release.
    init?(_ component: Component) {
        guard component.ecosystem == "deb", let distribution = component.distribution, distribution.id == "debian",
            let release = distribution.releaseName
        else { return nil }
        self.release = release
        name = component.sourceName ?? component.name
        versionText = component.sourceVersion ?? component.version
        do throws(VersionError) { version = .success(try DpkgVersion(parsing: versionText)) } catch {
            version = .failure(error)
        }
    }

    func isMeant(by advisory: Advisory) -> Bool {
        advisory.ecosystem == "deb" && advisory.feed == DebianTracker.feed && advisory.package == name
            && advisory.release == release
    }

    struct Match {
        let status: FindingStatus
        var fixedIn: String?
        let rule: String
    }

    func match(_ advisory: Advisory) -> Match? {
        switch advisory.state {
        case .notAffected: return nil
        case .undetermined:
            return Match(status: .undetermined, rule: "the feed says undetermined for \(name) in \(release)")
        case .open(let reason): return open(reason)
        case .resolved(let fixed): return resolved(fixed)
        }
    }

    /// Open means every version of the release is vulnerable; the installed one needs not be comparable.
    private func open(_ reason: AdvisoryState.OpenReason?) -> Match {
        let rule = "the feed says open for \(name) in \(release)"
        return switch reason {
        case nil: Match(status: .affectedNoFix, rule: rule)
        // Minor in the eyes of the security team: no update of its own, at most one with the next point release.
        case .noDSA: Match(status: .affectedDeferred, rule: rule + ", no security update planned (no-dsa)")
        case .ignored: Match(status: .affectedWontFix, rule: rule + ", ignored")
        case .postponed: Match(status: .affectedDeferred, rule: rule + ", postponed")
        case .endOfLife: Match(status: .affectedEndOfLife, rule: rule + ", end of life")
        }
    }

    private func resolved(_ fixedText: String) -> Match? {
        // "0" is the tracker's word for "never vulnerable"; see DebianTracker.
        if fixedText == "0" { return nil }
        let fixed: DpkgVersion
        do throws(VersionError) { fixed = try DpkgVersion(parsing: fixedText) } catch {
            return Match(
                status: .undetermined,
                rule: "the feed's fixed version \"\(fixedText.prefix(80))\" cannot be compared: \(error)"
            )
        }
        switch version {
        case .success(let installed) where installed < fixed:
            return Match(
                status: .affected,
                fixedIn: fixedText,
                rule: "deb source version \(versionText) < \(fixedText)"
            )
        case .success: return nil
        case .failure(let error):
            return Match(
                status: .undetermined,
                fixedIn: fixedText,
                rule: "installed source version \"\(versionText.prefix(80))\" cannot be compared: \(error)"
            )
        }
    }
}
