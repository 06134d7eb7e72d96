// SPDX-License-Identifier: EUPL-1.2

import Glibc
import Synchronization

/// A library that speaks PKCS#11, loaded once for the life of the process.
///
/// It is foreign code inside the signer, so that the operator names it and the file must be nobody's to change but root's and the signer's.
/// Unchecked: the table of functions never changes, and every call is made under ``lock``.
///
/// Source: OASIS PKCS #11 v2.40, base specification and header files; the layout is that of Unix systems, where nothing is packed.
final class TokenModule: @unchecked Sendable {
    typealias Value = UInt

    /// One attribute of an object, or of a search.
    struct Attribute {
        var type: Value
        var value: UnsafeMutableRawPointer?
        var length: Value
    }

    /// How something is signed or made, with its parameter.
    struct Mechanism {
        var type: Value
        var parameter: UnsafeMutableRawPointer?
        var length: Value = 0
    }

    /// Functions by their place in the table.
    enum Function: Int {
        case initialize = 0
        case getSlotList = 4
        case getTokenInfo = 6
        case getMechanismInfo = 8
        case openSession = 12
        case closeSession = 13
        case login = 18
        case getAttributeValue = 24
        case findObjectsInit = 26
        case findObjects = 27
        case findObjectsFinal = 28
        case signInit = 42
        case sign = 43
        case generateKeyPair = 59
    }

    let path: String
    /// The state of a token's sign-in belongs to the whole process: one at a time.
    let lock = Mutex<Void>(())
    private let functions: UnsafeRawPointer

    // Owner: this mutex. A library stays loaded: many do not bear being unloaded.
    private static let loaded = Mutex<[String: TokenModule]>([:])

    /// The library at a path.
    static func at(_ location: TokenLocation) throws(KeysError) -> TokenModule {
        let result = loaded.withLock { loaded in
            Result { () throws(KeysError) in
                if let module = loaded[location.module] { return module }
                let module = try TokenModule(location)
                loaded[location.module] = module
                return module
            }
        }
        return try result.get()
    }

    private init(_ location: TokenLocation) throws(KeysError) {
        path = location.module
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw .token(place: path, reason: "the library cannot be found: \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o022 == 0,
            status.st_uid == 0 || status.st_uid == geteuid()
        else {
            throw .token(
                place: path,
                reason:
                    "others could change the library; it must be a file of root or of this account that only its owner writes"
            )
        }
        // Before the library is there, which reads them when it begins; this process has no other use for them.
        for (name, value) in location.environment { setenv(name, value, 1) }
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "unknown"
            throw .token(place: path, reason: "the library cannot be loaded: \(reason)")
        }
        typealias GetList = @convention(c) (UnsafeMutablePointer<UnsafeRawPointer?>) -> Value
        guard let symbol = dlsym(handle, "C_GetFunctionList") else {
            dlclose(handle)
            throw .token(place: path, reason: "the library is none for tokens (PKCS#11): it has no C_GetFunctionList")
        }
        var table: UnsafeRawPointer?
        let code = unsafeBitCast(symbol, to: GetList.self)(&table)
        guard code == TokenCode.ok, let table else {
            throw .token(place: path, reason: "the library gives no functions: \(TokenCode.text(code))")
        }
        functions = table
        // Version 3 begins like version 2; nothing else has this table.
        guard [2, 3].contains(table.load(as: UInt8.self)) else {
            throw .token(place: path, reason: "the library speaks another version of PKCS#11 than 2 or 3")
        }
        try begin()
    }

    /// The library may use the system's locks; this process never forks after it.
    private func begin() throws(KeysError) {
        typealias Initialize = @convention(c) (UnsafeMutableRawPointer?) -> Value
        // Four callbacks that are not given, the flag, and a reserved pointer.
        var arguments: (Int, Int, Int, Int, Value, Int) = (0, 0, 0, 0, 2, 0)
        let initialize = function(.initialize, as: Initialize.self)
        let code = withUnsafeMutableBytes(of: &arguments) { initialize?($0.baseAddress) ?? TokenCode.absent }
        guard code == TokenCode.ok || code == TokenCode.alreadyInitialized else {
            throw .token(place: path, reason: "the library does not begin: \(TokenCode.text(code))")
        }
    }

