// SPDX-License-Identifier: EUPL-1.2

public import Criteria

/// What differs between two images, as far as their evidence keeps it.
public struct ImageDifference: Sendable {
    /// One of the two images.
    public struct Side: Sendable {
        /// The name as the caller gave it.
        public var name: String
        /// What the analyser saw.
        public var evidence: ImageEvidence
        /// What it came to.
        public var verdict: Verdict

        /// Names an image with what is known about it.
        public init(name: String, evidence: ImageEvidence, verdict: Verdict) {
            self.name = name
            self.evidence = evidence
            self.verdict = verdict
        }
    }

    /// A component whose versions are others.
    public struct ComponentChange: Sendable, Hashable {
        /// Ecosystem: `deb`.
        public var type: String
        /// Name.
        public var name: String
        /// Versions that only the first image has; empty when it has none of the component.
        public var before: [String]
        /// Versions that only the second image has; empty when it has none of the component.
        public var after: [String]
    }

    /// A file that is there with other rights.
    public struct FileChange: Sendable, Hashable {
        /// What changed about a file.
        public enum Kind: String, Sendable, Hashable, CaseIterable {
            /// Permission bits.
            case mode
            /// User or group.
            case owner
            /// Both.
            case modeAndOwner
            /// It has setuid, setgid or capabilities now and had not, or was not there.
            case privileged
            /// It had them, and has them no longer or is gone.
            case unprivileged
            /// Everybody may write it now.
            case worldWritable
        }

        /// What changed.
        public var kind: Kind
        /// Path without a leading slash.
        public var path: String
        /// The file before; nil when the evidence does not hold it.
        public var before: FileFact?
        /// The file now; nil when the evidence does not hold it.
        public var after: FileFact?
    }

    /// The first image.
    public let before: Side
    /// The second image.
    public let after: Side
    /// Components that only the second has, by type and name.
    public let addedComponents: [ComponentChange]
    /// Components that only the first has, by type and name.
    public let removedComponents: [ComponentChange]
    /// Components with other versions, by type and name.
    public let changedComponents: [ComponentChange]
    /// Files with other rights, by path.
    public let files: [FileChange]
    /// A list of files was cut at the analyser's bound, so that changes can be missing.
    public let areFilesCut: Bool
    /// Findings, criteria and levels.
    public let comparison: VerdictComparison

    /// Compares two images.
    public init(before: Side, after: Side) {
        self.before = before
        self.after = after
        comparison = VerdictComparison(before: before.verdict, after: after.verdict)
        let components = Self.components(before.verdict.components, after.verdict.components)
        addedComponents = components.filter(\.before.isEmpty)
        removedComponents = components.filter(\.after.isEmpty)
        changedComponents = components.filter { !$0.before.isEmpty && !$0.after.isEmpty }
        files = Self.files(before.evidence.files, after.evidence.files)
        areFilesCut = (before.evidence.files.lists + after.evidence.files.lists).contains { $0.total > $0.items.count }
    }

    /// Nothing differs.
    public var isEmpty: Bool {
        addedComponents.isEmpty && removedComponents.isEmpty && changedComponents.isEmpty && files.isEmpty
            && comparison.isEmpty
    }

    // MARK: - Components

    private struct ComponentName: Hashable, Comparable {
        var type: String
        var name: String

        static func < (left: ComponentName, right: ComponentName) -> Bool {
            (left.type, left.name) < (right.type, right.name)
        }
    }

    private static func components(_ before: [Verdict.Component], _ after: [Verdict.Component]) -> [ComponentChange] {
        func versions(_ components: [Verdict.Component]) -> [ComponentName: Set<String>] {
            var versions: [ComponentName: Set<String>] = [:]
            for component in components {
                versions[ComponentName(type: component.type, name: component.name), default: []]
                    .insert(component.version)
            }
            return versions
        }
        let old = versions(before)
        let new = versions(after)
        return Set(old.keys).union(new.keys).sorted().compactMap { name in
            let left = old[name, default: []]
            let right = new[name, default: []]
            guard left != right else { return nil }
            // A second version beside one that stays is a change of the component, not a new one.
            let isChange = !left.isEmpty && !right.isEmpty
            let onlyLeft = left.subtracting(right)
            let onlyRight = right.subtracting(left)
            return ComponentChange(
                type: name.type,
                name: name.name,
                before: (isChange && onlyLeft.isEmpty ? left : onlyLeft).sorted(),
                after: (isChange && onlyRight.isEmpty ? right : onlyRight).sorted()
            )
        }
    }

    // MARK: - Files

    private static func files(_ before: FileEvidence, _ after: FileEvidence) -> [FileChange] {
        let old = facts(before)
        let new = facts(after)
        let wasPrivileged = Set(before.privileged.items.map(\.path))
        let isPrivileged = Set(after.privileged.items.map(\.path))
        let wasWritable = Set((before.worldWritableFiles.items + before.worldWritableDirectories.items).map(\.path))
        let isWritable = Set((after.worldWritableFiles.items + after.worldWritableDirectories.items).map(\.path))
        return Set(old.keys).union(new.keys).sorted().compactMap { path in
            let left = old[path]
            let right = new[path]
            func change(_ kind: FileChange.Kind) -> FileChange {
                FileChange(kind: kind, path: path, before: left, after: right)
            }
            if isPrivileged.contains(path), !wasPrivileged.contains(path) { return change(.privileged) }
            if isWritable.contains(path), !wasWritable.contains(path) { return change(.worldWritable) }
            if wasPrivileged.contains(path), !isPrivileged.contains(path) { return change(.unprivileged) }
            guard let left, let right else { return nil }
            let isOtherOwner = left.userID != right.userID || left.groupID != right.groupID
            let isOtherMode = left.mode != right.mode || left.hasCapabilities != right.hasCapabilities
            switch (isOtherMode, isOtherOwner) {
            case (true, true): return change(.modeAndOwner)
            case (true, false): return change(.mode)
            case (false, true): return change(.owner)
            case (false, false): return nil
            }
        }
    }

    private static func facts(_ evidence: FileEvidence) -> [String: FileFact] {
        var facts: [String: FileFact] = [:]
        for list in evidence.lists { for file in list.items { facts[file.path] = file } }
        return facts
    }
}

extension FileEvidence {
    /// The lists whose files are compared; caches and the like are told by their criteria.
    fileprivate var lists: [FileList] {
        [executables, privileged, worldWritableFiles, worldWritableDirectories, notable]
    }
}
