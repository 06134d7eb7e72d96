// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
import Database
import JSON
public import OCI
public import Time

/// An image that is not given out for legal reasons, or is proposed to be.
public struct Takedown: Sendable, Hashable {
    /// Where it stands.
    public enum State: Int64, Sendable, Hashable, CaseIterable {
        /// One person asked for it; nothing has changed.
        case proposed = 0
        /// Two persons said so: it is not given out.
        case inForce = 1
        /// It was taken back before a second person agreed.
        case withdrawn = 2
        /// Two persons gave it back.
        case reversed = 3
    }

    /// Number.
    public let id: Int64
    /// Where whoever proposed it found the image; it counts on the whole node.
    public let repository: RepositoryName
    /// The image.
    public let digest: Digest
    /// Why, for whoever asks for the image.
    public let reason: String
    /// On what grounds: law, order, file number.
    public let legalReference: String
    /// Where it stands.
    public let state: State
    /// When it was asked for, and by whom.
    public let proposedAt: Timestamp
    /// Who asked for it.
    public let proposedBy: String
    /// When a second person agreed.
    public let confirmedAt: Timestamp?
    /// Who agreed.
    public let confirmedBy: String?
    /// Why it is to be given back; nil while nobody asks for that.
    public let reversalReason: String?
    /// When that was asked for.
    public let reversalProposedAt: Timestamp?
    /// Who asked for that.
    public let reversalProposedBy: String?
    /// When it was withdrawn or reversed.
    public let endedAt: Timestamp?
    /// Who withdrew it, or agreed to the reversal.
    public let endedBy: String?

    fileprivate init(_ row: Row) throws {
        guard let state = State(rawValue: try row.int64(6)) else {
            throw DamagedRow(what: "state of takedown \(try row.int64(0))")
        }
        id = try row.int64(0)
        repository = try RepositoryName(parsing: try row.text(1))
        digest = try row.digest(2)
        reason = try row.text(4)
        legalReference = try row.text(5)
        self.state = state
        proposedAt = try row.time(7)
        proposedBy = try row.text(8)
        confirmedAt = try row.optionalTime(9)
        confirmedBy = try row.optionalText(10)
        reversalReason = try row.optionalText(11)
        reversalProposedAt = try row.optionalTime(12)
        reversalProposedBy = try row.optionalText(13)
        endedAt = try row.optionalTime(14)
        endedBy = try row.optionalText(15)
    }
}

/// What whoever asks for something that was taken down is told.
public struct TakedownNotice: Sendable, Hashable {
    /// Number of the takedown.
    public let id: Int64
    /// What was asked for.
    public let what: String
    /// Since when it is not given out.
    public let since: Timestamp
    /// Why.
    public let reason: String
    /// On what grounds.
    public let legalReference: String
}

/// Why a takedown is not made or ended.
public enum TakedownError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no such image.
    case unknownImage(String)
    /// There is none of that number.
    case unknown(Int64)
    /// No reason or legal reference, or one that is too long.
    case badText
    /// It was proposed or is in force already.
    case open(Int64)
    /// Whoever asked for it cannot agree to it.
    case samePerson
    /// It does not stand where that could be done.
    case settled(Int64)

    /// What, why, what next.
    public var description: String {
        switch self {
        case .unknownImage(let image): "there is no image \(image); name it as repository@sha256:…"
        case .unknown(let id): "there is no takedown \(id)"
        case .badText:
            "a takedown needs a reason and a legal reference of 1 to \(Registry.exceptionReasonLimit) bytes each"
        case .open(let id): "takedown \(id) of this image was proposed or is in force already"
        case .samePerson: "a takedown and its reversal need two persons each; another operator must agree"
        case .settled(let id): "takedown \(id) does not stand where this could be done; look at its state"
        }
    }
}

extension Registry {
    /// Images of an index that go with it.
    private static let partLimit = 1_000

    /// Asks that an image be given out no more; it holds from the moment that a second person agrees.
    ///
    /// - Throws: ``TakedownError``.
    public func proposeTakedown(
        of digest: Digest,
        in repository: RepositoryName,
        reason: String,
        legalReference: String,
        by account: Account
    ) async throws -> Takedown {
        for text in [reason, legalReference] { try Self.check(text) }
        let now = clock.now()
        return try await database.write { t in
            guard try t.first(SQL.manifestSummary, digest.columns + [.text(repository.text)]) != nil else {
                throw TakedownError.unknownImage("\(repository)@\(digest)")
            }
            if let row = try t.first(SQL.openTakedown, digest.columns) { throw TakedownError.open(try row.int64(0)) }
            let values: [SQLValue] =
                [.text(repository.text)] + digest.columns
                + [.text(reason), .text(legalReference), .time(now), .text(account.name)]
            guard let row = try t.first(SQL.proposeTakedown, values) else { throw DamagedRow(what: "takedown") }
            let made = try Takedown(row)
            try Self.audit(t, "takedown.propose", made, account, now)
            return made
        }
    }

