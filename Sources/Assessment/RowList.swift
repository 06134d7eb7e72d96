// SPDX-License-Identifier: EUPL-1.2

/// Rows as bytes: in order, each as its distance from the one before, seven bits a byte (LEB128).
///
/// Three hundred components of an image take some five hundred bytes.
enum RowList {
    static func encode(_ rows: [Int64]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.count * 2)
        var last: Int64 = 0
        for row in rows {
            var rest = UInt64(row - last)
            last = row
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }
        return bytes
    }

    /// - Returns: nil for what ``encode(_:)`` never writes.
    static func decode(_ bytes: [UInt8]) -> [Int64]? {
        var rows: [Int64] = []
        var (last, distance, shift): (Int64, UInt64, UInt64) = (0, 0, 0)
        for byte in bytes {
            guard shift < 63 else { return nil }
            distance |= UInt64(byte & 0x7f) << shift
            shift += 7
            guard byte & 0x80 == 0 else { continue }
            guard distance > 0, let step = Int64(exactly: distance) else { return nil }
            let (row, isTooLarge) = last.addingReportingOverflow(step)
            guard !isTooLarge else { return nil }
            rows.append(row)
            (last, distance, shift) = (row, 0, 0)
        }
        return shift == 0 ? rows : nil
    }
}
