// SPDX-License-Identifier: EUPL-1.2

/// Names of the BSI's properties in CycloneDX.
///
/// Source: BSI TR-03183-2 CycloneDX property taxonomy, 0.1.2.
enum BSITaxonomy {
    static let filename = "bsi:component:filename"
    static let executable = "bsi:component:executable"
    static let archive = "bsi:component:archive"
    static let structured = "bsi:component:structured"
    static let effectiveLicence = "bsi:component:effectiveLicence"
}
