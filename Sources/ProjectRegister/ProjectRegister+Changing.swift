// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
import Crypto
import Database
import Directory
import JSON
import OCI
import Time
import Webhooks

/// What somebody registers.
public struct ProjectRegistration: Sendable, Hashable {
    /// What the project is called: a name below its namespace, `team/app`.
    public var name: String
    /// What people call it; nil for the last part of the name.
    public var title: String?
    /// Address of its repository, `https://…`.
    public var url: String
    /// Who may know of it.
    public var visibility: RegisteredProject.Visibility
    /// A token of the scope `read_api` with which the forge is asked about protection, reviews and issues; nil asks none.
    public var forgeToken: String?

    /// A registration.
    public init(
        name: String,
        title: String? = nil,
        url: String,
        visibility: RegisteredProject.Visibility = .members,
        forgeToken: String? = nil
    ) {
        self.name = name
        self.title = title
        self.url = url
        self.visibility = visibility
        self.forgeToken = forgeToken
    }
}

/// What is to change of a registered project; what is nil stays.
public struct ProjectChange: Sendable, Hashable {
    /// A token of the forge.
    public enum Token: Sendable, Hashable {
        /// Another one.
        case set(String)
        /// None any more.
        case remove
    }

    /// What people call it.
    public var title: String?
    /// Address of its repository.
    public var url: String?
    /// Who may know of it.
    public var visibility: RegisteredProject.Visibility?
    /// The token of its forge.
    public var forgeToken: Token?
    /// Whether its forge gets another secret for its webhook.
    public var renewsSecret: Bool

    /// A change; of nothing by default.
    public init(
        title: String? = nil,
        url: String? = nil,
        visibility: RegisteredProject.Visibility? = nil,
        forgeToken: Token? = nil,
        renewsSecret: Bool = false
    ) {
        self.title = title
        self.url = url
        self.visibility = visibility
        self.forgeToken = forgeToken
        self.renewsSecret = renewsSecret
    }
}

extension ProjectRegister {
    static let job = "project.check"
    private static let longestTitle = 200

    /// Registers a project, and has it checked.
    ///
    /// - Parameters:
    ///   - checking: false where the caller records what a check came to, see ``record(_:for:at:)``.
    ///   - actor: a maintainer of its namespace, or an operator.
    /// - Returns: the project, and the secret that its forge shows when something was pushed; it is not shown again.
    /// - Throws: ``ProjectRegisterError``, `AccountsError`.
    public func register(
        _ registration: ProjectRegistration,
        checking: Bool = true,
        by actor: Account
    ) async throws -> (project: RegisteredProject, hookSecret: String) {
        let name = try Self.checked(name: registration.name)
        let title = try Self.checked(
            title: registration.title ?? name.text.split(separator: "/").last.map(String.init) ?? ""
        )
        let (url, address) = try checked(url: registration.url)
        let token = try registration.forgeToken.map(Self.checked(token:))
        let (secret, hash) = Self.newSecret()
        let now = clock.now()
        let interval = settings.interval
        let project = try await database.write { [accounts] t in
            let (account, namespace) = try Self.maintainer(accounts, t, of: name, by: actor, at: now)
            guard name.text != namespace.name else {
                throw ProjectRegisterError.invalid(
                    "\"\(name)\" is the namespace itself; name the project below it: \(namespace.name)/…"
                )
            }
            let count = try t.query(
                ProjectRegisterSchema.countUpTo,
                [.integer(namespace.id), .integer(Self.maximumProjects)]
            ).count
            guard count < Self.maximumProjects else {
                throw ProjectRegisterError.conflict(
                    "\"\(namespace.name)\" has \(count) projects, and no more are taken"
                )
            }
            guard try t.first(ProjectRegisterSchema.named, [.text(name.text)]) == nil else {
                throw ProjectRegisterError.conflict("there is a project \"\(name)\"; change it, or choose another name")
            }
            try Self.refuseSecond(address, in: namespace, t)
            let values: [SQLValue] = [
                .text(name.text), .text(title), .integer(namespace.id), .text(url), .text(address.text),
                .integer(registration.visibility.rawValue), .optional(token), .blob(hash), .time(now),
                .text(account.name), .time(now + interval),
            ]
            guard let id = try t.first(ProjectRegisterSchema.insert, values)?.int64(0) else {
                throw ProjectRegisterError.conflict("the database did not say where it put the project; try again")
            }
            try AuditLog.append(
                t,
                actor: account.name,
                action: "project.registered",
                subject: "project:\(name)",
                detail: [
                    "url": .string(url), "visibility": .string(registration.visibility.word),
                    "forgeToken": .bool(token != nil),
                ],
                at: now
            )
            let project = try Self.one(id, t)
            try Directory.put(project.entry(.init()), at: now, in: t)
            if checking { try JobQueue.enqueue(t, kind: Self.job, subject: "\(id)", priority: .push, now: now) }
            return project
        }
        whenQueued()
        return (project, secret)
    }

