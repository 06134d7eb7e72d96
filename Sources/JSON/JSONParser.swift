// SPDX-License-Identifier: EUPL-1.2

/// Reads JSON from memory that outlives it.
///
/// Strings are scanned eight bytes at a time; members and elements are collected on one stack per kind, so that every dictionary and array
/// is made once and in its final size.
struct JSONParser {
    private let base: UnsafeRawPointer
    private let end: Int
    private let limits: JSONLimits
    private let depthLimit: Int
    private(set) var position = 0
    private var valuesLeft: Int
    private var members: [(key: String, value: JSONValue, offset: Int)] = []
    private var elements: [JSONValue] = []
    private var scratch: [UInt8] = []

    init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits) throws(JSONError) {
        guard bytes.count <= limits.bytes else { throw JSONError(.tooLarge(limit: limits.bytes), at: limits.bytes) }
        guard let base = bytes.baseAddress else { throw JSONError(.unexpectedEnd, at: 0) }
        self.base = base
        end = bytes.count
        self.limits = limits
        depthLimit = min(max(limits.depth, 0), 512)
        valuesLeft = limits.values
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw JSONError(.byteOrderMark, at: 0)
        }
    }

    /// The one value of the text, with nothing but white space around it.
    mutating func document() throws(JSONError) -> JSONValue {
        skipSpace()
        let value = try value(depth: 0)
        try finish()
        return value
    }

    /// Nothing but white space is left.
    mutating func finish() throws(JSONError) {
        skipSpace()
        guard position == end else { throw JSONError(.trailingBytes, at: position) }
    }

    // MARK: - Pieces for streaming

    /// Starts counting values anew.
    mutating func resetValueCount() { valuesLeft = limits.values }

    /// The next byte that is no white space, without reading it.
    mutating func peek() -> UInt8? {
        skipSpace()
        return position < end ? byte(position) : nil
    }

    /// Reads exactly this byte after white space.
    mutating func expect(_ expected: UInt8) throws(JSONError) {
        skipSpace()
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        guard byte(position) == expected else { throw JSONError(.unexpectedByte(byte(position)), at: position) }
        position += 1
    }

    /// Reads a member's name and the colon after it.
    mutating func memberName() throws(JSONError) -> String {
        try expect(0x22)
        let key = try stringBody()
        try expect(0x3A)
        return key
    }

    /// Reads a value at a depth.
    mutating func nested(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        return try value(depth: depth)
    }

    // MARK: - Grammar

    @inline(__always)
    private func byte(_ index: Int) -> UInt8 { base.load(fromByteOffset: index, as: UInt8.self) }

    @inline(__always)
    private mutating func skipSpace() {
        while position < end {
            let next = byte(position)
            guard next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 else { return }
            position += 1
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        guard valuesLeft > 0 else { throw JSONError(.tooManyValues(limit: limits.values), at: position) }
        valuesLeft -= 1
        switch byte(position) {
        case 0x22:
            position += 1
            return .string(try stringBody())
        case 0x7B: return try object(depth: depth)
        case 0x5B: return try array(depth: depth)
        case 0x74:
            try literal("true")
            return .bool(true)
        case 0x66:
            try literal("false")
            return .bool(false)
        case 0x6E:
            try literal("null")
            return .null
        case 0x2D, 0x30...0x39: return try number()
        case let other: throw JSONError(.unexpectedByte(other), at: position)
        }
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
            guard byte(position) == word.utf8Start[index] else {
                throw JSONError(.unexpectedByte(byte(position)), at: position)
            }
            position += 1
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < depthLimit else { throw JSONError(.tooDeep(limit: depthLimit), at: position) }
        position += 1
        skipSpace()
        if position < end, byte(position) == 0x7D {
            position += 1
            return .object([:])
        }
        let first = members.count
        while true {
            skipSpace()
            let offset = position
            let key = try memberName()
            skipSpace()
            let member = try value(depth: depth + 1)
            members.append((key, member, offset))
            skipSpace()
            guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
            let next = byte(position)
            position += 1
            if next == 0x2C { continue }
            guard next == 0x7D else { throw JSONError(.unexpectedByte(next), at: position - 1) }
            break
        }
        var result = [String: JSONValue](minimumCapacity: members.count - first)
        for index in first..<members.count {
            if result.updateValue(members[index].value, forKey: members[index].key) != nil, !limits.takesLastMember {
                throw JSONError(.duplicateKey(members[index].key.excerpt(64)), at: members[index].offset)
            }
        }
        members.removeLast(members.count - first)
        return .object(result)
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < depthLimit else { throw JSONError(.tooDeep(limit: depthLimit), at: position) }
        position += 1
        skipSpace()
        if position < end, byte(position) == 0x5D {
            position += 1
            return .array([])
        }
        let first = elements.count
        while true {
            skipSpace()
            let element = try value(depth: depth + 1)
            elements.append(element)
            skipSpace()
            guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
            let next = byte(position)
            position += 1
            if next == 0x2C { continue }
            guard next == 0x5D else { throw JSONError(.unexpectedByte(next), at: position - 1) }
            break
        }
        let result = Array(elements[first...])
        elements.removeLast(elements.count - first)
        return .array(result)
    }
}

