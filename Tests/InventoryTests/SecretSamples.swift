// SPDX-License-Identifier: EUPL-1.2

import Foundation

/// Texts that look like secrets and open nothing; put together here, so that no scanner finds them in this source.
enum SecretSamples {
    /// Characters of a class, the same on every run.
    static func random(_ count: Int, _ alphabet: String, seed: UInt64 = 11) -> String {
        var generator = SeededGenerator(seed: seed)
        let characters = Array(alphabet)
        return String((0..<count).map { _ in characters[Int.random(in: 0..<characters.count, using: &generator)] })
    }

    static let lower = "abcdefghijklmnopqrstuvwxyz"
    static let upper = lower.uppercased()
    static let digits = "0123456789"
    static let alphanumeric = upper + lower + digits
    static let base64 = alphanumeric + "+/"

    /// A PEM block with a body of `lines` lines.
    static func pem(_ label: String, start: String = "MIIE", lines: Int = 20, end: String = "\n") -> String {
        let body = (0..<lines).map { (($0 == 0) ? start : "abcd") + random(60, base64, seed: UInt64($0 + 1)) }
        return "-----" + "BEGIN \(label)-----" + end + body.joined(separator: end) + end + "-----" + "END \(label)-----"
            + end
    }

    static let privateKey = pem("RSA PRIVATE KEY")
    static let openSSHKey = pem("OPENSSH PRIVATE KEY", start: "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAA")
    static let sealedSSHKey = pem("OPENSSH PRIVATE KEY", start: "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAG")
    static let shadow =
        "root:" + "$6$" + "saltsalt$" + random(86, alphanumeric) + ":19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n"
    static let awsKeyID = "AKIA" + "Q3EGRJ5ZKWT7LVBN"
    static let awsSecret = random(38, alphanumeric) + "a1"

    /// A token of GitHub's or npm's form with the checksum that they have.
    static func checked(_ prefix: String) -> String {
        let body = random(30, alphanumeric)
        var sum = UInt32.max
        for byte in body.utf8 {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? 0xedb8_8320 ^ sum >> 1 : sum >> 1 }
        }
        var rest = Int(~sum)
        let alphabet = Array(digits + upper + lower)
        var checksum = ""
        for _ in 0..<6 {
            checksum = String(alphabet[rest % 62]) + checksum
            rest /= 62
        }
        return prefix + body + checksum
    }
}
