// SPDX-License-Identifier: EUPL-1.2

/// Go modules inside ELF programs and shared libraries, from the build information that the linker leaves there.
public enum GoCataloguer: Cataloguer {
    /// `go`.
    public static let name = "go"
    /// Of what it finds.
    public static let version = 1

    /// Files that may be run and those that look like libraries or have no extension; their first bytes decide the rest.
    public static func scanner(for file: CandidateFile) -> (any FileScanner)? {
        guard file.size >= 64 else { return nil }
        let name = file.name
        guard file.mode & 0o111 != 0 || !name.utf8.contains(UInt8(ascii: ".")) || name.hasSuffix(".so") else {
            return nil
        }
        return GoBuildInfoScanner()
    }
}
