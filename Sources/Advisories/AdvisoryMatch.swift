// SPDX-License-Identifier: EUPL-1.2

/// What an advisory says about an installed version, with the rule that decided.
struct AdvisoryMatch {
    let status: FindingStatus
    var fixedIn: String?
    let rule: String
}

extension AdvisorySubject {
    /// Whether an advisory is filed under this package and release.
    func isMeant(by advisory: Advisory) -> Bool {
        advisory.package == name && advisory.release == release && advisory.ecosystem == ecosystem
    }

    /// Lays one advisory over the installed version; nil when it is not vulnerable.
    func match(_ advisory: Advisory) -> AdvisoryMatch? {
        switch advisory.state {
        case .notAffected: nil
        case .undetermined:
            AdvisoryMatch(status: .undetermined, rule: "the feed says undetermined for \(name) in \(release)")
        case .open(let reason): open(reason)
        case .resolved(let fixed): resolved(fixed)
        case .ranges(let ranges, let versions): match(ranges, versions, isMalicious: advisory.isMalicious)
        }
    }

    private var label: String { isSource ? "\(ecosystem) source version" : "\(ecosystem) version" }

    /// Open means every version of the release is vulnerable; the installed one needs not be comparable.
    private func open(_ reason: AdvisoryState.OpenReason?) -> AdvisoryMatch {
        let rule =
            ecosystem == Self.fileEcosystem
            ? "the hash of the file's bytes is listed" : "the feed says open for \(name) in \(release)"
        return switch reason {
        case nil: AdvisoryMatch(status: .affectedNoFix, rule: rule)
        // Minor in the eyes of the security team: no update of its own, at most one with the next point release.
        case .noDSA:
            AdvisoryMatch(status: .affectedDeferred, rule: rule + ", no security update planned (no-dsa)")
        case .ignored: AdvisoryMatch(status: .affectedWontFix, rule: rule + ", ignored")
        case .postponed: AdvisoryMatch(status: .affectedDeferred, rule: rule + ", postponed")
        case .endOfLife: AdvisoryMatch(status: .affectedEndOfLife, rule: rule + ", end of life")
        }
    }

    private func resolved(_ fixed: String) -> AdvisoryMatch? {
        // "0" is the distributors' word for "never vulnerable"; see DebianTracker.
        if fixed == "0" { return nil }
        guard let scheme = VersionScheme(purlType: ecosystem) else {
            return AdvisoryMatch(status: .undetermined, rule: "no version order is known for \(ecosystem)")
        }
        do throws(VersionError) { _ = try scheme.order(fixed, fixed) } catch {
            return AdvisoryMatch(
                status: .undetermined,
                rule: "the feed's fixed version \"\(fixed.prefix(80))\" cannot be compared: \(error)"
            )
        }
        do throws(VersionError) {
            guard try scheme.order(version, fixed) < 0 else { return nil }
            return AdvisoryMatch(status: .affected, fixedIn: fixed, rule: "\(label) \(version) < \(fixed)")
        } catch {
            return AdvisoryMatch(
                status: .undetermined,
                fixedIn: fixed,
                rule:
                    "installed \(isSource ? "source " : "")version \"\(version.prefix(80))\" cannot be compared: \(error)"
            )
        }
    }

    private func match(_ ranges: [VersionRange], _ versions: [String], isMalicious: Bool) -> AdvisoryMatch? {
        switch RangeMatch.evaluate(version, ranges: ranges, versions: versions, ecosystem: ecosystem) {
        case .outside: nil
        case .undetermined(let rule): AdvisoryMatch(status: .undetermined, rule: rule)
        case .inside(let fix, let rule):
            // What was written to harm has no fixed version, whatever a record says.
            if let fix, !isMalicious {
                AdvisoryMatch(status: .affected, fixedIn: fix, rule: "\(label) \(rule)")
            } else {
                AdvisoryMatch(status: .affectedNoFix, rule: "\(label) \(rule)")
            }
        }
    }
}