    /// Changes a project; another address has it checked.
    ///
    /// - Parameter actor: a maintainer of its namespace, or an operator.
    /// - Returns: the project, and another secret for the forge where one was asked for.
    public func change(
        _ id: Int64,
        to change: ProjectChange,
        by actor: Account
    ) async throws -> (project: RegisteredProject, hookSecret: String?) {
        let title = try change.title.map(Self.checked(title:))
        let place = try change.url.map(checked(url:))
        var token = change.forgeToken
        if case .set(let text) = token { token = .set(try Self.checked(token: text)) }
        let (given, secret) = (token, change.renewsSecret ? Self.newSecret() : nil)
        let now = clock.now()
        let known = try await project(id, for: actor)
        let project = try await database.write { [accounts] t in
            let name = try Self.checked(name: known.name)
            let (account, namespace) = try Self.maintainer(accounts, t, of: name, by: actor, at: now)
            let before = try Self.one(id, t)
            if let place, place.address.text != before.address {
                try Self.refuseSecond(place.address, in: namespace, t)
            }
            try t.execute(
                ProjectRegisterSchema.change,
                [
                    .text(title ?? before.title), .text(place?.url ?? before.url),
                    .text(place?.address.text ?? before.address),
                    .integer((change.visibility ?? before.visibility).rawValue), .integer(id),
                ]
            )
            switch given {
            case .set(let text): try t.execute(ProjectRegisterSchema.setToken, [.text(text), .integer(id)])
            case .remove: try t.execute(ProjectRegisterSchema.setToken, [.null, .integer(id)])
            // A token is for the forge that it was given for, and goes to no other.
            case nil:
                if let place, place.address.text != before.address {
                    try t.execute(ProjectRegisterSchema.setToken, [.null, .integer(id)])
                }
            }
            if let secret { try t.execute(ProjectRegisterSchema.setHook, [.blob(secret.hash), .integer(id)]) }
            let after = try Self.one(id, t)
            try AuditLog.append(
                t,
                actor: account.name,
                action: "project.changed",
                subject: "project:\(name)",
                detail: [
                    "url": .string(after.url), "visibility": .string(after.visibility.word),
                    "forgeToken": .bool(after.hasForgeToken), "newSecret": .bool(secret != nil),
                ],
                at: now
            )
            try Directory.put(after.entry(Self.facts(id, t), Self.ownVerdict(id, t)), at: now, in: t)
            if after.visibility != before.visibility || after.address != before.address {
                try Directory.judgeAgain(imagesOf: before.address, isUrgent: true, at: now, in: t)
            }
            if after.url != before.url || given != nil {
                try JobQueue.enqueue(t, kind: Self.job, subject: "\(id)", priority: .push, now: now)
            }
            return after
        }
        if let place, place.address.text != known.address { await checker.forget(id) }
        whenQueued()
        return (project, secret?.text)
    }

    /// Forgets a project, its verdicts and its entry in the directory; the audit log keeps that there was one.
    ///
    /// - Parameter actor: a maintainer of its namespace, or an operator.
    public func remove(_ id: Int64, by actor: Account) async throws {
        let known = try await project(id, for: actor)
        let name = try Self.checked(name: known.name)
        let now = clock.now()
        try await database.write { [accounts] t in
            let (account, _) = try Self.maintainer(accounts, t, of: name, by: actor, at: now)
            try t.execute(ProjectRegisterSchema.deleteVerdicts, [.integer(id)])
            guard try t.execute(ProjectRegisterSchema.delete, [.integer(id)]) == 1 else { throw Self.unknown("\(id)") }
            try Directory.endReplies(toProject: name, by: account.name, at: now, in: t)
            try Directory.endUses(of: known.key, by: account.name, at: now, in: t)
            try Directory.remove(known.key, in: t)
            try Directory.judgeAgain(imagesOf: known.address, isUrgent: true, at: now, in: t)
            try AuditLog.append(
                t,
                actor: account.name,
                action: "project.removed",
                subject: "project:\(name)",
                detail: ["url": .string(known.url)],
                at: now
            )
        }
        await checker.forget(id)
    }

    /// Has a project checked now.
    ///
    /// - Parameter actor: whoever may push into its namespace; also with a token that is for that.
    public func recheck(_ id: Int64, by actor: Account) async throws {
        let known = try await project(id, for: actor)
        let name = try Self.checked(name: known.name)
        let now = clock.now()
        try await database.write { [accounts] t in
            guard let access = try accounts.access(t, of: actor, to: name, at: now), access.account != nil else {
                throw Self.unknown("\(id)")
            }
            // A frozen namespace takes nothing in; looking at what it has is nothing new.
            guard access.rights.contains(.push) || access.rights.contains(.manage) else {
                throw AccountsError.denied("only who may push into the namespace of \"\(name)\" has it checked")
            }
            try JobQueue.enqueue(t, kind: Self.job, subject: "\(id)", priority: .push, now: now)
        }
        whenQueued()
    }

