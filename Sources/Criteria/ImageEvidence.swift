// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import SBOM

/// Everything that looking at one image tells: the facts that criteria are decided from.
///
/// Produced by `Inventory` in the analyser child, carried as JSON, stored beside the verdict. It holds facts only, no judgement:
/// which of these files is a shell, and whether that is allowed, is the catalogue's word.
public struct ImageEvidence: Sendable, Hashable {
    /// Digest of the image manifest; nil for a root file system (`dir:`), which has none.
    public var digest: Digest?
    /// Annotations of the image manifest.
    public var annotations: [String: String]
    /// The image configuration; nil for a root file system.
    public var configuration: ImageConfiguration?
    /// Recomputed digests and sizes.
    public var integrity: IntegrityEvidence
    /// What `/etc/os-release` says; nil where there is none.
    public var distribution: Distribution?
    /// Installed packages, sorted by purl.
    public var components: [Component]
    /// What could not be read or parsed; never dropped.
    public var problems: [InventoryProblem]
    /// Lines of `/etc/passwd`.
    public var users: [UserEntry]
    /// Lines of `/etc/group`.
    public var groups: [GroupEntry]
    /// What the file system holds.
    public var files: FileEvidence
    /// What the secret scan saw.
    public var secrets: SecretEvidence
    /// Every file with its hash; nil where nobody listed them, and in what was read from JSON, which does not hold it.
    public var manifest: FileManifest?

    /// Creates a value of its parts.
    public init(
        digest: Digest? = nil,
        annotations: [String: String] = [:],
        configuration: ImageConfiguration? = nil,
        integrity: IntegrityEvidence = IntegrityEvidence(),
        distribution: Distribution? = nil,
        components: [Component] = [],
        problems: [InventoryProblem] = [],
        users: [UserEntry] = [],
        groups: [GroupEntry] = [],
        files: FileEvidence = FileEvidence(),
        secrets: SecretEvidence = SecretEvidence()
    ) {
        self.digest = digest
        self.annotations = annotations
        self.configuration = configuration
        self.integrity = integrity
        self.distribution = distribution
        self.components = components
        self.problems = problems
        self.users = users
        self.groups = groups
        self.files = files
        self.secrets = secrets
    }
}

/// One recomputed digest or size, and what it was claimed to be.
public struct IntegrityCheck: Sendable, Hashable {
    /// What was recomputed: `manifest`, `config`, `layer 0`, `layer 0 diffID`.
    public var subject: String
    /// The claim, `sha256:…`.
    public var expected: String
    /// What was found; nil when it could not be recomputed.
    public var actual: String?
    /// Why it does not hold, in English words; nil when it holds.
    public var problem: String?

    /// Creates a value of its parts.
    public init(subject: String, expected: String, actual: String?, problem: String? = nil) {
        self.subject = subject
        self.expected = expected
        self.actual = actual
        self.problem = problem
    }
}

/// Digests and sizes of manifest, configuration and layers, recomputed.
public struct IntegrityEvidence: Sendable, Hashable {
    /// One entry per recomputed value, in the order manifest, configuration, layers.
    public var checks: [IntegrityCheck]
    /// Media types that are not known, as written.
    public var unknownMediaTypes: [String]

    /// Creates a value of its parts.
    public init(checks: [IntegrityCheck] = [], unknownMediaTypes: [String] = []) {
        self.checks = checks
        self.unknownMediaTypes = unknownMediaTypes
    }
}

/// Something that could not be read or parsed.
public struct InventoryProblem: Sendable, Hashable {
    /// Path in the image, without a leading slash; nil when it concerns the image as a whole.
    public var path: String?
    /// Index of the layer, counted from the base; nil when unknown.
    public var layer: Int?
    /// What is wrong, in English words.
    public var reason: String
    /// True when components can be missing because of it.
    public var affectsComponents: Bool

    /// Creates a value of its parts.
    public init(path: String?, layer: Int?, reason: String, affectsComponents: Bool) {
        self.path = path
        self.layer = layer
        self.reason = reason
        self.affectsComponents = affectsComponents
    }
}

/// One line of `/etc/passwd`, without the password field.
public struct UserEntry: Sendable, Hashable {
    /// Name.
    public var name: String
    /// Numeric user id.
    public var userID: UInt32
    /// Numeric group id.
    public var groupID: UInt32
    /// Home directory.
    public var home: String
    /// Login shell.
    public var shell: String

