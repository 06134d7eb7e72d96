// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// How many bytes a namespace holds, how many are promised to uploads that are under way, and how many there may be.
///
/// Bytes are reserved before they are received, and become used, or free again, in the transaction that ends the upload. So a push that is
/// refused holds nothing, and pushes that run side by side cannot together pass a limit that each alone keeps.
///
/// No sequence of calls makes a number negative or wraps it round; a call that throws changes nothing.
public struct QuotaLedger: Sendable, Hashable {
    /// Bytes that there may be; unbounded when nil.
    public let limit: Int64?
    /// Bytes that are there.
    public private(set) var used: Int64
    /// Bytes that uploads under way may still bring.
    public private(set) var reserved: Int64

    /// Takes the numbers as they are stored.
    ///
    /// Used and reserved may exceed the limit together, which may have been lowered since.
    ///
    /// - Throws: ``QuotaRefusal`` when they are none that this type writes: they must be counted anew.
    public init(limit: Int64?, used: Int64, reserved: Int64) throws(QuotaRefusal) {
        guard used >= 0, reserved >= 0, limit ?? 0 >= 0, !used.addingReportingOverflow(reserved).overflow else {
            throw QuotaRefusal(.usageUnknown, limit: limit, used: used, reserved: reserved, asked: 0)
        }
        self.limit = limit
        self.used = used
        self.reserved = reserved
    }

    /// Promises bytes to an upload.
    ///
    /// - Throws: ``QuotaRefusal`` when they do not fit, or are negative.
    public mutating func reserve(_ bytes: Int64) throws(QuotaRefusal) {
        guard bytes >= 0 else { throw refusal(.negativeAmount, bytes) }
        try fit(bytes)
        reserved += bytes
    }

    /// Ends a reservation: so many bytes of it are there now, none when the content was there before.
    ///
    /// What is used beyond the reservation has to fit as if it were reserved now. What lies within it is never refused, whatever happened
    /// to the limit meanwhile: it was promised.
    ///
    /// - Returns: false when more was to be settled than is reserved, which calls for counting anew.
    /// - Throws: ``QuotaRefusal`` when it does not fit, or an amount is negative.
    @discardableResult
    public mutating func settle(reserved promised: Int64, used bytes: Int64) throws(QuotaRefusal) -> Bool {
        guard promised >= 0, bytes >= 0 else { throw refusal(.negativeAmount, min(promised, bytes)) }
        let ended = min(promised, reserved)
        if bytes > ended { try fit(bytes - ended) }
        reserved -= ended
        used += bytes
        return ended == promised
    }

    /// Gives a reservation up: the upload was refused, cancelled or expired.
    ///
    /// - Returns: false when more was given up than is reserved, which calls for counting anew.
    /// - Throws: ``QuotaRefusal`` when the amount is negative.
    @discardableResult
    public mutating func release(_ bytes: Int64) throws(QuotaRefusal) -> Bool {
        guard bytes >= 0 else { throw refusal(.negativeAmount, bytes) }
        let ended = min(bytes, reserved)
        reserved -= ended
        return ended == bytes
    }

    /// Takes away bytes that were there: content was deleted.
    ///
    /// - Returns: false when more was taken away than is used, which calls for counting anew.
    /// - Throws: ``QuotaRefusal`` when the amount is negative.
    @discardableResult
    public mutating func free(_ bytes: Int64) throws(QuotaRefusal) -> Bool {
        guard bytes >= 0 else { throw refusal(.negativeAmount, bytes) }
        let freed = min(bytes, used)
        used -= freed
        return freed == bytes
    }

    /// The sum of used and reserved never wraps, and neither does this.
    private func fit(_ bytes: Int64) throws(QuotaRefusal) {
        guard bytes > 0 else { return }
        let (sum, overflow) = (used + reserved).addingReportingOverflow(bytes)
        guard !overflow, sum <= limit ?? .max else { throw refusal(.exceeded, bytes) }
    }

    private func refusal(_ kind: QuotaRefusal.Kind, _ asked: Int64) -> QuotaRefusal {
        QuotaRefusal(kind, limit: limit, used: used, reserved: reserved, asked: asked)
    }
}

/// Why bytes cannot be reserved or settled.
public struct QuotaRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Kinds that callers tell apart.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// They do not fit.
        case exceeded
        /// The caller named a negative number.
        case negativeAmount
        /// There is a limit, and how much is used is not known; it must be counted anew.
        case usageUnknown
    }

    /// What is the matter.
    public let kind: Kind
    /// Bytes that there may be; nil when there is no limit.
    public let limit: Int64?
    /// Bytes that are there; nil when unknown.
    public let used: Int64?
    /// Bytes that are reserved; nil when unknown.
    public let reserved: Int64?
    /// Bytes that were asked for.
    public let asked: Int64

    init(_ kind: Kind, limit: Int64?, used: Int64?, reserved: Int64?, asked: Int64) {
        self.kind = kind
        self.limit = limit
        self.used = used
        self.reserved = reserved
        self.asked = asked
    }

    /// The reason for people, with the numbers.
    public var reason: LocalizedText {
        let asked = ByteText(asked)
        let known = (used.map { ByteText($0) }, reserved.map { ByteText($0) }, limit.map { ByteText($0) })
        switch (kind, known) {
        case (.exceeded, (let used?, let reserved?, let limit)):
            return LocalizedText(
                de: "Das Kontingent des Namensraums reicht nicht für weitere \(asked.de): \(used.de) belegt, "
                    + "\(reserved.de) für laufende Uploads vorgemerkt, \(limit?.de ?? "unbegrenzt viele Bytes") erlaubt. "
                    + "Löschen Sie Inhalte oder lassen Sie das Kontingent erhöhen.",
                en: "The quota of the namespace does not suffice for \(asked.en) more: \(used.en) used, \(reserved.en) "
                    + "reserved for uploads under way, \(limit?.en ?? "any number of bytes") allowed. Delete content, or "
                    + "have the quota raised."
            )
        case (.negativeAmount, _):
            return LocalizedText(
                de: "Eine Anzahl von Bytes ist negativ (\(self.asked)).",
                en: "A number of bytes is negative (\(self.asked))."
            )
        default:
            return LocalizedText(
                de:
                    "Der Namensraum hat ein Kontingent\(known.2.map { " von " + $0.de } ?? ""), aber wie viel davon belegt "
                    + "ist, ist nicht bekannt. Bis der Betreiber neu zählen lässt, wird nichts angenommen.",
                en:
                    "The namespace has a quota\(known.2.map { " of " + $0.en } ?? ""), but how much of it is used is not "
                    + "known. Until the operator has it counted anew, nothing is accepted."
            )
        }
    }

    /// The reason in English.
    public var description: String { reason.en }
}

/// A number of bytes for a sentence: exact, and rounded down to a tenth of a larger unit.
private struct ByteText {
    let de: String
    let en: String

    init(_ bytes: Int64) {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var whole = max(bytes, 0)
        var rest: Int64 = 0
        var unit = -1
        while whole >= 1024, unit + 1 < units.count {
            rest = whole % 1024
            whole /= 1024
            unit += 1
        }
        guard unit >= 0 else {
            de = bytes == 1 ? "1 Byte" : "\(bytes) Bytes"
            en = bytes == 1 ? "1 byte" : "\(bytes) bytes"
            return
        }
        let tenth = rest * 10 / 1024
        de = "\(bytes) Bytes (\(whole),\(tenth) \(units[unit]))"
        en = "\(bytes) bytes (\(whole).\(tenth) \(units[unit]))"
    }
}
