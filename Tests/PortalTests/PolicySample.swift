// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Blobs
import Database
import HTTPTypes
import JSON
import NIOPosix
import OCI
import Policies
import Registry
import TestKit
import Testing
import Time

/// A namespace `stadt` for everybody and one `land` for members, with people of every kind.
struct PolicySample {
    static let admin = Account(id: 1, name: "admin", isAdmin: true)
    static let page = "/namespaces/stadt/policies"

    let site: TestSite
    let database: Database
    let accounts: Accounts
    let registry: Registry
    let stadt: Namespace

    init() async throws {
        database = try Database.inMemory(migrations: TestSite.migrations)
        let directory = try TemporaryDirectory("policies")
        var settings = Accounts.Settings()
        settings.anonymousPull = true
        accounts = Accounts(database: database, clock: .system, settings: settings)
        _ = try await accounts.bootstrap(dataDirectory: directory.path)
        registry = Registry(database: database, blobs: BlobStore(directory: "/nowhere", threads: .singleton))
        let admin = Self.admin
        try await accounts.putOrganisation(
            Organisation(name: "stadt", title: "Stadt Beispiel", kind: .municipal),
            by: admin
        )
        for (name, isPublic) in [("stadt", true), ("land", false), ("amt/policies", true)] {
            try await accounts.createNamespace(name, organisation: "stadt", isPublic: isPublic, by: admin)
        }
        for name in ["anna", "leser", "fremd"] {
            _ = try await accounts.createPerson(name, organisation: "stadt", by: admin)
        }
        _ = try await accounts.createPerson("pruefung", organisation: nil, nodeRole: .auditor, by: admin)
        try await accounts.setRole(.maintainer, of: "anna", in: "stadt", by: admin)
        try await accounts.setRole(.reader, of: "leser", in: "stadt", by: admin)
        var site = TestSite()
        site.database = database
        site.formToken = "proof"
        for name in ["anna", "leser", "fremd", "pruefung"] {
            let id = try await database.read { t in
                try t.first(Statement("test.account", "SELECT id FROM accounts WHERE name = ?"), [.text(name)])?.int64(
                    0
                )
            }
            site.people[name] = Account(id: try #require(id), name: name, isAdmin: false)
        }
        self.site = site
        stadt = try await accounts.overseen("stadt", by: admin)
    }

    func account(_ name: String) throws -> Account { try #require(name == "admin" ? Self.admin : site.people[name]) }

    /// The page as somebody sees it; nil for a stranger.
    func get(_ path: String = page, as name: String? = "anna", _ language: String = "en") async throws -> Answer {
        var headers: HTTPFields = [:]
        if let name { headers[.authorization] = "Basic " + base64(name + ":geheim:mit") }
        return try await site.get(path + "?lang=" + language, headers)
    }

    func set(_ policy: JSONValue, reason: String = "weil", expected: Int64 = 0) async throws {
        try await registry.setPolicy(
            try ContentPolicy(json: policy),
            for: stadt,
            expectedRevision: expected,
            reason: reason,
            by: Self.admin
        )
    }

    private func base64(_ text: String) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: 3).map { start in
            let part = bytes[start..<min(start + 3, bytes.count)]
            let value = (0..<3).reduce(0) { $0 << 8 | (start + $1 < bytes.count ? Int(bytes[start + $1]) : 0) }
            let text = (0..<4).map { digits[value >> (18 - 6 * $0) & 63] }
            return String(text.prefix(part.count + 1)) + String(repeating: "=", count: 3 - part.count)
        }.joined()
    }

    /// A public key that nobody has the other half of.
    static let key = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEPMlJgzcxcJ+z8hf0lUiY5U+PBpMQ
        H/KhtOOOfnsAEaRygcFXv1qxdJquIikwiUApF18ktn8SfHltYkndgGDjiQ==
        -----END PUBLIC KEY-----

        """

    /// Every kind of rule that there is, one of each at least.
    static func everything(roots: String, from later: String, name: String = "Amt") -> JSONValue {
        [
            "immutableTags": [["tags": ["v*"], "except": ["v0.*"], "repository": "stadt/app"]],
            "retention": [
                [
                    "keep": [
                        ["newest": 5], ["pushedWithinDays": 30, "tags": ["ci-*"]], ["pulledWithinDays": 90],
                        ["matching": ["v*"]],
                    ], "removeUntaggedAfterDays": 7,
                ],
                ["keep": [["newest": 1]], "allowEmpty": true, "repository": "stadt/test"],
            ],
            "pull": [
                ["level": "bronze", "graceDays": 3, "effectiveFrom": "2026-01-02T00:00:00Z"],
                ["refuseExploited": true, "graceDays": 0], ["signed": true, "logged": true, "approvedBy": "stadt"],
                ["level": "silver", "effectiveFrom": .string(later)],
            ],
            "push": [
                ["tags": ["v*"], "except": ["v*-rc"], "signed": true], ["bases": ["stadt/base"]],
                ["mediaTypes": ["application/vnd.oci.image.*"]],
                ["bases": ["stadt/neu"], "effectiveFrom": .string(later)],
            ],
            "quotaBytes": 1_000_000_000, "openUploads": 4,
            "trust": [
                "threshold": 2, "log": "inclusion",
                "publishers": [
                    [
                        "name": .string(name), "node": true,
                        "keys": [
                            [
                                "name": .string(name), "key": .string(key),
                                "signs": ["image", "https://cyclonedx.org/bom"],
                                "repositories": ["stadt/app"], "signedAs": ["registry.example.org/app"],
                                "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2026-02-01T00:00:00Z",
                                "revokedFrom": "2026-01-15T00:00:00Z",
                            ]
                        ],
                        "certificates": [
                            [
                                "name": "ci", "roots": .string(roots), "oidcIssuer": "https://login.example",
                                "identities": ["email:release@example.org"], "time": "timestamp",
                                "timestampRoots": .string(roots), "validFrom": .string(later),
                            ]
                        ],
                    ]
                ],
                "logs": [["name": "Bundeslog", "key": .string(key)]],
                "builders": [
                    [
                        "id": "https://bau.example/1", "keys": ["ci"], "level": 2, "operatedBy": "Rechenzentrum",
                        "buildType": "https://bau.example/art",
                    ]
                ],
            ],
        ]
    }
}
