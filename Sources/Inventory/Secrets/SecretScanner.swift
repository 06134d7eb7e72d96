// SPDX-License-Identifier: EUPL-1.2

package import Criteria

/// Scans the bytes of files for secrets, once, while they stream by.
///
/// One analysis owns it. A file that comes in one piece is scanned where it lies; others pass through a buffer that keeps enough of
/// what went before for a match that lies across two pieces.
package final class SecretScanner {
    /// Most hits that are listed.
    static let maximumHits = 1000
    /// Most hits of one rule in one file that are listed.
    private static let hitsPerRule = 8
    /// Files up to this size may hold secrets that only their place tells.
    private static let maximumNamedFile = 1 << 20

    /// Bytes that were looked at so far.
    package private(set) var bytesScanned: Int64 = 0
    /// A hit, and whether its file is a program or other binary file.
    package struct Recorded {
        /// What was found.
        package var hit: SecretHit
        /// Whether its file begins like a program.
        package var isBinary: Bool
    }

    private var recorded: [Recorded] = []
    private var isBinary = false
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512 << 10, alignment: 64)
    /// Bytes in the buffer; ``base`` is the offset of the first of them in the file.
    private var filled = 0
    private var base: Int64 = 0
    /// Up to where in the buffer literals were looked for.
    private var scanned = 0
    private var path = ""
    private var layer: Int?
    private var size: Int64 = 0
    private var counts: [String: Int] = [:]
    private var rule: SecretFiles.Rule?
    private var contents: [UInt8] = []

    /// Nothing scanned yet.
    package init() {}

    deinit { buffer.deallocate() }

    /// Hits in order of place, layer, path and offset.
    package var hits: [SecretHit] {
        func rank(_ hit: SecretHit) -> Int {
            switch hit.place {
            case .file: 0
            case .environment: 1
            case .label: 2
            case .history: 3
            }
        }
        let hits = recorded.map(\.hit)
        return hits.sorted {
            (rank($0), $0.layer ?? -1, $0.subject, $0.offset, $0.rule)
                < (rank($1), $1.layer ?? -1, $1.subject, $1.offset, $1.rule)
        }
    }

    /// Private keys inside programs and libraries of a layer that are taken for working secrets so far.
    func programKeys(layer: Int) -> [String] {
        recorded.filter { isProgramKey($0, layer) }.map(\.hit.subject)
    }

    /// Takes the private keys inside those programs of a layer for less than sure.
    func doubtProgramKeys(layer: Int, in paths: Set<String>) {
        for index in recorded.indices
        where isProgramKey(recorded[index], layer) && paths.contains(recorded[index].hit.subject) {
            recorded[index].hit.confidence = .medium
        }
    }

    /// What was seen in a layer so far.
    func seen(layer: Int) -> [LayerRecord.Secret] {
        recorded.filter { $0.hit.layer == layer }.map { LayerRecord.Secret(hit: $0.hit, isBinary: $0.isBinary) }
    }

    /// Takes what an earlier reading of the layer saw.
    func replay(_ secrets: [LayerRecord.Secret], bytes: Int64, layer: Int) {
        let (sum, overflow) = bytesScanned.addingReportingOverflow(bytes)
        bytesScanned = overflow ? .max : sum
        for secret in secrets {
            isBinary = secret.isBinary
            let hit = secret.hit
            add(hit.rule, .file, hit.confidence, hit.subject, layer, hit.offset, hit.excerpt)
        }
        isBinary = false
    }

    private func isProgramKey(_ found: Recorded, _ layer: Int) -> Bool {
        found.isBinary && found.hit.layer == layer && found.hit.rule == "private-key" && found.hit.confidence == .high
    }

    /// A file begins.
    package func begin(path: String, layer: Int?, size: Int64) {
        self.path = path
        self.layer = layer
        self.size = size
        filled = 0
        base = 0
        scanned = 0
        counts.removeAll(keepingCapacity: true)
        isBinary = false
        rule = size <= Int64(Self.maximumNamedFile) ? SecretFiles.rule(for: path) : nil
        contents.removeAll(keepingCapacity: true)
    }

    /// A piece of the file; pieces come in order, what is left out is zeros.
    package func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
        bytesScanned += Int64(bytes.count)
        if offset == 0 { isBinary = bytes.prefix(1024).contains(0) }
        if rule != nil, contents.count + bytes.count <= Self.maximumNamedFile { contents.append(contentsOf: bytes) }
        if filled == 0, offset == 0, Int64(bytes.count) == size {
            scan(bytes, base: 0, range: 0..<bytes.count)
            return
        }
        if offset != base + Int64(filled) {
            flush()
            base = offset
        }
        var rest = bytes
        while !rest.isEmpty {
            if filled == buffer.count { slide() }
            let count = min(rest.count, buffer.count - filled)
            buffer[filled..<filled + count].copyBytes(from: rest[..<(rest.startIndex + count)])
            filled += count
            rest = UnsafeRawBufferPointer(rebasing: rest[(rest.startIndex + count)...])
        }
    }

    /// The file is complete.
    package func end() {
        flush()
        filled = 0
        scanned = 0
        if let rule {
            for found in SecretFiles.hits(rule, contents) {
                add(found.rule, .file, found.confidence, path, layer, Int64(found.offset), found.excerpt)
            }
        }
        rule = nil
    }

    /// Scans a text of the configuration.
    func scan(text: String, place: SecretHit.Place, subject: String) {
        path = subject
        layer = nil
        isBinary = false
        counts.removeAll(keepingCapacity: true)
        let bytes = Array(text.utf8)
        bytesScanned += Int64(bytes.count)
        bytes.withUnsafeBytes { scan($0, base: 0, range: 0..<bytes.count, place: place) }
    }

    /// Adds a hit that was found by other means.
    func add(
        _ rule: String,
        _ place: SecretHit.Place,
        _ confidence: SecretHit.Confidence,
        _ subject: String,
        _ layer: Int?,
        _ offset: Int64,
        _ excerpt: String
    ) {
        let hit = SecretHit(
            rule: rule,
            place: place,
            confidence: confidence,
            subject: String(subject.prefix(512)),
            layer: layer,
            offset: offset,
            excerpt: excerpt
        )
        let found = Recorded(hit: hit, isBinary: isBinary)
        guard recorded.count >= Self.maximumHits else {
            recorded.append(found)
            return
        }
        // A sure hit is never pushed out by a thousand unsure ones that an attacker put before it.
        guard confidence == .high, let weak = recorded.lastIndex(where: { $0.hit.confidence != .high })
        else { return }
        recorded[weak] = found
    }

    // MARK: - The buffer

    /// Scans what can be decided and makes room, keeping what a later match may need.
    private func slide() {
        let limit = filled - SecretRules.lookAhead
        scan(UnsafeRawBufferPointer(rebasing: buffer[..<filled]), base: base, range: scanned..<limit)
        let keep = limit - SecretRules.lookBehind
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[keep..<filled]))
        base += Int64(keep)
        filled -= keep
        scanned = SecretRules.lookBehind
    }

    private func flush() {
        if filled > scanned {
            scan(UnsafeRawBufferPointer(rebasing: buffer[..<filled]), base: base, range: scanned..<filled)
        }
        base += Int64(filled)
        filled = 0
        scanned = 0
    }

    private func scan(
        _ bytes: UnsafeRawBufferPointer,
        base: Int64,
        range: Range<Int>,
        place: SecretHit.Place = .file
    ) {
        SecretRules.filter.forEachMatch(in: bytes, range: range) { literal, start in
            let lower = max(0, start - SecretRules.lookBehind)
            let upper = min(bytes.count, start + SecretRules.lookAhead)
            let window = SecretWindow(
                bytes: UnsafeRawBufferPointer(rebasing: bytes[lower..<upper]),
                start: start - lower
            )
            guard let match = SecretRules.table[literal].match(window) else { return }
            let count = counts[match.rule, default: 0]
            counts[match.rule] = count + 1
            guard count < Self.hitsPerRule else { return }
            add(
                match.rule,
                place,
                match.confidence,
                path,
                layer,
                base + Int64(lower + match.start),
                Self.excerpt(window.slice(match.start, match.length), shown: match.shown)
            )
        }
    }

    /// The first bytes of a secret, the rest masked.
    static func excerpt(_ bytes: ArraySlice<UInt8>, shown: Int) -> String {
        let visible = bytes.prefix(min(shown, 64)).map { $0 >= 32 && $0 < 127 ? Character(UnicodeScalar($0)) : "." }
        let hidden = max(0, bytes.count - shown)
        return String(visible) + String(repeating: "*", count: min(hidden, 12)) + (hidden > 12 ? "…" : "")
    }
}
