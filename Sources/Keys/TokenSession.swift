// SPDX-License-Identifier: EUPL-1.2

import Glibc
import Synchronization

/// A signed-in session with one token; ends with the value.
///
/// Unchecked: its numbers never change, and it calls the library under the library's lock.
final class TokenSession: @unchecked Sendable {
    typealias Value = TokenModule.Value
    typealias Attribute = TokenModule.Attribute

    private enum Flag {
        static let serial: Value = 4
        static let readWrite: Value = 2
        static let finalTry: Value = 0x2_0000
        static let locked: Value = 0x4_0000
    }

    /// A PIN that a token refused: tried again, it would lock the token.
    private struct RefusedPIN: Hashable {
        let module: String
        let serial: String
        let pin: [UInt8]
    }

    let module: TokenModule
    let slot: Value
    private let handle: Value
    private let place: String

    // Owner: this mutex.
    private static let refused = Mutex<Set<RefusedPIN>>([])

    /// Finds the token by its label and signs in.
    ///
    /// A PIN is tried once: after a refusal not again while this process lives, and never as the last attempt that a token allows.
    init(_ location: TokenLocation, pin: [UInt8], writes: Bool = false) throws(KeysError) {
        let place = location.text
        let module = try TokenModule.at(location)
        let result = module.lock.withLock { _ in
            Result { () throws(KeysError) in
                try Self.open(module, location, pin, writes: writes, place)
            }
        }
        (slot, handle) = try result.get()
        self.module = module
        self.place = place
    }

    deinit {
        module.lock.withLock { _ in
            typealias Close = @convention(c) (Value) -> Value
            _ = module.function(.closeSession, as: Close.self)?(handle)
        }
    }

    private static func open(
        _ module: TokenModule,
        _ location: TokenLocation,
        _ pin: [UInt8],
        writes: Bool,
        _ place: String
    ) throws(KeysError) -> (slot: Value, handle: Value) {
        let tokens = try module.slots().compactMap { slot in module.token(in: slot).map { (slot: slot, info: $0) } }
        let found = tokens.filter { $0.info.label == location.token }
        guard let token = found.first, found.count == 1 else {
            let labels = tokens.map { "\"\($0.info.label)\"" }.prefix(20).joined(separator: ", ")
            throw .token(
                place: place,
                reason: found.isEmpty
                    ? "no such token is there, only: \(labels.isEmpty ? "none" : labels); insert it, or check the library's configuration"
                    : "\(found.count) tokens have this label; give them different ones"
            )
        }
        guard token.info.flags & Flag.locked == 0 else {
            throw .token(place: place, reason: "the PIN is locked; the token's officer has to set a new one")
        }
        guard token.info.flags & Flag.finalTry == 0 else {
            throw .token(
                place: place,
                reason:
                    "the token allows one last attempt, which is not risked here; sign in by hand with the right PIN first"
            )
        }
        let attempt = RefusedPIN(module: module.path, serial: token.info.serial, pin: pin)
        guard !refused.withLock({ $0.contains(attempt) }) else {
            throw .token(
                place: place,
                reason:
                    "the PIN in \(location.pinFile) was refused before and is not tried again; write the right one there"
            )
        }
        typealias Open =
            @convention(c) (
                Value, Value, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutablePointer<Value>
            ) -> Value
        typealias Login = @convention(c) (Value, Value, UnsafePointer<UInt8>?, Value) -> Value
        typealias Close = @convention(c) (Value) -> Value
        guard let open = module.function(.openSession, as: Open.self),
            let login = module.function(.login, as: Login.self)
        else { throw module.lacks("C_OpenSession or C_Login") }
        var handle: Value = 0
        let opened = open(token.slot, Flag.serial | (writes ? Flag.readWrite : 0), nil, nil, &handle)
        guard opened == TokenCode.ok else {
            throw .token(place: place, reason: "no session: \(TokenCode.text(opened))")
        }
        let code = login(handle, 1, pin, Value(pin.count))
        guard code == TokenCode.ok || code == TokenCode.alreadyLoggedIn else {
            _ = module.function(.closeSession, as: Close.self)?(handle)
            if code == TokenCode.pinIncorrect { refused.withLock { _ = $0.insert(attempt) } }
            throw .token(
                place: place,
                reason:
                    "it does not let in: \(TokenCode.text(code)) (PIN file \(location.pinFile)); nothing is tried twice"
            )
        }
        return (token.slot, handle)
    }

