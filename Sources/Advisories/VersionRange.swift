// SPDX-License-Identifier: EUPL-1.2

import JSON

/// A range of versions as OSV writes it: events on the line of an ecosystem's versions.
///
/// Source: OSV schema 1.7.4, `affected[].ranges[]`.
public struct VersionRange: Sendable, Hashable {
    /// Whose order counts.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Semantic Versioning 2.0.0, whatever the ecosystem.
        case semver = "S"
        /// The ecosystem's own order.
        case ecosystem = "E"
    }

    /// A point on the line from which on something else holds.
    public enum Event: Sendable, Hashable {
        /// Vulnerable from this version on; `0` is before all versions.
        case introduced(String)
        /// Not vulnerable from this version on.
        case fixed(String)
        /// Vulnerable up to and including this version.
        case lastAffected(String)
        /// The range says nothing about this version and later ones; `*` is past all versions.
        case limit(String)

        /// The version, as written.
        public var version: String {
            switch self {
            case .introduced(let text), .fixed(let text), .lastAffected(let text), .limit(let text): text
            }
        }
    }

    /// Whose order counts.
    public let kind: Kind
    /// The events in the order of the record.
    public let events: [Event]

    /// Makes a range.
    public init(kind: Kind, events: [Event]) {
        self.kind = kind
        self.events = events
    }

    /// True for a range about an RPM module's builds: its bounds carry the module's mark, and it says nothing about ordinary packages.
    public var isModular: Bool { events.contains { RPMModularity.isModular($0.version) } }

    /// True for "every version that there is": introduced at 0 and nothing after it.
    public var isOpenFromZero: Bool { events == [.introduced("0")] }
}

/// Whether an RPM was built for a module, told by its release as modular builds carry it: `1.el8` against `1.module_el8.3.0+2023+d2377ea3`.
enum RPMModularity {
    static func isModular(_ version: String) -> Bool {
        version.utf8.count > 10 && (version.contains(".module_el") || version.contains(".module+el"))
    }
}

extension VersionRange {
    /// Reads what ``json`` writes.
    init(json value: JSONValue, path: String) throws(JSONShapeError) {
        guard case .array(let parts) = value, case .string(let letter)? = parts.first, let kind = Kind(rawValue: letter)
        else { throw JSONShapeError(path: path, expected: "a range", found: value.kindName) }
        var events: [Event] = []
        for part in parts.dropFirst() {
            guard let text = part.stringValue, let event = Event(short: text) else {
                throw JSONShapeError(path: path, expected: "an event", found: part.kindName)
            }
            events.append(event)
        }
        self.init(kind: kind, events: events)
    }

    /// A short array, because there is one per advisory in a snapshot: `["E","i0","f1.2.3"]`.
    var json: JSONValue { .array([.string(kind.rawValue)] + events.map { .string($0.short) }) }
}

extension VersionRange.Event {
    fileprivate init?(short text: String) {
        let version = String(text.dropFirst())
        switch text.first {
        case "i": self = .introduced(version)
        case "f": self = .fixed(version)
        case "l": self = .lastAffected(version)
        case "u": self = .limit(version)
        default: return nil
        }
    }

    fileprivate var short: String {
        switch self {
        case .introduced(let version): "i" + version
        case .fixed(let version): "f" + version
        case .lastAffected(let version): "l" + version
        case .limit(let version): "u" + version
        }
    }
}
