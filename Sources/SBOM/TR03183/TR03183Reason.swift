// SPDX-License-Identifier: EUPL-1.2

/// What can be found about a field.
enum TR03183Reason: Int, CaseIterable {
    // In general
    case stated
    case notStated
    case mayExist
    case optional
    case logical
    case unpacked
    case outside
    case undetermined
    case noSubject

    // The document
    case formatTooOld
    case vulnerabilities
    case timestampLocal
    case timestampMalformed
    case serialNumberMalformed

    // Creators
    case contactBoth
    case contactNameOnly
    case contactElsewhere
    case contactMalformed

    // Values
    case placeholder
    case filenameIsPath
    case valueUnknown
    case valuesConflict
    case hashElsewhere
    case hashOther
    case hashMalformed
    case licenceNotConcluded
    case licenceNoIdentifier
    case uriElsewhere
    case uriMalformed
    case purlMalformed

    // The graph
    case noReference
    case duplicateReference
    case noEntry
    case danglingReference
    case unreachable
    case declaredComplete
    case declaredIncomplete
    case declaredUnknown
    case completenessVague
}

extension TR03183Reason {
    var outcome: TR03183.Outcome {
        switch self {
        case .stated, .timestampLocal, .contactBoth, .declaredComplete, .declaredIncomplete, .declaredUnknown: .met
        case .mayExist, .undetermined, .noSubject: .unknown
        case .optional, .logical, .unpacked, .outside: .notApplicable
        default: .missing
        }
    }

