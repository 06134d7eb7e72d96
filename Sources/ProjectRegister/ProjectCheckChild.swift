// SPDX-License-Identifier: EUPL-1.2

public import Criteria
import GitReading
import Glibc
import JSON
import Synchronization
import Time
import Vulnerabilities

/// A check in a process of its own: whatever a repository makes its reader do, the node gets an assessment or a reason.
///
/// The child has the rights of the node, for it must fetch and start git; the kernel bounds its memory, its time and what it writes.
/// The job comes by standard input, with the token of the forge, which so stands in no list of processes.
public enum ProjectCheckChild {
    /// Words of the command line that start one.
    public static let arguments = ["project", "assess"]
    /// Bytes of a job.
    private static let jobLimit = 64 << 10
    /// Bytes of an answer.
    private static let answerLimit = 128 << 20

    // MARK: The node's side

    /// A checker that starts a child for each check.
    ///
    /// - Parameters:
    ///   - executable: this program.
    ///   - directory: where copies are kept.
    ///   - feeds: directory of the node's advisories.
    ///   - ageLimits: how old these may be.
    ///   - plainHTTP: also read from `http://`.
    ///   - log: told what a child says on standard error.
    public static func checker(
        executable: String,
        directory: String,
        feeds: String,
        ageLimits: AgeLimits,
        plainHTTP: Bool,
        log: @escaping @Sendable (String) -> Void
    ) -> ProjectChecker {
        let assessor = ProjectAssessor(directory: directory, feeds: FeedStore(directory: feeds))
        var limits = GitLimits.standard
        limits.seconds = 3_000
        limits.output = Int64(answerLimit)
        let program = GitProgram(path: executable, limits: limits)
        return ProjectChecker(
            check: { request throws(ProjectCheckError) in
                let job = job(request, directory, feeds, ageLimits, plainHTTP).bytes()
                let flag = CancelFlag()
                let result = await withTaskCancellationHandler {
                    await Task.detached { output(of: program, job) { flag.isSet } }.value
                } onCancel: {
                    flag.set()
                }
                if flag.isSet { throw .cancelled }
                return try answer(result.get())
            },
            forget: { assessor.forget($0) }
        )
    }

