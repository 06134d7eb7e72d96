// SPDX-License-Identifier: EUPL-1.2

public import Criteria
public import JSON
public import ProjectCriteria
import SBOM
public import Time

/// What a check read of a source: what images that are built from it rest on.
///
/// It holds as long as its address is the project's: a project that moves is a source that nobody read yet.
public struct ReadSource: Sendable, Hashable {
    /// `SECURITY.md` in the root.
    public struct SecurityFile: Sendable, Hashable {
        /// Where it lies; nil where there is none.
        public var path: String?
        /// Whether it names a contact.
        public var hasContact: Bool
        /// Whether it says how reports are dealt with.
        public var hasPolicy: Bool

        /// Describes a file.
        public init(path: String?, hasContact: Bool, hasPolicy: Bool) {
            self.path = path
            self.hasContact = hasContact
            self.hasPolicy = hasPolicy
        }
    }

    /// Where it was read, in the form of `SourceAddress`.
    public var address: String
    /// When.
    public var readAt: Timestamp
    /// The level in security that is proven.
    public var security: Level
    /// The highest level in security that nothing which was seen speaks against.
    public var atMost: Level
    /// The default branch; nil where the repository is empty.
    public var branch: String?
    /// Whether the default branch is protected, also from being rewritten.
    public var protection: Known<Bool>
    /// The newest commits of the default branch.
    public var revisions: [String]
    /// What says where vulnerabilities are reported; nil where nobody can tell.
    public var securityFile: SecurityFile?

    /// Describes what was read.
    public init(
        address: String,
        readAt: Timestamp,
        security: Level,
        atMost: Level,
        branch: String?,
        protection: Known<Bool>,
        revisions: [String],
        securityFile: SecurityFile?
    ) {
        self.address = address
        self.readAt = readAt
        self.security = security
        self.atMost = atMost
        self.branch = branch
        self.protection = protection
        self.revisions = revisions
        self.securityFile = securityFile
    }

    /// What evidence and the verdict under Kontor's own catalogue say; nil without that verdict.
    package init?(_ evidence: ProjectEvidence, _ verdicts: [ProjectVerdict], address: String, readAt: Timestamp) {
        guard let verdict = verdicts.first(where: { $0.catalogue == ProjectCatalogue.names[0] }),
            let badge = verdict.badge("SECURITY")
        else { return nil }
        let protection: Known<Bool> =
            switch evidence.forge {
            case .unknown(let reason): .unknown(reason)
            case .known(let forge):
                switch forge.protection {
                case .unknown(let reason): .unknown(reason)
                case .known(let found): .known(found.isProtected && !found.allowsForcePush)
                }
            }
        self.init(
            address: address,
            readAt: readAt,
            security: badge.level,
            atMost: verdict.ceiling(of: badge),
            branch: evidence.branch.map { String($0.prefix(250)) },
            protection: protection,
            revisions: evidence.revisions,
            securityFile: ProjectDocuments.securityFile(of: evidence).map {
                SecurityFile(path: $0.path, hasContact: $0.hasContact, hasPolicy: $0.hasPolicy)
            }
        )
    }

    /// Whether images may be judged otherwise by it than by what was read before.
    ///
    /// That it was read once more is news only where verdicts may have begun to call the last reading too long ago.
    package func isNews(after old: ReadSource) -> Bool {
        guard readAt < old.readAt + .seconds(25 * 86_400) else { return true }
        var (old, new) = (old, self)
        old.readAt = new.readAt
        // Of a branch that is not known to be protected nobody is told which commits it has.
        if old.protection.value != true { old.revisions = [] }
        if new.protection.value != true { new.revisions = [] }
        return old != new
    }
}

// MARK: - As a value of a criterion

extension ReadSource {
    /// What it says of a revision.
    ///
    /// - Parameter name: of the project.
    func project(_ name: String, at revision: String?) -> SourceProject {
        let isThere = revision.map { revisions.contains($0) } ?? false
        let isProtected = protection.value == true && isThere ? true : nil
        let contact = securityFile.map { file in
            VulnerabilityContact(
                place: "\(file.path ?? "SECURITY.md") in \(address)",
                namedBy: "project \(name)",
                readAt: readAt,
                isFound: file.path != nil,
                hasContact: file.hasContact,
                hasPolicy: file.hasPolicy
            )
        }
        return SourceProject(
            security: security,
            atMost: atMost,
            judgedAt: readAt,
            isProtected: isProtected,
            gap: isProtected == nil ? gap : nil,
            contact: contact
        )
    }

    /// Why nobody can tell whether a revision lies on a protected branch; that it lies on another one or has a protected tag is not looked for.
    private var gap: LocalizedText {
        switch protection {
        case .unknown(let reason): return reason
        case .known(false):
            return LocalizedText(
                de: "der Standard-Zweig ist nicht gegen Umschreiben geschützt, und andere werden nicht geprüft",
                en: "the default branch is not protected from being rewritten, and others are not looked at"
            )
        case .known(true):
            let (count, day, name) = (revisions.count, readAt.dateText, branch.map { "\"\($0)\"" } ?? "")
            let german = branch.map { "„\($0)“ " } ?? ""
            return LocalizedText(
                de: "unter den neuesten \(count) Commits des geschützten Zweigs \(german)vom \(day) ist sie nicht",
                en: "it is not among the newest \(count) commits of the protected branch \(name) as of \(day)"
            )
        }
    }
}

// MARK: - As JSON

extension ReadSource {
    /// As JSON.
    public var json: JSONValue {
        [
            "address": .string(address), "readAt": .string(readAt.rfc3339), "security": .string(security.rawValue),
            "atMost": .string(atMost.rawValue), "branch": branch.map { .string($0) } ?? .null,
            "isProtected": protection.value.map { .bool($0) } ?? .null,
            "protectionGap": protection.reason.map { ["de": .string($0.de), "en": .string($0.en)] } ?? .null,
            "revisions": .array(revisions.map { .string($0) }),
            "securityFile": securityFile.map {
                [
                    "path": $0.path.map { .string($0) } ?? .null, "hasContact": .bool($0.hasContact),
                    "hasPolicy": .bool($0.hasPolicy),
                ]
            } ?? .null,
        ]
    }

    /// Reads what ``json`` writes.
    public init(json fields: JSONFields) throws(JSONShapeError) {
        func level(_ key: String) throws(JSONShapeError) -> Level {
            let word = try fields.string(key)
            guard let level = Level(rawValue: word) else {
                throw JSONShapeError(path: fields.path(of: key), expected: "a level", found: word.excerpt(64))
            }
            return level
        }
        let time = try fields.string("readAt")
        guard let readAt = Timestamp(rfc3339: time) else {
            throw JSONShapeError(path: fields.path(of: "readAt"), expected: "a time", found: time.excerpt(64))
        }
        var protection: Known<Bool>
        if let known = try fields.optionalBool("isProtected") {
            protection = .known(known)
        } else {
            let gap = try fields.object("protectionGap")
            protection = .unknown(LocalizedText(de: try gap.string("de"), en: try gap.string("en")))
        }
        var file: SecurityFile?
        if let found = try fields.optionalObject("securityFile") {
            file = SecurityFile(
                path: try found.optionalString("path"),
                hasContact: try found.bool("hasContact"),
                hasPolicy: try found.bool("hasPolicy")
            )
        }
        self.init(
            address: try fields.string("address"),
            readAt: readAt,
            security: try level("security"),
            atMost: try level("atMost"),
            branch: try fields.optionalString("branch"),
            protection: protection,
            revisions: try fields.strings("revisions"),
            securityFile: file
        )
    }
}
