// SPDX-License-Identifier: EUPL-1.2

/// Where an ELF file keeps what is written to in memory.
enum ELFSegments {
    /// Ranges of the file in its writable loadable segments; nil where the headers do not lie in `header` or make no sense.
    static func writable(in header: [UInt8]) -> [Range<Int64>]? {
        guard header.count >= 64, header[4] == 1 || header[4] == 2, header[5] == 1 || header[5] == 2 else { return nil }
        let is64 = header[4] == 2
        func number(_ offset: Int, _ width: Int) -> UInt64 {
            let bytes = header[offset..<offset + width]
            return header[5] == 1
                ? bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } : bytes.reduce(0) { $0 << 8 | UInt64($1) }
        }
        let start = is64 ? number(32, 8) : number(28, 4)
        let size = Int(number(is64 ? 54 : 42, 2))
        let count = Int(number(is64 ? 56 : 44, 2))
        guard start < UInt64(header.count), size >= (is64 ? 56 : 32), count > 0,
            size * count <= header.count - Int(start)
        else { return nil }
        var ranges: [Range<Int64>] = []
        for index in 0..<count {
            let at = Int(start) + index * size
            guard number(at, 4) == 1, number(at + (is64 ? 4 : 24), 4) & 2 != 0 else { continue }
            guard let low = Int64(exactly: is64 ? number(at + 8, 8) : number(at + 4, 4)),
                let length = Int64(exactly: is64 ? number(at + 32, 8) : number(at + 16, 4))
            else { return nil }
            let (high, overflow) = low.addingReportingOverflow(length)
            guard !overflow else { return nil }
            ranges.append(low..<high)
        }
        return ranges
    }
}
