// SPDX-License-Identifier: EUPL-1.2

import DurableFiles
import JSON
import Node
import Portal
import Time
import Vulnerabilities

/// The data directory of an exercise: that of a node, and in `exercise/` what only an exercise has.
///
/// What holds anything else is refused before anything is written: an exercise never mixes with the data of a node.
struct ExerciseDirectory: Sendable {
    private static let version: Int64 = 1

    /// What the exercise wrote down about itself.
    struct Record: Sendable {
        /// Ports of its runs, the last one last: what was signed at one of them names it.
        var ports: [Int]
        /// Everything is in it.
        var isComplete: Bool
        /// Account names and secrets; they are of no use anywhere else.
        var secrets: [String: String]
    }

    let path: String
    private let files = FileOperations.live

    /// The part that only an exercise has.
    var own: String { path + "/exercise" }
    var inbox: String { own + "/inbox" }
    private var recordPath: String { path + "/" + Node.exerciseMark }
    private var dayPath: String { own + "/day" }

    /// Opens the directory of an exercise, or begins one where nothing is.
    ///
    /// - Returns: the record of an exercise that is complete; nil for a new one.
    /// - Throws: ``DemoError`` when it holds anything else, ``FileError``.
    static func open(_ path: String) throws -> (directory: ExerciseDirectory, record: Record?) {
        let directory = ExerciseDirectory(path: path)
        let files = directory.files
        if try files.statusAt(path) != nil, try !files.names(path).isEmpty {
            return (directory, try directory.completeRecord())
        }
        try files.makeDirectories(directory.own, mode: 0o700)
        try directory.write(Record(ports: [], isComplete: false, secrets: [:]))
        try directory.set(.yesterday)
        return (directory, nil)
    }

    /// Opens the directory of an exercise that is there.
    static func existing(_ path: String) throws -> ExerciseDirectory {
        let directory = ExerciseDirectory(path: path)
        _ = try directory.completeRecord()
        return directory
    }

    private init(path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private func completeRecord() throws -> Record {
        guard try files.statusAt(recordPath) != nil, let bytes = try files.contents(of: recordPath) else {
            throw DemoError.foreignDirectory(path)
        }
        let record: Record
        do {
            let fields = try JSONFields(JSONValue(parsing: bytes))
            guard try fields.int("version") == Int(Self.version) else {
                throw DemoError.damaged(path: recordPath, reason: "it is of another version of the exercise")
            }
            var secrets: [String: String] = [:]
            for (name, secret) in try fields.object("secrets").members { secrets[name] = secret.stringValue }
            record = Record(
                ports: (fields.members["ports"]?.arrayValue ?? []).compactMap(\.intValue),
                isComplete: try fields.bool("complete"),
                secrets: secrets
            )
        } catch let error as DemoError {
            throw error
        } catch { throw DemoError.damaged(path: recordPath, reason: "\(error)") }
        guard record.isComplete else { throw DemoError.unfinished(path) }
        return record
    }

    func write(_ record: Record) throws {
        let json: JSONValue = [
            "version": .integer(Self.version), "ports": .array(record.ports.map { .integer(Int64($0)) }),
            "complete": .bool(record.isComplete),
            "secrets": .object(record.secrets.mapValues { .string($0) }),
        ]
        try files.replace(recordPath, bytes: json.bytes(.pretty), mode: 0o600)
    }

    // MARK: Days

    func day() throws -> ExerciseDesk.Day {
        guard let bytes = try files.contents(of: dayPath, limit: 64),
            let day = ExerciseDesk.Day(rawValue: String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self))
        else { throw DemoError.damaged(path: dayPath, reason: "it names no day of the exercise") }
        return day
    }

    private func set(_ day: ExerciseDesk.Day) throws {
        try files.replace(dayPath, bytes: Array("\(day.rawValue)\n".utf8))
    }

    /// Writes the feeds of a day and imports them as `kontor feeds import` does: safe beside a running node.
    func importFeeds(of day: ExerciseDesk.Day, clock: WallClock = .system) async throws {
        let now = clock.now()
        let folder = "\(own)/feeds-\(day.rawValue)"
        try files.makeDirectories(folder, mode: 0o700)
        for file in ExerciseFeeds.files(of: day, at: now) {
            try files.replace("\(folder)/\(file.name)", bytes: file.bytes)
        }
        let asOf = day == .today ? now : now - .seconds(86_400)
        let report = try await FeedStore(directory: path + "/feeds").importFeeds(
            paths: [folder],
            asOf: Timestamp(date: asOf.dateText)
        )
        let refused = (report.failed + report.skipped).map { "\($0.path): \($0.reason)" }
        guard refused.isEmpty else {
            throw DemoError.failed(what: "feeds of \(day.rawValue)", why: refused.joined(separator: "; "))
        }
        try set(day)
    }
}
