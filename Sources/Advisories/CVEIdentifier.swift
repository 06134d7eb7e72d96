// SPDX-License-Identifier: EUPL-1.2

/// The form of CVE identifiers: `CVE-`, four digits, `-`, four to twelve digits.
enum CVEIdentifier {
    /// True for bytes that have this form.
    static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        guard bytes.starts(with: [0x43, 0x56, 0x45, 0x2D]) else { return false }
        let rest = bytes.dropFirst(4)
        let year = rest.prefix { $0 &- 0x30 < 10 }
        let number = rest.dropFirst(year.count + 1)
        return year.count == 4 && rest.dropFirst(4).first == 0x2D && (4...12).contains(number.count)
            && number.allSatisfy { $0 &- 0x30 < 10 }
    }
}