    private static func output(
        of program: GitProgram,
        _ job: [UInt8],
        isCancelled: () -> Bool
    ) -> Result<[UInt8], ProjectCheckError> {
        var bytes: [UInt8] = []
        do throws(GitError) {
            try program.run(
                ["kontor"] + arguments,
                environment: ["LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "SWIFT_BACKTRACE=enable=no"],
                what: "its reader",
                input: job,
                isTooMuch: isCancelled
            ) { (piece) throws(GitError) in
                bytes += piece
                return true
            }
            return .success(bytes)
        } catch {
            switch error {
            case .temporary, .noProgram: return .failure(.machine("\(error)"))
            case .failed(_, let reason):
                return .failure(.unreadable(reason.isEmpty ? "its reader ended badly" : "its reader ended: \(reason)"))
            case .limit(_, let limit): return .failure(.unreadable("its reader took more than \(limit)"))
            case .noRepository, .address, .unreadable: return .failure(.unreadable("\(error)"))
            }
        }
    }

    /// Reads the child's answer; the child may have been taken over: what it says is as hostile as what it read.
    private static func answer(_ bytes: [UInt8]) throws(ProjectCheckError) -> ProjectAssessment {
        do {
            let value = try JSONValue(
                parsing: bytes,
                limits: JSONLimits(depth: 64, bytes: answerLimit, values: 20_000_000)
            )
            if let error = try JSONFields(value).optionalObject("error") {
                let reason = try error.string("reason")
                switch try error.string("kind") {
                case "unreachable": throw ProjectCheckError.unreachable(reason)
                case "machine": throw ProjectCheckError.machine(reason)
                default: throw ProjectCheckError.unreadable(reason)
                }
            }
            return try ProjectAssessment(json: value["assessment"] ?? .null)
        } catch let error as ProjectCheckError {
            throw error
        } catch {
            throw .unreadable("the answer of its reader cannot be used: \(error)")
        }
    }

    private static func job(
        _ request: ProjectCheckRequest,
        _ directory: String,
        _ feeds: String,
        _ limits: AgeLimits,
        _ plainHTTP: Bool
    ) -> JSONValue {
        func seconds(_ limit: Duration) -> JSONValue { .integer(limit.components.seconds) }
        return [
            "id": .integer(request.id), "name": .string(request.name), "url": .string(request.url),
            "address": .string(request.address), "forgeToken": request.forgeToken.map { .string($0) } ?? .null,
            "now": .integer(request.now.microseconds), "directory": .string(directory), "feeds": .string(feeds),
            "plainHTTP": .bool(plainHTTP), "distribution": seconds(limits.distribution),
            "exploited": seconds(limits.exploited), "other": seconds(limits.other),
            "byName": .object(limits.byName.mapValues(seconds)),
        ]
    }

    // MARK: The child's side

    /// Does one check: a job from standard input, an answer on standard output.
    ///
    /// - Returns: the code to exit with.
    public static func main() async -> Int32 {
        bound()
        endWithParent()
        let answer: JSONValue
        do {
            let (assessor, request) = try read(input())
            answer = ["assessment": try await assessor.assess(request).json]
        } catch let error as ProjectCheckError {
            let kind =
                switch error {
                case .unreachable: "unreachable"
                case .unreadable: "unreadable"
                case .machine, .cancelled: "machine"
                }
            answer = ["error": ["kind": .string(kind), "reason": .string(error.description)]]
        } catch {
            answer = ["error": ["kind": "machine", "reason": .string("\(error)")]]
        }
        let bytes = answer.bytes()
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return 1 }
            done += count
        }
        return 0
    }

    private static func input() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while bytes.count <= jobLimit {
            let count = Glibc.read(0, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    private static func read(_ bytes: [UInt8]) throws -> (ProjectAssessor, ProjectCheckRequest) {
        let job = try JSONFields(JSONValue(parsing: bytes))
        func limit(_ key: String) throws -> Duration { .seconds(try job.integer(key)) }
        let names = try job.object("byName")
        var byName: [String: Duration] = [:]
        for key in names.keys { byName[key] = .seconds(try names.integer(key)) }
        let assessor = ProjectAssessor(
            directory: try job.string("directory"),
            feeds: FeedStore(directory: try job.string("feeds")),
            ageLimits: AgeLimits(
                distribution: try limit("distribution"),
                exploited: try limit("exploited"),
                other: try limit("other"),
                byName: byName
            ),
            plainHTTP: try job.bool("plainHTTP")
        )
        return (
            assessor,
            ProjectCheckRequest(
                id: try job.integer("id"),
                name: try job.string("name"),
                url: try job.string("url"),
                address: try job.string("address"),
                forgeToken: try job.optionalString("forgeToken"),
                now: Timestamp(microseconds: try job.integer("now"))
            )
        )
    }

    /// Bounds for this process and for every git that it starts.
    private static func bound() {
        func set(_ resource: __rlimit_resource, _ value: rlim_t) {
            var limit = rlimit(rlim_cur: value, rlim_max: value)
            _ = setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
        }
        set(RLIMIT_CORE, 0)
        set(RLIMIT_DATA, 3 << 30)
        set(RLIMIT_CPU, 1_800)
        set(RLIMIT_FSIZE, 2 << 30)
        _ = nice(10)
    }

    /// Ends when the node is gone: nobody would read the answer.
    private static func endWithParent() {
        let parent = getppid()
        Task.detached {
            while getppid() == parent { try? await Task.sleep(for: .seconds(1)) }
            exit(2)
        }
    }
}

/// Tells the thread that watches a child that nobody waits any more.
private final class CancelFlag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}