    /// What was found.
    func explanation(_ field: TR03183.Field) -> LocalizedText {
        switch self {
        case .stated:
            switch field {
            case .noVulnerabilities: text("nichts über Schwachstellen", "nothing about vulnerabilities")
            case .resolution:
                text("von der Primärkomponente aus erreichbar", "can be reached from the primary component")
            case .signature: text("signiert; nicht geprüft", "signed; not verified")
            default: text("angegeben", "stated")
            }
        case .notStated: text("nicht angegeben", "not stated")
        case .mayExist:
            text(
                "nicht angegeben; ob es das gibt, sagt das Dokument nicht",
                "not stated; whether it exists, the document does not say"
            )
        case .optional: text("nicht angegeben; nicht verlangt", "not stated; not demanded")
        case .logical:
            text(
                "logische Komponente, die keine eigene Datei hat (§ 3.2.2)",
                "logical component, which has no file of its own (§ 3.2.2)"
            )
        case .unpacked:
            text(
                "liegt im Ausgelieferten entpackt oder eingebunden; seine Paketdatei wird nicht ausgeliefert, es steht als logische Komponente für seine Dateien (§ 3.2.2)",
                "lies unpacked or linked in what is delivered; its package file is not delivered, it stands for its files as a logical component (§ 3.2.2)"
            )
        case .outside:
            text(
                "außerhalb des Lieferumfangs und nur benannt (§ 3.2.4)",
                "outside the scope of delivery and only identified (§ 3.2.4)"
            )
        case .undetermined:
            text(
                "das Dokument sagt nicht, ob die Paketdatei ausgeliefert wird oder das Paket entpackt liegt",
                "the document does not say whether the package file is delivered or the package lies unpacked"
            )
        case .noSubject:
            text("ohne Primärkomponente nicht zu beurteilen", "cannot be judged without a primary component")
        case .formatTooOld:
            text(
                "das Format ist älter als verlangt (CycloneDX 1.6, SPDX 3.0.1)",
                "the format is older than demanded (CycloneDX 1.6, SPDX 3.0.1)"
            )
        case .vulnerabilities:
            text("das Dokument enthält Angaben zu Schwachstellen", "the document holds vulnerability information")
        case .timestampLocal:
            text("angegeben, aber nicht in UTC; UTC ist empfohlen", "stated, but not in UTC, which is recommended")
        case .timestampMalformed: text("kein Zeitpunkt nach RFC 3339", "no date-time of RFC 3339")
        case .serialNumberMalformed: text("keine gültige URI", "no valid URI")
        case .contactBoth:
            text(
                "E-Mail-Adresse und URL angegeben; die E-Mail-Adresse genügt",
                "e-mail address and URL are stated; the e-mail address suffices"
            )
        case .contactNameOnly: text("nur ein Name, keine Adresse", "only a name, no address")
        case .contactElsewhere:
            text(
                "nur bei Lieferant, Autor oder Herausgeber angegeben",
                "stated only of a supplier, author or publisher"
            )
        case .contactMalformed:
            text("weder eine E-Mail-Adresse noch eine URL", "neither an e-mail address nor a URL")
        case .placeholder: text("ein Platzhalter statt eines Werts", "a placeholder instead of a value")
        case .filenameIsPath: text("ein Pfad statt eines Dateinamens", "a path instead of a filename")
        case .valueUnknown: text("ein Wert, den die Richtlinie nicht kennt", "a value that the guideline does not know")
        case .valuesConflict: text("widersprüchliche Werte", "contradictory values")
        case .hashElsewhere:
            text(
                "ein SHA-512 steht an der Komponente, aber nicht am Verweis auf ihre Datei",
                "a SHA-512 stands with the component, but not with the reference to its file"
            )
        case .hashOther: text("nur Hashwerte anderer Verfahren", "only hash values of other algorithms")
        case .hashMalformed: text("kein SHA-512 aus 128 Hexadezimalziffern", "no SHA-512 of 128 hexadecimal digits")
        case .licenceNotConcluded:
            text(
                "nur Lizenzen, die nicht als Vertriebslizenz (concluded) gekennzeichnet sind",
                "only licences that are not marked as distribution licences (concluded)"
            )
        case .licenceNoIdentifier:
            text(
                "weder SPDX-Kennung oder -Ausdruck noch LicenseRef-scancode-… oder LicenseRef-STELLE-…",
                "neither an SPDX identifier or expression nor LicenseRef-scancode-… or LicenseRef-ENTITY-…"
            )
        case .uriElsewhere:
            text(
                "es gibt sie, aber sie steht an anderer Stelle",
                "it exists, but stands in another place"
            )
        case .uriMalformed: text("keine URI", "no URI")
        case .purlMalformed: text("keine gültige Package-URL", "no valid package URL")
        case .noReference:
            text("ohne Kennung, auf die verwiesen werden kann", "without a reference that others can name")
        case .duplicateReference:
            text("dieselbe Kennung wie eine andere Komponente", "the same reference as another component")
        case .noEntry:
            text(
                "kein Eintrag im Abhängigkeitsgraphen, auch kein leerer",
                "no entry in the dependency graph, not even an empty one"
            )
        case .danglingReference:
            text("verweist auf etwas, das nicht im Dokument steht", "names something that is not in the document")
        case .unreachable:
            text(
                "von der Primärkomponente aus nicht erreichbar",
                "cannot be reached from the primary component"
            )
        case .declaredComplete: text("als vollständig angegeben", "stated as complete")
        case .declaredIncomplete: text("als unvollständig angegeben", "stated as incomplete")
        case .declaredUnknown: text("als unbekannt angegeben", "stated as unknown")
        case .completenessVague:
            text(
                "weder vollständig noch unvollständig noch unbekannt",
                "neither complete nor incomplete nor unknown"
            )
        }
    }