    /// Agrees to a takedown, as another person than the one who asked for it: from now on the image, the images of its index, what is
    /// attached to them and the blobs that nothing else names are given out to nobody.
    ///
    /// What is attached follows its subject: a bill lists the content, and a statement about it tells more than the notice does.
    ///
    /// - Throws: ``TakedownError``.
    public func confirmTakedown(_ id: Int64, by account: Account) async throws -> Takedown {
        let now = clock.now()
        return try await database.write { t in
            let found = try Self.takedown(t, id)
            guard found.state == .proposed else { throw TakedownError.settled(id) }
            guard found.proposedBy != account.name else { throw TakedownError.samePerson }
            guard try t.execute(SQL.confirmTakedown, [.time(now), .text(account.name), .integer(id)]) == 1 else {
                throw TakedownError.settled(id)
            }
            try Self.apply(t, found)
            try Self.audit(t, "takedown.confirm", found, account, now)
            return try Self.takedown(t, id)
        }
    }

    /// Asks that what was taken down be given out again.
    ///
    /// - Throws: ``TakedownError``.
    public func proposeReversal(of id: Int64, reason: String, by account: Account) async throws -> Takedown {
        try Self.check(reason)
        let now = clock.now()
        return try await database.write { t in
            let found = try Self.takedown(t, id)
            let values: [SQLValue] = [.text(reason), .time(now), .text(account.name), .integer(id)]
            guard try t.execute(SQL.proposeReversal, values) == 1 else { throw TakedownError.settled(id) }
            try Self.audit(t, "takedown.reversal.propose", found, account, now, reason)
            return try Self.takedown(t, id)
        }
    }

    /// Agrees to a reversal, as another person than the one who asked for it.
    ///
    /// - Throws: ``TakedownError``.
    public func confirmReversal(of id: Int64, by account: Account) async throws -> Takedown {
        let now = clock.now()
        return try await database.write { t in
            let found = try Self.takedown(t, id)
            guard found.state == .inForce, let asked = found.reversalProposedBy else { throw TakedownError.settled(id) }
            guard asked != account.name else { throw TakedownError.samePerson }
            try Self.end(t, id, .reversed, from: .inForce, account, now)
            try t.execute(SQL.giveBackManifests, [.integer(id)])
            try t.execute(SQL.giveBackBlobs, [.integer(id)])
            // What another takedown is about as well stays where it is.
            var last: Int64 = 0
            while true {
                let others = try t.query(SQL.takedownsInForce, [.integer(last), 100]).map { try Takedown($0) }
                for other in others { try Self.apply(t, other) }
                guard others.count == 100, let end = others.last else { break }
                last = end.id
            }
            try Self.audit(t, "takedown.reversal.confirm", found, account, now, found.reversalReason)
            return try Self.takedown(t, id)
        }
    }

    /// Takes back what waits for a second person: a takedown, or its reversal; one person is enough for that.
    ///
    /// - Throws: ``TakedownError``.
    public func withdrawTakedown(_ id: Int64, by account: Account) async throws -> Takedown {
        let now = clock.now()
        return try await database.write { t in
            let found = try Self.takedown(t, id)
            switch found.state {
            case .proposed: try Self.end(t, id, .withdrawn, from: .proposed, account, now)
            case .inForce where found.reversalProposedBy != nil:
                try t.execute(SQL.withdrawReversal, [.integer(id)])
            default: throw TakedownError.settled(id)
            }
            try Self.audit(t, "takedown.withdraw", found, account, now)
            return try Self.takedown(t, id)
        }
    }

    /// Takedowns, the newest first, also those that are over.
    public func takedowns(before: Int64? = nil, limit: Int = 100) async throws -> [Takedown] {
        try await database.read { t in
            try t.query(SQL.takedowns, [.integer(before ?? .max), .integer(min(max(limit, 0), 1_000))]).map {
                try Takedown($0)
            }
        }
    }

    /// What is said of an image that was taken down to whoever asks what is attached to it; nil when it was not.
    public func noticeOfTakedown(of digest: Digest, in repository: RepositoryName) async throws -> TakedownNotice? {
        try await database.lookUp { t in
            guard let row = try t.first(SQL.takenDownDigest, digest.columns) else { return nil }
            return try Self.notice(t, try row.int64(0), "\(repository)@\(digest)")
        }
    }

