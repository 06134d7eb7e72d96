// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import Glibc
import RegistryClient

/// Options of the verbs that speak to a registry.
struct RegistryAccessOptions: ParsableArguments {
    @Option(help: help(Texts.username, value: "NAME"))
    var username: String?

    @Flag(help: help(Texts.passwordStdin))
    var passwordStdin = false

    @Flag(name: .customLong("plain-http"), help: help(Texts.plainHTTP))
    var plainHTTP = false

    /// Credentials that were given for this call; nil when none were.
    func credentials() throws(CommandFailure) -> RegistryCredentials? {
        guard (username == nil) == !passwordStdin else { throw CommandFailure(Texts.passwordNeedsUser) }
        guard let username else { return nil }
        return RegistryCredentials(username: username, password: try Self.passwordFromStandardInput())
    }

    private static func passwordFromStandardInput() throws(CommandFailure) -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                read(0, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            filled += count
        }
        var text = String(decoding: bytes[..<filled], as: UTF8.self)
        while text.last?.isNewline == true { text.removeLast() }
        guard !text.isEmpty else { throw CommandFailure(Texts.passwordEmpty) }
        return text
    }
}
