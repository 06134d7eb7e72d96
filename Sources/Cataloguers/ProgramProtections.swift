// SPDX-License-Identifier: EUPL-1.2

/// What an ELF program has against being taken over, as far as its file tells.
public struct ProgramProtections: Sendable, Hashable {
    /// One protection.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Its code may lie anywhere (PIE).
        case positionIndependent
        /// What the linker wrote is read-only before the program starts (full RELRO).
        case readOnlyRelocations
        /// Its stack is not executable (NX).
        case nonExecutableStack
        /// Functions notice that their stack frame was overwritten.
        case stackProtector
    }

    /// The protections that it lacks, in the order of ``Kind``; nil when its headers could not be read.
    public var missing: [Kind]?

    /// States what a program lacks.
    public init(missing: [Kind]?) { self.missing = missing }
}

/// Reads the protections of ELF programs; it finds no component.
public enum ProgramCataloguer: Cataloguer {
    /// `program`.
    public static let name = "program"
    /// Of what it finds.
    public static let version = 1

    /// Files that may be run; their first bytes decide the rest.
    public static func scanner(for file: CandidateFile) -> (any FileScanner)? {
        file.mode & 0o111 != 0 && file.size >= 64 ? ProgramScanner() : nil
    }
}

/// Reads an ELF file while it streams by: headers, then the dynamic section, and on the way whether the stack protector's name occurs.
///
/// Source: System V gABI, "Program Header" and "Dynamic Section"; checksec for what counts as which protection.
private final class ProgramScanner: FileScanner {
    private enum State { case header, streaming, done }

    /// Enough for an ELF header, its program headers and the notes that follow them.
    private static let headerSize = 8192
    private static let dynamicLimit: Int64 = 64 << 10
    private static let overlap = 32

    private var state = State.header
    private var header: [UInt8] = []
    private var elf: ELFHeaders?
    private var dynamic: [UInt8] = []
    private var position: Int64 = 0
    /// The last bytes of the piece before: a name may lie across the border.
    private var tail: [UInt8] = []
    private var hasProtector = false

    func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
        guard state != .done, offset >= position else { return }
        if offset > position {
            // A gap reads as zeros: nothing that is looked for lies there.
            if state == .header {
                header.append(
                    contentsOf: repeatElement(0, count: min(Int(offset - position), Self.headerSize - header.count))
                )
                leaveHeaderIfFull()
            }
            tail = []
            position = offset
        }
        guard state == .header else { return take(bytes) }
        let missing = min(bytes.count, Self.headerSize - header.count)
        header.append(contentsOf: bytes.prefix(missing))
        if header.count >= 4, !header.starts(with: [0x7F, 0x45, 0x4C, 0x46]) { return finish() }
        position += Int64(missing)
        leaveHeaderIfFull()
        if state == .streaming, missing < bytes.count { take(UnsafeRawBufferPointer(rebasing: bytes[missing...])) }
    }

    func end() -> Catalogued {
        if state == .header { leaveHeader() }
        defer { finish() }
        guard header.starts(with: [0x7F, 0x45, 0x4C, 0x46]), header.count >= 20 else { return Catalogued() }
        guard let elf else {
            // Relocatable objects and cores are no programs, whatever their mode.
            return ELFHeaders.isExecutableType(header)
                ? Catalogued(program: ProgramProtections(missing: nil)) : Catalogued()
        }
        let flags = elf.dynamicFlags(dynamic)
        guard elf.isProgram(flags) else { return Catalogued() }
        var missing: [ProgramProtections.Kind] = []
        if !elf.isPositionIndependent { missing.append(.positionIndependent) }
        // A static program has nothing left to bind.
        if !elf.hasReadOnlyRelocations || (elf.dynamic != nil && !flags.bindsNow) {
            missing.append(.readOnlyRelocations)
        }
        if !elf.hasNonExecutableStack { missing.append(.nonExecutableStack) }
        // Go checks the bounds of every access itself, and has no such functions.
        if !hasProtector, !elf.isGo { missing.append(.stackProtector) }
        return Catalogued(program: ProgramProtections(missing: missing))
    }

    private func leaveHeaderIfFull() {
        if header.count == Self.headerSize { leaveHeader() }
    }

    private func leaveHeader() {
        state = .streaming
        elf = ELFHeaders(header)
        guard elf != nil else { return finish(keepsHeader: true) }
        position = 0
        header.withUnsafeBytes { take($0) }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        guard let elf else { return }
        if let range = elf.dynamic, range.count <= Self.dynamicLimit, range.lowerBound < position + Int64(bytes.count),
            range.upperBound > position
        {
            let low = Int(max(range.lowerBound, position) - position)
            let high = Int(min(range.upperBound, position + Int64(bytes.count)) - position)
            dynamic.append(contentsOf: bytes[low..<high])
        }
        // The name lies near the beginning of most programs; anywhere in those that are static or were patched.
        if !hasProtector, !elf.isGo { search(bytes, elf.hasInterpreter) }
        position += Int64(bytes.count)
    }

    private func search(_ bytes: UnsafeRawBufferPointer, _ isDynamic: Bool) {
        let border = tail + bytes.prefix(Self.overlap)
        func occurs(_ text: StaticString) -> Bool {
            bytes.contains(text) || border.withUnsafeBytes { $0.contains(text) }
        }
        // A static program may have lost its names, not the message.
        hasProtector = occurs("__stack_chk_fail") || (!isDynamic && occurs("stack smashing detected"))
        tail = Array((tail + bytes.suffix(Self.overlap)).suffix(Self.overlap))
    }

    private func finish(keepsHeader: Bool = false) {
        state = .done
        if !keepsHeader { header = [] }
        dynamic = []
        tail = []
    }
}
