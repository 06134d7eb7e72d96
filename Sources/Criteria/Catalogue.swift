// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// A versioned set of criteria with their parameters and texts.
///
/// Criteria are data: which of them exist, from which level and stage on they count, what they are compared with and every sentence that
/// people read stand in the YAML file. Only the checks are code.
public struct Catalogue: Sendable, Hashable {
    /// Version, such as `2026.1`.
    public let version: String
    /// What the catalogue is, for people.
    public let title: LocalizedText
    /// What every badge and page says about it: a proposal, computed automatically.
    public let notice: LocalizedText
    /// All criteria, in the order of the file.
    public let criteria: [Criterion]
    /// Texts of cases that any check can meet.
    public let common: [String: CaseText]

    /// The criterion with this id; nil when the catalogue has none.
    public func criterion(_ id: String) -> Criterion? { criteria.first { $0.id == id } }

    /// The catalogue of this version of Kontor.
    ///
    /// Read once per process.
    ///
    /// - Throws: ``CatalogueError`` when the embedded file is broken, which the tests rule out.
    public static func embedded() throws(CatalogueError) -> Catalogue { try embeddedResult.get() }

    /// Bytes of the embedded catalogue, YAML.
    public static var embeddedYAML: [UInt8] { PackageResources.images_2026_1_yaml }

    /// JSON Schema (2020-12) of a verdict.
    public static var verdictSchema: [UInt8] { PackageResources.verdict_schema_json }

    private static let embeddedResult: Result<Catalogue, CatalogueError> = {
        do throws(CatalogueError) {
            return .success(try Catalogue(yaml: embeddedYAML, file: "images-2026.1.yaml"))
        } catch {
            return .failure(error)
        }
    }()
}

/// Why a catalogue cannot be used.
public struct CatalogueError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Name of the file.
    public let file: String
    /// Line, counted from 1; nil when it concerns the file as a whole.
    public let line: Int?
    /// Id of the criterion; nil outside of one.
    public let criterion: String?
    /// What is wrong.
    public let problem: String
    /// What to do.
    public let remedy: String

    /// What, where and what next, in one sentence.
    public var description: String {
        let place = line.map { ", line \($0)" } ?? ""
        let subject = criterion.map { " (\($0))" } ?? ""
        return "catalogue \(file)\(place)\(subject): \(problem); \(remedy)"
    }
}
