// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import TestKit

/// A database that rpm itself has written, with packages that rpmbuild has built.
final class RPMFixture: Sendable {
    private let directory: TemporaryDirectory
    /// The root of a tree with the database in `var/lib/rpm` and nothing else.
    let root: String

    private var databaseDirectory: String { root + "/var/lib/rpm" }

    /// Builds and installs a package with two special subpackages and some that are there for their number.
    init(further: Int = 0) async throws {
        directory = try TemporaryDirectory()
        root = directory.path + "/root"
        try FileManager.default.createDirectory(atPath: root + "/var/lib/rpm", withIntermediateDirectories: true)
        try directory.write(Array(Self.specification(further: further).utf8), to: "tiny.spec")
        let top = directory.path + "/top"
        try await tool("rpmbuild").check(
            [
                "-bb", "--define", "_topdir \(top)", "--define", "_tmppath \(directory.path)", "--define",
                "debug_package %{nil}", "--dbpath", databaseDirectory, "tiny.spec",
            ],
            directory: directory.path
        )
        var packages: [String] = []
        for folder in try FileManager.default.contentsOfDirectory(atPath: top + "/RPMS") {
            packages += try FileManager.default.contentsOfDirectory(atPath: "\(top)/RPMS/\(folder)")
                .map { "\(top)/RPMS/\(folder)/\($0)" }
        }
        try await rpm(["--initdb"])
        try await rpm(["-i", "--nodeps", "--justdb", "--noscripts", "--ignorearch", "--ignoreos"] + packages.sorted())
    }

    /// The database file.
    var bytes: [UInt8] { get throws { Array(try Data(contentsOf: URL(fileURLWithPath: databaseFile))) } }

    private var databaseFile: String { databaseDirectory + "/rpmdb.sqlite" }

    /// Runs rpm on the database.
    @discardableResult
    func rpm(_ arguments: [String]) async throws -> String {
        try await tool("rpm").check(["--dbpath", databaseDirectory] + arguments)
    }

    /// The same packages in a database of SQLite's smallest pages, without rpm's own indexes.
    func compact() async throws -> [UInt8] {
        let file = directory.path + "/compact.sqlite"
        let script = """
            PRAGMA page_size=512;
            CREATE TABLE Packages(hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);
            ATTACH '\(databaseFile)' AS rpm;
            INSERT INTO main.Packages SELECT * FROM rpm.Packages;
            """
        try await tool("sqlite3").check([file], input: Array(script.utf8))
        return Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    }

    /// The same packages in rpm's other format, which Debian's rpm does not write.
    func ndb() async throws -> [UInt8] {
        let rows = try await tool("sqlite3").check([databaseFile, "SELECT hnum, hex(blob) FROM Packages ORDER BY hnum"])
        var slots: [UInt8] = []
        var blobs: [UInt8] = []
        for row in rows.split(separator: "\n") {
            let fields = row.split(separator: "|")
            guard fields.count == 2, let package = UInt32(fields[0]) else { continue }
            let digits = Array(fields[1])
            let blob = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                UInt8(String(digits[$0...($0 + 1)]), radix: 16)
            }
            let start = UInt32((4096 + blobs.count) / 16)
            blobs += Array("BlbS".utf8) + Self.little(package, 1, UInt32(blob.count)) + blob
            blobs += Array(repeating: 0, count: (16 - (blob.count + 12) % 16) % 16)
            blobs += Self.little(0) + Self.little(UInt32(blob.count)) + Array("BlbE".utf8)
            slots += Array("Slot".utf8) + Self.little(package, start, UInt32((4096 + blobs.count) / 16) - start)
        }
        var head = Array("RpmP".utf8) + Self.little(0, 1, 1, 100, 0, 0, 0) + slots
        while head.count < 4096 { head += Array("Slot".utf8) + Self.little(0, 0, 0) }
        return head + blobs
    }

    private static func little(_ numbers: UInt32...) -> [UInt8] {
        numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    }

    private static func specification(further: Int) -> String {
        var text = """
            Name: tiny-tool
            Epoch: 2
            Version: 1.0~rc1
            Release: 3.module_el9.2.0+1+abc
            Summary: A tool
            License: MIT and (GPLv2+ or BSD)
            Vendor: Example
            ModularityLabel: tiny:1:2:3
            %description
            Text.
            %package -n tiny-libs
            Summary: Libraries
            BuildArch: noarch
            Epoch: 0
            %description -n tiny-libs
            Text.
            %package -n gpg-pubkey
            Summary: A key
            BuildArch: noarch
            %description -n gpg-pubkey
            Text.
            %install
            mkdir -p %{buildroot}/usr/bin %{buildroot}/opt/t
            echo 1 > %{buildroot}/usr/bin/tiny
            echo 2 > %{buildroot}/opt/t/a
            echo 3 > '%{buildroot}/opt/t/with blank'
            %files
            /usr/bin/tiny
            %files -n tiny-libs
            %dir /opt/t
            /opt/t/*
            %files -n gpg-pubkey

            """
        for number in 0..<further {
            text += """
                %package p\(number)
                Summary: Number \(number)
                BuildArch: noarch
                License: \(String(repeating: "MIT and ", count: number))MIT
                %description p\(number)
                \(String(repeating: "Words of a description.\n", count: number * 9 % 700))
                %files p\(number)

                """
        }
        return text
    }
}
