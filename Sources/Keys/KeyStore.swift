// SPDX-License-Identifier: EUPL-1.2

public import DurableFiles
import Glibc
internal import JSON
public import Time

/// The keys of a node in one directory: a list of what is public, and one PKCS#8 file of mode 0600 per key.
///
/// Used by the signer alone; the node sees public halves. A new key file is durable before the list names it, so that a crash leaves a
/// file that nobody names, never a name without a file. One change at a time, also of several processes.
public struct KeyStore: Sendable {
    /// Longest list of keys that is read, in bytes.
    static let maximumList = 4 << 20
    /// Longest reason of a revocation, in bytes.
    static let maximumReason = 1_000

    /// The directory, made with mode 0700.
    public let directory: String
    let files: FileOperations
    private let clock: WallClock

    /// A store in a directory, which is made when it does not exist.
    public init(directory: String, files: FileOperations = .live, clock: WallClock = .system) throws(KeysError) {
        self.directory = directory
        self.files = files
        self.clock = clock
        try Self.file { () throws(FileError) in
            try files.makeDirectories(directory, mode: 0o700)
        }
        guard let status = try Self.file({ () throws(FileError) in try files.statusAt(directory) }),
            status.kind == .directory
        else { throw .damaged(path: directory, reason: "it is no directory") }
        guard status.mode & 0o077 == 0 else { throw .exposed(path: directory, mode: status.mode & 0o777) }
    }

    /// All keys, the oldest first.
    public func records() throws(KeysError) -> [KeyRecord] {
        guard
            let bytes = try Self.file({ () throws(FileError) in
                try files.contents(of: listPath, limit: Self.maximumList)
            })
        else { return [] }
        do {
            let fields = try JSONFields(try JSONValue(parsing: bytes))
            guard try fields.integer("schemaVersion") == 1 else {
                throw KeysError.damaged(path: listPath, reason: "it was written by a later version of the program")
            }
            return try fields.array("keys").enumerated().map { try KeyRecord(json: $1, path: "$.keys[\($0)]") }
        } catch let error as KeysError {
            throw error
        } catch {
            throw .damaged(path: listPath, reason: "\(error)")
        }
    }

    /// Makes a key for every role that has none which signs now.
    ///
    /// - Returns: what was made.
    public func complete(roles: [KeyRole] = KeyRole.allCases) throws(KeysError) -> [KeyRecord] {
        let lock = try KeyLock(path: directory + "/lock")
        defer { withExtendedLifetime(lock) {} }
        var list = try records()
        let now = clock.now()
        var made: [KeyRecord] = []
        for role in roles where !list.contains(where: { $0.role == role }) {
            made.append(try make(role, signsFrom: now, now: now))
        }
        guard !made.isEmpty else { return [] }
        list += made
        try write(list)
        return made
    }

    /// Makes the next key of a role; the present one signs until then.
    ///
    /// - Parameter overlap: how long the new key is only announced, so that others can learn it before it signs.
    public func rotate(_ role: KeyRole, overlap: Duration) throws(KeysError) -> KeyRecord {
        try rotate(role, overlap: overlap) { start, now throws(KeysError) in
            try make(role, signsFrom: start, now: now)
        }
    }

    /// Puts a key that something makes in the place of the present one.
    func rotate(
        _ role: KeyRole,
        overlap: Duration,
        _ make: (_ start: Timestamp, _ now: Timestamp) throws(KeysError) -> KeyRecord
    ) throws(KeysError) -> KeyRecord {
        let lock = try KeyLock(path: directory + "/lock")
        defer { withExtendedLifetime(lock) {} }
        var list = try records()
        let now = clock.now()
        let start = now + max(.zero, overlap)
        for index in list.indices where list[index].role == role && list[index].revokedFrom == nil {
            switch list[index].state(at: now) {
            case .announced:
                throw .state(
                    key: list[index].id,
                    reason: "it waits to sign from \(list[index].signsFrom.rfc3339); a second one would cross it"
                )
            case .active: list[index].signsUntil = start
            case .retired, .revoked: continue
            }
        }
        let key = try make(start, now)
        guard !list.contains(where: { $0.publicKey == key.publicKey }) else {
            throw .state(key: key.id, reason: "it is in the list already; a key signs for one role, once")
        }
        try write(list + [key])
        return key
    }