// MARK: - Strings

extension JSONParser {
    /// The rest of a string whose opening quote has been read.
    private mutating func stringBody() throws(JSONError) -> String {
        let start = position
        var high: UInt64 = 0
        scan(&high)
        guard position < end else { throw JSONError(.unexpectedEnd, at: end) }
        if byte(position) == 0x22 {
            let bytes = UnsafeRawBufferPointer(start: base + start, count: position - start)
            position += 1
            return try text(bytes, isASCII: high & 0x8080_8080_8080_8080 == 0, at: start)
        }
        return try escapedStringBody(from: start)
    }

    /// Moves to the next quote, backslash or control character, and collects what the bytes before it have in common.
    @inline(__always)
    private mutating func scan(_ high: inout UInt64) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        while position + 8 <= end {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            // A borrow can only mark a byte above a true hit, so the lowest mark is always right.
            let hits =
                ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | (word &- ones &* 0x20) & ~word)
                & tops
            guard hits == 0 else {
                let index = hits.trailingZeroBitCount >> 3
                high |= index == 0 ? 0 : word & (UInt64.max >> UInt64(64 - index * 8))
                position += index
                return
            }
            high |= word
            position += 8
        }
        while position < end {
            let next = byte(position)
            if next == 0x22 || next == 0x5C || next < 0x20 { return }
            high |= UInt64(next)
            position += 1
        }
    }

    private func text(_ bytes: UnsafeRawBufferPointer, isASCII: Bool, at offset: Int) throws(JSONError) -> String {
        let units = bytes.bindMemory(to: UInt8.self)
        if isASCII { return String(decoding: units, as: UTF8.self) }
        guard let text = String(validating: units, as: UTF8.self) else { throw JSONError(.invalidUTF8, at: offset) }
        return text
    }

    private mutating func escapedStringBody(from start: Int) throws(JSONError) -> String {
        scratch.removeAll(keepingCapacity: true)
        var runStart = start
        var high: UInt64 = 0
        while true {
            scratch.append(contentsOf: UnsafeRawBufferPointer(start: base + runStart, count: position - runStart))
            guard position < end else { throw JSONError(.unexpectedEnd, at: end) }
            let stop = byte(position)
            if stop == 0x22 {
                position += 1
                guard let text = String(validating: scratch, as: UTF8.self) else {
                    throw JSONError(.invalidUTF8, at: start)
                }
                return text
            }
            guard stop == 0x5C else { throw JSONError(.controlCharacter(stop), at: position) }
            try escape()
            runStart = position
            scan(&high)
        }
    }

    /// Reads one escape, or a pair of `\u` escapes, and appends its UTF-8.
    private mutating func escape() throws(JSONError) {
        let start = position
        guard position + 1 < end else { throw JSONError(.unexpectedEnd, at: end) }
        let kind = byte(position + 1)
        position += 2
        switch kind {
        case 0x22, 0x5C, 0x2F: scratch.append(kind)
        case 0x62: scratch.append(0x08)
        case 0x66: scratch.append(0x0C)
        case 0x6E: scratch.append(0x0A)
        case 0x72: scratch.append(0x0D)
        case 0x74: scratch.append(0x09)
        case 0x75:
            var scalar = UInt32(try hexUnit(escapeAt: start))
            if scalar >= 0xD800, scalar < 0xE000 {
                guard scalar < 0xDC00, position + 1 < end, byte(position) == 0x5C, byte(position + 1) == 0x75 else {
                    throw JSONError(.loneSurrogate, at: start)
                }
                position += 2
                let low = UInt32(try hexUnit(escapeAt: position - 2))
                guard low >= 0xDC00, low < 0xE000 else { throw JSONError(.loneSurrogate, at: start) }
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let value = Unicode.Scalar(scalar) else { throw JSONError(.loneSurrogate, at: start) }
            scratch.append(contentsOf: UTF8.encode(value) ?? UTF8.encodedReplacementCharacter)
        default: throw JSONError(.invalidEscape, at: start)
        }
    }

    private mutating func hexUnit(escapeAt start: Int) throws(JSONError) -> UInt16 {
        guard position + 4 <= end else { throw JSONError(.unexpectedEnd, at: end) }
        var unit: UInt16 = 0
        for index in position..<position + 4 {
            let digit: UInt16
            switch byte(index) {
            case let value where value >= 0x30 && value <= 0x39: digit = UInt16(value) - 0x30
            case let value where value >= 0x41 && value <= 0x46: digit = UInt16(value) - 0x41 + 10
            case let value where value >= 0x61 && value <= 0x66: digit = UInt16(value) - 0x61 + 10
            default: throw JSONError(.invalidEscape, at: start)
            }
            unit = unit << 4 | digit
        }
        position += 4
        return unit
    }
}

