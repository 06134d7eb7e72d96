// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// Why bytes cannot be read as a VEX document; nothing of them is used then.
public struct VEXReadError: Error, Equatable, Sendable {
    /// The format that was recognised; nil where none was.
    public let format: VEXFormat?
    /// Where: `$.timestamp`, `byte 4711`.
    public let place: String
    /// What is wrong, and what to do next.
    public let reason: LocalizedText

    /// Makes an error.
    public init(format: VEXFormat?, place: String, reason: LocalizedText) {
        self.format = format
        self.place = place
        self.reason = reason
    }
}

extension VEXReadError: CustomStringConvertible {
    /// What, where, why and what next, in English; see ``reason`` for both languages.
    public var description: String { "\(format?.title ?? "VEX document"), \(place): \(reason.en)" }
}
