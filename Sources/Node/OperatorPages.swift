// SPDX-License-Identifier: EUPL-1.2

import Glibc
import Portal

/// The pages that the operator writes: files in the data directory, read when they are shown, so that a change counts at once.
struct OperatorPages: Sendable {
    /// Largest file that is shown, in bytes.
    static let largest = 64 << 10

    let directory: String

    /// The text of a page in a language; nil where there is no file, or none that can be shown.
    func text(_ page: OperatorPage, _ language: Language) -> String? {
        let file = open(path(page, language), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes = [UInt8](repeating: 0, count: Self.largest + 1)
        var count = 0
        while count < bytes.count {
            let read = bytes[count...].withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            guard read >= 0 else { return nil }
            if read == 0 { break }
            count += read
        }
        guard count <= Self.largest, let text = String(validating: bytes[..<count], as: UTF8.self) else { return nil }
        return text.contains { !$0.isWhitespace } ? text : nil
    }

    /// Files that a public node must have and does not.
    var missing: [String] {
        OperatorPage.allCases.flatMap { page in
            Language.allCases.filter { text(page, $0) == nil }.map { path(page, $0) }
        }
    }

    private func path(_ page: OperatorPage, _ language: Language) -> String {
        "\(directory)/\(page.rawValue).\(language.rawValue).txt"
    }
}
