// SPDX-License-Identifier: EUPL-1.2

/// The text that ECMAScript gives a number.
enum ECMAScriptNumber {
    /// Shortest digits that read back as the same double, laid out as `Number::toString` does.
    ///
    /// Swift's `description` yields the same digits (shortest, and of those the nearest), only in another layout.
    ///
    /// Source: ECMA-262, section 6.1.6.1.20; RFC 8785, section 3.2.2.3.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        guard value != 0 else { return "0" }
        let (digits, exponent) = decimal(value.magnitude)
        let sign = value < 0 ? "-" : ""
        let count = digits.utf8.count
        // The value is 0.d₁d₂… × 10^exponent.
        if exponent > 0, exponent <= 21 {
            if count <= exponent { return sign + digits + String(repeating: "0", count: exponent - count) }
            return sign + String(digits.prefix(exponent)) + "." + String(digits.dropFirst(exponent))
        }
        if exponent <= 0, exponent > -6 { return sign + "0." + String(repeating: "0", count: -exponent) + digits }
        let power = exponent - 1
        let mantissa = count == 1 ? digits : String(digits.prefix(1)) + "." + String(digits.dropFirst())
        return sign + mantissa + "e" + (power < 0 ? "-" : "+") + String(power.magnitude)
    }

    /// Significant digits without zeros at either end, and the exponent `e` of `0.digits × 10^e`.
    private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
        var digits: [UInt8] = []
        var pointAfter: Int?
        var power = 0
        var rest = value.description.utf8[...]
        while let byte = rest.popFirst() {
            if byte == 0x2E {
                pointAfter = digits.count
            } else if byte == 0x65 {
                power = Int(String(decoding: rest, as: UTF8.self)) ?? 0
                break
            } else {
                digits.append(byte)
            }
        }
        var exponent = (pointAfter ?? digits.count) + power
        let leading = digits.prefix { $0 == 0x30 }.count
        digits.removeFirst(leading)
        exponent -= leading
        while digits.last == 0x30 { digits.removeLast() }
        return (String(decoding: digits, as: UTF8.self), exponent)
    }
}
