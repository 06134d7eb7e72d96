// SPDX-License-Identifier: EUPL-1.2

extension TR03183 {
    /// One demand of the guideline.
    public enum Field: Int, Sendable, Hashable, CaseIterable {
        /// CycloneDX 1.6 or SPDX 3.0.1, or later.
        case format
        /// The document must not speak of vulnerabilities.
        case noVulnerabilities
        /// It says what it is about.
        case primaryComponent
        /// E-mail address of who made the document, else a URL.
        case sbomCreator
        /// When it was made.
        case timestamp
        /// A URI of the document.
        case sbomURI
        /// Every component can be reached from what the document is about.
        case resolution
        /// E-mail address of who made the component, else a URL.
        case componentCreator
        /// The component's name.
        case componentName
        /// The component's version.
        case componentVersion
        /// Name of the component's file, without a path.
        case filename
        /// What the component needs or holds; also that it is nothing.
        case dependencies
        /// Whether that list is complete.
        case completeness
        /// Under which licences it may be used.
        case distributionLicences
        /// SHA-512 of the file in which it is delivered.
        case deployableHash
        /// Whether that file is executable.
        case executable
        /// Whether that file is an archive.
        case archive
        /// Whether that file still tells what is in it.
        case structured
        /// Where its source is.
        case sourceCodeURI
        /// Where that file is.
        case deployableURI
        /// Its package URL, CPE or SWID tag.
        case identifiers
        /// Which licences its creator gave it.
        case originalLicences
        /// Under which licence it is used here.
        case effectiveLicence
        /// Hash of its source.
        case sourceCodeHash
        /// Where its creator's security.txt is.
        case securityTxt
        /// The document is signed.
        case signature
    }
}

extension TR03183.Field {
    /// Its name for programs: `deployableHash`.
    public var id: String { "\(self)" }

    /// Section of the guideline: `5.2.2`.
    public var clause: String {
        switch self {
        case .format: "4"
        case .noVulnerabilities, .primaryComponent: "3.1"
        case .sbomCreator, .timestamp: "5.2.1"
        case .sbomURI: "5.2.3"
        case .resolution: "5.1"
        case .componentCreator, .componentName, .componentVersion, .filename, .dependencies, .completeness,
            .distributionLicences, .deployableHash, .executable, .archive, .structured:
            "5.2.2"
        case .sourceCodeURI, .deployableURI, .identifiers, .originalLicences: "5.2.4"
        case .effectiveLicence, .sourceCodeHash, .securityTxt: "5.2.5"
        case .signature: "8.1.15"
        }
    }

    /// How the demand is worded.
    public var requirement: TR03183.Requirement {
        switch self {
        case .sbomURI, .sourceCodeURI, .deployableURI, .identifiers, .originalLicences: .mustIfExists
        case .effectiveLicence, .sourceCodeHash, .securityTxt: .may
        case .signature: .ideally
        default: .must
        }
    }

    /// Its name.
    public var title: LocalizedText {
        switch self {
        case .format: LocalizedText(de: "Format und Version", en: "Format and version")
        case .noVulnerabilities:
            LocalizedText(de: "Keine Angaben zu Schwachstellen", en: "No vulnerability information")
        case .primaryComponent: LocalizedText(de: "Primärkomponente", en: "Primary component")
        case .sbomCreator: LocalizedText(de: "Ersteller der SBOM", en: "Creator of the SBOM")
        case .timestamp: LocalizedText(de: "Zeitstempel", en: "Timestamp")
        case .sbomURI: LocalizedText(de: "URI der SBOM", en: "SBOM-URI")
        case .resolution: LocalizedText(de: "Rekursive Auflösung", en: "Recursive resolution")
        case .componentCreator: LocalizedText(de: "Ersteller der Komponente", en: "Component creator")
        case .componentName: LocalizedText(de: "Name der Komponente", en: "Component name")
        case .componentVersion: LocalizedText(de: "Version der Komponente", en: "Component version")
        case .filename: LocalizedText(de: "Dateiname der Komponente", en: "Filename of the component")
        case .dependencies:
            LocalizedText(de: "Abhängigkeiten von anderen Komponenten", en: "Dependencies on other components")
        case .completeness:
            LocalizedText(de: "Vollständigkeit der Abhängigkeiten", en: "Completeness of the dependencies")
        case .distributionLicences: LocalizedText(de: "Vertriebslizenzen", en: "Distribution licences")
        case .deployableHash:
            LocalizedText(
                de: "Hashwert der auslieferbaren Komponente (SHA-512)",
                en: "Hash value of the deployable component (SHA-512)"
            )
        case .executable: LocalizedText(de: "Eigenschaft: ausführbar", en: "Executable property")
        case .archive: LocalizedText(de: "Eigenschaft: Archiv", en: "Archive property")
        case .structured: LocalizedText(de: "Eigenschaft: strukturiert", en: "Structured property")
        case .sourceCodeURI: LocalizedText(de: "URI des Quelltexts", en: "Source code URI")
        case .deployableURI:
            LocalizedText(de: "URI der auslieferbaren Form", en: "URI of the deployable form of the component")
        case .identifiers: LocalizedText(de: "Weitere eindeutige Kennungen", en: "Other unique identifiers")
        case .originalLicences: LocalizedText(de: "Ursprüngliche Lizenzen", en: "Original licences")
        case .effectiveLicence: LocalizedText(de: "Wirksame Lizenz", en: "Effective licence")
        case .sourceCodeHash:
            LocalizedText(de: "Hashwert des Quelltexts", en: "Hash value of the source code of the component")
        case .securityTxt: LocalizedText(de: "URL der security.txt", en: "URL of the security.txt")
        case .signature: LocalizedText(de: "Digitale Signatur", en: "Digital signature")
        }
    }

