// SPDX-License-Identifier: EUPL-1.2

import Time

/// Reads DER element by element, and strictly: one encoding for one value.
///
/// Of our own, because what decides about trust must not have two readings, and this is the part of X.690 that certificates and time stamps
/// use. It does not recurse: how deep it reads is written in its callers.
///
/// Source: ITU-T X.690 (02/2021), sections 8 to 11.
struct DERReader {
    /// One element: its tag, what is in it, and all of its bytes.
    struct Element {
        let tag: UInt8
        let content: ArraySlice<UInt8>
        let encoded: ArraySlice<UInt8>
    }

    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// The tag of the next element; nil at the end.
    var tag: UInt8? { rest.first }

    /// The next element, whatever it is.
    mutating func next() throws(CertificateError) -> Element {
        let start = rest
        guard let tag = rest.popFirst() else { throw .malformed("ends too early") }
        guard tag & 0x1F != 0x1F else { throw .malformed("has a tag that no certificate uses") }
        let count = try length()
        guard count <= rest.count else { throw .malformed("has an element that is longer than what holds it") }
        let content = rest.prefix(count)
        rest = rest.dropFirst(count)
        return Element(tag: tag, content: content, encoded: start[start.startIndex..<content.endIndex])
    }

    private mutating func length() throws(CertificateError) -> Int {
        guard let first = rest.popFirst() else { throw .malformed("ends too early") }
        guard first >= 0x80 else { return Int(first) }
        let octets = Int(first & 0x7F)
        // 0x80 is the indefinite form of BER; four octets are more than any bound here.
        guard (1...4).contains(octets), octets <= rest.count else { throw .malformed("has a length that is not DER") }
        var value = 0
        for _ in 0..<octets {
            guard let octet = rest.popFirst() else { throw .malformed("ends too early") }
            value = value << 8 | Int(octet)
        }
        guard value >= 0x80, octets == 1 || value >> ((octets - 1) * 8) != 0 else {
            throw .malformed("has a length that is not the shortest")
        }
        return value
    }

    /// The content of the next element, which must have the tag.
    mutating func next(_ tag: UInt8, _ what: String) throws(CertificateError) -> ArraySlice<UInt8> {
        guard self.tag == tag else { throw .malformed("has no \(what) where one belongs") }
        return try next().content
    }

    /// The content of the next element if it has the tag.
    mutating func optional(_ tag: UInt8) throws(CertificateError) -> ArraySlice<UInt8>? {
        self.tag == tag ? try next().content : nil
    }

    /// A reader of the content of the next element, which must have the tag.
    mutating func inside(_ tag: UInt8, _ what: String) throws(CertificateError) -> DERReader {
        DERReader(try next(tag, what))
    }

    /// Refuses bytes that are left over.
    func finish(_ what: String) throws(CertificateError) {
        guard isAtEnd else { throw .malformed("has bytes after the \(what)") }
    }
}

/// Tags of DER.
enum DERTag {
    static let boolean: UInt8 = 0x01
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let null: UInt8 = 0x05
    static let oid: UInt8 = 0x06
    static let utf8String: UInt8 = 0x0C
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18

    /// `[n]`, primitive.
    static func primitive(_ number: UInt8) -> UInt8 { 0x80 | number }
    /// `[n]`, constructed.
    static func constructed(_ number: UInt8) -> UInt8 { 0xA0 | number }
}

extension DERReader {
    /// The bytes of a whole number in two's complement, the shortest.
    mutating func integer(_ what: String) throws(CertificateError) -> ArraySlice<UInt8> {
        let content = try next(DERTag.integer, what)
        guard let first = content.first else { throw .malformed("has a \(what) without a value") }
        if let second = content.dropFirst().first {
            guard !(first == 0 && second < 0x80), !(first == 0xFF && second >= 0x80) else {
                throw .malformed("has a \(what) that is not written the shortest way")
            }
        }
        return content
    }

