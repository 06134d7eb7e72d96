// SPDX-License-Identifier: EUPL-1.2

/// The file of packages of rpm's own database format, NDB: pages of slots, each naming the place of one package's header.
///
/// Source: rpm, `lib/backend/ndb/rpmpkg.c`. All numbers are little-endian.
struct NDBFile {
    /// Why a file could not be read.
    struct Fault: Error, Hashable {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    private static let pageSize = 4096
    private static let slotSize = 16
    private static let blockSize = 16
    /// Slots that the file's head takes the place of.
    private static let headSlots = 2
    private static let maximumBlob = 64 << 20
    private static let maximumPackages = 100_000

    private let bytes: [UInt8]
    private let slots: Int

    init(_ bytes: [UInt8]) throws(Fault) {
        guard bytes.starts(with: Array("RpmP".utf8)), bytes.count >= Self.pageSize else {
            throw Fault("it is no database in rpm's NDB format")
        }
        self.bytes = bytes
        let version = Self.number(bytes, at: 4)
        let pages = Self.number(bytes, at: 12)
        guard version == 0 else { throw Fault("its version \(version) is unknown") }
        guard pages >= 1, pages <= bytes.count / Self.pageSize else { throw Fault("its pages of slots are cut off") }
        slots = pages * (Self.pageSize / Self.slotSize)
    }

    /// Hands over every package's header; a slot that leads nowhere is a fault of its own, and the others are still read.
    func walk(package: (_ header: Result<ArraySlice<UInt8>, Fault>) -> Void) {
        var packages = 0
        // Blobs do not overlap: together they cannot be longer than the file.
        var rest = bytes.count
        for slot in Self.headSlots..<slots {
            let place = slot * Self.slotSize
            guard bytes[place..<(place + 4)].elementsEqual("Slot".utf8) else {
                package(.failure(Fault("slot \(slot) is damaged")))
                continue
            }
            let index = Self.number(bytes, at: place + 4)
            guard index != 0 else { continue }
            packages += 1
            guard packages <= Self.maximumPackages else {
                return package(.failure(Fault("it has more than \(Self.maximumPackages) packages")))
            }
            guard let found = blob(of: index, slot: place), found.count <= rest else {
                package(.failure(Fault("package \(index) is not where its slot says")))
                continue
            }
            rest -= found.count
            package(.success(found))
        }
    }

    private func blob(of package: Int, slot: Int) -> ArraySlice<UInt8>? {
        // Both have 32 bits, so that nothing overflows.
        let start = Self.number(bytes, at: slot + 8) * Self.blockSize
        let blocks = Self.number(bytes, at: slot + 12) * Self.blockSize
        guard start <= bytes.count, blocks <= bytes.count - start, blocks >= 16,
            bytes[start..<(start + 4)].elementsEqual("BlbS".utf8), Self.number(bytes, at: start + 4) == package
        else { return nil }
        let length = Self.number(bytes, at: start + 12)
        guard length <= blocks - 16, length <= Self.maximumBlob else { return nil }
        return bytes[(start + 16)..<(start + 16 + length)]
    }

    /// The caller has made sure that the four bytes are there.
    private static func number(_ bytes: [UInt8], at offset: Int) -> Int {
        bytes[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
