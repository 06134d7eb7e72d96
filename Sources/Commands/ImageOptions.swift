// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Criteria
import DurableFiles
import ImageSources
import Inventory
import OCI

/// Options of the verbs that read one image.
struct ImageOptions: ParsableArguments {
    @Argument(help: help(Texts.image, value: "IMAGE"))
    var image: String

    @OptionGroup var reading: ImageReadingOptions

    /// Finds the image, opens it and has it read in a child.
    func analysed(_ settings: Settings, _ terminal: Terminal, data: String? = nil) async throws -> (
        image: OpenedImage, evidence: ImageEvidence
    ) { try await reading.analysed(image, settings, terminal, data: data) }
}

/// Options of the verbs that read images: which one of several, and how a registry lets us in.
struct ImageReadingOptions: ParsableArguments {
    @Option(help: help(Texts.platform, value: "OS/ARCH"))
    var platform: String?

    @OptionGroup var access: RegistryAccessOptions

    /// Finds an image, opens it and has it read in a child.
    ///
    /// - Parameter data: where layers that were read are remembered; the configured directory unless given. One that is not there is not made.
    func analysed(_ image: String, _ settings: Settings, _ terminal: Terminal, data: String? = nil) async throws -> (
        image: OpenedImage, evidence: ImageEvidence
    ) {
        do {
            let location = try ImageLocation(parsing: image)
            terminal.step(Texts.opening)
            let opened = try await opener(settings, terminal).open(location)
            terminal.step(Texts.analysing)
            let analyser = Analyser(
                temporaryDirectory: Self.temporaryDirectory,
                records: records(data ?? (try? settings.dataDirectory(option: nil))),
                log: { terminal.note($0) }
            )
            return (opened, try await analyser.analyse(AnalyserInput(opened)))
        } catch let failure as CommandFailure {
            throw failure
        } catch let error as AnalyserError {
            // What is wrong inside an image is said with the image's name.
            throw CommandFailure("\(image): \(error)")
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    private func records(_ directory: String?) -> LayerRecordStore? {
        guard let directory, (try? FileOperations.live.names(directory)) != nil else { return nil }
        return LayerRecordStore(directory: directory + "/layers")
    }

    private func opener(_ settings: Settings, _ terminal: Terminal) throws -> ImageOpener {
        var wanted = ImageChoice.hostPlatform
        if let text = settings.text(.platform, option: platform) {
            do { wanted = try Platform(parsing: text) } catch { throw CommandFailure("--platform: \(error)") }
        }
        let credentials = try access.credentials()
        return ImageOpener(
            platform: wanted,
            credentials: credentials,
            plainHTTP: try settings.flag(.plainHTTP, option: access.plainHTTP),
            temporaryDirectory: Self.temporaryDirectory,
            environment: processEnvironment,
            progress: { step in
                switch step {
                case .pullingLayer(let number, let total, let bytes):
                    terminal.step(Texts.pulling(number, total, bytes / 1_000_000))
                }
            }
        )
    }

    static var temporaryDirectory: String {
        processEnvironment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/var/tmp"
    }
}
