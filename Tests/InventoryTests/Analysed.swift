// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Foundation
import Inventory
import OCI
import SBOM
import TestKit

/// Analyses an image in this process; its layers lie in a directory that is gone afterwards.
func analysed(
    _ image: BuiltImage,
    manifestDigest: Digest? = nil,
    limits: AnalysisLimits = .standard
) throws -> ImageEvidence {
    let directory = try TemporaryDirectory()
    var files: [FileHandle] = []
    defer { for file in files { try? file.close() } }
    var layers: [LayerInput] = []
    for (index, layer) in image.layers.enumerated() {
        let path = try directory.write(layer.bytes, to: "layer\(index)")
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        files.append(file)
        layers.append(
            LayerInput(descriptor: file.fileDescriptor, mediaType: layer.mediaType, digest: layer.digest)
        )
    }
    return try ImageAnalysis.analyse(
        manifest: image.manifest,
        manifestDigest: manifestDigest ?? image.manifestDigest,
        configuration: image.configuration,
        layers: layers,
        rootDirectory: nil,
        limits: limits
    )
}

/// Analyses an image of layers that `builders` fill.
func analysed(
    limits: AnalysisLimits = .standard,
    layers builders: ((inout TarBuilder) -> Void)...
) throws -> ImageEvidence {
    var image = ImageBuilder()
    for (index, builder) in builders.enumerated() { image.layer([.gzip, .none, .zstd][index % 3], builder) }
    return try analysed(image.built(), limits: limits)
}

extension ImageEvidence {
    /// Names and versions of packages, in order of their purls.
    var packages: [String] { components.filter { $0.ecosystem == "deb" }.map { "\($0.name) \($0.version)" } }

    /// Texts of all problems.
    var reasons: [String] { problems.map { "\($0.path ?? "-"): \($0.reason)" } }
}

let debianRelease = """
    PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
    NAME="Debian GNU/Linux"
    VERSION_ID="12"
    VERSION="12 (bookworm)"
    VERSION_CODENAME=bookworm
    ID=debian

    """

/// A stanza of an installed package.
func stanza(_ name: String, _ version: String, architecture: String = "amd64", _ more: String...) -> String {
    (["Package: \(name)", "Status: install ok installed", "Version: \(version)", "Architecture: \(architecture)"] + more)
        .joined(separator: "\n") + "\n\n"
}

/// A generator whose numbers are the same on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
