// SPDX-License-Identifier: EUPL-1.2

import Archives

/// Keeps everything that a reader hands out.
final class Collector: ArchiveVisitor {
    var storedBytes: [UInt8] = []
    var archiveBytes: [UInt8] = []
    var entries: [ArchiveEntry] = []
    var contents: [String: [UInt8]] = [:]
    private var current: String?

    func stored(_ bytes: UnsafeRawBufferPointer) { storedBytes += bytes }

    func uncompressed(_ bytes: UnsafeRawBufferPointer) { archiveBytes += bytes }

    func begin(_ entry: ArchiveEntry) -> Bool {
        entries.append(entry)
        current = entry.path
        contents[entry.path] = []
        return true
    }

    func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
        guard let current, var known = contents[current] else { return }
        contents[current] = nil
        known += [UInt8](repeating: 0, count: max(0, Int(offset) - known.count))
        known += bytes
        contents[current] = known
    }
}

/// A generator whose numbers are the same on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
