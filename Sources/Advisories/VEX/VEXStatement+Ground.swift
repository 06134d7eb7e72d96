// SPDX-License-Identifier: EUPL-1.2

public import SBOM

extension VEXStatement {
    /// Why the statement does not count, whoever makes it; nil where it does.
    public var refusal: LocalizedText? { VEXGround.refusal(of: self) }

    /// True when a text says no more than that there is no fix, in German or English: that leaves a product as vulnerable as it is.
    public static func isOnlyMissingFix(_ text: String) -> Bool { VEXGround.isOnlyMissingFix(text) }
}

extension VEXVulnerability {
    /// Whether it is the vulnerability of a finding.
    ///
    /// An erratum is an alias of every vulnerability that it repairs: that two share one does not make them the same, where their CVEs
    /// differ.
    public func isOf(_ finding: Finding) -> Bool {
        let known = Set(([finding.id] + finding.aliases).map { $0.uppercased() })
        guard !known.isDisjoint(with: ([name] + aliases).map { $0.uppercased() }) else { return false }
        return VEXIndex.isSame(self, as: VEXIndex.cves(Array(known)))
    }
}

extension VEXJustification {
    /// The five labels that OpenVEX and CSAF share.
    public static let common: [VEXJustification] = [
        .componentNotPresent, .vulnerableCodeNotPresent, .vulnerableCodeNotInExecutePath,
        .vulnerableCodeCannotBeControlledByAdversary, .inlineMitigationsAlreadyExist,
    ]
}
