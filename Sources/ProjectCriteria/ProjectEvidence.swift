// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Criteria
public import SBOM
public import Time

/// Something that could be looked at, or the reason why it could not.
public enum Known<Value: Sendable & Hashable>: Sendable, Hashable {
    case known(Value)
    case unknown(LocalizedText)

    /// What is known; nil when nothing is.
    public var value: Value? {
        if case .known(let value) = self { return value }
        return nil
    }

    /// Why nothing is known; nil when something is.
    public var reason: LocalizedText? {
        if case .unknown(let reason) = self { return reason }
        return nil
    }
}

/// What was seen of one source project: facts, never judgements.
public struct ProjectEvidence: Sendable, Hashable {
    /// The project as it was named: a directory or an address.
    public var name: String
    /// Address of the project, where one is known.
    public var url: String?
    /// Id of the commit that was looked at; nil for a repository without one.
    public var commit: String?
    /// Branch of that commit.
    public var branch: String?
    /// Ids of the newest commits that this one reaches, itself the first; empty where they could not be listed.
    public var revisions: [String]
    /// Commits of the last year on that branch.
    public var history: Known<[ProjectCommit]>
    /// All tags.
    public var tags: Known<[ProjectTag]>
    /// Files of the commit, by path.
    public var files: [ProjectFile]
    /// Why not every file is listed or was read; nil when all were.
    public var filesCut: LocalizedText?
    /// Why a text that checks read, or a lock file, may be missing here; nil when none is.
    public var documentsCut: LocalizedText?
    /// Texts of the files that checks read, by path.
    public var documents: [String: String]
    /// What looks like a working secret in the commit.
    public var secrets: [ProjectSecret]
    /// What looked like one in an earlier commit of any branch or tag and is not in this one.
    public var pastSecrets: Known<[ProjectSecret]>
    /// Lock files and what they pin.
    public var lockFiles: [ProjectLockFile]
    /// What the forge says.
    public var forge: Known<ProjectForge>

    /// Creates evidence of a repository; what is not given is empty or unknown.
    public init(
        name: String,
        url: String? = nil,
        commit: String? = nil,
        branch: String? = nil,
        revisions: [String] = [],
        history: Known<[ProjectCommit]> = .known([]),
        tags: Known<[ProjectTag]> = .known([]),
        files: [ProjectFile] = [],
        filesCut: LocalizedText? = nil,
        documentsCut: LocalizedText? = nil,
        documents: [String: String] = [:],
        secrets: [ProjectSecret] = [],
        pastSecrets: Known<[ProjectSecret]> = .known([]),
        lockFiles: [ProjectLockFile] = [],
        forge: Known<ProjectForge> = .unknown(ProjectEvidence.noForge)
    ) {
        self.name = name
        self.url = url
        self.commit = commit
        self.branch = branch
        self.revisions = revisions
        self.history = history
        self.tags = tags
        self.files = files
        self.filesCut = filesCut
        self.documentsCut = documentsCut
        self.documents = documents
        self.secrets = secrets
        self.pastSecrets = pastSecrets
        self.lockFiles = lockFiles
        self.forge = forge
    }

    /// What lock files pin that is installed with the project: those of tests and samples are left out.
    public var dependencies: [Component] {
        lockFiles.filter { !Manifests.isSample($0.path) }.flatMap(\.components)
    }

    /// The reason where nobody named a forge.
    public static let noForge = LocalizedText(
        de: "keine Plattform befragt (`--forge gitlab --forge-token-file DATEI`)",
        en: "no forge was asked (`--forge gitlab --forge-token-file FILE`)"
    )
}

/// One commit of the branch.
public struct ProjectCommit: Sendable, Hashable {
    /// When it was committed.
    public var at: Timestamp
    /// Number that stands for its author: the same for the same address, and no address.
    public var author: Int
    /// Its author is a program.
    public var isBot: Bool
    /// It brings a newer version of a dependency, by a program's own words.
    public var isUpdate: Bool

    /// Describes a commit.
    public init(at: Timestamp, author: Int, isBot: Bool = false, isUpdate: Bool = false) {
        self.at = at
        self.author = author
        self.isBot = isBot
        self.isUpdate = isUpdate
    }
}

/// One tag.
public struct ProjectTag: Sendable, Hashable {
    /// How a tag object is signed.
    public enum Signature: String, Sendable, Hashable, CaseIterable {
        case openPGP, ssh, x509
    }

    /// Name without `refs/tags/`.
    public var name: String
    /// When it was made; for a tag without an object, when its commit was.
    public var at: Timestamp
    /// The signature that it carries; that it is there, not that it holds.
    public var signature: Signature?

    /// Describes a tag.
    public init(name: String, at: Timestamp, signature: Signature? = nil) {
        self.name = name
        self.at = at
        self.signature = signature
    }
}

/// One file of the commit.
public struct ProjectFile: Sendable, Hashable {
    /// What stands at a path.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case regular, link, submodule
        /// A pointer to content that is kept elsewhere.
        case largeFilePointer
    }

    /// Path from the root, without a leading slash.
    public var path: String
    /// What stands there.
    public var kind: Kind
    /// Bytes.
    public var size: Int64
    /// What binary form it has, such as `ELF program` or `zip archive`; nil for text and plain data.
    public var binary: String?
    /// Licences that it names in its first lines, as SPDX expressions.
    public var licences: [String]
    /// It names who holds the copyright in its first lines.
    public var hasCopyright: Bool

    /// Describes a file.
    public init(
        path: String,
        kind: Kind = .regular,
        size: Int64 = 0,
        binary: String? = nil,
        licences: [String] = [],
        hasCopyright: Bool = false
    ) {
        self.path = path
        self.kind = kind
        self.size = size
        self.binary = binary
        self.licences = licences
        self.hasCopyright = hasCopyright
    }

    /// The last part of the path.
    public var name: Substring { path.split(separator: "/").last ?? Substring(path) }
}

