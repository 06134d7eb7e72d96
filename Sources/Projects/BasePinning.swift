// SPDX-License-Identifier: EUPL-1.2

public import ProjectCriteria

/// Base images of Containerfiles, named by tag only, given the digest that the tag stands for.
public struct BasePinning: Sendable, Hashable {
    /// A file and the references in it that have no digest.
    public struct File: Sendable, Hashable {
        /// Path from the root.
        public var path: String
        /// Its text.
        public var text: String
        /// References of `FROM` lines without a digest and without a variable.
        public var references: [String]
    }

    /// Files with something to pin.
    public let files: [File]

    /// Finds the references.
    public init(_ evidence: ProjectEvidence) {
        files = evidence.documents.keys.sorted().compactMap { path in
            guard ProjectDocuments.isContainerFile(path), Patch.isPlain(path), let text = evidence.documents[path]
            else {
                return nil
            }
            let outside = Set(ProjectDocuments.bases(of: text))
            let found = Self.lines(text).compactMap { Self.reference(in: $0) }.filter { reference in
                outside.contains(String(reference)) && !reference.contains("@") && !reference.contains("$")
            }
            guard !found.isEmpty else { return nil }
            return File(path: path, text: text, references: Array(Set(found.map(String.init))).sorted())
        }
    }

    /// The text of a file with digests put behind the references that have been resolved.
    public static func pinned(_ file: File, digests: [String: String]) -> String {
        lines(file.text).map { line in
            guard let reference = reference(in: line), let digest = digests[String(reference)] else {
                return String(line)
            }
            return line[..<reference.startIndex] + reference + "@" + digest + line[reference.endIndex...]
        }
        .joined(separator: "\n")
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// What a `FROM` line names.
    private static func reference(in line: Substring) -> Substring? {
        let words = line.split { $0 == " " || $0 == "\t" }
        guard words.first?.uppercased() == "FROM" else { return nil }
        return words.dropFirst().first { !$0.hasPrefix("--") }
    }
}