    /// A function of the table; nil where the library has none.
    func function<T>(_ function: Function, as type: T.Type) -> T? {
        // Behind the version, which has two bytes, and the gap up to the first pointer.
        let offset = (1 + function.rawValue) * MemoryLayout<Int>.stride
        guard let pointer = functions.load(fromByteOffset: offset, as: UnsafeRawPointer?.self) else { return nil }
        return unsafeBitCast(pointer, to: type)
    }

    // MARK: - Calls

    /// The slots in which a token is.
    func slots() throws(KeysError) -> [Value] {
        typealias List = @convention(c) (UInt8, UnsafeMutablePointer<Value>?, UnsafeMutablePointer<Value>) -> Value
        guard let list = function(.getSlotList, as: List.self) else { throw lacks("C_GetSlotList") }
        // Asked for the number alone, a library looks anew what is there.
        var count: Value = 0
        _ = list(1, nil, &count)
        var slots = [Value](repeating: 0, count: 256)
        count = Value(slots.count)
        let code = list(1, &slots, &count)
        guard code == TokenCode.ok else { throw failed("the slots cannot be listed", code) }
        return Array(slots.prefix(Int(min(count, 256))))
    }

    /// Label, serial number and flags of the token in a slot; nil when it cannot be asked.
    func token(in slot: Value) -> (label: String, serial: String, flags: Value)? {
        typealias Info = @convention(c) (Value, UnsafeMutableRawPointer) -> Value
        guard let info = function(.getTokenInfo, as: Info.self) else { return nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 16)
        defer { buffer.deallocate() }
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        guard let base = buffer.baseAddress, info(slot, base) == TokenCode.ok else { return nil }
        func text(_ range: Range<Int>) -> String {
            var bytes = buffer[range]
            while let last = bytes.last, last == 0x20 || last == 0 { bytes = bytes.dropLast() }
            return String(decoding: bytes, as: UTF8.self)
        }
        return (text(0..<32), text(80..<96), buffer.load(fromByteOffset: 96, as: Value.self))
    }

    /// Whether the token in a slot can do something.
    func has(_ mechanism: Value, in slot: Value) -> Bool {
        typealias Info = @convention(c) (Value, Value, UnsafeMutableRawPointer) -> Value
        guard let info = function(.getMechanismInfo, as: Info.self) else { return false }
        var result: (Value, Value, Value) = (0, 0, 0)
        return withUnsafeMutableBytes(of: &result) { buffer in
            buffer.baseAddress.map { info(slot, mechanism, $0) == TokenCode.ok } ?? false
        }
    }

    func lacks(_ name: String) -> KeysError { .token(place: path, reason: "the library has no \(name)") }

    func failed(_ what: String, _ code: Value) -> KeysError {
        .token(place: path, reason: "\(what): \(TokenCode.text(code))")
    }
}

/// Return codes of PKCS#11.
enum TokenCode {
    static let ok: UInt = 0
    static let alreadyLoggedIn: UInt = 0x100
    static let alreadyInitialized: UInt = 0x191
    static let pinIncorrect: UInt = 0xA0
    /// No code: the library lacks the function.
    static let absent: UInt = .max

    private static let texts: [UInt: String] = [
        0x02: "no memory", 0x05: "a general error", 0x06: "the function failed", 0x30: "an error of the device",
        0x32: "the device was removed", 0x63: "the key is of another type", 0x68: "the key may not be used for this",
        0x70: "the token does not know the mechanism", 0xA0: "the PIN is wrong",
        0xA1: "the PIN has characters that it cannot have",
        0xA2: "the PIN is too short or too long", 0xA3: "the PIN has expired", 0xA4: "the PIN is locked",
        0xB0: "the session was closed", 0xB3: "the session is not known", 0xE0: "no token is there",
        0xE1: "the token is not known", 0x101: "nobody is signed in", 0x102: "the user's PIN was never set",
        0x190: "the library did not begin", absent: "the library has no such function",
    ]

    static func text(_ code: UInt) -> String { texts[code] ?? "code 0x" + String(code, radix: 16) }
}
