// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// A stored policy cannot be read: a later version wrote it, or the row was damaged.
///
/// Whoever catches it denies, as if a rule were against it.
public struct PolicyUnreadable: Error, Equatable, Sendable, CustomStringConvertible {
    /// Row id of the namespace.
    public let namespace: Int64
    /// The revision that cannot be read.
    public let revision: Int64
    /// Why not.
    public let cause: PolicyReadError

    /// Makes an error.
    public init(namespace: Int64, revision: Int64, cause: PolicyReadError) {
        self.namespace = namespace
        self.revision = revision
        self.cause = cause
    }

    /// The reason for people.
    public var reason: LocalizedText {
        LocalizedText(
            de:
                "Revision \(revision) der Richtlinie dieses Namensraums kann nicht gelesen werden; bis eine neue Revision gesetzt "
                + "ist, wird nichts Neues erlaubt.",
            en:
                "Revision \(revision) of the policy of this namespace cannot be read; until a new revision is set, nothing "
                + "new is allowed."
        )
    }

    /// What, where, why, what next; for the log.
    public var description: String {
        "policy of namespace \(namespace), revision \(revision), cannot be read: \(cause); set a new revision"
    }
}

/// Another revision is in force than the author saw.
public struct PolicyConflict: Error, Equatable, Sendable, CustomStringConvertible {
    /// Name of the namespace.
    public let namespace: String
    /// What the author saw.
    public let expected: Int64
    /// What is in force.
    public let current: Int64

    /// Makes an error.
    public init(namespace: String, expected: Int64, current: Int64) {
        self.namespace = namespace
        self.expected = expected
        self.current = current
    }

    /// The reason for people.
    public var reason: LocalizedText {
        LocalizedText(
            de:
                "Die Richtlinie von \(namespace) wurde inzwischen geändert: Revision \(current) gilt, die Änderung beruht auf "
                + "Revision \(expected). Laden Sie sie neu und ändern Sie dann.",
            en:
                "The policy of \(namespace) was changed meanwhile: revision \(current) is in force, the change rests on "
                + "revision \(expected). Load it again, then change it."
        )
    }

    /// The reason in English.
    public var description: String { reason.en }
}