    /// A whole number from 0 to 2³¹.
    mutating func smallInteger(_ what: String) throws(CertificateError) -> Int {
        let content = try integer(what)
        guard content.count <= 4, let first = content.first, first < 0x80 else {
            throw .malformed("has a \(what) that is out of range")
        }
        return content.reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func boolean(_ what: String) throws(CertificateError) -> Bool {
        let content = try next(DERTag.boolean, what)
        guard content.count == 1, let value = content.first, value == 0 || value == 0xFF else {
            throw .malformed("has a \(what) that is neither true nor false")
        }
        return value == 0xFF
    }

    mutating func oid(_ what: String) throws(CertificateError) -> OID {
        guard let oid = OID(content: try next(DERTag.oid, what)) else {
            throw .malformed("has a \(what) that is no object identifier")
        }
        return oid
    }

    /// The bytes of a bit string that ends at a byte.
    mutating func octetsOfBits(_ what: String) throws(CertificateError) -> ArraySlice<UInt8> {
        let content = try next(DERTag.bitString, what)
        guard content.first == 0 else { throw .malformed("has a \(what) that does not end at a byte") }
        return content.dropFirst()
    }

    /// Named bits, the first at the top; trailing zero bits are left out, as DER demands.
    mutating func namedBits(_ what: String) throws(CertificateError) -> UInt16 {
        let content = try next(DERTag.bitString, what)
        guard let unused = content.first, unused < 8, content.count <= 3 else {
            throw .malformed("has a \(what) that is no list of bits")
        }
        let octets = Array(content.dropFirst())
        guard let last = octets.last else {
            guard unused == 0 else { throw .malformed("has a \(what) that is no list of bits") }
            return 0
        }
        guard last.trailingZeroBitCount == Int(unused) else { throw .malformed("has a \(what) that is not DER") }
        return UInt16(octets[0]) << 8 | (octets.count > 1 ? UInt16(octets[1]) : 0)
    }

    /// An algorithm with its parameters: nil for none, empty for NULL.
    mutating func algorithm(_ what: String) throws(CertificateError) -> (oid: OID, parameters: ArraySlice<UInt8>?) {
        var fields = try inside(DERTag.sequence, what)
        let oid = try fields.oid(what)
        guard !fields.isAtEnd else { return (oid, nil) }
        let parameters = try fields.next()
        try fields.finish(what)
        if parameters.tag == DERTag.null {
            guard parameters.content.isEmpty else { throw .malformed("has a NULL that holds something") }
            return (oid, parameters.content)
        }
        return (oid, parameters.encoded)
    }

    /// An instant as RFC 5280 writes it: in UTC, with seconds; fractions only where they are allowed.
    mutating func instant(_ what: String, fractions: Bool = false) throws(CertificateError) -> Timestamp {
        let element = try next()
        var digits = Array(element.content)
        guard digits.popLast() == 0x5A else { throw .malformed("has a \(what) that is not in UTC") }
        let yearDigits: Int
        switch element.tag {
        case DERTag.utcTime: yearDigits = 2
        case DERTag.generalizedTime: yearDigits = 4
        default: throw .malformed("has no \(what) where one belongs")
        }
        var microseconds: Int64 = 0
        if fractions, element.tag == DERTag.generalizedTime, let point = digits.firstIndex(of: 0x2E) {
            let fraction = digits[(point + 1)...]
            guard (1...9).contains(fraction.count), fraction.last != 0x30, let value = Self.number(fraction.prefix(6))
            else { throw .malformed("has a \(what) that is not DER") }
            guard Self.number(fraction) != nil else { throw .malformed("has a \(what) that is not DER") }
            microseconds = value
            for _ in fraction.prefix(6).count..<6 { microseconds *= 10 }
            digits.removeSubrange(point...)
        }
        guard digits.count == yearDigits + 10, let year = Self.number(digits.prefix(yearDigits)) else {
            throw .malformed("has a \(what) that is no instant with seconds")
        }
        var parts: [Int64] = []
        for start in stride(from: yearDigits, to: digits.count, by: 2) {
            guard let part = Self.number(digits[start..<start + 2]) else {
                throw .malformed("has a \(what) that is no instant")
            }
            parts.append(part)
        }
        let century: Int64 = yearDigits == 4 ? 0 : year < 50 ? 2000 : 1900
        guard let date = CivilDate(year: century + year, month: parts[0], day: parts[1]), parts[2] < 24, parts[3] < 60,
            parts[4] < 60
        else { throw .malformed("has a \(what) that the calendar does not have") }
        let seconds = date.daysSinceEpoch * 86_400 + parts[2] * 3600 + parts[3] * 60 + parts[4]
        return Timestamp(seconds: seconds) + .microseconds(microseconds)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39, value < 1_000_000_000 else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value
    }
}