// MARK: - Numbers

extension JSONParser {
    /// Longest number text; far beyond what any double needs, short enough that converting it costs nothing.
    private static var longestNumber: Int { 1024 }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        let negative = byte(position) == 0x2D
        if negative { position += 1 }
        var magnitude: UInt64 = 0
        var overflow = false
        let firstDigit = position
        while position < end, let digit = digit(at: position) {
            let (product, first) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, second) = product.addingReportingOverflow(UInt64(digit))
            overflow = overflow || first || second
            magnitude = sum
            position += 1
        }
        let digits = position - firstDigit
        guard digits > 0, digits == 1 || byte(firstDigit) != 0x30 else { throw JSONError(.invalidNumber, at: start) }
        var isInteger = true
        if position < end, byte(position) == 0x2E {
            isInteger = false
            position += 1
            try digitRun(start)
        }
        if position < end, byte(position) == 0x65 || byte(position) == 0x45 {
            isInteger = false
            position += 1
            if position < end, byte(position) == 0x2B || byte(position) == 0x2D { position += 1 }
            try digitRun(start)
        }
        guard position - start <= Self.longestNumber else { throw JSONError(.numberOutOfRange, at: start) }
        if isInteger, !overflow {
            if negative, magnitude <= UInt64(Int64.max) + 1 {
                return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
            }
            if !negative, magnitude <= UInt64(Int64.max) { return .integer(Int64(magnitude)) }
        }
        let text = UnsafeRawBufferPointer(start: base + start, count: position - start).bindMemory(to: UInt8.self)
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
            throw JSONError(.numberOutOfRange, at: start)
        }
        return .double(value)
    }

    private mutating func digitRun(_ start: Int) throws(JSONError) {
        let first = position
        while position < end, digit(at: position) != nil { position += 1 }
        guard position > first else { throw JSONError(.invalidNumber, at: start) }
    }

    @inline(__always)
    private func digit(at index: Int) -> UInt8? {
        let value = byte(index) &- 0x30
        return value <= 9 ? value : nil
    }
}
