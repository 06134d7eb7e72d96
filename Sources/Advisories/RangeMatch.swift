// SPDX-License-Identifier: EUPL-1.2

/// Whether a version lies in the ranges of an advisory.
///
/// Source: OSV schema 1.7.4, "Evaluation". What cannot be compared makes the answer undetermined, unless another range already says
/// vulnerable.
enum RangeMatch: Equatable {
    /// Not in any range.
    case outside
    /// In a range; the fix that ends it and the rule that decided, where there is a fix.
    case inside(fix: String?, rule: String)
    /// Something cannot be compared.
    case undetermined(rule: String)

    /// Lays an installed version over ranges and listed versions.
    static func evaluate(
        _ installed: String,
        ranges: [VersionRange],
        versions: [String],
        ecosystem: String
    ) -> RangeMatch {
        guard let own = VersionScheme(purlType: ecosystem) else {
            return .undetermined(rule: "no version order is known for \(ecosystem)")
        }
        var applicable = ranges
        if ecosystem == "rpm" {
            // Builds of a module and ordinary builds are numbered apart.
            let isModular = RPMModularity.isModular(installed)
            applicable = ranges.filter { $0.isModular == isModular || $0.isOpenFromZero }
            // An erratum names the builds of several streams; the installed one is fixed when it is one of them.
            if applicable.contains(where: { $0.events.contains(.fixed(installed)) }) { return .outside }
        }
        let version = InstalledVersion(installed, own)
        var result = list(version, versions)
        for range in applicable {
            let scheme = range.kind == .semver && ecosystem != "golang" ? VersionScheme(purlType: "npm") ?? own : own
            do throws(IncomparableVersion) {
                let subject = scheme == own ? version : InstalledVersion(installed, scheme)
                guard let hit = try Walk(subject, range).hit else { continue }
                result = try result.joined(hit, scheme)
            } catch {
                if case .inside = result { continue }
                result = .undetermined(rule: error.rule)
            }
        }
        return result
    }

    /// A version that is listed is vulnerable however it is written; one that is not listed is not, if it is a version at all.
    private static func list(_ installed: InstalledVersion, _ versions: [String]) -> RangeMatch {
        guard !versions.isEmpty else { return .outside }
        if versions.contains(installed.text) { return .inside(fix: nil, rule: "version \(installed.text) is listed") }
        do throws(IncomparableVersion) { _ = try installed.parsed() } catch { return .undetermined(rule: error.rule) }
        for version in versions {
            do throws(IncomparableVersion) {
                if try installed.order(of: version) == 0 {
                    return .inside(fix: nil, rule: "version \(installed.text) is listed as \(version)")
                }
            } catch {
                // A listed text that is no version is not the installed version, which is one.
                continue
            }
        }
        return .outside
    }

    /// In two ranges at once: to leave both takes the later fix, and without a fix for one there is none.
    private func joined(_ hit: Walk.Hit, _ scheme: VersionScheme) throws(IncomparableVersion) -> RangeMatch {
        guard case .inside(let fix, _) = self else { return .inside(fix: hit.fix, rule: hit.rule) }
        guard let fix else { return hit.fix == nil ? self : .inside(fix: hit.fix, rule: hit.rule) }
        guard let other = hit.fix else { return self }
        do throws(VersionError) {
            return try scheme.order(fix, other) < 0 ? .inside(fix: other, rule: hit.rule) : self
        } catch {
            return self
        }
    }
}

/// A version that its scheme does not know.
struct IncomparableVersion: Error {
    let rule: String

    init(installed: String, _ error: VersionError) {
        rule = "installed version \"\(installed.prefix(80))\" cannot be compared: \(error)"
    }

    init(bound: String, _ error: VersionError) {
        rule = "the feed's version \"\(bound.prefix(80))\" cannot be compared: \(error)"
    }
}

/// The installed version, read once for all that it is compared with.
private struct InstalledVersion {
    let text: String
    let scheme: VersionScheme
    private let version: Result<OrderedVersion, VersionError>

