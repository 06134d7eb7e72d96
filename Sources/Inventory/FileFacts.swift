// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import Criteria

/// Reads the facts about files out of the final view.
enum FileFacts {
    /// The evidence about files.
    ///
    /// - Parameters:
    ///   - owner: purl of the component that owns a node; nil when none does.
    ///   - program: what an inode has against being taken over; nil when it is no program.
    static func evidence(
        _ tree: FileTree,
        limits: AnalysisLimits,
        owner: (Int32) -> String?,
        program: (Int32) -> ProgramProtections?
    ) -> FileEvidence {
        var lists = Lists(limits)
        var unowned = 0
        var libraries = 0
        var unownedLibraries = 0
        var entries = 0
        var visible: Int64 = 0
        var counted: Set<Int32> = []
        var programs = ProgramEvidence()
        var openDirectories: Set<Int32> = []
        tree.visit { node, path in
            entries += 1
            let inode = tree.inode(node)
            switch inode.kind {
            case .directory:
                if inode.mode & 0o1002 == 0o002 { lists.worldWritableDirectories.append((path, node)) }
                let name = tree.nodes[Int(node)].name
                if name == ".git" || name == ".hg" || name == ".svn" { lists.versionControl.append((path, node)) }
            case .file:
                // Names of one file share their bytes.
                if inode.links == 1 || counted.insert(tree.nodes[Int(node)].inode).inserted { visible += inode.size }
                if inode.mode & 0o111 != 0 {
                    lists.executables.append((path, node))
                    if owner(node) == nil { unowned += 1 }
                } else if isLibrary(tree.nodes[Int(node)].name) {
                    libraries += 1
                    if owner(node) == nil { unownedLibraries += 1 }
                }
                // libc.so.6 can be run, to tell its version; it is a library all the same.
                if inode.mode & 0o111 != 0, let protections = program(tree.nodes[Int(node)].inode),
                    !isLibrary(tree.nodes[Int(node)].name)
                {
                    programs.count(protections, path, tree.nodes[Int(node)].layer, limit: limits.listedFiles)
                }
                let parent = tree.nodes[Int(node)].parent
                let (isOpen, isIn) = (Self.isOpen(inode), Self.isOpen(tree.inode(parent)))
                if isOpen || isIn, Self.isCode(tree.nodes[Int(node)].name, inode.mode) {
                    if isOpen { lists.openCode.append((path, node)) }
                    if isIn, parent != FileTree.root, openDirectories.insert(parent).inserted {
                        lists.openCodeDirectories.append((tree.path(of: parent), parent))
                    }
                }
                if inode.mode & 0o6000 != 0 || inode.hasCapabilities { lists.privileged.append((path, node)) }
                if inode.mode & 0o002 != 0 { lists.worldWritableFiles.append((path, node)) }
                if inode.size > 0, isPackageCache(path) { lists.packageCaches.append((path, node)) }
                if isNotable(path) { lists.notable.append((path, node)) }
            case .symbolicLink, .device, .other: break
            }
        }
        func list(_ found: Found) -> FileList {
            let items = found.items.map { path, node in
                let inode = tree.inode(node)
                return FileFact(
                    path: path,
                    mode: inode.mode,
                    userID: inode.userID,
                    groupID: inode.groupID,
                    size: inode.size,
                    layer: Int(tree.nodes[Int(node)].layer),
                    owner: owner(node),
                    hasCapabilities: inode.hasCapabilities
                )
            }
            return FileList(total: found.total, items: items)
        }
        return FileEvidence(
            entries: entries,
            visibleBytes: visible,
            hiddenBytes: tree.hiddenBytes,
            executables: list(lists.executables),
            unownedExecutables: unowned,
            libraries: libraries,
            unownedLibraries: unownedLibraries,
            privileged: list(lists.privileged),
            worldWritableFiles: list(lists.worldWritableFiles),
            worldWritableDirectories: list(lists.worldWritableDirectories),
            packageCaches: list(lists.packageCaches),
            versionControlDirectories: list(lists.versionControl),
            notable: list(lists.notable),
            programs: programs,
            openCode: list(lists.openCode),
            openCodeDirectories: list(lists.openCodeDirectories)
        )
    }

    /// Others than root can change it; its owner can, whatever the mode, for he may change that too.
    private static func isOpen(_ inode: FileTree.Inode) -> Bool {
        inode.userID != 0 || (inode.groupID != 0 && inode.mode & 0o020 != 0) || inode.mode & 0o002 != 0
    }

