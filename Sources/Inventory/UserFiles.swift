// SPDX-License-Identifier: EUPL-1.2

import Criteria

/// Reads `/etc/passwd` and `/etc/group`.
enum UserFiles {
    /// Most lines that are read.
    private static let lines = 10_000

    /// Lines of `/etc/passwd` and the numbers of those that are not of its form.
    static func users(_ bytes: [UInt8]) -> (entries: [UserEntry], broken: [Int]) {
        read(bytes, fields: 7) { field in
            guard let userID = UInt32(field[2]), let groupID = UInt32(field[3]) else { return nil }
            return UserEntry(name: field[0], userID: userID, groupID: groupID, home: field[5], shell: field[6])
        }
    }

    /// Lines of `/etc/group` and the numbers of those that are not of its form.
    static func groups(_ bytes: [UInt8]) -> (entries: [GroupEntry], broken: [Int]) {
        read(bytes, fields: 4) { field in
            UInt32(field[2]).map { GroupEntry(name: field[0], groupID: $0) }
        }
    }

    private static func read<Entry>(
        _ bytes: [UInt8],
        fields: Int,
        _ make: ([String]) -> Entry?
    ) -> (entries: [Entry], broken: [Int]) {
        var entries: [Entry] = []
        var broken: [Int] = []
        let lines = bytes.split(separator: 10, maxSplits: Self.lines, omittingEmptySubsequences: false)
        for (index, line) in lines.prefix(Self.lines).enumerated() where !line.isEmpty {
            let parts = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                .map { String(decoding: $0.prefix(4096), as: UTF8.self) }
            if parts.count == fields, !parts[0].isEmpty, let entry = make(parts) {
                entries.append(entry)
            } else if line.first != UInt8(ascii: "#"), line.first != UInt8(ascii: "+") {
                broken.append(index + 1)
            }
        }
        return (entries, broken)
    }
}