    init(_ text: String, _ scheme: VersionScheme) {
        (self.text, self.scheme) = (text, scheme)
        do throws(VersionError) { version = .success(try OrderedVersion(parsing: text, scheme: scheme)) } catch {
            version = .failure(error)
        }
    }

    func parsed() throws(IncomparableVersion) -> OrderedVersion {
        switch version {
        case .success(let version): return version
        case .failure(let error): throw IncomparableVersion(installed: text, error)
        }
    }

    /// The order of a bound against this version: below zero where the bound is earlier.
    func order(of bound: String) throws(IncomparableVersion) -> Int {
        let own = try parsed()
        do throws(VersionError) {
            return try OrderedVersion(parsing: bound, scheme: scheme).order(own)
        } catch { throw IncomparableVersion(bound: bound, error) }
    }
}

/// One walk along the events of one range.
private struct Walk {
    struct Hit {
        let fix: String?
        let rule: String
    }

    private(set) var hit: Hit?

    init(_ installed: InstalledVersion, _ range: VersionRange) throws(IncomparableVersion) {
        _ = try installed.parsed()
        // Each bound against the installed version: below zero where the bound is earlier.
        var events: [(event: VersionRange.Event, order: Int)] = []
        var limits: [Int] = []
        for event in range.events {
            switch event {
            case .introduced("0"): events.append((event, -1))
            case .limit("*"): limits.append(1)
            case .limit(let version): limits.append(try installed.order(of: version))
            default: events.append((event, try installed.order(of: event.version)))
            }
        }
        guard limits.isEmpty || limits.contains(where: { $0 > 0 }) else { return }
        let sorted = try Self.sorted(events, installed.scheme)
        var start: String?
        for (event, order) in sorted {
            switch event {
            case .introduced(let version) where order <= 0: start = version
            case .fixed where order <= 0: start = nil
            case .lastAffected where order < 0: start = nil
            default: continue
            }
        }
        guard let start else { return }
        hit = Self.hit(installed.text, start, sorted.filter { $0.order >= 0 }.map(\.event))
    }

    /// The interval's end, which is the first event past the installed version.
    private static func hit(_ installed: String, _ start: String, _ later: [VersionRange.Event]) -> Hit {
        for event in later {
            switch event {
            case .fixed(let version):
                let bounds = start == "0" ? "" : "\(start) <= "
                return Hit(fix: version, rule: "\(bounds)\(installed) < \(version)")
            case .lastAffected(let version):
                return Hit(fix: nil, rule: "\(start == "0" ? "" : "\(start) <= ")\(installed) <= \(version)")
            case .introduced(let version) where version != start: break
            default: continue
            }
        }
        return Hit(fix: nil, rule: start == "0" ? "every version" : "\(start) <= \(installed)")
    }

    private static func order(_ bound: String, _ installed: String, _ scheme: VersionScheme) throws(IncomparableVersion)
        -> Int
    {
        do throws(VersionError) { return try scheme.order(bound, installed) } catch {
            throw IncomparableVersion(bound: bound, error)
        }
    }

    /// In the order of versions; events at the same version stay in the order of the record.
    private static func sorted(
        _ events: [(event: VersionRange.Event, order: Int)],
        _ scheme: VersionScheme
    ) throws(IncomparableVersion) -> [(event: VersionRange.Event, order: Int)] {
        // Most ranges have two events in order, and lists that are long come sorted: insertion from the end.
        var sorted: [(event: VersionRange.Event, order: Int)] = []
        sorted.reserveCapacity(events.count)
        for event in events {
            var index = sorted.count
            while index > 0, try isBefore(event.event, sorted[index - 1].event, scheme) { index -= 1 }
            sorted.insert(event, at: index)
        }
        return sorted
    }

    private static func isBefore(
        _ left: VersionRange.Event,
        _ right: VersionRange.Event,
        _ scheme: VersionScheme
    ) throws(IncomparableVersion) -> Bool {
        if case .introduced("0") = left { return right != .introduced("0") }
        if case .introduced("0") = right { return false }
        return try order(left.version, right.version, scheme) < 0
    }
}
