// SPDX-License-Identifier: EUPL-1.2

// Measures what the program itself offers no verb for. Run by `make bench`; prints one JSON object.
//
//     kontor-bench secrets LAYER.tar            bytes per second of the secret scan alone, on one core
//     kontor-bench log DIRECTORY ENTRIES WRITERS  durable entries per second of the log, and how long receipts take

import Archives
import Criteria
import Glibc
import Inventory
import JSON

/// Keeps the contents of all files, so that reading the archive is not measured.
private final class Contents: ArchiveVisitor {
    private(set) var files: [(path: String, bytes: [UInt8])] = []
    private var path = ""
    private var bytes: [UInt8] = []

    func begin(_ entry: ArchiveEntry) throws(ArchiveError) -> Bool {
        path = entry.path
        bytes = []
        return true
    }

    func data(_ piece: UnsafeRawBufferPointer, at offset: Int64) throws(ArchiveError) {
        bytes += [UInt8](repeating: 0, count: max(0, Int(offset) - bytes.count))
        bytes += piece
    }

    func end() throws(ArchiveError) { files.append((path, bytes)) }
}

private func complain(_ text: String, code: Int32) -> Never {
    let line = Array("kontor-bench: \(text)\n".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    exit(code)
}

private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

private func measureSecrets(_ path: String) throws -> JSONValue {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else {
        complain("cannot open \(path)", code: 2)
    }
    let contents = Contents()
    let summary = try TarReader.read(.file(descriptor: descriptor, offset: 0, length: nil), visitor: contents)
    if let error = summary.error { throw error }
    var seconds: [Double] = []
    var bytes: Int64 = 0
    var hits = 0
    for _ in 0..<7 {
        let scanner = SecretScanner()
        let start = processorSeconds()
        for file in contents.files {
            scanner.begin(path: file.path, layer: 0, size: Int64(file.bytes.count))
            file.bytes.withUnsafeBytes { scanner.data($0, at: 0) }
            scanner.end()
        }
        seconds.append(processorSeconds() - start)
        bytes = scanner.bytesScanned
        hits = scanner.hits.count
    }
    let median = seconds.sorted()[seconds.count / 2]
    return [
        "bytes": .integer(bytes), "hits": .integer(Int64(hits)),
        "megabytesPerSecond": .double(Double(bytes) / 1e6 / median),
    ]
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    if arguments.count == 2, arguments[0] == "secrets" {
        print(try measureSecrets(arguments[1]).text())
    } else if arguments.count == 4, arguments[0] == "log", let entries = Int(arguments[2]),
        let writers = Int(arguments[3]),
        entries > 0, writers > 0
    {
        print(try await LogBenchmark.run(arguments[1], entries: entries, writers: writers).text())
    } else {
        complain("usage: kontor-bench secrets LAYER.tar | log DIRECTORY ENTRIES WRITERS", code: 2)
    }
} catch {
    complain("\(error)", code: 1)
}