    /// Takes a forge's word that something was pushed.
    ///
    /// - Parameter token: what it shows.
    /// - Throws: ``ProjectRegisterError/unknown(_:)`` where there is no such project or the token is another's: nobody is told which.
    public func pushed(_ id: Int64, token: String) async throws {
        let presented = Array(SHA256.hash(data: Array(token.utf8.prefix(4_096))))
        let now = clock.now()
        try await database.write { t in
            let known = try t.first(ProjectRegisterSchema.secrets, [.integer(id)])?.optionalBytes(1)
            guard Self.equal(known ?? [UInt8](repeating: 0, count: 32), presented), known != nil else {
                throw ProjectRegisterError.unknown("there is no project \(id) with this token")
            }
            try JobQueue.enqueue(t, kind: Self.job, subject: "\(id)", priority: .push, now: now)
        }
        whenQueued()
    }

    // MARK: What may be registered

    static func checked(name text: String) throws(ProjectRegisterError) -> RepositoryName {
        guard let name = try? RepositoryName(parsing: text), text.utf8.count <= 200 else {
            throw .invalid(
                "\"\(text.excerpt(80))\" is no name of a project: its namespace, a slash, and parts of small letters and digits: team/app"
            )
        }
        return name
    }

    private static func checked(title text: String) throws(ProjectRegisterError) -> String {
        let isPrintable = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        guard (1...longestTitle).contains(text.unicodeScalars.count), isPrintable,
            text.unicodeScalars.contains(where: { !$0.properties.isWhitespace })
        else {
            throw .invalid("the title has 1 to \(longestTitle) characters on one line; \"\(text.excerpt(40))\" has not")
        }
        return text
    }

    private func checked(url text: String) throws(ProjectRegisterError) -> (url: String, address: SourceAddress) {
        do throws(WebhookError) {
            _ = try WebhookURL(parsing: text, under: settings.rules)
        } catch {
            throw .invalid("the address of the repository: \(Self.words(error))")
        }
        guard let address = SourceAddress(parsing: text) else {
            throw .invalid(
                "the address of the repository has at most \(SourceAddress.maximumBytes) bytes, a name and a path: https://HOST/GROUP/PROJECT.git"
            )
        }
        return (address.text + (Self.endsInGit(text) ? ".git" : ""), address)
    }

    private static func endsInGit(_ text: String) -> Bool {
        var text = text[...]
        while text.hasSuffix("/") { text.removeLast() }
        return text.hasSuffix(".git")
    }

    static func words(_ error: WebhookError) -> String {
        switch error {
        case .url(let reason): reason
        case .destination(let place, let reason): "\(place): \(reason)"
        case .secret(let reason), .message(let reason), .setting(let reason): reason
        }
    }

    private static func checked(token text: String) throws(ProjectRegisterError) -> String {
        guard (1...1_024).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
            throw .invalid("the token of the forge is not 1 to 1024 printable characters of ASCII without spaces")
        }
        return text
    }

    private static func refuseSecond(_ address: SourceAddress, in namespace: Namespace, _ t: Transaction) throws {
        let others = try t.query(ProjectRegisterSchema.at, [.text(address.text), 0, 1_000])
        for other in others {
            let project = try RegisteredProject(other)
            guard project.namespace == namespace.name else { continue }
            throw ProjectRegisterError.conflict("\"\(project.name)\" is the project at \(address) in this namespace")
        }
    }

    /// Refuses whoever does not speak for a namespace.
    private static func maintainer(
        _ accounts: Accounts,
        _ t: Transaction,
        of name: RepositoryName,
        by actor: Account,
        at now: Timestamp
    ) throws -> (account: Account, namespace: Namespace) {
        guard let access = try accounts.access(t, of: actor, to: name, at: now), let account = access.account else {
            throw AccountsError.denied("the account \(actor.name) was disabled or its secret changed; sign in again")
        }
        guard let namespace = access.namespace, access.rights.contains(.pull) else {
            throw AccountsError.unknown("there is no namespace for \"\(name)\" that you may see")
        }
        guard access.rights.contains(.manage) else {
            throw AccountsError.denied(
                "only maintainers of \"\(namespace.name)\" and operators may do this, with a password"
            )
        }
        return (account, namespace)
    }

    static func one(_ id: Int64, _ t: Transaction) throws -> RegisteredProject {
        guard let row = try t.first(ProjectRegisterSchema.one, [.integer(id)]) else { throw unknown("\(id)") }
        return try RegisteredProject(row)
    }

    // MARK: Secrets

    /// 256 bits that nobody can guess, and what is kept of them.
    private static func newSecret() -> (text: String, hash: [UInt8]) {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef")
        var text = "kph_"
        for _ in 0..<32 {
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return (text, Array(SHA256.hash(data: Array(text.utf8))))
    }

    /// Compares without telling by its time where two differ.
    private static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
