// SPDX-License-Identifier: EUPL-1.2

public import Criteria
public import SBOM

/// A versioned set of criteria for source projects.
///
/// Which criteria there are, from which level on they count, what they are compared with and every sentence that people read is data. What
/// a check can come to is the same under every catalogue, so these texts stand once, in `checks.yaml`.
public struct ProjectCatalogue: Sendable, Hashable {
    /// A badge: some criteria with a level of their own.
    public struct Badge: Sendable, Hashable {
        /// Id, such as `SECURITY`.
        public let id: String
        /// The area that it belongs to.
        public let area: Area
        /// Name for people.
        public let title: LocalizedText
    }

    /// Name, as `--catalogue` takes it: `opencode`.
    public let name: String
    /// What the catalogue is, for people.
    public let title: LocalizedText
    /// What every verdict says about it.
    public let notice: LocalizedText
    /// Its badges.
    public let badges: [Badge]
    /// Badges that must reach a level for the project to reach it.
    public let decisive: [String]
    /// Badges that must reach bronze for the project to have a level at all.
    public let atLeastBronze: [String]
    /// All criteria, in the order of the file.
    public let criteria: [ProjectCriterion]
    /// Texts of what each check can come to.
    let texts: [String: [String: ProjectCaseText]]

    /// Names of the catalogues of this version of Kontor; the first is the usual one.
    public static let names = ["projects-2026.1", "opencode"]

    /// The catalogue with a name; nil when there is none.
    ///
    /// - Throws: ``ProjectCatalogueError`` when the embedded file is broken, which the tests rule out.
    public static func embedded(_ name: String) throws(ProjectCatalogueError) -> ProjectCatalogue? {
        switch name {
        case "projects-2026.1": try kontor.get()
        case "opencode": try openCode.get()
        default: nil
        }
    }

    /// The criterion with this id; nil when the catalogue has none.
    public func criterion(_ id: String) -> ProjectCriterion? { criteria.first { $0.id == id } }

    private static let kontor = load(PackageResources.projects_2026_1_yaml, "projects-2026.1.yaml")
    private static let openCode = load(PackageResources.opencode_yaml, "opencode.yaml")

    private static func load(_ yaml: [UInt8], _ file: String) -> Result<ProjectCatalogue, ProjectCatalogueError> {
        do throws(ProjectCatalogueError) {
            return .success(try ProjectCatalogue(yaml: yaml, file: file))
        } catch {
            return .failure(error)
        }
    }
}

/// One rule of a catalogue for source projects.
public struct ProjectCriterion: Sendable, Hashable {
    /// What must be looked at to decide it.
    public enum Source: String, Sendable, Hashable, CaseIterable {
        case files, history, forge, advisories, releases, register, people
    }

    /// Id, such as `SRC-SEC-01`; never reused.
    public let id: String
    /// Id of its badge.
    public let badge: String
    /// The area of the badge.
    public let area: Area
    /// The level from which on it is asked for.
    public let level: Level
    /// Name of the check that decides it; `undecided` where none can yet.
    public let check: String
    /// What must be looked at to decide it.
    public let evidence: [Source]
    /// What the check is told.
    public let parameters: [String: ParameterValue]
    /// Where the rule comes from.
    public let sources: [String]
    /// Short name.
    public let title: LocalizedText
    /// What is asked for and why.
    public let description: LocalizedText
    /// How to meet it, in general.
    public let advice: LocalizedText
    /// Why nothing decides it yet; nil where a check does.
    public let reason: LocalizedText?

    // The loader has checked that each parameter is there and of its kind.
    func number(_ name: String) -> Double {
        if case .number(let number) = parameters[name] { return number }
        return 0
    }

    func flag(_ name: String) -> Bool {
        if case .flag(let flag) = parameters[name] { return flag }
        return false
    }

    func texts(_ name: String) -> [String] {
        if case .texts(let texts) = parameters[name] { return texts }
        return []
    }
}

/// Why a catalogue cannot be used.
public struct ProjectCatalogueError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Name of the file.
    public let file: String
    /// Line, counted from 1; nil when it concerns the file as a whole.
    public let line: Int?
    /// What is wrong and what would be right.
    public let problem: String

    /// What and where, in one sentence.
    public var description: String { "catalogue \(file)\(line.map { ", line \($0)" } ?? ""): \(problem)" }
}

/// Explanation and advice of one thing that a check can come to.
struct ProjectCaseText: Sendable, Hashable {
    /// What was seen.
    let explanation: LocalizedText
    /// What to change; nil where the criterion's own advice says it, or nothing is to be done.
    let advice: LocalizedText?
}
