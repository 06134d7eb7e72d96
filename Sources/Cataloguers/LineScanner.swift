// SPDX-License-Identifier: EUPL-1.2

/// Hands over a file line by line, as it comes; the file itself may be of any size.
final class LineScanner: FileScanner {
    /// What to do with the lines that follow.
    enum Interest { case more, nothing }

    private let limit: Int
    private let line: (_ bytes: ArraySlice<UInt8>, _ isCut: Bool) -> Interest
    private let finish: () -> Catalogued
    private var pending: [UInt8] = []
    private var isCut = false
    private var position: Int64 = 0
    private var isDone = false

    /// Reads lines of at most `limit` bytes; of a longer one only its beginning is handed over, and it is marked as cut.
    ///
    /// - Parameters:
    ///   - line: gets each line without its end (LF or CR LF), and says whether it wants more.
    ///   - finish: what the file says, after the last line.
    init(
        limit: Int,
        line: @escaping (_ bytes: ArraySlice<UInt8>, _ isCut: Bool) -> Interest,
        finish: @escaping () -> Catalogued
    ) {
        self.limit = limit
        self.line = line
        self.finish = finish
    }

    func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
        guard !isDone, offset >= position else { return }
        let (end, overflow) = offset.addingReportingOverflow(Int64(bytes.count))
        guard !overflow else { return }
        // A gap holds no line end: it is part of the line that is open, of which no more than the limit is kept.
        append(repeatElement(0, count: Int(min(offset - position, Int64(limit) + 1))))
        position = end
        var rest = bytes[...]
        while !isDone, let newline = rest.firstIndex(of: 10) {
            append(rest[..<newline])
            flush()
            rest = rest[(newline + 1)...]
        }
        if !isDone { append(rest) }
    }

    func end() -> Catalogued {
        if !isDone, !pending.isEmpty || isCut { flush() }
        pending = []
        return finish()
    }

    private func append(_ piece: some Collection<UInt8>) {
        let room = limit - pending.count
        if piece.count > room { isCut = true }
        pending.append(contentsOf: piece.prefix(max(0, room)))
    }

    private func flush() {
        let content = !isCut && pending.last == 13 ? pending.dropLast() : pending[...]
        if line(content, isCut) == .nothing { isDone = true }
        pending.removeAll(keepingCapacity: true)
        isCut = false
    }
}
