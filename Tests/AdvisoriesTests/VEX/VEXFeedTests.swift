// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
import SBOM
import TestKit
import Testing
import Time

@Suite("VEX: real documents")
struct VEXFeedTests {
    private struct Pair: Hashable {
        let purl: PackageURL
        let vulnerability: String
    }

    @Test("every OpenVEX document of the feed is read, and exactly what it states changes")
    func openVEX() async throws {
        guard let files = try await Feeds.openVEX() else { return }
        #expect(files.count == 107)
        var documents: [VEXDocument] = []
        for (name, bytes) in files {
            let document = try VEXDocument(parsing: bytes)
            #expect(document.refusedCount == 0, "\(name): \(document.refused.first?.reason.en ?? "")")
            documents.append(document)
        }
        let statements = documents.reduce(0) { $0 + $1.statements.count }
        #expect(statements == 6705)
        let index = VEXIndex(documents)
        #expect(index.count == statements)

        // What is stated about a component in whatever image, by hand.
        var stated: [Pair: Set<VEXStatus>] = [:]
        for statement in documents.flatMap(\.statements) {
            for product in statement.products where product.subcomponents.isEmpty {
                guard let purl = product.identity.purl else { continue }
                stated[Pair(purl: purl, vulnerability: statement.vulnerability.name), default: []]
                    .insert(statement.status)
            }
        }
        #expect(stated.count > 4000)
        var neighbours = 0
        for (pair, statuses) in stated {
            let subject = pair.purl
            let status = status(index, subject, pair.vulnerability)
            // A statement that names no version may speak of the same package as one that does.
            let general = Pair(purl: PackageURL(name: subject, version: nil), vulnerability: pair.vulnerability)
            #expect(status.map { statuses.union(stated[general] ?? []).contains($0) } == true, "\(subject)")

            #expect(self.status(index, PackageURL(name: subject, suffix: "-kontor"), pair.vulnerability) == nil)
            #expect(self.status(index, subject, pair.vulnerability + "0") == nil)
            guard subject.version != nil else { continue }
            let other = PackageURL(name: subject, version: "0~kontor")
            // Nothing changes for another version, unless the feed speaks of all versions, too.
            #expect(
                (self.status(index, other, pair.vulnerability) != nil) == speaksOfAll(stated, other, pair.vulnerability)
            )
            neighbours += 1
        }
        print(
            "OpenVEX: \(files.count) documents, \(statements) statements, \(stated.count) pairs, \(neighbours) other versions"
        )
    }

    private func status(_ index: VEXIndex, _ component: PackageURL, _ vulnerability: String) -> VEXStatus? {
        index.match(vulnerability: vulnerability, component: component, in: VEXSubject(), at: VEXExamples.now)?.status
    }

    /// Whether something is stated about the package whatever its version, with no more qualifiers than it has.
    private func speaksOfAll(_ stated: [Pair: Set<VEXStatus>], _ purl: PackageURL, _ vulnerability: String) -> Bool {
        let candidates = [purl.withoutQualifiers, purl].map { PackageURL(name: $0, version: nil) }
        return candidates.contains { stated[Pair(purl: $0, vulnerability: vulnerability)] != nil }
    }

    @Test("what is said of a part of an image changes nothing outside of that image")
    func parts() async throws {
        guard let files = try await Feeds.openVEX() else { return }
        var checked = 0
        for (_, bytes) in files {
            let document = try VEXDocument(parsing: bytes)
            // Only what is said of parts, so that statements about components in general do not hide the difference.
            var narrowed = document
            for index in narrowed.statements.indices {
                narrowed.statements[index].products.removeAll { $0.subcomponents.isEmpty }
            }
            let index = VEXIndex([narrowed])
            for statement in narrowed.statements.prefix(20) {
                for product in statement.products {
                    guard let image = product.identity.purl, let part = product.subcomponents.first?.purl else {
                        continue
                    }
                    let name = statement.vulnerability.name
                    let inside = VEXSubject(purls: [image])
                    let outside = VEXSubject(purls: [PackageURL(name: image, suffix: "-kontor")])
                    let match = { (component: PackageURL, subject: VEXSubject) in
                        index.match(vulnerability: name, component: component, in: subject, at: VEXExamples.now)
                    }
                    #expect(match(part, inside) != nil)
                    #expect(match(part, outside) == nil)
                    #expect(match(PackageURL(name: part, suffix: "-kontor"), inside) == nil)
                    checked += 1
                }
            }
        }
        #expect(checked > 2000)
    }

    @Test("what is written of real statements is read back equal, in every format")
    func written() async throws {
        guard let files = try await Feeds.openVEX() else { return }
        for (number, file) in files.enumerated() where number % 12 == 0 {
            // One statement per vulnerability: CSAF does not say two things of one product.
            var seen: Set<String> = []
            let statements = try VEXDocument(parsing: file.bytes).statements
                .filter { seen.insert($0.vulnerability.name).inserted }
            let publication = try VEXExamples.publication(statements)
            for format in VEXFormat.allCases {
                let bytes =
                    switch format {
                    case .openVEX: try OpenVEX.document(publication).bytes()
                    case .csaf: try CSAFVEX.document(publication).bytes()
                    case .cycloneDX: try CycloneDXVEX.document(publication).bytes()
                    }
                let document = try VEXDocument(parsing: bytes)
                #expect(document.refused.isEmpty && document.format == format)
                #expect(comparable(document.statements, format) == comparable(statements, format), "\(file.name)")
            }
        }
    }

    /// Without what a format has no place for: the feed's identifiers are no IRIs, and CSAF has no time for what is not "not affected".
    private func comparable(_ statements: [VEXStatement], _ format: VEXFormat) -> Set<VEXStatement> {
        Set(
            statements.map {
                var statement = $0
                statement.id = nil
                if format == .csaf, statement.status != .notAffected { statement.timestamp = nil }
                return statement
            }
        )
    }

    @Test("CISA's VEX documents name no purl, and say so; its advisories are another profile")
    func csaf() async throws {
        guard let files = try await Feeds.csaf() else { return }
        var read = 0
        for (name, bytes) in files {
            do {
                let document = try VEXDocument(parsing: bytes)
                read += 1
                #expect(document.statements.isEmpty)
                #expect(document.refused.contains { $0.reason.en.contains("neither a purl") }, "\(name)")
            } catch {
                #expect(error.place == "$.document.category", "\(name): \(error)")
            }
        }
        #expect(read == 4)
        #expect(files.count == 154)
    }
}

extension PackageURL {
    /// The same purl with another version.
    fileprivate init(name purl: PackageURL, version: String?) {
        self.init(purl, name: purl.name, version: version)
    }

    /// The purl of another package.
    fileprivate init(name purl: PackageURL, suffix: String) {
        self.init(purl, name: purl.name + suffix, version: purl.version)
    }

    private init(_ purl: PackageURL, name: String, version: String?) {
        let changed = PackageURL(
            type: purl.type,
            namespace: purl.namespace,
            name: name,
            version: version,
            qualifiers: purl.qualifiers,
            subpath: purl.subpath
        )
        self = changed ?? purl
    }
}