    /// What to do about it.
    func advice(_ field: TR03183.Field, _ format: BillOfMaterials.Format) -> LocalizedText? {
        let place = field.place(in: format)
        switch self {
        case .stated, .optional, .logical, .unpacked, .outside, .declaredComplete: return nil
        case .mayExist:
            return text(
                "Prüfen, ob es das gibt; wenn ja, angeben in \(place).",
                "Look whether it exists; if so, state it in \(place)."
            )
        case .undetermined, .noSubject:
            return text(
                "Primärkomponente und Phase angeben (metadata.component, metadata.lifecycles; software_Sbom.rootElement, software_sbomType).",
                "State the primary component and the phase (metadata.component, metadata.lifecycles; software_Sbom.rootElement, software_sbomType)."
            )
        case .formatTooOld:
            return text(
                "Die Stückliste neu erzeugen, als CycloneDX ab 1.6 oder SPDX ab 3.0.1.",
                "Make the bill anew, as CycloneDX 1.6 or SPDX 3.0.1 or later."
            )
        case .vulnerabilities:
            return text(
                "Aus der Stückliste entfernen und getrennt veröffentlichen, als CSAF oder VEX (§ 8.1.14).",
                "Take it out of the bill and publish it apart, as CSAF or VEX (§ 8.1.14)."
            )
        case .timestampLocal: return text("Zeitpunkte in UTC schreiben (…Z).", "Write times in UTC (…Z).")
        case .declaredIncomplete, .declaredUnknown:
            return text(
                "Für Komponenten im Lieferumfang verlangt § 5.1 die vollständige Auflösung; ergänzen, was fehlt.",
                "For components in the scope of delivery, § 5.1 demands that all is resolved; add what is missing."
            )
        case .contactBoth: return nil
        case .noReference, .duplicateReference:
            return text(
                "Jeder Komponente eine eigene Kennung geben (\(format == .cycloneDX ? "bom-ref" : "spdxId")).",
                "Give every component a reference of its own (\(format == .cycloneDX ? "bom-ref" : "spdxId"))."
            )
        case .noEntry:
            return format == .cycloneDX
                ? text(
                    "Einen Eintrag in dependencies[] schreiben; ohne Abhängigkeiten mit leerem dependsOn.",
                    "Write an entry in dependencies[]; with an empty dependsOn where there are none."
                )
                : text(
                    "Eine Relationship dependsOn oder contains schreiben; ohne Abhängigkeiten nach NoneElement.",
                    "Write a Relationship dependsOn or contains; to NoneElement where there are none."
                )
        case .danglingReference:
            return text(
                "Die fehlende Komponente aufnehmen oder den Verweis entfernen.",
                "Add the missing component, or remove the reference."
            )
        case .unreachable:
            return text(
                "Die Abhängigkeiten von der Primärkomponente bis zu dieser Komponente angeben.",
                "State the dependencies from the primary component down to this one."
            )
        case .licenceNotConcluded, .licenceNoIdentifier, .notStated, .timestampMalformed, .serialNumberMalformed,
            .contactNameOnly, .contactElsewhere, .contactMalformed, .placeholder, .filenameIsPath, .valueUnknown,
            .valuesConflict, .hashElsewhere, .hashOther, .hashMalformed, .uriElsewhere, .uriMalformed,
            .purlMalformed, .completenessVague:
            let values = Self.values(field)
            return text(
                "Angeben in \(place)" + (values.map { ": \($0.de)" } ?? "") + ".",
                "State it in \(place)" + (values.map { ": \($0.en)" } ?? "") + "."
            )
        }
    }

    /// What a field may say.
    private static func values(_ field: TR03183.Field) -> LocalizedText? {
        func text(_ de: String, _ en: String) -> LocalizedText { LocalizedText(de: de, en: en) }
        return switch field {
        case .sbomCreator, .componentCreator:
            text(
                "eine E-Mail-Adresse, sonst eine URL, etwa der Projektseite",
                "an e-mail address, else a URL such as the project's page"
            )
        case .timestamp: text("etwa 2026-11-22T09:00:00Z", "such as 2026-11-22T09:00:00Z")
        case .sbomURI: text("etwa urn:uuid:…", "such as urn:uuid:…")
        case .componentVersion:
            text(
                "die Version, sonst den Änderungszeitpunkt der Datei nach RFC 3339",
                "the version, else the file's time of modification by RFC 3339"
            )
        case .filename: text("den Namen der Datei ohne Pfad", "the file's name without its path")
        case .executable: text("executable oder non-executable", "executable or non-executable")
        case .archive: text("archive oder no archive", "archive or no archive")
        case .structured: text("structured oder unstructured", "structured or unstructured")
        case .completeness: text("complete, incomplete oder unknown", "complete, incomplete or unknown")
        case .distributionLicences, .originalLicences, .effectiveLicence:
            text(
                "eine SPDX-Kennung oder einen SPDX-Ausdruck, sonst LicenseRef-scancode-…, sonst LicenseRef-STELLE-…",
                "an SPDX identifier or expression, else LicenseRef-scancode-…, else LicenseRef-ENTITY-…"
            )
        case .identifiers: text("etwa pkg:deb/debian/openssl@3.0.15", "such as pkg:deb/debian/openssl@3.0.15")
        default: nil
        }
    }

    private func text(_ de: String, _ en: String) -> LocalizedText { LocalizedText(de: de, en: en) }
}
