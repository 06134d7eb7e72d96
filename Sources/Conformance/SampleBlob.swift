// SPDX-License-Identifier: EUPL-1.2

import JSON
import OCI

/// Content for one case.
struct SampleBlob: Sendable {
    let bytes: [UInt8]
    let digest: Digest

    init(_ bytes: [UInt8], _ algorithm: Digest.Algorithm = .sha256) {
        self.bytes = bytes
        digest = .hash(bytes, by: algorithm)
    }

    /// Bytes that no registry has seen before.
    static func random(_ count: Int, _ algorithm: Digest.Algorithm = .sha256) -> SampleBlob {
        SampleBlob(randomBytes(count), algorithm)
    }

    static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// A word of lower-case hexadecimal digits.
    static func randomWord(_ digits: Int = 16) -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<digits).map { _ in "0123456789abcdef".randomElement(using: &generator) ?? "0" })
    }

    /// A descriptor of it.
    func descriptor(_ mediaType: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(
            more.merging([
                "mediaType": .string(mediaType), "digest": .string(digest.description),
                "size": .integer(Int64(bytes.count)),
            ]) { _, own in own }
        )
    }
}
