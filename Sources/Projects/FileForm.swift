// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// What the first bytes of a file tell.
enum FileForm {
    /// What binary form it has that nobody can review; nil for text, pictures and other data.
    static func binary(_ bytes: [UInt8]) -> String? {
        for (magic, name) in magics where bytes.starts(with: magic) { return name }
        if bytes.count > 262, bytes[257..<262].elementsEqual(Array("ustar".utf8)) { return "tar archive" }
        return nil
    }

    private static let magics: [([UInt8], String)] = [
        ([0x7F, 0x45, 0x4C, 0x46], "ELF program"), ([0x4D, 0x5A, 0x90, 0x00], "Windows program"),
        ([0xFE, 0xED, 0xFA, 0xCE], "Mach-O program"), ([0xFE, 0xED, 0xFA, 0xCF], "Mach-O program"),
        ([0xCF, 0xFA, 0xED, 0xFE], "Mach-O program"), ([0xCA, 0xFE, 0xBA, 0xBE], "Java class or Mach-O program"),
        ([0x00, 0x61, 0x73, 0x6D], "WebAssembly module"), (Array("!<arch>\n".utf8), "archive of objects or packages"),
        ([0x50, 0x4B, 0x03, 0x04], "zip archive"), ([0x1F, 0x8B, 0x08], "gzip archive"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz archive"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd archive"),
        ([0x42, 0x5A, 0x68, 0x39], "bzip2 archive"), ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z archive"),
        ([0xED, 0xAB, 0xEE, 0xDB], "rpm package"),
    ]

    /// Whether it is a pointer of Git LFS.
    static func isLargeFilePointer(_ bytes: [UInt8]) -> Bool {
        bytes.count < 1024 && bytes.starts(with: Array("version https://git-lfs.github.com/spec/v1\n".utf8))
    }

    /// Licences and copyright that a file names, as REUSE reads them.
    ///
    /// Of a long file the first and the last 32 KiB are looked at; a licence that is no SPDX expression counts as none.
    static func header(_ bytes: [UInt8]) -> (licences: [String], hasCopyright: Bool) {
        var licences: [String] = []
        var hasCopyright = false
        let window = 32 << 10
        let parts = bytes.count <= 2 * window ? [bytes[...]] : [bytes[..<window], bytes[(bytes.count - window)...]]
        for part in parts {
            var isIgnored = false
            for line in part.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
                // Between these words stand samples, by REUSE's own rule.
                if contains(line, ignoreStart) { isIgnored = true }
                if contains(line, ignoreEnd) { isIgnored = false }
                if isIgnored { continue }
                // Bytes before text: most lines of most files have neither.
                guard contains(line, licenceTag) || contains(line, copyrightWord) || contains(line, copyrightSign)
                else {
                    continue
                }
                let text = String(decoding: line, as: UTF8.self)
                // REUSE-IgnoreStart
                if let tag = text.firstRange(of: "SPDX-License-Identifier:") {
                    // REUSE-IgnoreEnd
                    let found = expression(text[tag.upperBound...])
                    if (try? SPDXExpression(parsing: found)) != nil { licences.append(found) }
                }
                if text.contains("SPDX-FileCopyrightText:") || text.contains("SPDX-SnippetCopyrightText:")
                    || text.firstMatch(of: /(Copyright|©)\s*(\([cC]\)|©)?\s*[0-9]{4}/) != nil
                {
                    hasCopyright = true
                }
            }
        }
        return (licences, hasCopyright)
    }

    // REUSE-IgnoreStart
    private static let licenceTag = Array("SPDX-License-Identifier:".utf8)
    private static let ignoreStart = Array("REUSE-IgnoreStart".utf8)
    private static let ignoreEnd = Array("REUSE-IgnoreEnd".utf8)
    // REUSE-IgnoreEnd
    private static let copyrightWord = Array("opyright".utf8)
    private static let copyrightSign = Array("©".utf8)

    /// The expression without what closes a comment.
    private static func expression(_ text: Substring) -> String {
        var text = text
        for end in ["*/", "-->", "--}}", "%>", "\"", "'", "#}"] {
            if let range = text.firstRange(of: end) { text = text[..<range.lowerBound] }
        }
        let head = text.drop { $0.isWhitespace }
        return head.lastIndex { !$0.isWhitespace }.map { String(head[...$0]) } ?? ""
    }

    private static func contains(_ bytes: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
        guard let first = word.first else { return true }
        var rest = bytes
        while let start = rest.firstIndex(of: first) {
            if rest[start...].starts(with: word) { return true }
            rest = rest[(start + 1)...]
        }
        return false
    }
}
