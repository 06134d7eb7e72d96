// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import SBOM
internal import Time

/// What the readers of the three formats share: bounds, and what was read and refused so far.
struct VEXReading {
    let format: VEXFormat
    let limits: VEXLimits
    private(set) var statements: [VEXStatement] = []
    private(set) var refused: [VEXRefusal] = []
    private(set) var refusedCount = 0
    private var products = 0

    init(_ format: VEXFormat, limits: VEXLimits) {
        self.format = format
        self.limits = limits
    }

    /// Keeps a statement, or the reason for which it does not count.
    mutating func add(_ statement: VEXStatement, at place: String) throws(VEXReadError) {
        if statement.products.isEmpty {
            return refuse(
                place,
                LocalizedText(
                    de: "Die Aussage nennt kein Produkt; mindestens ein Produkt mit purl oder Digest ist nötig.",
                    en: "The statement names no product; at least one product with a purl or a digest is needed."
                )
            )
        }
        if let reason = VEXGround.refusal(of: statement) { return refuse(place, reason) }
        // What an index makes of it: every part of a product, under each of its names, for each name of the vulnerability.
        let entries = statement.products.reduce(0) {
            $0 + (1 + $1.subcomponents.count) * max(1, $1.identity.digests.count)
        }
        try count(products: entries * statement.vulnerability.aliases.count, at: place)
        guard statements.count < limits.statements else {
            throw tooMany("statements", de: "Aussagen", limit: limits.statements, at: place)
        }
        statements.append(statement)
    }

    mutating func refuse(_ place: String, _ reason: LocalizedText) {
        refusedCount += 1
        if refused.count < limits.refusals { refused.append(VEXRefusal(place: place, reason: reason)) }
    }

    /// Refuses a part whose shape is wrong.
    mutating func refuse(_ error: JSONShapeError) { refuse(error.path, error.vexReason) }

    /// Counts references to products, so that a short document cannot blow up into a long list.
    mutating func count(products number: Int, at place: String) throws(VEXReadError) {
        products += number
        guard products <= limits.products else {
            throw tooMany("references to products", de: "Verweise auf Produkte", limit: limits.products, at: place)
        }
    }

    private func tooMany(_ en: String, de: String, limit: Int, at place: String) -> VEXReadError {
        VEXReadError(
            format: format,
            place: place,
            reason: LocalizedText(
                de: "mehr als \(limit) \(de); das Dokument muss geteilt werden.",
                en: "more than \(limit) \(en); the document has to be split."
            )
        )
    }

    // MARK: - Texts

    /// A name; a text of its own is never cut, since a cut name is another name.
    func name(_ text: String, at path: String) throws(JSONShapeError) -> String {
        guard !text.isEmpty, text.utf8.count <= limits.nameBytes, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            throw JSONShapeError(
                path: path,
                expected: "1 to \(limits.nameBytes) bytes without control characters",
                found: text.isEmpty ? "an empty text" : "\(text.utf8.count) bytes"
            )
        }
        return text
    }

    /// Names of a vulnerability that are read at most.
    static let maximumNames = 1000

    func names(_ texts: [String], at path: String) throws(JSONShapeError) -> [String] {
        guard texts.count <= Self.maximumNames else {
            throw JSONShapeError(path: path, expected: "at most \(Self.maximumNames) names", found: "\(texts.count)")
        }
        var result: [String] = []
        for (index, text) in texts.enumerated() { result.append(try name(text, at: "\(path)[\(index)]")) }
        return result
    }

    /// A text for people: without zero bytes, cut where it is too long, nil where nothing is left.
    func text(_ fields: JSONFields, _ key: String) throws(JSONShapeError) -> String? {
        try fields.optionalString(key).flatMap { text($0) }
    }

    func text(_ text: String) -> String? {
        var text = text
        if text.utf8.contains(0) { text = String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\0" })) }
        if text.utf8.count > limits.textBytes {
            text = text.excerpt(limits.textBytes)
            // Code points are up to four bytes long.
            if text.utf8.count > limits.textBytes { text = text.excerpt(limits.textBytes / 4) }
            text += "…"
        }
        return text.unicodeScalars.allSatisfy(\.properties.isWhitespace) ? nil : text
    }

    func purl(_ text: String, at path: String) throws(JSONShapeError) -> PackageURL {
        do throws(PackageURLError) { return try PackageURL(parsing: text) } catch {
            throw JSONShapeError(path: path, expected: "a package URL", found: error.description)
        }
    }
}

extension JSONShapeError {
    /// What is wrong, in both languages; kinds of values and words of a specification stay as they are.
    var vexReason: LocalizedText {
        LocalizedText(
            de: "Erwartet: \(expected). Gefunden: \(found). Der Herausgeber muss es berichtigen.",
            en: "Expected: \(expected). Found: \(found). Its publisher has to correct it."
        )
    }
}