    // MARK: - Objects

    /// The one object of a class with the given label and identifier.
    func object(_ kind: Value, _ what: String, label: String?, id: [UInt8]?) throws(KeysError) -> Value {
        let result = module.lock.withLock { _ in Result { () throws(KeysError) in try find(kind, label: label, id: id) }
        }
        let found = try result.get()
        guard let first = found.first else { throw .token(place: place, reason: "the token has no such \(what)") }
        guard found.count == 1 else {
            throw .token(
                place: place,
                reason: "the token has \(found.count) such objects (\(what)); name it by its identifier"
            )
        }
        return first
    }

    private func find(_ kind: Value, label: String?, id: [UInt8]?) throws(KeysError) -> [Value] {
        typealias Begin = @convention(c) (Value, UnsafeMutableRawPointer?, Value) -> Value
        typealias Find =
            @convention(c) (Value, UnsafeMutablePointer<Value>, Value, UnsafeMutablePointer<Value>) -> Value
        typealias End = @convention(c) (Value) -> Value
        guard let begin = module.function(.findObjectsInit, as: Begin.self),
            let find = module.function(.findObjects, as: Find.self),
            let end = module.function(.findObjectsFinal, as: End.self)
        else { throw module.lacks("C_FindObjects") }
        let template = TokenTemplate()
        template.add(TokenTemplate.kind, kind)
        if let label { template.add(TokenTemplate.label, Array(label.utf8)) }
        if let id { template.add(TokenTemplate.id, id) }
        let begun = template.use { begin(handle, $0, $1) }
        guard begun == TokenCode.ok else { throw module.failed("objects cannot be searched", begun) }
        defer { _ = end(handle) }
        var objects = [Value](repeating: 0, count: 8)
        var count: Value = 0
        let code = find(handle, &objects, Value(objects.count), &count)
        guard code == TokenCode.ok else { throw module.failed("objects cannot be searched", code) }
        return Array(objects.prefix(Int(min(count, 8))))
    }

    /// The bytes of an attribute; nil when the object does not tell it.
    func attribute(_ type: Value, of object: Value) -> [UInt8]? {
        module.lock.withLock { _ in
            typealias Get = @convention(c) (Value, Value, UnsafeMutableRawPointer, Value) -> Value
            guard let get = module.function(.getAttributeValue, as: Get.self) else { return nil }
            var buffer = [UInt8](repeating: 0, count: 1_024)
            return buffer.withUnsafeMutableBytes { bytes in
                var attribute = Attribute(type: type, value: bytes.baseAddress, length: Value(bytes.count))
                guard get(handle, object, &attribute, 1) == TokenCode.ok, attribute.length <= Value(bytes.count) else {
                    return nil
                }
                return Array(bytes.prefix(Int(attribute.length)))
            }
        }
    }