/// Something that looks like a working secret; of its value only the first letters.
public struct ProjectSecret: Sendable, Hashable {
    /// Name of the rule that found it.
    public var rule: String
    /// Where it lies.
    public var path: String
    /// The masked excerpt.
    public var excerpt: String

    /// Describes a secret.
    public init(rule: String, path: String, excerpt: String) {
        self.rule = rule
        self.path = path
        self.excerpt = excerpt
    }
}

/// One lock file and what it pins.
public struct ProjectLockFile: Sendable, Hashable {
    /// Where it lies.
    public var path: String
    /// Ecosystem, such as `npm`.
    public var ecosystem: String
    /// What it pins.
    public var components: [Component]
    /// Names of what it pins without a hash.
    public var withoutHash: [String]
    /// Why it could not be read; nil when it could.
    public var problem: String?

    /// Describes a lock file.
    public init(
        path: String,
        ecosystem: String,
        components: [Component] = [],
        withoutHash: [String] = [],
        problem: String? = nil
    ) {
        self.path = path
        self.ecosystem = ecosystem
        self.components = components
        self.withoutHash = withoutHash
        self.problem = problem
    }
}

/// What a forge says about a project.
public struct ProjectForge: Sendable, Hashable {
    /// How its default branch is protected.
    public struct Protection: Sendable, Hashable {
        /// A rule protects it.
        public var isProtected: Bool
        /// Its history may be rewritten.
        public var allowsForcePush: Bool

        /// Describes a protection.
        public init(isProtected: Bool, allowsForcePush: Bool) {
            self.isProtected = isProtected
            self.allowsForcePush = allowsForcePush
        }
    }

    /// One merged request.
    public struct MergedRequest: Sendable, Hashable {
        /// When it was merged.
        public var at: Timestamp
        /// A maintainer opened it.
        public var authorIsMaintainer: Bool
        /// A maintainer merged it.
        public var mergerIsMaintainer: Bool
        /// A maintainer approved it.
        public var hasMaintainerApproval: Bool
        /// Somebody else than its author approved it.
        public var hasOtherApproval: Bool
        /// Its last pipeline succeeded; nil when it had none.
        public var pipelineSucceeded: Bool?
        /// A program opened it to bring a newer dependency.
        public var isUpdate: Bool

        /// Describes a merged request.
        public init(
            at: Timestamp,
            authorIsMaintainer: Bool,
            mergerIsMaintainer: Bool,
            hasMaintainerApproval: Bool,
            hasOtherApproval: Bool,
            pipelineSucceeded: Bool?,
            isUpdate: Bool = false
        ) {
            self.at = at
            self.authorIsMaintainer = authorIsMaintainer
            self.mergerIsMaintainer = mergerIsMaintainer
            self.hasMaintainerApproval = hasMaintainerApproval
            self.hasOtherApproval = hasOtherApproval
            self.pipelineSucceeded = pipelineSucceeded
            self.isUpdate = isUpdate
        }

        /// openCode's rule: a maintainer may merge without an approval, also what others made; only what a non-maintainer merges needs one.
        public var isReviewedByOpenCodeRule: Bool {
            authorIsMaintainer || mergerIsMaintainer || hasMaintainerApproval
        }
    }

    /// One issue.
    public struct Issue: Sendable, Hashable {
        /// When it was opened.
        public var createdAt: Timestamp
        /// When somebody else than its author first did something with it; nil when nobody has.
        public var firstReactionAt: Timestamp?

        /// Describes an issue.
        public init(createdAt: Timestamp, firstReactionAt: Timestamp?) {
            self.createdAt = createdAt
            self.firstReactionAt = firstReactionAt
        }
    }

    /// Kind and address, such as `GitLab at https://gitlab.example.org`.
    public var name: String
    /// Nothing is changed here any more.
    public var isArchived: Bool
    /// Merging demands a pipeline that succeeded.
    public var requiresPipeline: Bool?
    /// Protection of the default branch.
    public var protection: Known<Protection>
    /// Requests merged in the last six months.
    public var merged: Known<[MergedRequest]>
    /// Issues opened in the last three months.
    public var issues: Known<[Issue]>

    /// Describes what a forge says.
    public init(
        name: String,
        isArchived: Bool = false,
        requiresPipeline: Bool? = nil,
        protection: Known<Protection>,
        merged: Known<[MergedRequest]>,
        issues: Known<[Issue]>
    ) {
        self.name = name
        self.isArchived = isArchived
        self.requiresPipeline = requiresPipeline
        self.protection = protection
        self.merged = merged
        self.issues = issues
    }
}

/// Everything that a verdict depends on beside the catalogue and the project's evidence.
public struct ProjectContext: Sendable, Hashable {
    /// The clock value of this evaluation.
    public var now: Timestamp
    /// What matching the pinned components against advisories gave; nil when there were no advisories.
    public var assessed: Assessed?
    /// Feeds of the snapshot.
    public var feeds: [FeedState]
    /// Id of the snapshot.
    public var snapshot: String?
    /// How old feeds may be.
    public var ageLimits: AgeLimits

    /// Creates a context.
    public init(
        now: Timestamp,
        assessed: Assessed? = nil,
        feeds: [FeedState] = [],
        snapshot: String? = nil,
        ageLimits: AgeLimits = .standard
    ) {
        self.now = now
        self.assessed = assessed
        self.feeds = feeds
        self.snapshot = snapshot
        self.ageLimits = ageLimits
    }
}
