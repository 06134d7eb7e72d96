// SPDX-License-Identifier: EUPL-1.2

import CConfinement
public import Criteria
import Glibc
import ImageSources
import JSON
import OCI
import Synchronization

/// Has images read by a confined child process, one for each image.
///
/// The child gets read-only descriptors and nothing else: no files, no network, no other processes, bounded memory and time. Whatever the
/// image makes it do, the parent gets evidence or a typed error. Safe to use from many tasks at once; how many run at a time is the
/// caller's decision. Cancelling the task kills the child.
public struct Analyser: Sendable {
    /// The program that is started with `analyse`.
    public var executable: String
    /// Bounds on each child.
    public var limits: AnalyserLimits
    /// Where an archive is decompressed to, into a file without a name.
    public var temporaryDirectory: String
    /// Told what the child wrote to standard error, and what it could not apply of its confinement.
    public var log: @Sendable (String) -> Void
    /// Where layers that were read are remembered; nil: each image is read from its first byte.
    public var records: LayerRecordStore?
    /// What a test makes the child do instead of its work.
    package var exercise: String?

    /// An analyser that starts `executable analyse`; by default this program itself.
    public init(
        executable: String = "/proc/self/exe",
        limits: AnalyserLimits = .standard,
        temporaryDirectory: String = "/tmp",
        records: LayerRecordStore? = nil,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.executable = executable
        self.limits = limits
        self.temporaryDirectory = temporaryDirectory
        self.records = records
        self.log = log
    }

    /// Reads one image.
    ///
    /// - Throws: ``AnalyserError``; ``AnalyserError/image(_:)`` when the image itself is the reason.
    public func analyse(_ image: AnalyserInput) async throws(AnalyserError) -> ImageEvidence {
        let stop: StopSignal
        do { stop = try StopSignal() } catch { throw .cannotStart("no pipe: \(error.text)") }
        let outcome: Result<ImageEvidence, AnalyserError> = await withTaskCancellationHandler {
            do throws(AnalyserError) {
                let known = try await Self.result { () throws(AnalyserError) in try remembered(image, stop) }.get()
                // What is remembered of a digest counts for bytes that have it. They are hashed while the child works on what it is told.
                async let contradicted = onOwnThread { known.contradictedLayers(stop) }
                let found = await Self.result { () throws(AnalyserError) in try evidence(of: known, stop) }
                guard let layers = await contradicted else { throw .cannotStart("no thread") }
                if layers.isEmpty { return found }
                let unknown = known.forgetting(layers)
                return await Self.result { () throws(AnalyserError) in try evidence(of: unknown, stop) }
            } catch {
                return .failure(error)
            }
        } onCancel: {
            stop.raise()
        }
        return try outcome.get()
    }

    private static func result<T: Sendable>(
        _ body: @escaping @Sendable () throws(AnalyserError) -> T
    ) async -> Result<T, AnalyserError> {
        await onOwnThread { () -> Result<T, AnalyserError> in
            do throws(AnalyserError) { return .success(try body()) } catch { return .failure(error) }
        } ?? .failure(.cannotStart("no thread"))
    }

    private func evidence(of image: AnalyserInput, _ stop: StopSignal) throws(AnalyserError) -> ImageEvidence {
        try Self.evidence(from: try output(of: image, stop), log: log)
    }