    /// What is said of a takedown to whoever asks for what it is about.
    public func notice(of takedown: Int64, _ what: String) async throws -> TakedownNotice {
        try await database.lookUp { t in try Self.notice(t, takedown, what) }
    }

    static func notice(_ t: Transaction, _ id: Int64, _ what: String) throws -> TakedownNotice {
        let found = try takedown(t, id)
        return TakedownNotice(
            id: id,
            what: what,
            since: found.confirmedAt ?? found.proposedAt,
            reason: found.reason,
            legalReference: found.legalReference
        )
    }

    private static func takedown(_ t: Transaction, _ id: Int64) throws -> Takedown {
        guard let row = try t.first(SQL.takedown, [.integer(id)]) else { throw TakedownError.unknown(id) }
        return try Takedown(row)
    }

    /// Marks what a takedown is about, in every repository; what is marked already stays as it is.
    private static func apply(_ t: Transaction, _ takedown: Takedown) throws {
        // Read before anything is marked: what was taken down is found by nobody else.
        var digests = [takedown.digest]
        var manifests: [Int64] = []
        for row in try t.query(SQL.manifestsOfDigest, takedown.digest.columns + [.integer(partLimit)]) {
            manifests.append(try row.int64(0))
            guard try row.manifestKind(1) != .image else { continue }
            let parts: [SQLValue] = [.integer(try row.int64(2)), .integer(try row.int64(0)), .integer(partLimit)]
            for child in try t.query(SQL.childrenOfManifest, parts) {
                let digest = try child.digest(2)
                guard !digests.contains(digest) else { continue }
                digests.append(digest)
                manifests += try t.query(SQL.manifestsOfDigest, digest.columns + [.integer(partLimit)]).map {
                    try $0.int64(0)
                }
            }
        }
        let attached = try attached(to: digests, t)
        manifests += attached
        for digest in digests { try t.execute(SQL.takeDownManifest, [.integer(takedown.id)] + digest.columns) }
        for manifest in attached { try t.execute(SQL.takeDownAttached, [.integer(takedown.id), .integer(manifest)]) }
        for manifest in manifests { try t.execute(SQL.takeDownBlobs, [.integer(takedown.id), .integer(manifest)]) }
    }

    /// Artefacts that are attached to manifests, and to those again, in every repository: all of them, for one that is missed is given out.
    private static func attached(to digests: [Digest], _ t: Transaction) throws -> [Int64] {
        var (known, waiting) = (Set(digests), digests)
        var found: Set<Int64> = []
        while let digest = waiting.popLast() {
            try t.forEach(SQL.attachedBySubject, digest.columns) { row in
                found.insert(try row.int64(0))
                let attached = try row.digest(1)
                if known.insert(attached).inserted { waiting.append(attached) }
            }
            for tag in Tag.names(speakingOf: digest) {
                // Anything can get such a tag, also a copy of what others use: this one goes, and nothing that speaks of its digest.
                try t.forEach(SQL.attachedByTag, [.text(tag)]) { row in found.insert(try row.int64(0)) }
            }
        }
        return found.sorted()
    }

    /// Marks again what takedowns in force are about: what an older version of this program did not mark.
    func keepTakedowns() async throws {
        var last: Int64 = 0
        while true {
            let position = last
            let end = try await write { t -> Int64? in
                let takedowns = try t.query(SQL.takedownsInForce, [.integer(position), 20]).map { try Takedown($0) }
                for takedown in takedowns { try Self.apply(t, takedown) }
                return takedowns.last?.id
            }
            guard let end else { return }
            last = end
        }
    }

    private static func end(
        _ t: Transaction,
        _ id: Int64,
        _ state: Takedown.State,
        from: Takedown.State,
        _ account: Account,
        _ now: Timestamp
    ) throws {
        let values: [SQLValue] = [
            .integer(state.rawValue), .time(now), .text(account.name), .integer(id), .integer(from.rawValue),
        ]
        guard try t.execute(SQL.endTakedown, values) == 1 else { throw TakedownError.settled(id) }
    }

    private static func check(_ text: String) throws(TakedownError) {
        guard text.contains(where: { !$0.isWhitespace }), text.utf8.count <= exceptionReasonLimit,
            !text.utf8.contains(0)
        else { throw .badText }
    }

    private static func audit(
        _ t: Transaction,
        _ action: String,
        _ takedown: Takedown,
        _ account: Account,
        _ now: Timestamp,
        _ reason: String? = nil
    ) throws {
        try AuditLog.append(
            t,
            actor: account.name,
            action: action,
            subject: assessmentSubject(takedown.repository, takedown.digest),
            detail: [
                "takedown": .integer(takedown.id), "reason": .string(reason ?? takedown.reason),
                "legalReference": .string(takedown.legalReference),
            ],
            at: now
        )
    }
}
