// SPDX-License-Identifier: EUPL-1.2

extension TR03183Check {
    /// Holds every component, the subject included, against the fields of its role.
    mutating func components() {
        for (entry, role) in zip(nodes, roles) {
            let (reason, place) = creator(entry.parties)
            note(.componentCreator, reason, at: place ?? entry.pointer)
            note(
                .componentName,
                TR03183Values.isPlaceholder(entry.name) ? .notStated : .stated,
                at: entry.pointer + "/name"
            )
            note(.componentVersion, version(entry), at: entry.pointer)
            note(.identifiers, identifiers(entry), at: entry.pointer)
            file(entry, role)
            licences(entry, role)
        }
    }

    private func version(_ entry: BillEntry) -> TR03183Reason {
        guard let version = entry.version, !version.isEmpty else { return .notStated }
        return TR03183Values.isPlaceholder(version) ? .placeholder : .stated
    }

    private func identifiers(_ entry: BillEntry) -> TR03183Reason {
        if entry.purl != nil || entry.otherIdentifiers.contains(where: { !$0.isEmpty }) { return .stated }
        return entry.purlText == nil ? .mayExist : .purlMalformed
    }

    // MARK: - The file

    private mutating func file(_ entry: BillEntry, _ role: TR03183.Role) {
        let fields: [TR03183.Field] = [
            .filename, .deployableHash, .executable, .archive, .structured, .sourceCodeURI, .deployableURI,
        ]
        let exempt: TR03183Reason? =
            switch role {
            case .delivered: nil
            case .logical: .logical
            case .unpacked: .unpacked
            case .outside: .outside
            case .undetermined: .undetermined
            }
        for field in fields { note(field, exempt ?? reason(field, entry), at: entry.pointer) }
        note(.sourceCodeHash, exempt == .outside ? .outside : sourceHash(entry), at: entry.pointer)
        note(.securityTxt, exempt == .outside ? .outside : securityTxt(entry), at: entry.pointer)
    }

    private func reason(_ field: TR03183.Field, _ entry: BillEntry) -> TR03183Reason {
        switch field {
        case .filename:
            value(entry, BSITaxonomy.filename) {
                $0.contains("/") || $0.contains("\\") ? .filenameIsPath : nil
            }
        case .executable:
            value(entry, BSITaxonomy.executable) {
                ["executable", "non-executable"].contains($0) ? nil : .valueUnknown
            }
        case .archive:
            value(entry, BSITaxonomy.archive) { ["archive", "no archive"].contains($0) ? nil : .valueUnknown }
        case .structured:
            value(entry, BSITaxonomy.structured) {
                ["structured", "unstructured"].contains($0) ? nil : .valueUnknown
            }
        case .deployableHash: deployableHash(entry)
        case .sourceCodeURI: address(entry, "source-distribution", elsewhere: "vcs")
        default: address(entry, "distribution", elsewhere: "download")
        }
    }

    private func value(_ entry: BillEntry, _ name: String, fault: (String) -> TR03183Reason?) -> TR03183Reason {
        let values = entry.values(of: name)
        guard let first = values.first, !first.isEmpty else { return .notStated }
        if values.contains(where: { $0 != first }) { return .valuesConflict }
        return fault(first) ?? .stated
    }

    private func deployableHash(_ entry: BillEntry) -> TR03183Reason {
        let hashes = entry.references.filter { $0.type == "distribution" }.flatMap(\.hashes)
        let strong = hashes.filter { $0.algorithm == "SHA-512" }
        if strong.contains(where: { TR03183Values.isSHA512($0.value) }) { return .stated }
        if !strong.isEmpty { return .hashMalformed }
        if entry.hashes.contains(where: { $0.algorithm == "SHA-512" }) { return .hashElsewhere }
        return hashes.isEmpty && entry.hashes.isEmpty ? .notStated : .hashOther
    }

    private func address(_ entry: BillEntry, _ type: String, elsewhere: String) -> TR03183Reason {
        let urls = entry.references.filter { $0.type == type && !$0.url.isEmpty }.map(\.url)
        if urls.contains(where: TR03183Values.isURI) { return .stated }
        if !urls.isEmpty { return .uriMalformed }
        let isElsewhere = entry.references.contains { $0.type == elsewhere && TR03183Values.isURI($0.url) }
        return isElsewhere ? .uriElsewhere : .mayExist
    }

    private func sourceHash(_ entry: BillEntry) -> TR03183Reason {
        let hashes = entry.references.filter { $0.type == "source-distribution" }.flatMap(\.hashes)
        return hashes.isEmpty ? .optional : .stated
    }

    private func securityTxt(_ entry: BillEntry) -> TR03183Reason {
        let urls = entry.references.filter { $0.type == "rfc-9116" }.map(\.url)
        if urls.isEmpty { return .optional }
        return urls.contains(where: TR03183Values.isWebAddress) ? .stated : .uriMalformed
    }

    // MARK: - Licences

    private mutating func licences(_ entry: BillEntry, _ role: TR03183.Role) {
        if role == .outside {
            for field in [TR03183.Field.distributionLicences, .originalLicences, .effectiveLicence] {
                note(field, .outside, at: entry.pointer)
            }
            return
        }
        let concluded = entry.licenses.filter { $0.acknowledgement == "concluded" }
        if let wrong = concluded.first(where: { !isLicence($0.text) }) {
            note(.distributionLicences, .licenceNoIdentifier, at: wrong.pointer)
        } else if concluded.isEmpty {
            let reason: TR03183Reason = entry.licenses.isEmpty ? .notStated : .licenceNotConcluded
            note(.distributionLicences, reason, at: entry.licenses.first?.pointer ?? entry.pointer)
        } else {
            note(.distributionLicences, .stated, at: entry.pointer)
        }

        let declared = entry.licenses.filter { $0.acknowledgement == "declared" }
        if let wrong = declared.first(where: { !isLicence($0.text) }) {
            note(.originalLicences, .licenceNoIdentifier, at: wrong.pointer)
        } else {
            note(.originalLicences, declared.isEmpty ? .mayExist : .stated, at: entry.pointer)
        }

        let effective = entry.values(of: BSITaxonomy.effectiveLicence)
        if effective.isEmpty {
            note(.effectiveLicence, .optional, at: entry.pointer)
        } else {
            let isSound = effective.allSatisfy { isLicence($0) }
            note(.effectiveLicence, isSound ? .stated : .licenceNoIdentifier, at: entry.pointer)
        }
    }
}
