// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Finds the build information of a Go program while its bytes stream by, holding no more than the information itself.
///
/// Section headers lie at the end of the file, too late for a stream; so the magic is looked for at its alignment in the writable
/// segments, as Go's own reader does where there are no sections, and the first plausible place counts.
final class GoBuildInfoScanner: FileScanner {
    private enum State { case header, searching, collecting, done }

    /// Enough for an ELF header and some seventy program headers.
    private static let headerSize = 4096
    private static let windowLimit = 4 << 20
    private static let magic: [UInt8] = [0xFF] + Array(" Go buildinf:".utf8)

    private var state = State.header
    private var buffer: [UInt8] = []
    /// Offset of the next byte.
    private var position: Int64 = 0
    /// Bytes of the file that are written to in memory; nil where the headers do not say.
    private var writable: [Range<Int64>]?
    private var result = Catalogued()

    func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
        guard state != .done, offset >= position else { return }
        if offset > position { skipZeros(to: offset) }
        guard state == .header else { return take(bytes) }
        let missing = min(bytes.count, Self.headerSize - buffer.count)
        buffer.append(contentsOf: bytes.prefix(missing))
        position += Int64(missing)
        if buffer.count >= 4, !buffer.starts(with: [0x7F, 0x45, 0x4C, 0x46]) { return finish() }
        if buffer.count == Self.headerSize { leaveHeader() }
        if missing < bytes.count { take(UnsafeRawBufferPointer(rebasing: bytes[missing...])) }
    }

    func end() -> Catalogued {
        if state == .header { leaveHeader() }
        if state == .collecting, buffer.count >= 16 {
            result.problems.append("the Go build information is cut off")
        }
        finish()
        return result
    }

    private func finish() {
        state = .done
        buffer = []
    }

    /// A gap reads as zeros, which hold no magic; in the window they count.
    private func skipZeros(to offset: Int64) {
        if state == .searching {
            position = offset
            return
        }
        while state != .done, state != .searching, position < offset {
            let zeros = [UInt8](repeating: 0, count: Int(min(offset - position, 4096)))
            zeros.withUnsafeBytes { data($0, at: position) }
        }
        if state == .searching { position = max(position, offset) }
    }

    private func leaveHeader() {
        let header = buffer
        buffer = []
        guard header.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { return finish() }
        writable = ELFHeaders(header)?.writable
        state = .searching
        position = 0
        header.withUnsafeBytes { take($0) }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count, state != .done {
            if state == .searching {
                guard let found = search(bytes, from: index) else {
                    position += Int64(bytes.count - index)
                    return
                }
                position += Int64(found - index)
                index = found
                state = .collecting
            }
            let wanted = buffer.count < 16 ? 16 - buffer.count : Self.windowLimit - buffer.count
            let piece = bytes[index...].prefix(wanted)
            buffer.append(contentsOf: piece)
            index += piece.count
            position += Int64(piece.count)
            examine()
        }
    }

    /// Index of the next aligned place where the magic is or may begin.
    private func search(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start + Int((16 - position % 16) % 16)
        let shift = position - Int64(start)
        while index < bytes.count {
            if bytes[index] == 0xFF, bytes[index...].prefix(14).elementsEqual(Self.magic.prefix(bytes.count - index)),
                writable?.contains(where: { $0.contains(shift + Int64(index)) }) ?? true
            {
                return index
            }
            index += 16
        }
        return nil
    }

    private func examine() {
        guard buffer.count >= 16 else { return }
        let isMagic = buffer.starts(with: Self.magic)
        let isInline = buffer[15] & 2 != 0
        guard isMagic, buffer[15] <= 3, isInline || buffer[14] == 4 || buffer[14] == 8 else {
            buffer = []
            state = .searching
            return
        }
        guard isInline else {
            result.problems.append("built with Go older than 1.18: its build information is not read by this version")
            return finish()
        }
        guard buffer.count > 32 else { return }
        switch GoBuildInfo.parse(buffer) {
        case .found(let info):
            result = info.catalogued
            finish()
        case .malformed(let problem):
            result.problems.append(problem)
            finish()
        case .incomplete:
            if buffer.count >= Self.windowLimit {
                result.problems.append("the Go build information is longer than \(Self.windowLimit) bytes")
                finish()
            }
        }
    }
}
