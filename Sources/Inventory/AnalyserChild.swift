// SPDX-License-Identifier: EUPL-1.2

import CConfinement
import Criteria
import Glibc
import ImageSources
import JSON
import OCI

/// The body of `kontor analyse`: confines itself, reads its job from standard input, writes evidence or an error to standard output.
///
/// Nothing here may run before ``main(arguments:)``: no other thread may exist, and no byte of the image may have been touched.
public enum AnalyserChild {
    /// Runs the child.
    ///
    /// - Parameter arguments: what follows `analyse` on the command line, as ``Analyser`` writes it.
    /// - Returns: the process's exit code: 0 with an answer on standard output, 2 when this was not started by ``Analyser``.
    public static func main(arguments: [String]) -> Int32 {
        guard let wanted = Confinement(arguments) else {
            complain("analyse is started by Kontor itself and has no use on its own; use: kontor check IMAGE\n")
            return 2
        }
        var text = [CChar](repeating: 0, count: 512)
        let confined = withUnsafePointer(to: wanted.limits) { kontor_confine($0, &text, text.count) } == 0
        let note = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard confined else { return answer(failure(code: "notConfined", note)) }
        // The parent may have died before the kernel was told to end this process with it.
        guard getppid() == wanted.parent else { return 2 }
        do {
            let job = try AnalyserJob(json: JSONValue(parsing: readAll(0, limit: 16 << 20)))
            if let exercise = job.exercise { AnalyserExercise.run(exercise) }
            if case .layer(let layer) = job.content { return answer(try ImageAnalysis.record(try input(layer))) }
            let evidence = try analyse(job)
            // A line of JSON, then the files: two hundred thousand of them as JSON would be most of the answer.
            let line = (["evidence": evidence.json, "notApplied": .string(note)] as JSONValue).bytes()
            return answer(line + [AnalyserChild.lineEnd] + (evidence.manifest?.bytes ?? []))
        } catch {
            return answer(failure(code: "image", "\(error)"))
        }
    }

    /// Ends the JSON of an answer, which itself never holds one.
    static let lineEnd: UInt8 = 0x0A

    private struct Confinement {
        var limits: kontor_confinement
        var parent: pid_t

        init?(_ arguments: [String]) {
            var values: [String: UInt64] = [:]
            for argument in arguments {
                let parts = argument.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, let value = UInt64(parts[1]) else { return nil }
                values[String(parts[0])] = value
            }
            guard let memory = values["memory"], let cpu = values["cpu"], let files = values["files"],
                let spool = values["spool"],
                let parent = values["parent"]
            else { return nil }
            limits = kontor_confinement(
                memory_bytes: memory,
                cpu_seconds: cpu,
                file_bytes: spool,
                open_files: files,
                nice_increment: Int32(clamping: values["nice"] ?? 0),
                root_directory: values["root"].map { Int32(clamping: $0) } ?? -1
            )
            self.parent = pid_t(clamping: parent)
        }
    }

    private static func analyse(_ job: AnalyserJob) throws -> ImageEvidence {
        switch job.content {
        case .manifest(let manifest, let digest, let configuration, let layers):
            return try ImageAnalysis.analyse(
                manifest: try readAll(manifest, limit: ImageChoice.manifestLimit),
                manifestDigest: try digest.map { try Digest(parsing: $0) },
                configuration: try readAll(configuration, limit: ImageChoice.configurationLimit),
                layers: try layers.map(input),
                rootDirectory: nil,
                limits: .standard
            )
        case .archive(let descriptor, let spool, let form, let name, let digest, let platform, let shown):
            let selector: ImageSelector? =
                if let digest { .digest(try Digest(parsing: digest)) } else if let name { .name(name) } else { nil }
            let archive = try AnalyserArchive(descriptor: descriptor, spool: spool, name: shown)
            return try archive.analyse(
                form: OpenedArchive.Form(rawValue: form) ?? .oci,
                selector: selector,
                platform: try Platform(parsing: platform)
            )
        case .layer: throw LayerRecordError(reason: "a layer by itself has no evidence")
        case .rootDirectory(let descriptor):
            return try ImageAnalysis.analyse(
                manifest: nil,
                manifestDigest: nil,
                configuration: nil,
                layers: [],
                rootDirectory: descriptor,
                limits: .standard
            )
        }
    }

    private static func input(_ layer: AnalyserJob.Layer) throws -> LayerInput {
        LayerInput(
            descriptor: layer.descriptor,
            offset: layer.offset,
            length: layer.length,
            mediaType: layer.mediaType,
            digest: try layer.digest.map { try Digest(parsing: $0) },
            record: layer.record
        )
    }

    private static func failure(code: String, _ message: String) -> JSONValue {
        // Long enough for any sentence of ours; an image must not be able to fill the parent's log.
        ["error": ["code": .string(code), "message": .string(String(message.prefix(4000)))]]
    }

    private static func answer(_ value: JSONValue) -> Int32 { answer(value.bytes()) }

    private static func answer(_ bytes: [UInt8]) -> Int32 {
        bytes.withUnsafeBytes { whole in
            var rest = whole
            while let base = rest.baseAddress, !rest.isEmpty {
                let count = write(1, base, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    return 3
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return 0
        }
    }

    private static func complain(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }

    /// The whole content of a descriptor, from its start.
    static func readAll(_ descriptor: Int32, limit: Int) throws(AnalyserArchiveError) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &block, block.count, off_t(bytes.count))
            if count < 0 {
                if errno == EINTR { continue }
                throw AnalyserArchiveError("descriptor \(descriptor) cannot be read: \(SystemError(errno).text)")
            }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else {
                throw AnalyserArchiveError("a document is longer than \(limit) bytes")
            }
            bytes.append(contentsOf: block[..<count])
        }
    }
}
