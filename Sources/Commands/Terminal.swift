// SPDX-License-Identifier: EUPL-1.2

import Glibc
import SBOM

/// Standard output for the result, standard error for everything else.
struct Terminal: Sendable {
    let language: Language
    /// Colour on standard output: only on a terminal, and not under `NO_COLOR`.
    let colour: Bool
    /// Progress on standard error: only on a terminal.
    let progress: Bool

    init(language: Language, environment: [String: String] = processEnvironment) {
        self.language = language
        let plain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
        colour = isatty(1) == 1 && !plain
        progress = isatty(2) == 1 && environment["TERM"] != "dumb"
    }

    /// Writes the result.
    ///
    /// - Throws: ``CommandFailure`` when standard output cannot take it: a full disk must not look like an answer.
    func result(_ text: String) throws(CommandFailure) { try write(Array(text.utf8), to: 1, name: "standard output") }

    /// Writes the result.
    func result(_ bytes: [UInt8]) throws(CommandFailure) { try write(bytes, to: 1, name: "standard output") }

    /// Writes one line beside the result.
    func note(_ text: LocalizedText) { say("\(language(Texts.note)): \(language(text))") }

    /// Writes one line beside the result.
    func note(_ text: String) { say("\(language(Texts.note)): \(text)") }

    /// Shows what is going on, on one line that the next one replaces.
    func step(_ text: LocalizedText) {
        guard progress else { return }
        try? write(Array(("\r\u{1b}[K" + language(text)).utf8), to: 2, name: "")
    }

    /// Removes the progress line.
    func clearStep() {
        guard progress else { return }
        try? write(Array("\r\u{1b}[K".utf8), to: 2, name: "")
    }

    private func say(_ line: String) {
        clearStep()
        try? write(Array((printable(line) + "\n").utf8), to: 2, name: "")
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32, name: String) throws(CommandFailure) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure(Texts.cannotWrite(name, String(cString: strerror(errno))))
            }
            done += count
        }
    }
}

/// Text from an image or a feed, made fit for a terminal: escape sequences could move the cursor and forge an answer.
func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    // Also the marks that turn the direction of writing, which can make a line read as another.
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || (0x202a...0x202e).contains(scalar.value)
        || (0x2066...0x2069).contains(scalar.value)
}

/// Prints one line on standard error whatever state the process is in.
func printError(_ text: String) {
    let line = Language.process(Texts.error) + ": " + text + "\n"
    _ = Array(line.utf8).withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
}
