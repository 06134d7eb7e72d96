// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import JSON
internal import Keys
internal import OCI

/// Why files for a client cannot be made.
public struct ClientFilesError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, and what next.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Files with which clients pull from a node only what it released: pure texts, made from its trust root.
public struct ClientFiles: Sendable {
    /// Whose files.
    public enum Client: String, Sendable, Hashable, CaseIterable {
        case podman, skopeo, cosign, containerd
    }

    /// Which signatures podman and skopeo look for.
    public enum Signatures: String, Sendable, Hashable, CaseIterable {
        /// Those beside the image, with the log; clients of Debian 13 and later.
        case sigstore
        /// OpenPGP; also clients of Debian 12, which refuse everything else.
        case openPGP = "openpgp"
    }

    /// One file.
    public struct File: Sendable, Hashable {
        /// Below the directory of the configuration.
        public let path: String
        /// All of it.
        public let bytes: [UInt8]
        /// Whether it is a program.
        public let isExecutable: Bool

        init(_ path: String, _ text: String, isExecutable: Bool = false) {
            self.init(path, Array(text.utf8), isExecutable: isExecutable)
        }

        init(_ path: String, _ bytes: [UInt8], isExecutable: Bool = false) {
            self.path = path
            self.bytes = bytes
            self.isExecutable = isExecutable
        }
    }

    /// What varies from place to place.
    public struct Settings: Sendable {
        /// Which signatures are looked for.
        public var signatures: Signatures
        /// Mirrors, tried in this order: `mirror.example/path`.
        public var mirrors: [String]
        /// Whether the node itself is never asked.
        public var mirrorsOnly: Bool
        /// Directory in which the files will lie: files name one another by it.
        public var directory: String
        /// Where OpenPGP signatures lie for clients of mirrors: `https://mirror.example/signatures`.
        public var lookaside: String?
        /// Whether registry and mirrors are asked without TLS.
        public var plainHTTP: Bool

        /// Makes settings.
        public init(
            signatures: Signatures = .sigstore,
            mirrors: [String] = [],
            mirrorsOnly: Bool = false,
            directory: String,
            lookaside: String? = nil,
            plainHTTP: Bool = false
        ) {
            self.signatures = signatures
            self.mirrors = mirrors
            self.mirrorsOnly = mirrorsOnly
            self.directory = directory
            self.lookaside = lookaside
            self.plainHTTP = plainHTTP
        }
    }

    let root: TrustRoot
    let document: [UInt8]
    let settings: Settings

    /// Takes a trust root, with the document that it was read from.
    ///
    /// - Throws: ``ClientFilesError`` when a setting is no name, path or address, and so could say something else in a file.
    public init(_ document: [UInt8], _ root: TrustRoot, _ settings: Settings) throws(ClientFilesError) {
        for mirror in settings.mirrors {
            guard let reference = try? Reference(parsing: mirror + "/a"), reference.registry != nil,
                reference.tag == nil, reference.digest == nil
            else {
                throw ClientFilesError(
                    "\"\(mirror.excerpt(200))\" is no mirror; write mirror.example or mirror.example/path"
                )
            }
        }
        guard !settings.mirrorsOnly || !settings.mirrors.isEmpty else {
            throw ClientFilesError("without a mirror nothing could be pulled; name one with --mirror")
        }
        guard settings.directory.hasPrefix("/"), settings.directory.utf8.allSatisfy(Self.isPlain) else {
            throw ClientFilesError(
                "\"\(settings.directory.excerpt(200))\" is no absolute path of letters, digits and . _ - /; the files name one another by it"
            )
        }
        if let lookaside = settings.lookaside {
            guard ["https://", "http://", "file:///"].contains(where: lookaside.hasPrefix),
                lookaside.utf8.allSatisfy({ Self.isPlain($0) || $0 == 0x3A || $0 == 0x25 || $0 == 0x7E })
            else {
                throw ClientFilesError("\"\(lookaside.excerpt(200))\" is no address of signatures; write https://…")
            }
        }
        self.root = root
        self.document = document
        self.settings = settings
    }

    /// What needs no quotes in any of the formats.
    private static func isPlain(_ unit: UInt8) -> Bool {
        (unit >= 0x30 && unit <= 0x39) || (unit | 0x20 >= 0x61 && unit | 0x20 <= 0x7A)
            || [0x2D, 0x2E, 0x2F, 0x5F].contains(unit)
    }

    /// The files of a client.
    public func files(for client: Client) throws(ClientFilesError) -> [File] {
        switch client {
        case .podman, .skopeo: try containersFiles()
        case .cosign: try cosignFiles()
        case .containerd: try containerdFiles()
        }
    }

    /// The keys that the files make a client believe, for comparing: role and fingerprint.
    public var fingerprints: [(role: String, fingerprint: String)] {
        let roles: [KeyRole] = settings.signatures == .openPGP ? [.openPGP] : [.release, .logTimestamps]
        return roles.flatMap { role in root.valid(role).map { (role.rawValue, $0.key.fingerprint.hex) } }
    }

    func path(_ name: String) -> String { (settings.directory == "/" ? "" : settings.directory) + "/" + name }

    /// The keys of a role as files; revoked ones are left out, announced and retired ones are not.
    func keyFiles(_ role: KeyRole, _ name: String) throws(ClientFilesError) -> [File] {
        let keys = root.valid(role)
        guard !keys.isEmpty else {
            throw ClientFilesError(
                "the trust root has no valid key for the role \(role.rawValue); nothing could be verified"
            )
        }
        return keys.map { File("keys/\(name)-\($0.id).pub", $0.key.pem) }
    }

    var trustRootFile: File { File("trust-root.json", document) }

    /// Host and port of a mirror.
    static func host(_ mirror: String) -> String { String(mirror.prefix { $0 != "/" }) }
}