    /// The image with a record for each of its layers that can have one.
    ///
    /// A layer that was never read is read by a child that gets nothing else: were several read by one, a hostile layer that takes the child
    /// over could write what all later images hear of another. All of this together takes no longer than one image may: what is left then,
    /// and everything after a child that did not end well, is read with the image.
    private func remembered(_ image: AnalyserInput, _ stop: StopSignal) throws(AnalyserError) -> AnalyserInput {
        guard let records, exercise == nil,
            case .manifest(let bytes, let digest, let configuration, var layers) = image.content,
            layers.count <= AnalysisLimits.standard.layers
        else { return image }
        let end = ContinuousClock.now + limits.wallClock
        for index in layers.indices where layers[index].isWorthRemembering {
            guard let key = layers[index].digest else { continue }
            if let record = records.open(key) {
                layers[index].record = record
                continue
            }
            var reader = self
            reader.limits.wallClock = end - ContinuousClock.now
            guard reader.limits.wallClock > .zero else { break }
            let record: [UInt8]
            do throws(AnalyserError) {
                record = try reader.output(of: AnalyserInput(content: .layer(layers[index])), stop)
            } catch {
                if case .cancelled = error { throw error }
                break
            }
            guard record.starts(with: LayerRecord.magic) else { continue }
            do {
                try records.put(key, record)
                layers[index].record = try .memory(record)
            } catch {
                log("a layer is not remembered: \(error)")
            }
        }
        return AnalyserInput(
            content: .manifest(bytes: bytes, digest: digest, configuration: configuration, layers: layers)
        )
    }

    private func output(of image: AnalyserInput, _ stop: StopSignal) throws(AnalyserError) -> [UInt8] {
        var passed = PassedDescriptors()
        let job: AnalyserJob
        do { job = try passed.job(for: image.content, exercise: exercise, spoolDirectory: temporaryDirectory) } catch {
            throw .cannotStart(error.text)
        }
        var arguments = [
            "kontor", "analyse", "memory=\(limits.memory)", "cpu=\(max(1, limits.processorTime.components.seconds))",
            "files=\(limits.openFiles)",
            "nice=\(limits.niceness)", "parent=\(getpid())",
        ]
        switch job.content {
        case .rootDirectory(let descriptor): arguments += ["root=\(descriptor)", "spool=0"]
        case .archive: arguments.append("spool=\(limits.spool)")
        case .manifest, .layer: arguments.append("spool=0")
        }
        // A crash must not start a debugger or a symboliser in the child, and nothing of this process's environment is its business.
        var environment = ["LC_ALL=C.UTF-8", "SWIFT_BACKTRACE=enable=no", "MALLOC_ARENA_MAX=2"]
        if exercise != nil { environment.append(AnalyserExercise.variable + "=1") }
        let output = try AnalyserProcess.run(
            executable: executable,
            arguments: arguments,
            environment: environment,
            job: job.json.bytes(),
            descriptors: passed.numbers,
            limits: limits,
            stop: stop,
            log: log
        )
        // Read the descriptors' owner last, so that none is closed while the child is being started.
        withExtendedLifetime(passed) {}
        return output
    }

    /// Reads the child's answer; the child may have been taken over, so this is hostile input as well.
    static func evidence(from output: [UInt8], log: @Sendable (String) -> Void) throws(AnalyserError) -> ImageEvidence {
        let line = Array(output.prefix { $0 != AnalyserChild.lineEnd })
        let answer: JSONFields
        do {
            answer = try JSONFields(
                JSONValue(parsing: line, limits: JSONLimits(depth: 64, bytes: 1 << 30, values: 20_000_000))
            )
        } catch {
            throw .badAnswer(output.isEmpty ? "it is empty" : "\(error)")
        }
        do {
            if let note = try answer.optionalString("notApplied"), !note.isEmpty {
                log("analyser runs without: \(note)")
            }
            if let error = try answer.optionalObject("error") {
                let message = try error.string("message")
                if try error.string("code") == "notConfined" { throw AnalyserError.notConfined(message) }
                throw AnalyserError.image(message)
            }
            var evidence = try ImageEvidence(json: try answer.object("evidence"))
            let rest = Array(output.dropFirst(line.count + 1))
            if !rest.isEmpty { evidence.manifest = try FileManifest(parsing: rest) }
            return evidence
        } catch let error as AnalyserError {
            throw error
        } catch let error as PackedError {
            throw .badAnswer("the list of files: \(error.reason)")
        } catch {
            throw .badAnswer("\(error)")
        }
    }
}

/// Tells a supervising thread that nobody waits any more.
final class StopSignal: Sendable {
    let reading: Int32
    private let writing: Int32

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard kontor_pipe(&ends) == 0 else { throw SystemError(errno) }
        reading = ends[0]
        writing = ends[1]
    }

    func raise() {
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
    }

    var isRaised: Bool {
        var item = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, 0) == 1
    }

    deinit {
        close(reading)
        close(writing)
    }
}

