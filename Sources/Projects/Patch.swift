// SPDX-License-Identifier: EUPL-1.2

/// Unified diffs that `git apply` takes.
public enum Patch {
    /// A patch that creates a text file.
    public static func creation(of path: String, _ text: String) -> String {
        let lines = Self.lines(text)
        var patch = "diff --git a/\(path) b/\(path)\nnew file mode 100644\n--- /dev/null\n+++ b/\(path)\n"
        patch += "@@ -0,0 +1\(lines.count == 1 ? "" : ",\(lines.count)") @@\n"
        for line in lines { patch += "+\(line)\n" }
        return patch + (text.hasSuffix("\n") ? "" : "\\ No newline at end of file\n")
    }

    /// A patch that replaces single lines of a text file, each by one other; nil when nothing differs.
    public static func change(of path: String, from old: String, to new: String) -> String? {
        let (before, after) = (Self.lines(old), Self.lines(new))
        guard before.count == after.count, old.hasSuffix("\n") == new.hasSuffix("\n") else { return nil }
        let changed = before.indices.filter { before[$0] != after[$0] }
        guard !changed.isEmpty else { return nil }
        var patch = "diff --git a/\(path) b/\(path)\n--- a/\(path)\n+++ b/\(path)\n"
        var rest = changed[...]
        while let first = rest.first {
            // Changes whose three lines of context touch stand in one hunk.
            var last = first
            while let next = rest.first, next - last <= 6 {
                last = next
                rest = rest.dropFirst()
            }
            let range = max(0, first - 3)..<min(before.count, last + 4)
            patch += "@@ -\(range.lowerBound + 1),\(range.count) +\(range.lowerBound + 1),\(range.count) @@\n"
            for index in range {
                let ending =
                    index == before.count - 1 && !old.hasSuffix("\n") ? "\n\\ No newline at end of file\n" : "\n"
                if before[index] == after[index] {
                    patch += " \(before[index])\(ending)"
                } else {
                    patch += "-\(before[index])\(ending)+\(after[index])\(ending)"
                }
            }
        }
        return patch
    }

    private static func lines(_ text: String) -> [Substring] {
        // By byte: a line that ends in CR LF keeps its CR.
        var lines: [Substring] = []
        var start = text.utf8.startIndex
        while start < text.utf8.endIndex {
            let end = text.utf8[start...].firstIndex(of: 0x0A) ?? text.utf8.endIndex
            lines.append(Substring(text.utf8[start..<end]))
            start = end < text.utf8.endIndex ? text.utf8.index(after: end) : end
        }
        return lines
    }

    /// Whether a path can stand in a patch as it is.
    public static func isPlain(_ path: String) -> Bool {
        !path.isEmpty
            && path.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || Array("._-/+".utf8).contains(byte)
            }
    }
}
