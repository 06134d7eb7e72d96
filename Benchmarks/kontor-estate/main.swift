// SPDX-License-Identifier: EUPL-1.2

// Makes an estate through the services of a node, and measures what a node is asked about it. Run by `make estate`.

import Database
import DurableFiles
import Glibc
import JSON
import Node

/// What is kept beside an estate, so that it can be measured again.
private struct Record {
    static let version: Int64 = 3

    let options: Options
    /// Medians of the probes at each size of the estate.
    var growth: [(images: Int, medians: [(name: String, milliseconds: Double)])] = []
    var seconds = 0.0

    init(_ options: Options) { self.options = options }

    /// - Returns: nil where there is no estate; an estate of another plan is refused.
    init?(reading path: String, _ options: Options) throws {
        guard let bytes = try FileOperations.live.contents(of: path) else { return nil }
        let json = try JSONValue(parsing: bytes)
        guard json["version"]?.int64Value == Self.version, json["images"]?.intValue == options.images,
            json["seed"]?.int64Value == Int64(options.seed)
        else { throw Complaint("\(path) is of another size, seed or version: name another folder") }
        self.options = options
        seconds = json["seconds"]?.doubleValue ?? 0
        growth = (json["growth"]?.arrayValue ?? []).map { stage in
            let medians = (stage["medians"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
                .map { (name: $0.key, milliseconds: $0.value.doubleValue ?? 0) }
            return (stage["images"]?.intValue ?? 0, medians)
        }
    }

    var json: JSONValue {
        [
            "version": .integer(Self.version), "images": .integer(Int64(options.images)),
            "seed": .integer(Int64(options.seed)), "seconds": .double(seconds),
            "growth": .array(
                growth.map { stage in
                    let medians = stage.medians.map { ($0.name, JSONValue.double($0.milliseconds)) }
                    return [
                        "images": .integer(Int64(stage.images)),
                        "medians": .object(Dictionary(medians, uniquingKeysWith: { $1 })),
                    ]
                }
            ),
        ]
    }
}

private func generate(
    _ estate: Estate,
    _ tracker: Tracker,
    feeds: [String],
    in directory: String,
    _ options: Options,
    _ figures: inout Figures
) async throws -> Record {
    let timers = Timers()
    let node = try EstateNode(directory: directory, estate: estate, timers: timers)
    defer { node.database.close() }
    var record = Record(options)
    let generator = try await Generator(
        node,
        estate,
        tracker: tracker,
        feeds: feeds,
        workers: options.workers,
        timers: timers
    )
    for part in [0.1, 0.3, 1] {
        let end = part == 1 ? estate.repositories : Int(Double(estate.repositories) * part)
        let begin = ContinuousClock.now
        try await generator.run(upTo: end)
        record.seconds += (ContinuousClock.now - begin).seconds
        record.growth.append(
            (
                images: min(end * Estate.tagsPerRepository, estate.count),
                medians: try await Measurement(node, estate).probe()
            )
        )
    }
    for (name, count, mean) in timers.means { figures.add("making, \(name) (\(count) times), mean", mean, "ms") }
    let statistics = node.database.statistics
    figures.add("making, writes in a commit, mean", Double(statistics.writes) / Double(statistics.commits), "writes")
    try FileOperations.live.replace(directory + "/estate.json", bytes: record.json.bytes(.pretty))
    return record
}

/// Size of the database, by table, and of the documents; no connection is open, so that the log is in the file.
private func sizes(of directory: String, _ figures: inout Figures) {
    let database = directory + "/kontor.db"
    _ = output(of: "sqlite3", [database, "PRAGMA wal_checkpoint(TRUNCATE)"])
    let total = ["", "-wal"].compactMap { try? FileOperations.live.statusAt(database + $0)?.size }.reduce(0, +)
    figures.add("database", Double(total) / 1e9, "GB", target: 1.5)
    let query = "SELECT name, SUM(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 14"
    for line in (output(of: "sqlite3", [database, query]) ?? "").split(separator: "\n") {
        let cells = line.split(separator: "|")
        guard cells.count == 2, let bytes = Double(cells[1]) else { continue }
        figures.add("database, \(cells[0])", bytes / 1e6, "MB")
    }
    guard let documents = size(of: directory + "/documents") else { return }
    figures.add("documents", documents.bytes / 1e9, "GB")
    figures.add("documents, on disk", documents.allocated / 1e9, "GB")
}

/// Database, first secret and advisories of an estate in a folder of their own, so that what is kept stays as it is.
private func copied(_ directory: String, as name: String) throws -> String {
    let copy = directory + "/" + name
    _ = output(of: "rm", ["-rf", copy])
    try FileOperations.live.makeDirectories(copy)
    let parts = ["kontor.db", "admin-secret", "feeds"].map { directory + "/" + $0 }
    guard output(of: "cp", ["-r"] + parts + [copy]) != nil else {
        throw Complaint("the estate cannot be copied to \(copy)")
    }
    return copy
}

/// Two vulnerabilities become known, on a copy.
private func publish(
    _ estate: Estate,
    _ tracker: Tracker,
    _ questions: EstateQuestions,
    copying directory: String,
    _ figures: inout Figures
) async throws {
    let copy = try copied(directory, as: "changed")
    defer { _ = output(of: "rm", ["-rf", copy]) }
    let node = try EstateNode(directory: copy, estate: estate, timers: Timers())
    defer { node.database.close() }
    let measurement = try await Measurement(node, estate)
    for (index, (name, source)) in [("rare", questions.rareSource), ("common", questions.commonSource)].enumerated() {
        try await measurement.publish(
            Tracker.Fix(identifier: "CVE-2026-9100000\(index)", version: "999:1"),
            in: source,
            tracker: tracker,
            hoursLater: index + 1,
            name: "new advisory on a \(name) package",
            &figures
        )
    }
}

/// Pages as browsers get them, of a whole node on a copy of the estate.
private func serve(
    _ estate: Estate,
    _ questions: EstateQuestions,
    _ options: Options,
    copying directory: String,
    _ figures: inout Figures
) async throws {
    let copy = try copied(directory, as: "served")
    defer { _ = output(of: "rm", ["-rf", copy]) }
    // Small blobs lie in the database, so that there may be no folder of them.
    for part in ["blobs", "documents"] where try FileOperations.live.statusAt(directory + "/" + part) != nil {
        guard symlink("../\(part)", "\(copy)/\(part)") == 0 else {
            throw Complaint("\(copy)/\(part) cannot be made: error \(errno)")
        }
    }
    let pages = PageMeasurement(
        estate: estate,
        questions: questions,
        count: options.questions,
        projects: options.projects
    )
    let prepared: (secret: String, projects: [String])
    do {
        let node = try EstateNode(directory: copy, estate: estate, timers: Timers(), migrations: Node.migrations)
        defer { node.database.close() }
        prepared = try await pages.prepare(node, &figures)
    }
    try await pages.ask(in: copy, prepared, &figures)
}

private func growth(_ record: Record, _ figures: inout Figures) {
    guard let first = record.growth.first, let last = record.growth.last else { return }
    for stage in record.growth {
        for (name, milliseconds) in stage.medians {
            figures.add("same answer, \(name), \(stage.images) images", milliseconds, "ms")
        }
    }
    let before = Dictionary(first.medians.map { ($0.name, $0.milliseconds) }, uniquingKeysWith: { $1 })
    for (name, milliseconds) in last.medians {
        guard let start = before[name], start > 0 else { continue }
        let ratio = milliseconds / start
        // Noise of less than a millisecond is none of the index's.
        figures.add("same answer, \(name), ratio", ratio, "times", target: milliseconds - start < 1 ? nil : 2)
    }
}

private func run() async throws -> Int32 {
    let options = try Options(Array(CommandLine.arguments.dropFirst()))
    let files = FileOperations.live
    let inner = options.feeds + "/debian/security-tracker.json.gz"
    let trackerPath = try files.statusAt(inner) == nil ? options.feeds + "/security-tracker.json.gz" : inner
    let published = try Tracker(reading: trackerPath)
    // Of the tracker as it is: a probe is in the images that the plan names, and is drawn for no other.
    let estate = try Estate(images: options.images, seed: options.seed, tracker: published)
    let tracker = Packages.probes.reduce(published) { tracker, size in
        tracker.adding(EstateQuestions.probeFix(size), to: "probe-\(size)")
    }
    let others = try files.names(options.feeds)
        .filter { !["debian", "security-tracker.json.gz", "README.md"].contains($0) }.map { options.feeds + "/" + $0 }

    let temporary = "/tmp/kontor-estate-\(getpid())"
    let directory = options.data ?? temporary
    defer { if options.data == nil { _ = output(of: "rm", ["-rf", temporary]) } }
    var figures = Figures()
    let kept = try Record(reading: directory + "/estate.json", options)
    if kept == nil, try files.statusAt(directory + "/kontor.db") != nil {
        throw Complaint("\(directory) holds an estate that was not finished, or something else: remove it first")
    }
    if kept == nil {
        complain("documents and blobs are written without fsync; the database waits for the disk as always")
    }
    let record: Record
    if let kept {
        record = kept
    } else {
        record = try await generate(estate, tracker, feeds: others, in: directory, options, &figures)
    }
    figures.add("estate", Double(estate.total), "images")
    figures.add("distinct components", Double(estate.packages.components.count), "components")
    figures.add("made in", record.seconds, "s")
    figures.add("made, images a second", Double(estate.count) / max(record.seconds, 0.001), "images/s")
    sizes(of: directory, &figures)
    let questions = try EstateQuestions(estate, tracker, count: options.questions)
    do {
        let node = try EstateNode(directory: directory, estate: estate, timers: Timers())
        defer { node.database.close() }
        let measurement = try await Measurement(node, estate)
        try await measurement.ask(questions.all, &figures)
        let sample = EstateQuestion.Kind.allCases.flatMap { kind in
            let some = questions.all.filter { $0.kind == kind }
            return [0, some.count / 2, some.count - 1].filter { $0 >= 0 }.map { some[$0] }
        }
        try await measurement.compare(sample, &figures)
        let costs = try await costs(of: estate, in: node)
        for (name, _, mean) in costs.means { figures.add("one assessment, \(name), mean", mean, "ms") }
        for (name, amount) in costs.meanAmounts { figures.add("one assessment, \(name), mean", amount, "") }
    }
    growth(record, &figures)
    try await publish(estate, tracker, questions, copying: directory, &figures)
    try await serve(estate, questions, options, copying: directory, &figures)
    if let path = options.json {
        let json: JSONValue = [
            "images": .integer(Int64(options.images)), "seed": .integer(Int64(options.seed)),
            "figures": .array(figures.items), "failures": .strings(figures.failures),
        ]
        try files.replace(path, bytes: json.bytes(.pretty))
    }
    for failure in figures.failures { complain(failure) }
    return figures.failures.isEmpty ? 0 : 1
}

do {
    exit(try await run())
} catch {
    complain("\(error)")
    exit(2)
}