    /// Has the token sign.
    func sign(_ message: [UInt8], mechanism: Value, with key: Value) throws(KeysError) -> [UInt8] {
        let result = module.lock.withLock { _ in
            Result { () throws(KeysError) in
                typealias Begin = @convention(c) (Value, UnsafeMutableRawPointer, Value) -> Value
                typealias Sign =
                    @convention(c) (
                        Value, UnsafePointer<UInt8>, Value, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<Value>
                    ) -> Value
                guard let begin = module.function(.signInit, as: Begin.self),
                    let sign = module.function(.sign, as: Sign.self)
                else { throw module.lacks("C_Sign") }
                var how = TokenModule.Mechanism(type: mechanism, parameter: nil)
                let begun = begin(handle, &how, key)
                guard begun == TokenCode.ok else { throw KeysError.token(place: place, reason: TokenCode.text(begun)) }
                var signature = [UInt8](repeating: 0, count: 256)
                var length = Value(signature.count)
                let code = sign(handle, message, Value(message.count), &signature, &length)
                guard code == TokenCode.ok, length <= 256 else {
                    throw KeysError.token(place: place, reason: TokenCode.text(code))
                }
                return Array(signature.prefix(Int(length)))
            }
        }
        return try result.get()
    }

    /// Has the token make a pair of keys that never leaves it.
    func generate(mechanism: Value, parameters: [UInt8], label: String?, id: [UInt8]) throws(KeysError) {
        typealias Generate =
            @convention(c) (
                Value, UnsafeMutableRawPointer, UnsafeMutableRawPointer?, Value, UnsafeMutableRawPointer?, Value,
                UnsafeMutablePointer<Value>, UnsafeMutablePointer<Value>
            ) -> Value
        guard let generate = module.function(.generateKeyPair, as: Generate.self) else {
            throw module.lacks("C_GenerateKeyPair")
        }
        let (publicKey, privateKey) = (TokenTemplate(), TokenTemplate())
        for template in [publicKey, privateKey] {
            template.add(TokenTemplate.isStored, true)
            if let label { template.add(TokenTemplate.label, Array(label.utf8)) }
            template.add(TokenTemplate.id, id)
        }
        publicKey.add(TokenTemplate.parameters, parameters)
        publicKey.add(TokenTemplate.verifies, true)
        for type in [TokenTemplate.isPrivate, TokenTemplate.isSensitive, TokenTemplate.signs] {
            privateKey.add(type, true)
        }
        privateKey.add(TokenTemplate.isExtractable, false)
        let code = module.lock.withLock { _ in
            var how = TokenModule.Mechanism(type: mechanism, parameter: nil)
            var (first, second): (Value, Value) = (0, 0)
            return publicKey.use { left, leftCount in
                privateKey.use { right, rightCount in
                    generate(handle, &how, left, leftCount, right, rightCount, &first, &second)
                }
            }
        }
        guard code == TokenCode.ok else {
            throw .token(place: place, reason: "the token makes no key: \(TokenCode.text(code))")
        }
    }
}

/// Attributes for one call, whose bytes stay where they are until it is gone.
final class TokenTemplate {
    static let kind: UInt = 0x0
    static let isStored: UInt = 0x1
    static let isPrivate: UInt = 0x2
    static let label: UInt = 0x3
    static let id: UInt = 0x102
    static let isSensitive: UInt = 0x103
    static let signs: UInt = 0x108
    static let verifies: UInt = 0x10A
    static let isExtractable: UInt = 0x162
    static let parameters: UInt = 0x180
    static let point: UInt = 0x181

    private var attributes: [TokenModule.Attribute] = []

    func add(_ type: UInt, _ bytes: [UInt8]) {
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
        copy.copyMemory(from: bytes, byteCount: bytes.count)
        attributes.append(TokenModule.Attribute(type: type, value: copy, length: UInt(bytes.count)))
    }

    func add(_ type: UInt, _ value: Bool) { add(type, [value ? 1 : 0]) }

    func add(_ type: UInt, _ value: UInt) { add(type, withUnsafeBytes(of: value) { Array($0) }) }

    func use(_ body: (UnsafeMutablePointer<TokenModule.Attribute>?, UInt) -> UInt) -> UInt {
        var list = attributes
        return list.withUnsafeMutableBufferPointer { body($0.baseAddress, UInt($0.count)) }
    }

    deinit { for attribute in attributes { attribute.value?.deallocate() } }
}
