// SPDX-License-Identifier: EUPL-1.2

import Archives
import Cataloguers
import Criteria
import OCI

/// All that one reading of a layer told: it is laid over other layers without its bytes being read again.
///
/// Made by a child that read this layer and nothing else, so that no other layer can have a say in it; filed under the digest that the
/// bytes were found to have. Where it does not fit (another kind of digest, a bound that only the image as a whole reaches) the bytes are
/// read instead.
struct LayerRecord: Equatable {
    /// What happened in the order of the archive.
    enum Event: Equatable {
        /// A member.
        case entry(ArchiveEntry)
        /// Contents that are kept of the member before.
        case kept([UInt8])
        /// What a cataloguer said about the member before.
        case catalogued(String, Catalogued)
        /// The hash of the bytes of the member before.
        case hashed(FileHash)
    }

    /// A secret that was seen.
    struct Secret: Equatable {
        var hit: SecretHit
        var isBinary: Bool
    }

    /// Digest of the stored bytes, as it was found.
    var stored: Digest
    /// SHA-256 of the uncompressed bytes.
    var uncompressed: Digest
    var storedBytes: Int64
    var uncompressedBytes: Int64
    var events: [Event] = []
    var secrets: [Secret] = []
    var secretBytes: Int64 = 0

    /// Counts up with everything that changes what a reading tells: rules for secrets, files that are kept, this form.
    static let format = 4

    /// Names the version of all that has a say in a record.
    static let version: String = {
        let cataloguers = Cataloguers.all.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
        return "\(format); \(cataloguers)"
    }()

    /// Bytes of a record that is worth keeping; a larger one is not made.
    static let limit = 96 << 20

    var entries: Int {
        events.count {
            if case .entry = $0 { return true }
            return false
        }
    }
}

/// Notes what a reading tells while it goes on.
struct LayerRecorder {
    private(set) var events: [LayerRecord.Event] = []

    mutating func entry(_ entry: ArchiveEntry) {
        events.append(.entry(entry))
    }

    mutating func kept(_ contents: [UInt8]) {
        events.append(.kept(contents))
    }

    mutating func hashed(_ hash: FileHash) {
        events.append(.hashed(hash))
    }

    mutating func catalogued(_ cataloguer: String, _ found: Catalogued) {
        events.append(.catalogued(cataloguer, found))
    }
}
