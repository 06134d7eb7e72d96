// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// The header of an ELF file and its program headers.
///
/// Source: System V gABI, chapters "ELF Header" and "Program Header".
struct ELFHeaders {
    /// What the dynamic section says about binding.
    struct DynamicFlags {
        var bindsNow = false
        var isPIE = false
    }

    /// Type: 2 is a program at a fixed address, 3 a library or a program that may lie anywhere.
    let type: UInt64
    private(set) var hasInterpreter = false
    private(set) var hasReadOnlyRelocations = false
    private(set) var hasNonExecutableStack = false
    private(set) var isGo = false
    /// Bytes of the file that hold the dynamic section; nil in a static program.
    private(set) var dynamic: Range<Int64>?
    /// Bytes of the file that are written to in memory.
    private(set) var writable: [Range<Int64>] = []
    private let is64: Bool
    private let isLittle: Bool

    /// - Returns: nil where the program headers do not lie in `bytes` or make no sense.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 64, bytes[4] == 1 || bytes[4] == 2, bytes[5] == 1 || bytes[5] == 2 else { return nil }
        is64 = bytes[4] == 2
        isLittle = bytes[5] == 1
        let reader = Reader(bytes: bytes, isLittle: bytes[5] == 1)
        type = reader.number(16, 2)
        let start = is64 ? reader.number(32, 8) : reader.number(28, 4)
        let size = Int(reader.number(is64 ? 54 : 42, 2))
        let count = Int(reader.number(is64 ? 56 : 44, 2))
        guard type == 2 || type == 3, start < UInt64(bytes.count), size >= (is64 ? 56 : 32), count > 0,
            size * count <= bytes.count - Int(start)
        else { return nil }
        for index in 0..<count {
            let at = Int(start) + index * size
            guard let low = Int64(exactly: is64 ? reader.number(at + 8, 8) : reader.number(at + 4, 4)),
                let length = Int64(exactly: is64 ? reader.number(at + 32, 8) : reader.number(at + 16, 4))
            else { return nil }
            let (high, overflow) = low.addingReportingOverflow(length)
            guard !overflow else { return nil }
            let flags = reader.number(at + (is64 ? 4 : 24), 4)
            switch reader.number(at, 4) {
            case 1: if flags & 2 != 0 { writable.append(low..<high) }
            case 2: dynamic = low..<high
            case 3: hasInterpreter = true
            case 4: isGo = isGo || Self.isGoNote(reader, low, high)
            case 0x6474_E551: hasNonExecutableStack = flags & 1 == 0
            case 0x6474_E552: hasReadOnlyRelocations = true
            default: break
            }
        }
    }

    var isPositionIndependent: Bool { type == 3 }

    /// Whether it is to be run, and no library that happens to be executable.
    func isProgram(_ flags: DynamicFlags) -> Bool { type == 2 || hasInterpreter || flags.isPIE }

    /// Whether a header that could not be read on is one of a program or library.
    static func isExecutableType(_ bytes: [UInt8]) -> Bool {
        let type = bytes[5] == 2 ? bytes[17] : bytes[16]
        return type == 2 || type == 3
    }

    /// - Parameter bytes: the dynamic section.
    func dynamicFlags(_ bytes: [UInt8]) -> DynamicFlags {
        let reader = Reader(bytes: bytes, isLittle: isLittle)
        let width = is64 ? 8 : 4
        var flags = DynamicFlags()
        var at = 0
        while at + 2 * width <= bytes.count {
            let (tag, value) = (reader.number(at, width), reader.number(at + width, width))
            at += 2 * width
            switch tag {
            case 0: return flags
            case 24: flags.bindsNow = true
            case 30: if value & 8 != 0 { flags.bindsNow = true }
            case 0x6FFF_FFFB:
                if value & 1 != 0 { flags.bindsNow = true }
                if value & 0x0800_0000 != 0 { flags.isPIE = true }
            default: break
            }
        }
        return flags
    }

    /// The note with the build id of Go's linker: name "Go", type 4.
    private static func isGoNote(_ reader: Reader, _ low: Int64, _ high: Int64) -> Bool {
        guard low >= 0, high <= Int64(reader.bytes.count), high - low >= 16 else { return false }
        let at = Int(low)
        return reader.number(at, 4) == 4 && reader.number(at + 8, 4) == 4
            && reader.bytes[(at + 12)..<(at + 16)].elementsEqual([0x47, 0x6F, 0, 0])
    }

    private struct Reader {
        let bytes: [UInt8]
        let isLittle: Bool

        func number(_ offset: Int, _ width: Int) -> UInt64 {
            let part = bytes[offset..<offset + width]
            return isLittle
                ? part.reversed().reduce(0) { $0 << 8 | UInt64($1) } : part.reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether a text occurs in these bytes.
    func contains(_ text: StaticString) -> Bool {
        guard var place = baseAddress else { return false }
        let end = place + count
        let length = text.utf8CodeUnitCount
        while end - place >= length {
            guard let next = memchr(place, Int32(text.utf8Start[0]), end - place - length + 1) else { return false }
            if memcmp(next, text.utf8Start, length) == 0 { return true }
            place = UnsafeRawPointer(next) + 1
        }
        return false
    }
}
