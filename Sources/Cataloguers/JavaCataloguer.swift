// SPDX-License-Identifier: EUPL-1.2

import Archives
import SBOM

/// Java archives, nested ones too: every `pom.properties` inside, else the manifest, else the file's name.
///
/// Source: the JAR File Specification; Apache Maven Archiver, "pom.properties".
public enum JavaCataloguer: Cataloguer {
    /// Its name, in problems and in the keys of caches.
    public static let name = "java"
    /// Counts up with every change of what it finds.
    public static let version = 4

    /// Bytes of an archive that is held to be read; its directory stands at its end.
    static let archiveBytes = 256 << 20
    /// Archives inside archives.
    static let depth = 6
    /// Bytes that all members that are read may have together, nested archives included.
    static let totalBytes: Int64 = 768 << 20
    /// Components of one file.
    static let components = 20_000

    /// Who reads this file; nil when it is of no interest.
    public static func scanner(for file: CandidateFile) -> (any FileScanner)? {
        guard isArchive(file.name) else { return nil }
        let path = file.path
        return WholeFileScanner(file, limit: archiveBytes) { bytes in
            var reading = JavaArchiveReading()
            reading.read(bytes, path: path, depth: 0)
            return reading.found
        }
    }

    /// True for the endings under which class files are shipped.
    static func isArchive(_ name: some StringProtocol) -> Bool {
        guard let ending = name.suffix(5).split(separator: ".", omittingEmptySubsequences: false).last,
            ending.count < name.suffix(5).count
        else { return false }
        return endings.contains(ending.lowercased())
    }

    private static let endings: Set<String> = [
        "jar", "war", "ear", "par", "sar", "nar", "jpi", "hpi", "lpkg", "kar", "rar",
    ]
}

/// One archive and what lies in it.
private struct JavaArchiveReading {
    var found = Catalogued()
    private var left = JavaCataloguer.totalBytes
    private var named: Set<[String]> = []
    private var isCut = false

    mutating func read(_ bytes: [UInt8], path: String, depth: Int) {
        // A launch script may stand before the archive; anything else that is no zip has only the name in common.
        guard bytes.starts(with: [0x50, 0x4B]) || bytes.starts(with: [0x23, 0x21]) else {
            if path.hasSuffix(".jar") { problem("\(path.suffix(200)): it is no zip archive") }
            return
        }
        var poms: [JavaProperties] = []
        var manifest: JavaProperties?
        var nested: [(name: String, bytes: [UInt8])] = []
        do {
            var limits = ZipReader.Limits()
            (limits.entries, limits.totalBytes) = (500_000, max(0, left))
            limits.entryBytes = Int(min(Int64(JavaCataloguer.archiveBytes), max(0, left)))
            let zip = try ZipReader(.memory(bytes), size: Int64(bytes.count), limits: limits)
            try zip.forEachFile(where: Self.isWanted) { name, content in
                left -= Int64(content.count)
                if JavaCataloguer.isArchive(name) {
                    nested.append((name, Array(content)))
                } else if name == "META-INF/MANIFEST.MF" {
                    manifest = JavaProperties(manifest: content.prefix(1 << 20))
                } else {
                    poms.append(JavaProperties(properties: content.prefix(64 << 10)))
                }
            }
        } catch {
            problem("\(path.suffix(200)): \(error)")
        }
        add(poms, manifest, path: path)
        for archive in nested {
            let inner = "\(path)!/\(archive.name)"
            guard depth < JavaCataloguer.depth else {
                problem("\(inner.suffix(200)): archives lie deeper than \(JavaCataloguer.depth) levels")
                continue
            }
            read(archive.bytes, path: inner, depth: depth + 1)
        }
    }

    private static func isWanted(_ name: String) -> Bool {
        if name.hasPrefix("META-INF/") {
            return name == "META-INF/MANIFEST.MF"
                || (name.hasPrefix("META-INF/maven/") && name.hasSuffix("/pom.properties"))
                || JavaCataloguer.isArchive(name)
        }
        return JavaCataloguer.isArchive(name)
    }

    private mutating func add(_ poms: [JavaProperties], _ manifest: JavaProperties?, path: String) {
        let file = FileIdentity(path)
        var isMainFound = false
        for pom in poms {
            guard let group = pom["groupId"], let artifact = pom["artifactId"], let version = pom["version"] else {
                problem("\(path.suffix(200)): a pom.properties lacks groupId, artifactId or version")
                continue
            }
            // A shaded archive has the properties of all that was put into it, and perhaps none of its own. Distributions rename files:
            // jetty9-util.jar is jetty-util.
            let isAlone = poms.count == 1 && version == (file.version ?? manifest?["Implementation-Version"])
            if artifact == file.name || isAlone { isMainFound = true }
            append(group, artifact, version, path, confidence: 1)
        }
        guard !isMainFound else { return }
        let bundle = manifest?["Bundle-SymbolicName"].map { String($0.prefix { $0 != ";" }) }
        var version =
            manifest?["Implementation-Version"] ?? file.version ?? manifest?["Bundle-Version"]
            ?? manifest?["Specification-Version"]
        // Released without setting it in the manifest: the file has the name that it was published under.
        if let text = file.version, version == text + "-SNAPSHOT" { version = text }
        // Without a manifest it is a bundle of files; with one and no version its own is not known, and that is said.
        guard version != nil || manifest != nil else { return }
        let group =
            manifest?["Implementation-Vendor-Id"].flatMap(Self.group)
            ?? bundle.flatMap { Self.group(of: $0, file.name) }
        append(group, file.name, version ?? "", path, confidence: group == nil ? 0.5 : 0.8)
    }

