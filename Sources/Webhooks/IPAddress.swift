// SPDX-License-Identifier: EUPL-1.2

/// An address of IPv4 (4 bytes) or IPv6 (16 bytes), in one form each.
///
/// An IPv6 address that maps an IPv4 one (`::ffff:192.0.2.7`) is that IPv4 address: the system connects to the same
/// place.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// In network order.
    public let bytes: [UInt8]

    /// Whether it is one of IPv4.
    public var isIPv4: Bool { bytes.count == 4 }

    /// Takes 4 or 16 bytes in network order; nil for any other number.
    public init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: self.bytes = bytes
        case 16:
            let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            self.bytes = isMapped ? Array(bytes.suffix(4)) : bytes
        default: return nil
        }
    }

    /// Reads four decimal numbers with dots, or RFC 4291's forms of an IPv6 address; nil for anything else.
    ///
    /// Strict where old libraries are not: no octal or hexadecimal numbers, no leading zeros, no fewer than four, no
    /// zone. What one program reads as 10.0.0.1 and another as 8.0.0.1 is how guards are passed.
    public init?(parsing text: String) {
        guard text.utf8.count <= 45 else { return nil }
        if let bytes = Self.ipv4(text.utf8) {
            self.init(bytes: bytes)
        } else if let bytes = Self.ipv6(text) {
            self.init(bytes: bytes)
        } else {
            return nil
        }
    }

    private static func ipv4(_ text: some Collection<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != 0x30,
                part.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func ipv6(_ text: String) -> [UInt8]? {
        guard text.utf8.allSatisfy({ $0.isHexDigit || $0 == 0x3A || $0 == 0x2E }) else { return nil }
        // At `::` the missing zeros stand; there is at most one.
        var halves: [[UInt8]] = []
        var rest = text[...]
        while let gap = doubleColon(rest) {
            guard halves.isEmpty, let half = groups(rest[..<gap], mayEndInIPv4: false) else { return nil }
            halves.append(half)
            rest = rest[rest.index(gap, offsetBy: 2)...]
        }
        guard let last = groups(rest, mayEndInIPv4: true) else { return nil }
        guard let first = halves.first else { return last.count == 16 ? last : nil }
        // The gap stands for one group at least.
        guard first.count + last.count <= 14 else { return nil }
        return first + [UInt8](repeating: 0, count: 16 - first.count - last.count) + last
    }

    private static func doubleColon(_ text: Substring) -> Substring.Index? {
        var wasColon = false
        for index in text.indices {
            if text[index] == ":" {
                if wasColon { return text.index(before: index) }
                wasColon = true
            } else {
                wasColon = false
            }
        }
        return nil
    }

    private static func groups(_ text: Substring, mayEndInIPv4: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        for (index, part) in parts.enumerated() {
            if part.contains(".") {
                guard mayEndInIPv4, index == parts.count - 1, let embedded = ipv4(part.utf8) else { return nil }
                bytes += embedded
            } else {
                guard (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16) else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }

    /// The usual form: dotted, or with the longest run of zeros left out.
    ///
    /// Source: RFC 5952, 4.
    public var description: String {
        guard !isIPv4 else { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
        var gap = 0..<0
        var start = 0
        while start < 8 {
            let end = groups[start...].firstIndex { $0 != 0 } ?? 8
            if end - start > max(1, gap.count) { gap = start..<end }
            start = max(end, start + 1)
        }
        func text(_ part: ArraySlice<Int>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !gap.isEmpty else { return text(groups[...]) }
        return text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
    }
}

extension UInt8 {
    var isHexDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
}