    /// Creates a value of its parts.
    public init(name: String, userID: UInt32, groupID: UInt32, home: String, shell: String) {
        self.name = name
        self.userID = userID
        self.groupID = groupID
        self.home = home
        self.shell = shell
    }
}

/// One line of `/etc/group`.
public struct GroupEntry: Sendable, Hashable {
    /// Name.
    public var name: String
    /// Numeric group id.
    public var groupID: UInt32

    /// Creates a value of its parts.
    public init(name: String, groupID: UInt32) {
        self.name = name
        self.groupID = groupID
    }
}

/// One file of the final view of the image.
public struct FileFact: Sendable, Hashable {
    /// Path without a leading slash.
    public var path: String
    /// Permission bits, 0o7777.
    public var mode: UInt32
    /// Numeric user id.
    public var userID: UInt32
    /// Numeric group id.
    public var groupID: UInt32
    /// Size in bytes.
    public var size: Int64
    /// Index of the layer that the entry comes from.
    public var layer: Int
    /// purl of the component that owns it; nil when no component lists it.
    public var owner: String?
    /// File capabilities (`security.capability`) are set.
    public var hasCapabilities: Bool

    /// Creates a value of its parts.
    public init(
        path: String,
        mode: UInt32,
        userID: UInt32,
        groupID: UInt32,
        size: Int64,
        layer: Int,
        owner: String? = nil,
        hasCapabilities: Bool = false
    ) {
        self.path = path
        self.mode = mode
        self.userID = userID
        self.groupID = groupID
        self.size = size
        self.layer = layer
        self.owner = owner
        self.hasCapabilities = hasCapabilities
    }
}

/// A list that is cut at a bound and says how many there were.
public struct FileList: Sendable, Hashable {
    /// How many there are in the image.
    public var total: Int
    /// The first of them in path order, at most the analyser's bound.
    public var items: [FileFact]

    /// Creates a value of its parts.
    public init(total: Int = 0, items: [FileFact] = []) {
        self.total = total
        self.items = items
    }
}

/// What the final view of the file system holds.
public struct FileEvidence: Sendable, Hashable {
    /// Entries in the final view.
    public var entries: Int
    /// Bytes of regular files in the final view.
    public var visibleBytes: Int64
    /// Bytes of regular files that a later layer removed or replaced: shipped, but not to be seen.
    public var hiddenBytes: Int64
    /// Regular files with an execute bit.
    public var executables: FileList
    /// Of ``executables``, how many no component owns.
    public var unownedExecutables: Int
    /// Shared libraries: regular files named `*.so` or `*.so.…` without an execute bit.
    public var libraries: Int
    /// Of ``libraries``, how many no component owns.
    public var unownedLibraries: Int
    /// Regular files with setuid, setgid or capabilities.
    public var privileged: FileList
    /// Regular files that everybody may write.
    public var worldWritableFiles: FileList
    /// Directories that everybody may write and that lack the sticky bit.
    public var worldWritableDirectories: FileList
    /// Files of package caches (`var/lib/apt/lists`, `var/cache/apt/archives/*.deb`, `var/cache/apk`, `root/.cache/pip`, …).
    public var packageCaches: FileList
    /// Directories named `.git`, `.hg`, `.svn`.
    public var versionControlDirectories: FileList
    /// Files found by name in a fixed short list that criteria ask for, such as service definitions and `etc/ssh/sshd_config`.
    public var notable: FileList
    /// ELF programs and what they lack.
    public var programs: ProgramEvidence
    /// Programs, libraries and scripts that others than root can change: another owner, or writable for a group or for everybody.
    public var openCode: FileList
    /// Directories with programs, libraries or scripts in them whose entries others than root can replace.
    public var openCodeDirectories: FileList

