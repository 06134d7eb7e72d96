// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// Why a file could not be read as a bill of materials: what, where, why, and what next.
public enum BillReadError: Error, Equatable, Sendable {
    /// The text is not the JSON that this reader accepts.
    case invalidJSON(JSONError)
    /// It is something else that has a name, and what to do about it.
    case notRead(OtherFormat)
    /// It is nothing that is known.
    case unknownDocument
    /// A version of a format that is not read; the text is cut to 40 code points.
    case unsupportedVersion(BillOfMaterials.Format, String)
    /// A member is not of the kind that the format's schema demands.
    case unexpected(pointer: String, expected: String, found: String)
    /// There are more of something than are read.
    case tooMany(String, limit: Int)

    /// Something that is not read, under the name that people know it by.
    public enum OtherFormat: String, Sendable, Hashable, CaseIterable {
        /// CycloneDX in XML.
        case cycloneDXXML = "CycloneDX XML"
        /// CycloneDX as protocol buffers, or any other binary file.
        case binary = "a binary file"
        /// SPDX in its tag-value form.
        case spdxTagValue = "SPDX tag-value"
        /// SPDX in YAML.
        case spdxYAML = "SPDX YAML"
        /// SPDX 2 in RDF/XML.
        case spdxRDF = "SPDX RDF/XML"
        /// SPDX 3 as one element, without a graph.
        case spdxElement = "SPDX 3 without @graph"
        /// A SWID tag.
        case swid = "SWID tag"
        /// Any other XML.
        case xml = "XML"
        /// Syft's own JSON.
        case syft = "Syft JSON"
        /// Trivy's own JSON.
        case trivy = "Trivy JSON"
        /// A statement about a bill, not the bill.
        case attestation = "in-toto attestation"
        /// Advisories.
        case csaf = "CSAF"
        /// Statements about vulnerabilities.
        case openVEX = "OpenVEX"
        /// Results of a static analysis.
        case sarif = "SARIF"
        /// Something that gzip has packed.
        case gzip = "gzip"
        /// An archive.
        case zip = "ZIP"
    }
}

extension BillReadError {
    /// What is wrong, where, why and what next, in both languages.
    public var text: LocalizedText {
        let known = LocalizedText(
            de: "Gelesen werden CycloneDX JSON 1.2 bis 1.7, SPDX JSON 2.2 und 2.3 und SPDX JSON-LD 3.0.",
            en: "Read are CycloneDX JSON 1.2 to 1.7, SPDX JSON 2.2 and 2.3, and SPDX JSON-LD 3.0."
        )
        switch self {
        case .invalidJSON(let error):
            return LocalizedText(
                de: "kein gültiges JSON (\(error)); erzeugen Sie die Datei neu",
                en: "\(error); write the file anew"
            )
        case .notRead(let format):
            return LocalizedText(
                de: "nicht gelesen: \(format.german). \(format.remedy.de) \(known.de)",
                en: "not read: \(format.rawValue). \(format.remedy.en) \(known.en)"
            )
        case .unknownDocument:
            return LocalizedText(
                de: "nicht gelesen: keine Stückliste in einem bekannten Format. \(known.de)",
                en: "not read: no bill of materials in a known format. \(known.en)"
            )
        case .unsupportedVersion(let format, let version):
            return LocalizedText(
                de: "nicht gelesen: \(format.rawValue) in der Version \"\(version)\". \(known.de)",
                en: "not read: \(format.rawValue) version \"\(version)\". \(known.en)"
            )
        case .unexpected(let pointer, let expected, let found):
            return LocalizedText(
                de:
                    "\(pointer): erwartet \(expected), gefunden \(found); das Dokument folgt nicht dem Schema seines Formats, prüfen Sie es mit dessen Werkzeug",
                en:
                    "\(pointer): expected \(expected), found \(found); the document does not follow its format's schema, validate it with the format's own tool"
            )
        case .tooMany(let what, let limit):
            return LocalizedText(
                de: "mehr als \(limit) \(what); teilen Sie das Dokument",
                en: "more than \(limit) \(what); split the document"
            )
        }
    }
}

extension BillReadError: CustomStringConvertible {
    /// The English text.
    public var description: String { text.en }
}

extension BillReadError.OtherFormat {
    fileprivate var german: String {
        switch self {
        case .binary: "eine Binärdatei"
        case .swid: "SWID-Tag"
        case .syft: "Syfts eigenes JSON"
        case .trivy: "Trivys eigenes JSON"
        case .attestation: "in-toto-Attestierung"
        case .spdxElement: "SPDX 3 ohne @graph"
        default: rawValue
        }
    }

    fileprivate var remedy: LocalizedText {
        switch self {
        case .cycloneDXXML, .xml, .swid:
            LocalizedText(
                de: "Schreiben Sie die Stückliste als JSON (etwa mit cyclonedx convert).",
                en: "Write the bill as JSON (with cyclonedx convert, for example)."
            )
        case .spdxTagValue, .spdxYAML, .spdxRDF, .spdxElement:
            LocalizedText(
                de: "Schreiben Sie die Stückliste als SPDX JSON mit allen Elementen in einer Datei.",
                en: "Write the bill as SPDX JSON with all elements in one file."
            )
        case .syft:
            LocalizedText(
                de: "Lassen Sie Syft \"-o cyclonedx-json\" schreiben.",
                en: "Have Syft write \"-o cyclonedx-json\"."
            )
        case .trivy:
            LocalizedText(
                de: "Lassen Sie Trivy \"--format cyclonedx\" schreiben.",
                en: "Have Trivy write \"--format cyclonedx\"."
            )
        case .attestation:
            LocalizedText(
                de: "Nehmen Sie die Stückliste aus ihrem \"predicate\".",
                en: "Take the bill out of its \"predicate\"."
            )
        case .csaf, .openVEX, .sarif:
            LocalizedText(de: "Das ist keine Stückliste.", en: "That is no bill of materials.")
        case .gzip, .zip: LocalizedText(de: "Entpacken Sie die Datei zuerst.", en: "Unpack the file first.")
        case .binary: LocalizedText(de: "Das ist kein Text.", en: "That is no text.")
        }
    }
}
