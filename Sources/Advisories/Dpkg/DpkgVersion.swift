// SPDX-License-Identifier: EUPL-1.2

/// A Debian package version, `[epoch:]upstream[-revision]`, that is read and ordered as dpkg does.
///
/// Exactly what `dpkg --validate-version` accepts is accepted, oddities of `strtol` included (`+1:2` has epoch 1), and the order is
/// that of `dpkg --compare-versions`: `1.0~rc1` < `1.0` < `1.0a` < `1.0+b`, and `1.0` = `1.00` = `0:1.0-0`.
///
/// Source: deb-version(7); lib/dpkg/parsehelp.c and lib/dpkg/version.c of dpkg.
public struct DpkgVersion: Sendable {
    /// The epoch; 0 where none is written.
    public let epoch: Int32
    /// What stands between the epoch's colon and the last hyphen.
    public let upstream: String
    /// What follows the last hyphen; empty where there is none.
    public let revision: String

    /// Reads a version; blanks around it are ignored.
    ///
    /// - Throws: ``VersionError`` where `dpkg --validate-version` refuses.
    public init(parsing text: String) throws(VersionError) {
        var rest = Array(text.utf8)[...]
        while let first = rest.first, isBlank(first) { rest.removeFirst() }
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        guard !rest.isEmpty else { throw .empty }
        guard !rest.contains(where: isBlank) else { throw .embeddedSpace }

        if let colon = rest.firstIndex(of: 0x3A) {
            epoch = try Self.epoch(rest[..<colon])
            rest = rest[(colon + 1)...]
            guard !rest.isEmpty else { throw .nothingAfterEpoch }
        } else {
            epoch = 0
        }
        var upstream = rest
        var revision = rest[rest.endIndex...]
        if let hyphen = rest.lastIndex(of: 0x2D) {
            upstream = rest[..<hyphen]
            revision = rest[(hyphen + 1)...]
            guard !revision.isEmpty else { throw .revisionEmpty }
        }
        guard let first = upstream.first else { throw .upstreamEmpty }
        guard isDigit(first) else { throw .upstreamStartsWithoutDigit }
        for byte in upstream where !isDigit(byte) && !isLetter(byte) {
            // . - + ~ :
            switch byte {
            case 0x2E, 0x2D, 0x2B, 0x7E, 0x3A: continue
            default: throw .invalidCharacterInUpstream(byte)
            }
        }
        for byte in revision where !isDigit(byte) && !isLetter(byte) {
            switch byte {
            case 0x2E, 0x2B, 0x7E: continue
            default: throw .invalidCharacterInRevision(byte)
            }
        }
        self.upstream = String(decoding: upstream, as: UTF8.self)
        self.revision = String(decoding: revision, as: UTF8.self)
    }

    /// What `strtol` makes of it: white space, then a sign, then digits, and nothing else up to the colon.
    private static func epoch(_ text: ArraySlice<UInt8>) throws(VersionError) -> Int32 {
        var rest = text
        while let first = rest.first, first == 0x20 || (0x09...0x0D).contains(first) { rest.removeFirst() }
        var negative = false
        if let first = rest.first, first == 0x2B || first == 0x2D {
            negative = first == 0x2D
            rest.removeFirst()
        }
        guard let first = rest.first, isDigit(first) else { throw .epochEmpty }
        var value: Int64 = 0
        while let digit = rest.first, isDigit(digit) {
            value = min(value * 10 + Int64(digit - 0x30), 1 << 40)
            rest.removeFirst()
        }
        guard rest.isEmpty else { throw .epochNotNumber }
        if negative, value > 0 { throw .epochNegative }
        guard let epoch = Int32(exactly: value) else { throw .epochTooBig }
        return epoch
    }
}

extension DpkgVersion: CustomStringConvertible {
    /// The version as it is written; an epoch of 0 is left out.
    public var description: String {
        var text = epoch == 0 ? "" : "\(epoch):"
        // Without an epoch a colon in the upstream part would be read as one.
        if epoch == 0, upstream.utf8.contains(0x3A) { text = "0:" }
        text += upstream
        return revision.isEmpty ? text : text + "-" + revision
    }
}

extension DpkgVersion: Comparable {
    /// Same place in the order; not necessarily the same text.
    public static func == (left: DpkgVersion, right: DpkgVersion) -> Bool { left.order(right) == 0 }

    /// Earlier in the order.
    public static func < (left: DpkgVersion, right: DpkgVersion) -> Bool { left.order(right) < 0 }

    private func order(_ other: DpkgVersion) -> Int {
        if epoch != other.epoch { return epoch < other.epoch ? -1 : 1 }
        let result = Self.order(upstream, other.upstream)
        return result != 0 ? result : Self.order(revision, other.revision)
    }

    private static func order(_ left: String, _ right: String) -> Int {
        var left = left
        var right = right
        return left.withUTF8 { left in right.withUTF8 { right in order(left, right) } }
    }

    /// `verrevcmp` of dpkg: runs of non-digits by character, runs of digits by value, in turn.
    private static func order(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
        var l = 0
        var r = 0
        func at(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> UInt8 { index < text.count ? text[index] : 0 }
        while l < left.count || r < right.count {
            while (l < left.count && !isDigit(left[l])) || (r < right.count && !isDigit(right[r])) {
                let difference = weight(at(left, l)) - weight(at(right, r))
                if difference != 0 { return difference }
                l += 1
                r += 1
            }
            while at(left, l) == 0x30 { l += 1 }
            while at(right, r) == 0x30 { r += 1 }
            var first = 0
            while isDigit(at(left, l)), isDigit(at(right, r)) {
                if first == 0 { first = Int(left[l]) - Int(right[r]) }
                l += 1
                r += 1
            }
            if isDigit(at(left, l)) { return 1 }
            if isDigit(at(right, r)) { return -1 }
            if first != 0 { return first }
        }
        return 0
    }

    /// `~` before the end, the end before letters, letters before everything else.
    private static func weight(_ byte: UInt8) -> Int {
        switch byte {
        case 0, 0x30...0x39: 0
        case 0x41...0x5A, 0x61...0x7A: Int(byte)
        case 0x7E: -1
        default: Int(byte) + 256
        }
    }
}

private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
private func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
