// SPDX-License-Identifier: EUPL-1.2

internal import Time

extension TR03183Check {
    /// Holds the document as a whole against the guideline.
    mutating func document() {
        let isCycloneDX = bill.format == .cycloneDX
        let isNewEnough = isCycloneDX ? ["1.6", "1.7"].contains(bill.specVersion) : bill.specVersion == "3.0.1"
        note(.format, isNewEnough ? .stated : .formatTooOld, at: isCycloneDX ? "/specVersion" : "/")

        if bill.vulnerabilityCount == 0 { note(.noVulnerabilities, .stated, at: "/") }
        for pointer in bill.vulnerabilities { note(.noVulnerabilities, .vulnerabilities, at: pointer) }
        let others = bill.vulnerabilityCount - bill.vulnerabilities.count
        note(.noVulnerabilities, .vulnerabilities, at: "/", count: others)

        note(.primaryComponent, bill.subject == nil ? .notStated : .stated, at: "/")
        let (reason, place) = creator(bill.creators)
        note(.sbomCreator, reason, at: place ?? (isCycloneDX ? "/metadata" : "/"))
        note(.timestamp, timestamp, at: isCycloneDX ? "/metadata/timestamp" : "/")
        note(.sbomURI, identifier, at: isCycloneDX ? "/serialNumber" : "/")
        // SPDX has no place for a signature inside the document.
        note(.signature, bill.isSigned ? .stated : .notStated, at: "/")
    }

    private var timestamp: TR03183Reason {
        guard let text = bill.timestamp, !text.isEmpty else { return .notStated }
        guard Timestamp(rfc3339: text) != nil else { return .timestampMalformed }
        return text.hasSuffix("Z") || text.hasSuffix("z") || text.hasSuffix("+00:00") ? .stated : .timestampLocal
    }

    private var identifier: TR03183Reason {
        guard let text = bill.identifier, !text.isEmpty else { return .mayExist }
        let isSound =
            bill.format == .cycloneDX ? TR03183Values.isSerialNumber(text) : TR03183Values.isURI(text)
        return isSound ? .stated : .serialNumberMalformed
    }

    /// E-mail address, else URL, of who made something; and the place of what is wrong.
    func creator(_ parties: [BillParty]) -> (TR03183Reason, String?) {
        let makers = parties.filter { $0.role == .manufacturer }
        for maker in makers {
            let hasEmail = maker.emails.contains { CycloneDX.mailAddress($0) != nil }
            let hasURL = maker.urls.contains(where: TR03183Values.isWebAddress)
            if hasEmail { return (hasURL ? .contactBoth : .stated, maker.pointer) }
            if hasURL { return (.stated, maker.pointer) }
        }
        if let wrong = makers.first(where: { !$0.emails.isEmpty || !$0.urls.isEmpty }) {
            return (.contactMalformed, wrong.pointer)
        }
        let other = parties.first { party in
            party.role != .manufacturer && !(party.emails.isEmpty && party.urls.isEmpty)
        }
        if let other { return (.contactElsewhere, other.pointer) }
        if let maker = parties.first { return (.contactNameOnly, maker.pointer) }
        return (.notStated, nil)
    }
}