    /// Creates a value of its parts.
    public init(
        entries: Int = 0,
        visibleBytes: Int64 = 0,
        hiddenBytes: Int64 = 0,
        executables: FileList = FileList(),
        unownedExecutables: Int = 0,
        libraries: Int = 0,
        unownedLibraries: Int = 0,
        privileged: FileList = FileList(),
        worldWritableFiles: FileList = FileList(),
        worldWritableDirectories: FileList = FileList(),
        packageCaches: FileList = FileList(),
        versionControlDirectories: FileList = FileList(),
        notable: FileList = FileList(),
        programs: ProgramEvidence = ProgramEvidence(),
        openCode: FileList = FileList(),
        openCodeDirectories: FileList = FileList()
    ) {
        self.entries = entries
        self.visibleBytes = visibleBytes
        self.hiddenBytes = hiddenBytes
        self.executables = executables
        self.unownedExecutables = unownedExecutables
        self.libraries = libraries
        self.unownedLibraries = unownedLibraries
        self.privileged = privileged
        self.worldWritableFiles = worldWritableFiles
        self.worldWritableDirectories = worldWritableDirectories
        self.packageCaches = packageCaches
        self.versionControlDirectories = versionControlDirectories
        self.notable = notable
        self.programs = programs
        self.openCode = openCode
        self.openCodeDirectories = openCodeDirectories
    }
}

/// What a program can have against being taken over, in the order in which it is told.
public enum ProgramProtection: String, Sendable, Hashable, CaseIterable {
    /// Its code may lie anywhere (PIE).
    case positionIndependent
    /// What the linker wrote is read-only before the program starts (full RELRO).
    case readOnlyRelocations
    /// Its stack is not executable (NX).
    case nonExecutableStack
    /// Functions notice that their stack frame was overwritten.
    case stackProtector
}

/// A program that lacks a protection.
public struct WeakProgram: Sendable, Hashable {
    /// Path without a leading slash.
    public var path: String
    /// Index of the layer that it comes from.
    public var layer: Int
    /// What it lacks; never empty.
    public var missing: [ProgramProtection]

    /// Creates a value of its parts.
    public init(path: String, layer: Int, missing: [ProgramProtection]) {
        self.path = path
        self.layer = layer
        self.missing = missing
    }
}

/// ELF programs of the final view; shared libraries are none, even where their mode says so.
public struct ProgramEvidence: Sendable, Hashable {
    /// How many there are.
    public var total: Int
    /// Of them, how many have headers that could not be read.
    public var unread: Int
    /// Of them, how many lack a protection.
    public var weak: Int
    /// The first that lack one, in path order, at most the analyser's bound.
    public var examples: [WeakProgram]

    /// Creates a value of its parts.
    public init(total: Int = 0, unread: Int = 0, weak: Int = 0, examples: [WeakProgram] = []) {
        self.total = total
        self.unread = unread
        self.weak = weak
        self.examples = examples
    }
}

/// One place that looks like a secret.
public struct SecretHit: Sendable, Hashable {
    /// Where the secret scan looked.
    public enum Place: String, Sendable, Hashable, CaseIterable { case file, environment, label, history }
    /// How sure the rule is; only `high` fails a criterion.
    public enum Confidence: String, Sendable, Hashable, CaseIterable { case high, medium }

    /// Rule id, such as `private-key`.
    public var rule: String
    /// Where it was seen.
    public var place: Place
    /// How sure the rule is.
    public var confidence: Confidence
    /// Path, variable or label name, or the index of the history entry.
    public var subject: String
    /// Index of the layer for files.
    public var layer: Int?
    /// Byte offset in the file, or in the text.
    public var offset: Int64
    /// What was seen, with all but the first few characters masked.
    public var excerpt: String

    /// Creates a value of its parts.
    public init(
        rule: String,
        place: Place,
        confidence: Confidence,
        subject: String,
        layer: Int?,
        offset: Int64,
        excerpt: String
    ) {
        self.rule = rule
        self.place = place
        self.confidence = confidence
        self.subject = subject
        self.layer = layer
        self.offset = offset
        self.excerpt = excerpt
    }
}

/// What the secret scan saw in every layer, environment, labels and history.
public struct SecretEvidence: Sendable, Hashable {
    /// Bytes that were scanned.
    public var bytesScanned: Int64
    /// False when a bound ended the scan early or a layer could not be read: then "no hit" proves nothing.
    public var complete: Bool
    /// Hits in order of layer, path, offset; at most 1000.
    public var hits: [SecretHit]

    /// Creates a value of its parts.
    public init(bytesScanned: Int64 = 0, complete: Bool = false, hits: [SecretHit] = []) {
        self.bytesScanned = bytesScanned
        self.complete = complete
        self.hits = hits
    }
}
