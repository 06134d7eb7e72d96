// SPDX-License-Identifier: EUPL-1.2

import DurableFiles
package import Portal
import Synchronization
package import Time

/// The letters of an exercise: one file each, numbered as they came.
package final class FakeInbox: Sendable {
    /// Letters that are kept; the oldest go first.
    package static let most = 1_000
    private static let ending = ".eml"
    private static let digits = 8
    /// A message, and what this inbox writes before it.
    private static let largestFile = SMTPDialogue.largestMessage + (8 << 10)

    private let directory: String
    private let clock: WallClock
    private let files = FileOperations.live
    /// Numbers of the letters, ascending; owner: this inbox, held while a file is written, so that numbers have no holes.
    private let numbers: Mutex<[Int]>

    /// An inbox in a directory, with what came before.
    package init(directory: String, clock: WallClock = .system) throws {
        try files.makeDirectories(directory, mode: 0o700)
        self.directory = directory
        self.clock = clock
        let known = try files.names(directory).compactMap { name -> Int? in
            guard name.hasSuffix(Self.ending) else { return nil }
            return Int(name.dropLast(Self.ending.count))
        }
        numbers = Mutex(known.sorted())
    }

    /// Keeps a message for each of its receivers; durable when this returns.
    func take(_ envelope: SMTPDialogue.Envelope) throws {
        for receiver in envelope.to {
            let head = [
                "X-Exercise-Received: \(clock.now().rfc3339)", "X-Exercise-To: \(Self.line(receiver))", "",
            ].joined(separator: "\r\n")
            try numbers.withLock { numbers in
                let number = (numbers.last ?? 0) + 1
                try files.replace(path(number), bytes: Array(head.utf8) + envelope.message, mode: 0o600)
                numbers.append(number)
                while numbers.count > Self.most { _ = try files.remove(path(numbers.removeFirst())) }
            }
        }
    }

    /// Letters before a number, newest first, without their texts.
    package func letters(before: Int, limit: Int) throws -> [ExerciseDesk.Letter] {
        let wanted = numbers.withLock { $0.filter { $0 < before }.suffix(limit) }
        return try wanted.reversed().compactMap { try read($0, withText: false) }
    }

    /// One letter; nil when there is none of that number.
    package func letter(_ number: Int) throws -> ExerciseDesk.Letter? {
        guard numbers.withLock({ $0.contains(number) }) else { return nil }
        return try read(number, withText: true)
    }

    private func read(_ number: Int, withText: Bool) throws -> ExerciseDesk.Letter? {
        // A list needs no more than the header of each.
        let found =
            withText ? try files.contents(of: path(number), limit: Self.largestFile) : try head(of: path(number))
        guard let bytes = found else { return nil }
        var lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3 else { return nil }
        let letter = LetterReader(Array(lines.removeLast()))
        let values = lines.map { line in
            String(decoding: line, as: UTF8.self).split(separator: ": ", maxSplits: 1).dropFirst().first
                .map { String($0.filter { !$0.isNewline }) } ?? ""
        }
        return ExerciseDesk.Letter(
            number: number,
            received: Timestamp(rfc3339: values[0]) ?? Timestamp(seconds: 0),
            from: letter.from,
            to: values[1],
            subject: letter.subject,
            text: withText ? letter.text : ""
        )
    }

    private func head(of path: String) throws -> [UInt8]? {
        guard try files.statusAt(path) != nil else { return nil }
        let file = try files.openForReading(path)
        defer { files.close(file) }
        var bytes = [UInt8](repeating: 0, count: LetterReader.headerBytes + (8 << 10))
        let count = try bytes.withUnsafeMutableBytes { try files.read(file, $0, 0) }
        return Array(bytes.prefix(max(0, count)))
    }

    private func path(_ number: Int) -> String {
        let text = String(number)
        return "\(directory)/\(String(repeating: "0", count: max(0, Self.digits - text.count)))\(text)\(Self.ending)"
    }

    /// A receiver that stays on its line.
    private static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
    }
}
