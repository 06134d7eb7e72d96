// SPDX-License-Identifier: EUPL-1.2

public import Criteria
import Directory
import ForgeClient
public import GitReading
import Glibc
import ProjectCriteria
import Projects
import SBOM
import Time
public import Vulnerabilities

/// Fetches a repository, reads it and judges it under every catalogue, as `kontor project check` does.
///
/// Blocks for as long as git and the reading take: in a node a child process does it.
public struct ProjectAssessor: Sendable {
    /// Where copies are kept between checks, one directory for each project.
    public var directory: String
    /// The advisories of the node.
    public var feeds: FeedStore
    /// How old they may be.
    public var ageLimits: AgeLimits
    /// Also read from `http://`, for tests and closed networks; where that may be is the caller's to judge.
    public var plainHTTP: Bool
    /// How much is read of a stranger's repository.
    public var limits: GitLimits
    /// Bytes of a copy that is kept until the next check; a larger one is fetched again.
    public var keptBytes: Int64 = 512 << 20

    /// An assessor.
    public init(
        directory: String,
        feeds: FeedStore,
        ageLimits: AgeLimits = .standard,
        plainHTTP: Bool = false,
        limits: GitLimits = .standard
    ) {
        self.directory = directory
        self.feeds = feeds
        self.ageLimits = ageLimits
        self.plainHTTP = plainHTTP
        self.limits = limits
    }

    /// Where the copy of a project lies.
    private func copy(of id: Int64) -> String { directory + "/\(id)" }

    /// Removes what was fetched of a project before.
    public func forget(_ id: Int64) { GitRepository.forget(copy(of: id)) }

    /// The assessor in this process, for tests.
    public var checker: ProjectChecker {
        ProjectChecker(
            check: { request throws(ProjectCheckError) in try await self.assess(request) },
            forget: { self.forget($0) }
        )
    }

    /// Reads one repository and judges it.
    public func assess(_ request: ProjectCheckRequest) async throws(ProjectCheckError) -> ProjectAssessment {
        let forge = await forge(request)
        var evidence = try await evidence(request)
        evidence.forge = forge
        let context: ProjectContext
        do { context = try await self.context(evidence, now: request.now) } catch {
            throw .machine("the advisories of the node cannot be read: \(error)")
        }
        var verdicts: [ProjectVerdict] = []
        for name in ProjectCatalogue.names {
            do throws(ProjectCatalogueError) {
                guard let catalogue = try ProjectCatalogue.embedded(name) else { continue }
                verdicts.append(
                    ProjectEvaluation.verdict(catalogue: catalogue, evidence: evidence, context: context)
                )
            } catch {
                throw .machine("\(error)")
            }
        }
        let source = SourceAddress(parsing: request.url).flatMap {
            ReadSource(evidence, verdicts, address: $0.text, readAt: request.now)
        }
        return ProjectAssessment(verdicts: verdicts, facts: Self.facts(evidence), source: source)
    }

    // MARK: Reading

    private func evidence(_ request: ProjectCheckRequest) async throws(ProjectCheckError) -> ProjectEvidence {
        let (directory, limits, plainHTTP) = (copy(of: request.id), limits, plainHTTP)
        let (parent, kept) = (self.directory, keptBytes)
        let work = Task.detached { () -> Result<ProjectEvidence, ProjectCheckError> in
            guard mkdir(parent, 0o700) == 0 || errno == EEXIST else {
                return .failure(.machine("\(parent): \(String(cString: strerror(errno)))"))
            }
            do throws(GitError) {
                let repository = try Self.update(directory, request, plainHTTP, limits)
                let evidence = ProjectReader().evidence(
                    of: repository,
                    name: request.name,
                    url: repository.origin,
                    now: request.now
                )
                if GitRepository.size(of: directory) > kept || Self.isFull(parent) { GitRepository.forget(directory) }
                return .success(evidence)
            } catch {
                return .failure(Self.problem(error))
            }
        }
        return try await work.value.get()
    }