    /// What is run: programs, libraries, and scripts that an interpreter reads.
    static func isCode(_ name: String, _ mode: UInt32) -> Bool {
        if mode & 0o111 != 0 || isLibrary(name) { return true }
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return codeEndings.contains(String(name[name.utf8.index(after: dot)...]))
    }

    private static let codeEndings: Set<String> = [
        "class", "cjs", "ear", "jar", "js", "mjs", "php", "pl", "pm", "py", "pyc", "rb", "sh", "war",
    ]

    /// How many there are, and the first of them: what is not listed costs no memory.
    private struct Found {
        let bound: Int
        var total = 0
        var items: [(path: String, node: Int32)] = []

        mutating func append(_ item: (String, Int32)) {
            total += 1
            if items.count < bound { items.append(item) }
        }
    }

    private struct Lists {
        var executables: Found
        var privileged: Found
        var worldWritableFiles: Found
        var worldWritableDirectories: Found
        var packageCaches: Found
        var versionControl: Found
        var notable: Found
        var openCode: Found
        var openCodeDirectories: Found

        init(_ limits: AnalysisLimits) {
            executables = Found(bound: limits.executables)
            let other = Found(bound: limits.listedFiles)
            (privileged, worldWritableFiles, worldWritableDirectories) = (other, other, other)
            (packageCaches, versionControl, notable) = (other, other, other)
            (openCode, openCodeDirectories) = (other, other)
        }
    }

    /// A shared library by its name: `libssl.so.3`, `_ctypes.so`.
    static func isLibrary(_ name: String) -> Bool { name.hasSuffix(".so") || name.contains(".so.") }

    /// Files that package managers fetched and that nobody needs at run time.
    static func isPackageCache(_ path: String) -> Bool {
        if path.hasPrefix("var/lib/apt/lists/") { return true }
        if path.hasPrefix("var/cache/") {
            let rest = path.dropFirst(10)
            if rest.hasPrefix("apt/") { return path.hasSuffix(".deb") || path.hasSuffix(".bin") }
            return ["apk/", "dnf/", "yum/", "zypp/", "pacman/pkg/"].contains { rest.hasPrefix($0) }
        }
        if path.hasPrefix("etc/apk/cache/") || path.hasPrefix("usr/local/share/.cache/") { return true }
        guard path.hasPrefix("root/") || path.hasPrefix("home/") else { return false }
        return [
            "/.cache/pip/", "/.cache/yarn/", "/.cache/go-build/", "/.npm/_cacache/", "/.m2/repository/",
            "/.cargo/registry/",
        ]
        .contains { path.contains($0) }
    }

    /// Files by whose name alone a criterion asks for.
    static func isNotable(_ path: String) -> Bool {
        if names.contains(path) { return true }
        return directories.contains { path.hasPrefix($0) }
    }

    private static let names: Set<String> = [
        "etc/ssh/sshd_config", "etc/supervisord.conf", "etc/supervisor/supervisord.conf", "etc/inetd.conf",
        "etc/xinetd.conf",
        "etc/dropbear/dropbear_rsa_host_key", "etc/monitrc", "etc/monit/monitrc", "etc/circus.ini", "etc/inittab",
    ]

    private static let directories = [
        "etc/supervisor/conf.d/", "etc/supervisor.d/", "etc/services.d/", "etc/s6-overlay/s6-rc.d/", "etc/s6/",
        "etc/service/",
        "etc/sv/", "etc/xinetd.d/", "etc/runit/", "etc/systemd/system/",
    ]
}

extension ProgramEvidence {
    fileprivate mutating func count(_ protections: ProgramProtections, _ path: String, _ layer: Int32, limit: Int) {
        total += 1
        guard let missing = protections.missing else {
            unread += 1
            return
        }
        guard !missing.isEmpty else { return }
        weak += 1
        guard examples.count < limit else { return }
        examples.append(WeakProgram(path: path, layer: Int(layer), missing: missing.map { ProgramProtection($0) }))
    }
}

extension ProgramProtection {
    /// The evidence's word for what a cataloguer saw.
    fileprivate init(_ kind: ProgramProtections.Kind) {
        self =
            switch kind {
            case .positionIndependent: .positionIndependent
            case .readOnlyRelocations: .readOnlyRelocations
            case .nonExecutableStack: .nonExecutableStack
            case .stackProtector: .stackProtector
            }
    }
}
