// SPDX-License-Identifier: EUPL-1.2

/// The addresses that begin with the same bits: `10.0.0.0/8`.
public struct IPNetwork: Sendable, Hashable, CustomStringConvertible {
    /// Its first address.
    public let address: IPAddress
    /// How many bits all have in common.
    public let prefix: Int

    /// `10.0.0.0/8`.
    public var description: String { "\(address)/\(prefix)" }

    /// Reads an address with the number of its bits, or an address alone, which is a network of one.
    ///
    /// Nil for anything else, also when bits behind the prefix are set: that is a slip, and which of the two was
    /// meant is a guess.
    public init?(parsing text: String) {
        guard text.utf8.count <= 49 else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(parsing: String(parts[0])) else { return nil }
        let bits = address.bytes.count * 8
        var prefix = bits
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(parts[1]), number <= bits
            else { return nil }
            prefix = number
        }
        (self.address, self.prefix) = (address, prefix)
        for bit in prefix..<bits where address.bytes[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 { return nil }
    }

    /// Whether an address is one of it.
    public func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        let whole = prefix / 8
        guard other.bytes.prefix(whole).elementsEqual(address.bytes.prefix(whole)) else { return false }
        guard prefix % 8 != 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> (prefix % 8))
        return (other.bytes[whole] ^ address.bytes[whole]) & mask == 0
    }
}
