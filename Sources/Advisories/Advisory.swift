// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// What a feed says about one vulnerability in one package of one release.
public struct Advisory: Sendable, Hashable {
    /// Identifier: `CVE-2024-1234`.
    public let id: String
    /// Who says so: `debian`.
    public let feed: String
    /// Whose version rules count: `deb`.
    public let ecosystem: String
    /// The release it is about: `bookworm`.
    public let release: String
    /// Name of the source package.
    public let package: String
    /// Whether and where it is fixed.
    public let state: AdvisoryState
    /// The distributor's rating, as written: `medium`, `not yet assigned`.
    public let urgency: String?
    /// A sentence about it.
    public let summary: String?

    /// Makes an advisory.
    public init(
        id: String,
        feed: String,
        ecosystem: String,
        release: String,
        package: String,
        state: AdvisoryState,
        urgency: String? = nil,
        summary: String? = nil
    ) {
        self.id = id
        self.feed = feed
        self.ecosystem = ecosystem
        self.release = release
        self.package = package
        self.state = state
        self.urgency = urgency
        self.summary = summary
    }

    /// The distributor's rating as a severity.
    ///
    /// Debian marks ratings of its own automatic origin with `*` or `**`; the mark says nothing about the rating.
    public var severity: Severity {
        guard let urgency else { return .unknown }
        return switch String(urgency.prefix { $0 != "*" }).lowercased() {
        case "critical": .critical
        case "high": .high
        case "medium": .medium
        case "low": .low
        case "unimportant", "negligible": .negligible
        default: .unknown
        }
    }

    /// The record in its feed, for people to look up: `openssl CVE-2024-1234 bookworm`.
    public var record: String { "\(package) \(id) \(release)" }
}

/// Whether and where a vulnerability is fixed.
public enum AdvisoryState: Sendable, Hashable {
    /// Fixed in this version and all later ones.
    case resolved(fixed: String)
    /// Not fixed.
    case open(reason: OpenReason?)
    /// Never vulnerable in this release.
    case notAffected
    /// The feed itself does not know.
    case undetermined

    /// Why a distributor has not fixed something.
    public enum OpenReason: String, Sendable, Hashable, CaseIterable {
        /// Too small for an advisory of its own; a fix may come with a point release.
        case noDSA
        /// There will be no fix.
        case ignored
        /// A fix will come with a later one.
        case postponed
        /// The package has no support any more.
        case endOfLife
    }
}

extension Advisory {
    /// Reads what ``json`` writes.
    public init(json: JSONFields) throws(JSONShapeError) {
        let stateText = try json.string("state")
        let state: AdvisoryState
        switch stateText {
        case "resolved": state = .resolved(fixed: try json.string("fixed"))
        case "open":
            var reason: AdvisoryState.OpenReason?
            if let text = try json.optionalString("reason") {
                reason = AdvisoryState.OpenReason(rawValue: text)
                guard reason != nil else {
                    throw JSONShapeError(path: json.path(of: "reason"), expected: "a reason", found: text)
                }
            }
            state = .open(reason: reason)
        case "notAffected": state = .notAffected
        case "undetermined": state = .undetermined
        default: throw JSONShapeError(path: json.path(of: "state"), expected: "a state", found: stateText)
        }
        self.init(
            id: try json.string("id"),
            feed: try json.string("feed"),
            ecosystem: try json.string("ecosystem"),
            release: try json.string("release"),
            package: try json.string("package"),
            state: state,
            urgency: try json.optionalString("urgency"),
            summary: try json.optionalString("summary")
        )
    }

    /// The advisory as an object; absent values are null.
    public var json: JSONValue {
        var fixed: String?
        var reason: String?
        let stateText: String
        switch state {
        case .resolved(let version): (stateText, fixed) = ("resolved", version)
        case .open(let why): (stateText, reason) = ("open", why?.rawValue)
        case .notAffected: stateText = "notAffected"
        case .undetermined: stateText = "undetermined"
        }
        return [
            "id": .string(id),
            "feed": .string(feed),
            "ecosystem": .string(ecosystem),
            "release": .string(release),
            "package": .string(package),
            "state": .string(stateText),
            "fixed": .optional(fixed),
            "reason": .optional(reason),
            "urgency": .optional(urgency),
            "summary": .optional(summary),
        ]
    }
}
