// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import Foundation
import TestKit
import Testing

@Suite("Protections of programs")
struct ProgramCataloguerTests {
    private static func read(_ bytes: [UInt8], pieces: Int = 65536) -> ProgramProtections? {
        let file = CandidateFile(path: "usr/bin/program", size: Int64(bytes.count), mode: 0o755)
        guard let scanner = ProgramCataloguer.scanner(for: file) else { return nil }
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + pieces)
            bytes[at..<end].withUnsafeBytes { scanner.data($0, at: Int64(at)) }
            at = end
        }
        return scanner.end().program
    }

    /// What readelf says of one file, told as what is missing; nil where it is no program.
    private static func missing(_ text: String) -> [ProgramProtections.Kind]? {
        let isFixed = text.contains("EXEC (Executable file)")
        let isProgram =
            isFixed || text.contains(" INTERP ") || text.range(of: "FLAGS_1.*PIE", options: .regularExpression) != nil
        guard isProgram else { return nil }
        var missing: [ProgramProtections.Kind] = []
        if isFixed { missing.append(.positionIndependent) }
        let bindsNow = text.contains("BIND_NOW") || text.range(of: "FLAGS_1.*NOW", options: .regularExpression) != nil
        let isStatic = text.contains("There is no dynamic section")
        if !text.contains("GNU_RELRO") || !(bindsNow || isStatic) { missing.append(.readOnlyRelocations) }
        let stack = text.split(separator: "\n").first { $0.contains("GNU_STACK") }
        if stack.map({ $0.contains("RWE") }) ?? true { missing.append(.nonExecutableStack) }
        if !text.contains("__stack_chk_fail") { missing.append(.stackProtector) }
        return missing
    }

    @Test("are those that readelf tells of the programs of this machine")
    func againstReadelf() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: "/usr/bin").sorted().map { "/usr/bin/" + $0 }
        let readelf = try tool("readelf")
        var programs = 0
        for path in names {
            guard programs < 150, let data = FileManager.default.contents(atPath: path), data.count < 4 << 20,
                data.starts(with: [0x7F, 0x45, 0x4C, 0x46])
            else { continue }
            // Go's have no stack protector and need none: this scanner's own word, not readelf's.
            let text = try await readelf.check(["-W", "-h", "-l", "-d", "--dyn-syms", "-s", "-n", path])
            guard !text.contains("Go  ") else { continue }
            // A static program without symbols shows readelf nothing of its stack protector; the scanner reads its message.
            guard !text.contains("There is no dynamic section") || text.contains("Symbol table") else { continue }
            programs += 1
            let expected = Self.missing(text)
            let found = Self.read([UInt8](data))
            #expect(found?.missing == expected, "\(path)")
            #expect(Self.read([UInt8](data), pieces: 4099)?.missing == expected, "\(path), in small pieces")
        }
        print("protections: \(programs) programs compared with readelf")
        #expect(programs >= 50)
    }

    @Test(
        "are those that the compiler was asked for",
        arguments: [
            (["-fstack-protector-all", "-fPIE", "-pie", "-Wl,-z,relro,-z,now"], [ProgramProtections.Kind]()),
            (["-fstack-protector-all", "-fPIE", "-pie", "-Wl,-z,relro,-z,lazy"], [.readOnlyRelocations]),
            (["-fstack-protector-all", "-no-pie", "-Wl,-z,relro,-z,now"], [.positionIndependent]),
            (["-fno-stack-protector", "-fPIE", "-pie", "-Wl,-z,relro,-z,now"], [.stackProtector]),
            (["-fstack-protector-all", "-fPIE", "-pie", "-Wl,-z,relro,-z,now,-z,execstack"], [.nonExecutableStack]),
            (["-fstack-protector-all", "-static", "-s", "-Wl,-z,relro"], [.positionIndependent]),
        ]
    )
    func compiled(_ options: [String], _ missing: [ProgramProtections.Kind]) async throws {
        let directory = try TemporaryDirectory("protections")
        let source = directory.file("a.c")
        try Data(
            "#include <stdio.h>\nint main(int c, char **v) { char b[64]; snprintf(b, 64, \"%s\", v[0]); return b[0] == c; }\n"
                .utf8
        )
        .write(to: URL(fileURLWithPath: source))
        try await tool("gcc").check(options + ["-o", directory.file("a"), source])
        let data = try Data(contentsOf: URL(fileURLWithPath: directory.file("a")))
        #expect(Self.read([UInt8](data))?.missing == missing)
    }

    @Test("a shared library and what is no ELF file are no programs; one whose headers lie elsewhere is not read")
    func others() throws {
        #expect(Self.read(Array("#!/bin/sh\nexit 0\n".utf8) + [UInt8](repeating: 10, count: 100)) == nil)
        var bytes = [UInt8](repeating: 0, count: 4096)
        bytes.replaceSubrange(0..<7, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1])
        bytes[16] = 3
        bytes[54] = 56
        bytes[56] = 1
        bytes[32] = 64
        #expect(Self.read(bytes) == nil, "a library without an interpreter")
        bytes[34] = 1
        #expect(Self.read(bytes) == ProgramProtections(missing: nil))
        bytes[16] = 1
        #expect(Self.read(bytes) == nil, "an object file")
    }

    @Test("no cut and no flipped byte of a header ends in a trap")
    func hostile() throws {
        let data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "/bin/true")))
        let whole = try #require(Self.read(data))
        #expect(Self.read(Array(data.prefix(2000)))?.missing != whole.missing, "half a header is not the whole program")
        for count in stride(from: 0, to: min(data.count, 9000), by: 13) { _ = Self.read(Array(data.prefix(count))) }
        for index in 0..<1024 {
            for value: UInt8 in [0x00, 0x7F, 0xFF] {
                var bytes = data
                bytes[index] = value
                _ = Self.read(bytes)
            }
        }
    }
}
