// SPDX-License-Identifier: EUPL-1.2

/// Judges a bill of materials against the BSI's technical guideline TR-03183-2, field by field.
///
/// What a component must have depends on its ``Role``. A field that cannot be judged from the document is ``Outcome/unknown``, never
/// met. Strangers' bills and Kontor's own are held against the same rules.
///
/// Source: BSI TR-03183-2 "Software Bill of Materials (SBOM)", version 2.1.0 of 2025-08-20; places in the document as in its mapping,
/// 8.2, and in the BSI's property taxonomy for CycloneDX, 0.1.2.
public enum TR03183 {
    /// The version of the guideline.
    public static let version = "2.1.0"

    /// How a demand is worded.
    public enum Requirement: String, Sendable, Hashable, CaseIterable {
        /// It must be there.
        case must
        /// It must be there if it exists.
        case mustIfExists
        /// It may be there.
        case may
        /// It is there ideally.
        case ideally
    }

    /// What came of one demand.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// It is there as demanded.
        case met
        /// It is not there, or not as demanded.
        case missing
        /// It is not demanded of this.
        case notApplicable
        /// It cannot be told from the document.
        case unknown
    }

    /// What came of all.
    public enum Conclusion: String, Sendable, Hashable, CaseIterable {
        /// Nothing that must be there is missing.
        case conforms
        /// Something that must be there is missing.
        case doesNotConform
        /// Nothing is known to be missing, but something that must be there cannot be judged.
        case undecided
    }

    /// What a component is to the guideline.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        /// A file that is delivered: every field is demanded (5.2.2).
        case delivered
        /// A level of abstraction without a file of its own: a container, an operating system (3.2.2).
        case logical
        /// A package that is unpacked or linked in what is delivered; it stands for files and has none of its own (3.2.2).
        case unpacked
        /// Not part of what is delivered, and only identified (3.2.4).
        case outside
        /// A package of which the document does not tell whether its file is delivered.
        case undetermined
    }

    /// What no look at a document can settle, whatever the results say.
    public static let limits: [LocalizedText] = [
        LocalizedText(
            de: "Gegen das Schema des Formats sind nur die Felder gehalten, die diese Prüfung liest (§ 4).",
            en: "Only the fields that this check reads are held against the format's schema (§ 4)."
        ),
        LocalizedText(
            de:
                "Ob das Angegebene stimmt und ob es so viel ist, wie beim Bau bekannt war (§ 5.1, § 8.4.3), sieht man dem Dokument nicht an.",
            en:
                "Whether what is stated is true, and as much as was known at the build (§ 5.1, § 8.4.3), cannot be seen in the document."
        ),
        LocalizedText(
            de:
                "Ein Paket, das im Ausgelieferten entpackt liegt, steht für seine Dateien. Ob zusätzlich jede Datei eine eigene Komponente sein soll, beurteilt die Prüfung nicht.",
            en:
                "A package that lies unpacked in what is delivered stands for its files. Whether each file should be a component as well is not judged."
        ),
    ]

    /// Judges a bill.
    ///
    /// - Complexity: linear in components, edges and fields.
    public static func check(_ bill: BillOfMaterials) -> Report {
        var check = TR03183Check(bill)
        check.document()
        check.components()
        check.graph()
        return check.report
    }
}
