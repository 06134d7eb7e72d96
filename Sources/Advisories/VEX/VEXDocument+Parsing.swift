// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import SBOM

extension VEXDocument {
    /// Reads a VEX document; its format is told by its content.
    ///
    /// Statements that cannot count are in ``refused`` with the reason, and the others are used.
    ///
    /// - Parameters:
    ///   - bytes: OpenVEX, CSAF 2.0 with the profile `csaf_vex`, CycloneDX with analyses, or an in-toto statement with one of them in it.
    ///   - subjects: what the document was attached to; OpenVEX statements that name no product are about these.
    /// - Throws: ``VEXReadError`` for what cannot be read as a document at all.
    ///
    /// Source: OpenVEX 0.2.0; CSAF 2.0, 4.5 (profile VEX); CycloneDX 1.4 to 1.6, `vulnerabilities`.
    public init(
        parsing bytes: [UInt8],
        subjects: [VEXProduct] = [],
        limits: VEXLimits = VEXLimits()
    ) throws(VEXReadError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(
                parsing: bytes,
                limits: JSONLimits(depth: limits.depth, bytes: limits.bytes, values: limits.values)
            )
        } catch {
            throw VEXReadError(
                format: nil,
                place: "byte \(error.offset)",
                reason: LocalizedText(
                    de: "kein lesbares JSON (\(error)); das Dokument neu vom Herausgeber holen.",
                    en: "no readable JSON (\(error)); fetch the document again from its publisher."
                )
            )
        }
        self = try Self.read(value, subjects: subjects, limits: limits)
    }

    /// The format of a document, by what only that format has.
    static func format(of value: JSONValue) -> VEXFormat? {
        if value["@context"]?.stringValue?.hasPrefix(OpenVEXReader.context) == true { return .openVEX }
        if value["bomFormat"]?.stringValue == "CycloneDX" { return .cycloneDX }
        if value["document"]?["csaf_version"] != nil { return .csaf }
        return nil
    }

    private static func read(
        _ value: JSONValue,
        subjects: [VEXProduct],
        limits: VEXLimits
    ) throws(VEXReadError) -> VEXDocument {
        var (value, subjects, path) = (value, subjects, "$")
        if value["predicateType"]?.stringValue != nil {
            subjects = Self.subjects(of: value, limits: limits) + subjects
            value = value["predicate"] ?? .null
            path = "$.predicate"
        }
        let format = format(of: value)
        do {
            let fields = try JSONFields(value, path: path)
            switch format {
            case .openVEX: return try OpenVEXReader(limits: limits, subjects: subjects).document(fields)
            case .csaf: return try CSAFReader(limits: limits).document(fields)
            case .cycloneDX: return try CycloneDXVEXReader(limits: limits).document(fields)
            case nil: break
            }
        } catch let error as VEXReadError {
            throw error
        } catch let error as JSONShapeError {
            throw VEXReadError(format: format, place: error.path, reason: error.vexReason)
        } catch {
            let text = "\(error)"
            throw VEXReadError(format: format, place: path, reason: LocalizedText(de: text, en: text))
        }
        throw VEXReadError(
            format: nil,
            place: path,
            reason: LocalizedText(
                de:
                    "weder OpenVEX (\"@context\") noch CSAF (\"document\".\"csaf_version\") noch CycloneDX (\"bomFormat\"); "
                    + "ein Dokument in einem dieser Formate angeben.",
                en:
                    "neither OpenVEX (\"@context\") nor CSAF (\"document\".\"csaf_version\") nor CycloneDX (\"bomFormat\"); "
                    + "give a document in one of these formats."
            )
        )
    }

    /// The subjects of an in-toto statement, by their digests.
    private static func subjects(of statement: JSONValue, limits: VEXLimits) -> [VEXProduct] {
        (statement["subject"]?.arrayValue ?? []).prefix(1000).compactMap { subject in
            let digests = (subject["digest"]?.objectValue ?? [:]).compactMap { algorithm, value in
                value.stringValue.flatMap { VEXDigest.text(algorithm: algorithm, value: $0) }
            }
            return digests.isEmpty ? nil : VEXProduct(VEXComponent(digests: digests.sorted()))
        }
    }
}