    /// Where it belongs in the document, by the guideline's mapping (8.2).
    public func place(in format: BillOfMaterials.Format) -> String {
        let isCycloneDX = format == .cycloneDX
        return switch self {
        case .format: isCycloneDX ? "specVersion" : "CreationInfo.specVersion"
        case .noVulnerabilities: isCycloneDX ? "vulnerabilities" : "security_*"
        case .primaryComponent: isCycloneDX ? "metadata.component" : "software_Sbom.rootElement"
        case .sbomCreator:
            isCycloneDX
                ? "metadata.manufacturer.contact[].email | metadata.manufacturer.url[]"
                : "CreationInfo.createdBy → externalIdentifier[email | urlScheme]"
        case .timestamp: isCycloneDX ? "metadata.timestamp" : "CreationInfo.created"
        case .sbomURI: isCycloneDX ? "serialNumber" : "software_Sbom.spdxId"
        case .resolution, .dependencies:
            isCycloneDX ? "dependencies[]" : "Relationship[contains | dependsOn]"
        case .componentCreator:
            isCycloneDX
                ? "manufacturer.contact[].email | manufacturer.url[]"
                : "originatedBy → externalIdentifier[email | other]"
        case .componentName: "name"
        case .componentVersion: isCycloneDX ? "version" : "software_packageVersion"
        case .filename:
            isCycloneDX ? "properties[bsi:component:filename]" : "hasDistributionArtifact → software_File.name"
        case .completeness: isCycloneDX ? "compositions[].aggregate" : "Relationship.completeness"
        case .distributionLicences:
            isCycloneDX ? "licenses[].expression (acknowledgement: concluded)" : "Relationship[hasConcludedLicense]"
        case .deployableHash:
            isCycloneDX
                ? "externalReferences[distribution].hashes[SHA-512]"
                : "hasDistributionArtifact → software_File.verifiedUsing[sha512]"
        case .executable:
            isCycloneDX ? "properties[bsi:component:executable]" : "software_File.software_additionalPurpose"
        case .archive: isCycloneDX ? "properties[bsi:component:archive]" : "software_File.software_additionalPurpose"
        case .structured:
            isCycloneDX ? "properties[bsi:component:structured]" : "software_File.software_additionalPurpose"
        case .sourceCodeURI:
            isCycloneDX
                ? "externalReferences[source-distribution].url"
                : "generates ← software_SoftwareArtifact.externalRef[sourceArtifact]"
        case .deployableURI:
            isCycloneDX
                ? "externalReferences[distribution].url"
                : "hasDistributionArtifact → software_File.externalRef[binaryArtifact]"
        case .identifiers: isCycloneDX ? "purl | cpe | swid" : "externalIdentifier[packageUrl | cpe23 | swid]"
        case .originalLicences:
            isCycloneDX ? "licenses[].expression (acknowledgement: declared)" : "Relationship[hasDeclaredLicense]"
        case .effectiveLicence:
            isCycloneDX ? "properties[bsi:component:effectiveLicence]" : "Relationship[other] hasEffectiveLicense"
        case .sourceCodeHash:
            isCycloneDX
                ? "externalReferences[source-distribution].hashes[SHA-512]"
                : "generates ← software_SoftwareArtifact.verifiedUsing[sha512]"
        case .securityTxt:
            isCycloneDX ? "externalReferences[rfc-9116].url" : "externalRef[securityOther].locator"
        case .signature: isCycloneDX ? "signature" : "–"
        }
    }
}