    /// A vendor that is written as a group: `org.apache.tomcat`, not a sentence.
    private static func group(_ text: String) -> String? {
        let isGroup =
            text.utf8.contains(0x2E)
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || [0x2E, 0x2D, 0x5F].contains($0)
            }
        return isGroup && text.utf8.count <= 200 ? text : nil
    }

    /// The group in `org.eclipse.jetty.http`, where the last part is the artifact or its end; else the whole name is one.
    private static func group(of bundle: String, _ artifact: String) -> String? {
        guard let dot = bundle.lastIndex(of: "."), artifact.hasSuffix(bundle[bundle.index(after: dot)...]) else {
            return group(bundle)
        }
        return group(String(bundle[..<dot]))
    }

    /// Notes a problem; a million of them say no more than the first hundred.
    private mutating func problem(_ text: String) {
        if found.problems.count < 100 { found.problems.append(text) }
    }

    private mutating func append(
        _ group: String?,
        _ artifact: String,
        _ version: String,
        _ path: String,
        confidence: Double
    ) {
        let texts = [group ?? artifact, artifact] + (version.isEmpty ? [] : [version])
        guard
            texts.allSatisfy({ text in
                !text.isEmpty && text.utf8.count <= 256 && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
                    && !text.contains("${")
            })
        else {
            problem("\(path.suffix(200)): a name or version that cannot be one")
            return
        }
        guard named.insert([path] + texts).inserted else { return }
        guard found.components.count < JavaCataloguer.components else {
            if found.components.count == JavaCataloguer.components, !isCut {
                problem("more than \(JavaCataloguer.components) packages; the rest is not listed")
                isCut = true
            }
            return
        }
        let component = Component(
            ecosystem: "maven",
            name: artifact,
            version: version,
            // Without a group the artifact stands for it, as in syft.
            purl: PackageURL(
                type: "maven",
                namespace: group ?? artifact,
                name: artifact,
                version: version.isEmpty ? nil : version
            ),
            paths: [path],
            confidence: confidence
        )
        found.components.append(component)
    }

    /// `guava-31.1-jre.jar` → `guava`, `31.1-jre`.
    private struct FileIdentity {
        let name: String
        let version: String?

        init(_ path: String) {
            let last = path.split(separator: "/").last.map { String($0) } ?? path
            let stem = last[..<(last.lastIndex(of: ".") ?? last.endIndex)]
            var dash: Substring.Index?
            for index in stem.indices where stem[index] == "-" {
                let next = stem.index(after: index)
                if next < stem.endIndex, stem[next].isASCII, stem[next].isNumber {
                    dash = index
                    break
                }
            }
            name = String(dash.map { stem[..<$0] } ?? stem)
            version = dash.map { String(stem[stem.index(after: $0)...]) }
        }
    }
}

/// `key=value` lines of a properties file, or `Key: value` lines of a manifest's main section.
private struct JavaProperties {
    private var values: [String: String] = [:]

    subscript(_ key: String) -> String? { values[key.lowercased()] }

    init(properties bytes: Slice<UnsafeRawBufferPointer>) {
        for line in bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }).prefix(1000) {
            let text = Self.trimmed(line)
            guard text.first != UInt8(ascii: "#"), let end = text.firstIndex(where: { $0 == 0x3D || $0 == 0x3A }) else {
                continue
            }
            insert(text[..<end], text[text.index(after: end)...])
        }
    }

    init(manifest bytes: Slice<UnsafeRawBufferPointer>) {
        var current: [UInt8] = []
        func take(_ properties: inout JavaProperties) {
            if let end = current.firstIndex(of: 0x3A) {
                let (key, value) = (current[..<end], current[(end + 1)...])
                properties.insert(key, value)
            }
            current = []
        }
        for raw in bytes.split(separator: 10, omittingEmptySubsequences: false).prefix(100_000) {
            let line = raw.last == 13 ? raw.dropLast() : raw
            // The main section ends at the first empty line.
            if line.isEmpty { break }
            if line.first == 0x20 {
                if current.count < 64 << 10 { current += line.dropFirst() }
            } else {
                take(&self)
                current = Array(line.prefix(64 << 10))
            }
        }
        take(&self)
    }

    private mutating func insert(
        _ key: some BidirectionalCollection<UInt8>,
        _ value: some BidirectionalCollection<UInt8>
    ) {
        guard values.count < 1000 else { return }
        let text = String(decoding: Self.trimmed(value), as: UTF8.self)
        if !text.isEmpty { values[String(decoding: Self.trimmed(key), as: UTF8.self).lowercased()] = text }
    }

    private static func trimmed<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> Bytes.SubSequence {
        var rest = bytes[...]
        while let first = rest.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 || last == 13 { rest = rest.dropLast() }
        return rest
    }
}