    /// Forges lead from an address without `.git` to one with it, and no redirect is followed: both are tried, at the same host.
    private static func update(
        _ directory: String,
        _ request: ProjectCheckRequest,
        _ plainHTTP: Bool,
        _ limits: GitLimits
    ) throws(GitError) -> GitRepository {
        func update(_ url: String) throws(GitError) -> GitRepository {
            try GitRepository.update(
                directory,
                from: url,
                plainHTTP: plainHTTP,
                address: request.address,
                limits: limits
            )
        }
        guard !request.url.hasSuffix(".git") else { return try update(request.url) }
        do throws(GitError) { return try update(request.url) } catch {
            guard case .failed = error else { throw error }
            do throws(GitError) { return try update(request.url + ".git") } catch {}
            throw error
        }
    }

    private static func problem(_ error: GitError) -> ProjectCheckError {
        switch error {
        case .noProgram, .temporary: .machine("\(error)")
        case .noRepository, .address, .failed: .unreachable("\(error)")
        case .unreadable, .limit: .unreadable("\(error)")
        }
    }

    /// Less than a tenth of the file system is free: copies are the first that can go.
    private static func isFull(_ path: String) -> Bool {
        var status = statvfs()
        guard statvfs(path, &status) == 0, status.f_blocks > 0 else { return true }
        return status.f_bavail < status.f_blocks / 10
    }

    // MARK: The forge

    /// What the forge says; that it cannot be asked is an answer too.
    private func forge(_ request: ProjectCheckRequest) async -> Known<ProjectForge> {
        guard let token = request.forgeToken else { return .unknown(Self.noToken) }
        guard let place = Self.place(of: request.url) else { return .unknown(Self.noPlace) }
        do throws(ForgeError) {
            let client = try GitLabClient(url: place.url, token: token, address: request.address)
            let answer: Known<ProjectForge>
            do throws(ForgeError) { answer = .known(try await client.project(place.project, now: request.now)) } catch {
                answer = .unknown(error.localized)
            }
            await client.close()
            return answer
        } catch {
            return .unknown(error.localized)
        }
    }

    private static let noToken = LocalizedText(
        de: "zu diesem Projekt ist kein Token seiner Plattform hinterlegt, und ohne eines wird sie nicht gefragt",
        en: "no token of its forge is kept for this project, and without one the forge is not asked"
    )
    private static let noPlace = LocalizedText(
        de: "die Adresse nennt keine Plattform und kein Projekt",
        en: "the address names no forge and no project"
    )

    /// Address of the forge and path of the project in the address of a repository.
    static func place(of url: String) -> (url: String, project: String)? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let rest = url[scheme.upperBound...]
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        var project = String(rest[rest.index(after: slash)...])
        if project.hasSuffix(".git") { project.removeLast(4) }
        return project.isEmpty ? nil : (String(url[..<slash]), project)
    }

    // MARK: Advisories and facts

    private func context(_ evidence: ProjectEvidence, now: Timestamp) async throws -> ProjectContext {
        guard let snapshot = try feeds.current() else { return ProjectContext(now: now, ageLimits: ageLimits) }
        return ProjectContext(
            now: now,
            assessed: try await snapshot.assess(evidence.dependencies),
            feeds: snapshot.feeds,
            snapshot: snapshot.id,
            ageLimits: ageLimits
        )
    }

    static func facts(_ evidence: ProjectEvidence) -> ProjectAssessment.Facts {
        let file = evidence.documents["publiccode.yml"].map { PubliccodeFile(text: $0) }
        let licence = file?.licence ?? ProjectDocuments.licence(of: evidence).identifier
        let operators: Set<Substring> = ["AND", "OR", "WITH"]
        // An expression names several; each is a value of its own. Other letters no identifier of SPDX has.
        let names = (licence ?? "").split { " ()".contains($0) }.filter { name in
            !operators.contains(name)
                && name.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                        || [0x2B, 0x2D, 0x2E, 0x3A].contains(byte)
                }
        }
        let summaries = file?.summaries ?? [:]
        return ProjectAssessment.Facts(
            title: file?.name,
            description: summaries["de"] ?? summaries["en"] ?? summaries.sorted { $0.key < $1.key }.first?.value,
            categories: file?.categories ?? [],
            licences: names.map(String.init)
        )
    }
}