    /// Says that nothing counts which a key signed from an instant on, and lets another one sign at once.
    ///
    /// - Returns: the key that signs now in its place.
    public func revoke(_ id: String, from instant: Timestamp? = nil, reason: String) throws(KeysError) -> KeyRecord {
        let lock = try KeyLock(path: directory + "/lock")
        defer { withExtendedLifetime(lock) {} }
        var list = try records()
        let now = clock.now()
        guard let index = list.firstIndex(where: { $0.id == id }) else { throw .unknownKey(id) }
        guard list[index].revokedFrom == nil else { throw .state(key: id, reason: "it is revoked already") }
        guard !reason.isEmpty, reason.utf8.count <= Self.maximumReason else {
            throw .state(key: id, reason: "a revocation needs a reason of at most \(Self.maximumReason) bytes")
        }
        list[index].revokedFrom = instant ?? now
        list[index].revocationReason = reason
        let role = list[index].role
        if let active = list.first(where: { $0.role == role && $0.state(at: now) == .active }) {
            try write(list)
            return active
        }
        if let next = list.firstIndex(where: { $0.role == role && $0.state(at: now) == .announced }) {
            list[next].signsFrom = now
            try write(list)
            return list[next]
        }
        let key = try make(role, signsFrom: now, now: now)
        try write(list + [key])
        return key
    }

    /// The private half of a key.
    func signingKey(of record: KeyRecord) throws(KeysError) -> SigningKey {
        if let token = record.token { return SigningKey(try tokenKey(token, of: record)) }
        let path = path(of: record)
        guard let status = try Self.file({ () throws(FileError) in try files.statusAt(path) }) else {
            throw .damaged(path: path, reason: "the file of the key is missing")
        }
        guard status.kind == .file else { throw .damaged(path: path, reason: "it is no regular file") }
        guard status.mode & 0o077 == 0 else { throw .exposed(path: path, mode: status.mode & 0o777) }
        guard let pem = try Self.file({ () throws(FileError) in try files.contents(of: path, limit: 16 << 10) }),
            let key = SigningKey(pem: pem, algorithm: record.algorithm)
        else { throw .damaged(path: path, reason: "it is no PKCS#8 file of a key for \(record.algorithm.rawValue)") }
        guard key.publicKey == record.publicKey else {
            throw .damaged(path: path, reason: "it holds another key than the list says")
        }
        return key
    }

    /// What changes when the list does, without reading it.
    func version() throws(KeysError) -> FileStatus? {
        try Self.file { () throws(FileError) in try files.statusAt(listPath) }
    }

    private var listPath: String { directory + "/keys.json" }

    private func path(of record: KeyRecord) -> String { "\(directory)/\(record.role.rawValue)-\(record.id).pem" }

    private func make(_ role: KeyRole, signsFrom: Timestamp, now: Timestamp) throws(KeysError) -> KeyRecord {
        let key = SigningKey(role.algorithm)
        let record = KeyRecord(
            role: role,
            algorithm: role.algorithm,
            publicKey: key.publicKey,
            created: now,
            signsFrom: signsFrom
        )
        let path = path(of: record)
        let pem = key.pem ?? []
        try Self.file { () throws(FileError) in try files.createDurably(path, bytes: pem, mode: 0o600) }
        return record
    }

    private func write(_ list: [KeyRecord]) throws(KeysError) {
        let value: JSONValue = ["schemaVersion": 1, "keys": .array(list.map(\.json))]
        try Self.file { () throws(FileError) in
            try files.replace(listPath, bytes: value.bytes(.pretty) + [0x0A], mode: 0o600)
        }
    }

    static func file<T>(_ body: () throws(FileError) -> T) throws(KeysError) -> T {
        do { return try body() } catch { throw .file(error) }
    }
}

/// Holds the list of keys for one change; the kernel gives it up when the process ends, however it ends.
private final class KeyLock {
    private let descriptor: Int32

    init(path: String) throws(KeysError) {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard opened >= 0 else { throw .file(FileError("open", path: path, code: errno)) }
        while flock(opened, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let code = errno
                close(opened)
                throw .file(FileError("lock", path: path, code: code))
            }
        }
        descriptor = opened
    }

    deinit { close(descriptor) }
}