/// A failed system call.
struct SystemError: Error, Equatable {
    let text: String

    init(_ code: Int32) { text = String(cString: strerror(code)) }
    init(_ text: String) { self.text = text }
}

/// The descriptors that one child gets, in the order of their numbers from 3 on, and who keeps them open meanwhile.
struct PassedDescriptors {
    private(set) var numbers: [Int32] = []
    private var owners: [OpenDescriptor] = []

    /// Adds a descriptor and returns its number in the child.
    mutating func add(_ descriptor: OpenDescriptor) -> Int32 {
        // Layers of an archive, and the same layer twice, share one descriptor.
        if let index = numbers.firstIndex(of: descriptor.number) { return Int32(index) + 3 }
        numbers.append(descriptor.number)
        owners.append(descriptor)
        return Int32(numbers.count) + 2
    }

    mutating func add(_ bytes: [UInt8]) throws(SystemError) -> Int32 { add(try .memory(bytes)) }

    mutating func job(
        for content: AnalyserInput.Content,
        exercise: String?,
        spoolDirectory: String
    ) throws(SystemError) -> AnalyserJob {
        switch content {
        case .manifest(let bytes, let digest, let configuration, let layers):
            let manifest = try add(bytes)
            let configuration = try add(configuration)
            var passed: [AnalyserJob.Layer] = []
            for layer in layers { passed.append(try add(layer)) }
            return AnalyserJob(
                content: .manifest(
                    manifest: manifest,
                    digest: digest?.description,
                    configuration: configuration,
                    layers: passed
                ),
                exercise: exercise
            )
        case .archive(let archive):
            let descriptor = add(archive.descriptor)
            let number = kontor_unlinked_file(spoolDirectory)
            guard number >= 0 else {
                throw SystemError("no temporary file in \(spoolDirectory): \(SystemError(errno).text)")
            }
            let spool = add(OpenDescriptor(taking: number))
            var name: String?
            var digest: String?
            switch archive.selector {
            case .name(let text): name = text
            case .digest(let value): digest = value.description
            case nil: break
            }
            return AnalyserJob(
                content: .archive(
                    descriptor: descriptor,
                    spool: spool,
                    form: archive.form.rawValue,
                    name: name,
                    digest: digest,
                    platform: archive.platform.description,
                    shown: archive.name
                ),
                exercise: exercise
            )
        case .rootDirectory(let directory):
            return AnalyserJob(content: .rootDirectory(add(directory)), exercise: exercise)
        case .layer(let layer): return AnalyserJob(content: .layer(try add(layer)), exercise: exercise)
        }
    }

    private mutating func add(_ layer: AnalyserInput.Layer) throws(SystemError) -> AnalyserJob.Layer {
        var entry = AnalyserJob.Layer(
            descriptor: -1,
            offset: 0,
            length: nil,
            mediaType: layer.mediaType,
            digest: layer.digest?.description
        )
        switch layer.bytes {
        case .descriptor(let descriptor, let offset, let length):
            entry.descriptor = add(descriptor)
            entry.offset = offset
            entry.length = length
        case .memory(let bytes): entry.descriptor = try add(bytes)
        }
        entry.record = layer.record.map { add($0) }
        return entry
    }
}

extension AnalyserInput.Layer {
    /// Small layers are read as quickly as their record would be.
    fileprivate var isWorthRemembering: Bool {
        guard digest?.algorithm == .sha256, case .descriptor(_, _, let length) = bytes else { return false }
        return length.map { $0 >= 256 << 10 } ?? true
    }
}

extension OpenDescriptor {
    /// A sealed file in memory.
    static func memory(_ bytes: [UInt8]) throws(SystemError) -> OpenDescriptor {
        let number = bytes.withUnsafeBytes { kontor_memory_file($0.baseAddress, $0.count) }
        guard number >= 0 else { throw SystemError("no memory file: \(SystemError(errno).text)") }
        return OpenDescriptor(taking: number)
    }
}
