// SPDX-License-Identifier: EUPL-1.2

internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials
internal import Glibc

/// Passwords that people chose, hashed with scrypt.
///
/// Stored as `$scrypt$ln=15,r=8,p=3$SALT$HASH`, both in base64: a later program that needs more work per guess still reads older ones.
///
/// Source: RFC 7914; OWASP, "Password Storage Cheat Sheet" (N = 2^15, r = 8, p = 3).
struct PasswordHash: Sendable {
    private struct Cost: Equatable {
        let logRounds: Int
        let blockSize: Int
        let parallelism: Int
    }

    private static let outputBytes = 32
    /// Derivations at the same time: each takes 32 MiB and a core for a quarter of a second.
    private static let gate = Gate(limit: 2)

    let text: String

    /// Hashes a password with a new salt.
    ///
    /// - Throws: ``AccountsError/tooManyAttempts(retryAfter:)`` when too many wait already.
    static func make(_ password: String, logRounds: Int) async throws -> PasswordHash {
        let cost = Cost(logRounds: logRounds, blockSize: 8, parallelism: 3)
        let salt = Secret.random(16)
        let hash = try await derive(password, salt, cost)
        let parts = "ln=\(cost.logRounds),r=\(cost.blockSize),p=\(cost.parallelism)"
        return PasswordHash(
            text: "$scrypt$\(parts)$\(Data(salt).base64EncodedString())$\(Data(hash).base64EncodedString())"
        )
    }

    /// Whether a password is the one that a stored text was made of; nil costs the same and is never equal.
    ///
    /// A stored text that cannot be read is never equal.
    static func verify(_ password: String, against stored: String?, logRounds: Int) async throws -> Bool {
        let known = stored.flatMap(parse)
        let usual = Cost(logRounds: logRounds, blockSize: 8, parallelism: 3)
        let (cost, salt) = known.map { ($0.cost, $0.salt) } ?? (usual, [UInt8](repeating: 0, count: 16))
        let hash = try await derive(password, salt, cost)
        return Secret.equal(hash, known?.hash ?? []) && known != nil
    }

    private static func parse(_ text: String) -> (cost: Cost, salt: [UInt8], hash: [UInt8])? {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
            let salt = Data(base64Encoded: String(parts[3])), let hash = Data(base64Encoded: String(parts[4])),
            hash.count == outputBytes
        else { return nil }
        let numbers = parts[2].split(separator: ",").map { $0.split(separator: "=") }
        guard numbers.count == 3, numbers.map(\.first) == ["ln", "r", "p"],
            let rounds = numbers[0].last.flatMap({ Int($0) }), let block = numbers[1].last.flatMap({ Int($0) }),
            let parallelism = numbers[2].last.flatMap({ Int($0) }),
            // A damaged row must not make one sign-in take a gigabyte.
            (1...17).contains(rounds), (1...8).contains(block), (1...8).contains(parallelism)
        else { return nil }
        return (Cost(logRounds: rounds, blockSize: block, parallelism: parallelism), [UInt8](salt), [UInt8](hash))
    }

    private static func derive(_ password: String, _ salt: [UInt8], _ cost: Cost) async throws -> [UInt8] {
        try await gate.pass {
            try await Thread.run {
                let key = try KDF.Scrypt.deriveKey(
                    from: Array(password.utf8),
                    salt: salt,
                    outputByteCount: outputBytes,
                    rounds: 1 << cost.logRounds,
                    blockSize: cost.blockSize,
                    parallelism: cost.parallelism
                )
                return key.withUnsafeBytes { Array($0) }
            }
        }
    }
}

/// Work that takes long, on threads of its own: a flood of sign-ins must not take the threads that answer requests.
private enum Thread {
    /// Runs a closure on a new thread.
    static func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let box = Unmanaged.passRetained(Work { continuation.resume(with: Result { try work() }) })
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
            defer { pthread_attr_destroy(&attributes) }
            var thread = pthread_t()
            let code = pthread_create(
                &thread,
                &attributes,
                { pointer in
                    guard let pointer else { return nil }
                    Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
                    return nil
                },
                box.toOpaque()
            )
            // No thread to be had: the work is done here, late rather than never.
            if code != 0 { box.takeRetainedValue().body() }
        }
    }

    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
}
