// SPDX-License-Identifier: EUPL-1.2

internal import FoundationEssentials
internal import JSON

/// What node and signer say to each other over a local socket.
///
/// A message is the length of all that follows, the length of a JSON object (both four bytes, big-endian), the object, and the byte strings
/// that it names by their sizes. Both sides bound what they read before they read it.
enum SignerMessage {
    /// Longest message, in bytes.
    static let maximum = KeyRole.maximumBytes + (1 << 20)
    /// Most byte strings in one message.
    static let maximumParts = 4_096

    enum Request {
        case keys
        case sign(KeyRole, [ArraySlice<UInt8>])
    }

    static func encode(_ head: JSONValue, parts: [[UInt8]] = []) -> [UInt8] {
        let object = head.bytes()
        var bytes: [UInt8] = []
        append(UInt32(4 + object.count + parts.reduce(0) { $0 + $1.count }), to: &bytes)
        append(UInt32(object.count), to: &bytes)
        bytes += object
        for part in parts { bytes += part }
        return bytes
    }

    static func encode(sign messages: [[UInt8]], as role: KeyRole) -> [UInt8] {
        let sizes = JSONValue.array(messages.map { .integer(Int64($0.count)) })
        return encode(["verb": "sign", "role": .string(role.rawValue), "sizes": sizes], parts: messages)
    }

    static func encode(_ signatures: [KeySignature]) -> [UInt8] {
        let values = signatures.map { JSONValue.string(Data($0.bytes).base64EncodedString()) }
        return encode(["key": signatures.first?.key.json ?? .null, "signatures": .array(values)])
    }

    static func encode(keys: [KeyRecord]) -> [UInt8] { encode(["keys": .array(keys.map(\.json))]) }

    static func encode(_ error: KeysError) -> [UInt8] { encode(["error": .string(error.description)]) }

    /// The object of a message without its first length, and what follows it.
    static func split(_ message: [UInt8]) throws(KeysError) -> (head: JSONFields, rest: ArraySlice<UInt8>) {
        guard let size = integer(message[...]), message.count >= 4 + Int(size) else {
            throw .signer("a message that ends early")
        }
        do {
            let head = try JSONFields(try JSONValue(parsing: Array(message[4..<(4 + Int(size))])))
            return (head, message[(4 + Int(size))...])
        } catch { throw .signer("a message that cannot be read: \(error)") }
    }

    static func request(_ message: [UInt8]) throws(KeysError) -> Request {
        let (head, rest) = try split(message)
        do {
            switch try head.string("verb") {
            case "keys": return .keys
            case "sign":
                guard let role = KeyRole(rawValue: try head.string("role")) else {
                    throw KeysError.signer("a role that it does not know")
                }
                let sizes = try head.array("sizes")
                guard (1...maximumParts).contains(sizes.count) else {
                    throw KeysError.signer("between 1 and \(maximumParts) byte strings are signed at once")
                }
                var left = rest
                var parts: [ArraySlice<UInt8>] = []
                for size in sizes {
                    guard let count = size.intValue, count >= 0, count <= left.count else {
                        throw KeysError.signer("a message that ends early")
                    }
                    parts.append(left.prefix(count))
                    left = left.dropFirst(count)
                }
                guard left.isEmpty else { throw KeysError.signer("bytes behind the end of a message") }
                return .sign(role, parts)
            default: throw KeysError.signer("a verb that it does not know")
            }
        } catch let error as KeysError {
            throw error
        } catch { throw .signer("a message that cannot be read: \(error)") }
    }

    /// What a node reads of an answer.
    static func answer(_ message: [UInt8]) throws(KeysError) -> JSONFields {
        let (head, rest) = try split(message)
        do {
            if let text = try head.optionalString("error") { throw KeysError.answered(text) }
            guard rest.isEmpty else { throw KeysError.signer("bytes behind the end of an answer") }
            return head
        } catch let error as KeysError {
            throw error
        } catch { throw .signer("an answer that cannot be read: \(error)") }
    }

    static func integer(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        guard bytes.count >= 4 else { return nil }
        return bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }
}
