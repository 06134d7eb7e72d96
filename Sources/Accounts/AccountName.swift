// SPDX-License-Identifier: EUPL-1.2

import JSON

/// What names may be: they stand in audit logs, addresses and command lines, and somebody chooses them.
public enum AccountName {
    /// How names of service accounts begin, and no others: nobody can pass for a program, and no program for a person.
    public static let servicePrefix = "svc-"
    /// Names that mean somebody in the audit log already.
    static let reserved: Set<String> = ["admin", "node", "unknown", "anonymous", "system", "kontor"]

    /// Whether a text is a name: 2 to 64 letters, digits, `.`, `_`, `-`, in lower case, beginning and ending with a letter or digit.
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        func isPlain(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
        guard (2...64).contains(bytes.count), isPlain(bytes[0]), isPlain(bytes[bytes.count - 1]) else { return false }
        return bytes.allSatisfy { isPlain($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
    }

    /// Refuses what cannot be the name of a new account.
    static func check(_ text: String, _ kind: Account.Kind) throws(AccountsError) {
        guard isValid(text) else {
            throw .invalid(
                "\"\(text.excerpt(80))\" is no account name: 2 to 64 of a-z, 0-9, '.', '_' and '-', with a letter or digit at both ends"
            )
        }
        guard !reserved.contains(text) else { throw .invalid("the name \"\(text)\" is reserved") }
        guard text.hasPrefix(servicePrefix) == (kind == .service) else {
            throw .invalid(
                kind == .service
                    ? "the name of a service account begins with \(servicePrefix)"
                    : "only names of service accounts begin with \(servicePrefix)"
            )
        }
    }
}
