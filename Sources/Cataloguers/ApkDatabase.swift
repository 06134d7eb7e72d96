// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Reads `lib/apk/db/installed`: `X:value` lines, one paragraph per package.
///
/// Dependencies become marks, `D index words` and `p index words`, because they can be resolved only when all packages are known.
final class ApkDatabase {
    private static let maximumPackages = 100_000
    private static let maximumOwned = 2_000_000
    private static let maximumOwnedBytes = 128 << 20
    private static let maximumProblems = 20

    private var found = Catalogued()
    private var names: Set<String> = []
    private var ownedBytes = 0
    private var unread = 0
    private var isFull = false
    private var isOwnedFull = false
    private var paragraph = Paragraph()

    private struct Paragraph {
        var fields: [UInt8: ArraySlice<UInt8>] = [:]
        var directory = ""
        var owned: [String] = []
        var isDamaged = false
        var isEmpty = true
    }

    /// The scanner of one database.
    func scanner() -> any FileScanner {
        // The longest lines are dependencies: some ten kilobytes in real databases.
        LineScanner(limit: 512 << 10) { [self] line, isCut in
            self.line(line, isCut: isCut)
            return isFull ? .nothing : .more
        } finish: { [self] in
            finishParagraph()
            if unread > 0 { problem("\(unread) further faults") }
            return found
        }
    }

    private func line(_ line: ArraySlice<UInt8>, isCut: Bool) {
        guard !line.isEmpty else { return finishParagraph() }
        paragraph.isEmpty = false
        let value = line.dropFirst(2)
        guard !isCut, line.count >= 2, line[line.startIndex + 1] == 0x3A, let letter = line.first else {
            // What is lost of a long description harms nobody; a line that has no letter could have been anything.
            if !(isCut && line.count >= 2 && line[line.startIndex + 1] == 0x3A && line.first == 0x54) {
                paragraph.isDamaged = true
            }
            return
        }
        switch letter {
        case UInt8(ascii: "F"): paragraph.directory = String(decoding: value, as: UTF8.self)
        case UInt8(ascii: "R"): own(String(decoding: value, as: UTF8.self))
        case UInt8(ascii: "P"), UInt8(ascii: "V"), UInt8(ascii: "o"), UInt8(ascii: "A"), UInt8(ascii: "L"),
            UInt8(ascii: "D"), UInt8(ascii: "p"), UInt8(ascii: "m"):
            paragraph.fields[letter] = value
        default: break
        }
    }

    private func own(_ name: String) {
        guard !name.isEmpty, !isOwnedFull else { return }
        let path = paragraph.directory.isEmpty ? name : "\(paragraph.directory)/\(name)"
        guard found.owned.count + paragraph.owned.count < Self.maximumOwned,
            ownedBytes + path.utf8.count <= Self.maximumOwnedBytes
        else {
            if !isOwnedFull { problem("it lists more files than are kept") }
            isOwnedFull = true
            return
        }
        ownedBytes += path.utf8.count
        paragraph.owned.append(path)
    }

    private func finishParagraph() {
        defer { paragraph = Paragraph() }
        guard !paragraph.isEmpty, !isFull else { return }
        let name = paragraph.fields[UInt8(ascii: "P")].flatMap { PackageText.identity($0) }
        let version = paragraph.fields[UInt8(ascii: "V")].flatMap { PackageText.identity($0) }
        guard let name, let version else {
            return problem(name.map { "package \"\($0)\" has no readable version" } ?? "a paragraph names no package")
        }
        if paragraph.isDamaged { problem("package \"\(name)\": a line is too long or not of the form X:value") }
        // apk itself goes by the first one.
        guard names.insert(name).inserted else { return }
        guard found.components.count < Self.maximumPackages else {
            isFull = true
            return problem("it has more than \(Self.maximumPackages) packages")
        }

        let index = found.components.count
        let origin = paragraph.fields[UInt8(ascii: "o")].flatMap { PackageText.identity($0) }
        found.components.append(
            Component(
                ecosystem: "apk",
                name: name,
                version: version,
                sourceName: origin ?? name,
                sourceVersion: version,
                architecture: paragraph.fields[UInt8(ascii: "A")].flatMap { PackageText.identity($0) },
                supplier: paragraph.fields[UInt8(ascii: "m")].flatMap { PackageText.prose($0) },
                licenses: paragraph.fields[UInt8(ascii: "L")].flatMap { PackageText.prose($0) }.map { [$0] } ?? []
            )
        )
        for letter in ["D", "p"] {
            guard let words = paragraph.fields[letter.utf8.first ?? 0], !words.isEmpty else { continue }
            found.marks.append("\(letter) \(index) \(String(decoding: words, as: UTF8.self))")
        }
        found.owned += paragraph.owned.map { Catalogued.OwnedPath(component: index, path: $0) }
    }

    private func problem(_ text: String) {
        if found.problems.count < Self.maximumProblems { found.problems.append(text) } else { unread += 1 }
    }
}
