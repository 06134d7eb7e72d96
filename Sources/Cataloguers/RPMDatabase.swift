// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Makes components of the headers in a database of rpm, whatever the format that holds them.
struct RPMDatabase {
    private static let maximumOwned = 2_000_000
    private static let maximumOwnedBytes = 128 << 20
    private static let maximumPath = 4096
    private static let maximumProblems = 20

    private var found = Catalogued()
    private var ownedBytes = 0
    private var unread = 0
    private var isOwnedFull = false

    /// Reads a database of SQLite.
    static func sqlite(_ bytes: [UInt8]) -> Catalogued {
        var database = RPMDatabase()
        do throws(SQLiteFile.Fault) {
            var file = try SQLiteFile(bytes)
            if let root = try file.root(ofTable: "Packages") {
                try file.walk(root) { row in database.add(row) }
            } else if file.usesLog {
                database.problem("it has no table of packages; what its write-ahead log holds is not read")
            } else {
                database.problem("it has no table of packages")
            }
        } catch {
            database.problem(error.reason)
        }
        return database.finished()
    }

    /// Reads a database in rpm's own format.
    static func ndb(_ bytes: [UInt8]) -> Catalogued {
        var database = RPMDatabase()
        do throws(NDBFile.Fault) {
            try NDBFile(bytes).walk { header in
                switch header {
                case .success(let blob): database.add(blob)
                case .failure(let fault): database.problem(fault.reason)
                }
            }
        } catch {
            database.problem(error.reason)
        }
        return database.finished()
    }

    private mutating func add(_ row: [SQLiteFile.Value]) {
        for case .blob(let blob) in row { return add(blob) }
        problem("a row has no header of a package")
    }

    private mutating func add(_ blob: ArraySlice<UInt8>) {
        guard let header = RPMHeader(blob) else { return problem("a package's header is damaged") }
        guard let name = header.text(.name).flatMap({ PackageText.identity($0) }) else {
            return problem("a package has no readable name")
        }
        // A key that signatures are checked with, filed as a package.
        guard name != "gpg-pubkey" else { return }
        guard let version = header.text(.version).flatMap({ PackageText.identity($0) }),
            let release = header.text(.release).flatMap({ PackageText.identity($0) }),
            !version.contains(":"), !release.contains(":")
        else { return problem("package \"\(name)\" has no readable version") }
        let epoch = header.numbers(.epoch)?.first
        if epoch == nil, header.has(.epoch) { problem("package \"\(name)\" has no readable epoch") }
        let prefix = epoch.map { "\($0):" } ?? ""

        let upstream = header.text(.sourceRPM).flatMap { PackageText.identity($0) }
        let source = upstream.flatMap { Self.source($0) }
        let index = found.components.count
        found.components.append(
            Component(
                ecosystem: "rpm",
                name: name,
                version: "\(prefix)\(version)-\(release)",
                sourceName: source?.name,
                // The file's name has no epoch; that of the package is nearly always the source's.
                sourceVersion: source.map { prefix + $0.version },
                architecture: header.text(.architecture).flatMap { PackageText.identity($0) },
                supplier: header.text(.vendor).flatMap { PackageText.prose($0) },
                licenses: header.text(.license).flatMap { PackageText.prose($0) }.map { [$0] } ?? []
            )
        )
        found.marks.append(upstream ?? "")
        own(header, name: name, component: index)
    }

    /// Name and version of a source package, split from the right: `a-b-1.0-2.src.rpm`.
    private static func source(_ file: String) -> (name: String, version: String)? {
        guard file.hasSuffix(".rpm") else { return nil }
        let stem = file.dropLast(4)
        guard let dot = stem.lastIndex(of: "."), ["src", "nosrc"].contains(stem[stem.index(after: dot)...]) else {
            return nil
        }
        let parts = stem[..<dot].split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return (parts.dropLast(2).joined(separator: "-"), parts.suffix(2).joined(separator: "-"))
    }

    private mutating func own(_ header: RPMHeader, name: String, component: Int) {
        guard !isOwnedFull, header.has(.baseNames) else { return }
        guard let names = header.texts(.baseNames), let directories = header.texts(.directoryNames),
            let indexes = header.numbers(.directoryIndexes), names.count == indexes.count
        else { return problem("package \"\(name)\": its list of files is damaged") }
        for (base, index) in zip(names, indexes) {
            // Checked before they are put together: a hostile list could repeat a directory of many megabytes.
            guard Int(index) < directories.count, directories[Int(index)].count + base.count <= Self.maximumPath else {
                return problem("package \"\(name)\": its list of files is damaged")
            }
            let path = (directories[Int(index)] + base).drop { $0 == 0x2F }
            guard !path.isEmpty else { continue }
            guard found.owned.count < Self.maximumOwned, ownedBytes + path.count <= Self.maximumOwnedBytes else {
                isOwnedFull = true
                return problem("it lists more files than are kept")
            }
            ownedBytes += path.count
            found.owned.append(Catalogued.OwnedPath(component: component, path: String(decoding: path, as: UTF8.self)))
        }
    }

    private mutating func problem(_ text: String) {
        if found.problems.count < Self.maximumProblems { found.problems.append(text) } else { unread += 1 }
    }

    private consuming func finished() -> Catalogued {
        if unread > 0 { found.problems.append("\(unread) further faults") }
        return found
    }
}
