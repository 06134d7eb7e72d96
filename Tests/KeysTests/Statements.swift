// SPDX-License-Identifier: EUPL-1.2

import Keys

/// Bytes as each role signs them.
enum Statements {
    static let vsa = statement("https://slsa.dev/verification_summary/v1")
    static let bill = statement("https://cyclonedx.org/bom")
    static let release = Array(#"{"critical":{"identity":{}},"optional":null}"#.utf8)
    static let checkpoint = Array("example.org/log\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n".utf8)
    static let timeStamp = Array(#"{"body":"e30=","integratedTime":1,"logID":"00","logIndex":7}"#.utf8)

    /// What a key of a role signs.
    static func example(of role: KeyRole) -> [UInt8] {
        switch role {
        case .release, .openPGP: release
        case .provenance: statement("https://slsa.dev/provenance/v1")
        case .verdict: vsa
        case .scan: bill
        case .vex: statement("https://openvex.dev/ns/v0.2.0")
        case .audit: statement("https://node.example/audit/v1")
        case .feeds: statement("https://node.example/feeds/v1")
        case .logNotes: checkpoint
        case .logTimestamps: timeStamp
        }
    }

    /// An in-toto statement of a type in DSSE's encoding.
    static func statement(_ type: String) -> [UInt8] {
        encoded(#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"\#(type)","subject":[],"predicate":{}}"#)
    }

    /// A text in DSSE's encoding.
    static func encoded(_ body: String, type: String = "application/vnd.in-toto+json") -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(body.utf8.count) \(body)".utf8)
    }
}
