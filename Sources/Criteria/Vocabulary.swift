// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// One of the three areas that a criterion belongs to and that has a level of its own.
public enum Area: String, Sendable, Hashable, CaseIterable {
    case security, maintenance, reuse

    /// The word for people.
    public var title: LocalizedText {
        switch self {
        case .security: LocalizedText(de: "Sicherheit", en: "Security")
        case .maintenance: LocalizedText(de: "Wartung", en: "Maintenance")
        case .reuse: LocalizedText(de: "Nachnutzung", en: "Reuse")
        }
    }
}

/// How good an image is, overall or in one area; cumulative.
public enum Level: String, Sendable, Hashable, CaseIterable, Comparable {
    case none, bronze, silver, gold

    /// 0 for none to 3 for gold: how many of the three dots are filled.
    public var rank: Int {
        switch self {
        case .none: 0
        case .bronze: 1
        case .silver: 2
        case .gold: 3
        }
    }

    /// The level above; nil above gold.
    public var next: Level? {
        switch self {
        case .none: .bronze
        case .bronze: .silver
        case .silver: .gold
        case .gold: nil
        }
    }

    /// The word for people.
    public var title: LocalizedText {
        switch self {
        case .none: LocalizedText(de: "Keine Stufe", en: "No level")
        case .bronze: LocalizedText(de: "Bronze", en: "Bronze")
        case .silver: LocalizedText(de: "Silber", en: "Silver")
        case .gold: LocalizedText(de: "Gold", en: "Gold")
        }
    }

    /// None before bronze before silver before gold.
    public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
}

/// From when on a criterion counts, and at which of these an image is judged.
public enum Stage: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Decidable from the artefact: a local image or a pushed candidate.
    case build
    /// Released: signed, logged, with a registry history.
    case published
    /// Known over time.
    case operated

    /// The word for people, as it stands in "Bronze (build stage)".
    public var title: LocalizedText {
        switch self {
        case .build: LocalizedText(de: "Bauphase", en: "build stage")
        case .published: LocalizedText(de: "veröffentlicht", en: "published")
        case .operated: LocalizedText(de: "im Betrieb", en: "operated")
        }
    }

    private var rank: Int {
        switch self {
        case .build: 0
        case .published: 1
        case .operated: 2
        }
    }

    /// Build before published before operated.
    public static func < (left: Stage, right: Stage) -> Bool { left.rank < right.rank }
}

/// Who may see an image.
public enum Visibility: String, Sendable, Hashable, CaseIterable {
    case `public`, `internal`
}

/// What an image is for; declared by `eu.kontor.image.kind`, runtime where nothing valid is declared.
public enum ImageKind: String, Sendable, Hashable, CaseIterable {
    /// Others build on it and set the user.
    case base
    /// It is started.
    case runtime
    /// It builds others, and carries tools for that.
    case builder
    /// It carries files and is never started.
    case artefact

    /// Annotation or label that declares the kind.
    public static let key = "eu.kontor.image.kind"

    /// The word for people.
    public var title: LocalizedText {
        switch self {
        case .base: LocalizedText(de: "Basis-Image", en: "base image")
        case .runtime: LocalizedText(de: "Laufzeit-Image", en: "runtime image")
        case .builder: LocalizedText(de: "Bau-Image", en: "builder image")
        case .artefact: LocalizedText(de: "Artefakt", en: "artefact")
        }
    }
}

/// What came out for one criterion; only `pass` and `notApplicable` count as passed.
public enum Outcome: String, Sendable, Hashable, CaseIterable {
    case pass, fail, notApplicable, unknown

    /// Does not stand in the way of a level.
    public var isPassed: Bool { self == .pass || self == .notApplicable }

    /// The word for people.
    public var title: LocalizedText {
        switch self {
        case .pass: LocalizedText(de: "erfüllt", en: "passed")
        case .fail: LocalizedText(de: "nicht erfüllt", en: "failed")
        case .notApplicable: LocalizedText(de: "nicht anwendbar", en: "not applicable")
        case .unknown: LocalizedText(de: "unbekannt", en: "unknown")
        }
    }

    /// Order in which results hide one another: a fail is told before an unknown, that before a pass.
    var severity: Int {
        switch self {
        case .fail: 3
        case .unknown: 2
        case .pass: 1
        case .notApplicable: 0
        }
    }
}
