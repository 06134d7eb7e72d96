// swift-tools-version: 6.2
// SPDX-License-Identifier: EUPL-1.2

import PackageDescription

/// Applied to every target: strictness is the same in every room.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// MARK: - Parts from outside

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdHTTP2 = Target.Dependency.product(name: "HummingbirdHTTP2", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

// MARK: - Rooms (docs/architecture.md; HouseTests holds this table)

/// One room: a library target of this package.
func room(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// The tests of one room.
func tests(of name: String, _ dependencies: [Target.Dependency] = [], fixtures: Bool = false) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: ["Time"] + dependencies,
        exclude: fixtures ? ["Fixtures"] : [],
        swiftSettings: strict
    )
}

let package = Package(
    name: "kontor",
    products: [
        .executable(name: "kontor", targets: ["kontor"]),
        .executable(name: "kontor-conformance", targets: ["kontor-conformance"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // L0: pure
        room("Time", []),
        room("JSON", []),
        room("OCI", ["JSON", crypto]),
        room("SBOM", ["JSON", "Time", crypto]),
        room("Advisories", ["JSON", "SBOM", "Time"]),
        room("Criteria", ["JSON", "OCI", "SBOM", "Advisories", "Time", yams], resources: [.embedInCode("Catalogues")]),
        room("MerkleLog", [crypto]),
        room(
            "ProjectCriteria",
            ["JSON", "Time", "SBOM", "Advisories", "Criteria", yams],
            resources: [.embedInCode("Catalogues")]
        ),
        room("Reports", ["JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "ProjectCriteria"]),
        room("Certificates", ["Time", crypto, cryptoExtras]),
        room("Attestations", ["JSON", "Time", "OCI", "Certificates", crypto, cryptoExtras]),

        // L1: one outside thing each
        .systemLibrary(
            name: "CLibArchive",
            pkgConfig: "libarchive",
            providers: [.apt(["libarchive-dev"])]
        ),
        .systemLibrary(
            name: "CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]
        ),
        .target(name: "CConfinement", cSettings: [.define("_GNU_SOURCE")]),
        room("GitReading", ["CConfinement"]),
        room("DurableFiles", []),
        room("Keys", ["JSON", "Time", "DurableFiles", "CConfinement", crypto, nioPosix]),
        room("Database", ["Time", grdb, grdbSQLite, logging]),
        room("Blobs", ["OCI", "DurableFiles", nioCore, nioPosix]),
        room("Archives", ["CLibArchive", "CZlib"]),
        room("Cataloguers", ["JSON", "SBOM", "Archives"]),
        room("RegistryClient", ["JSON", "OCI", asyncHTTPClient, nioCore, nioHTTP1]),
        room("NodeClient", ["JSON", "OCI", asyncHTTPClient, nioCore, nioHTTP1, nioSSL]),
        room("ImageSources", ["JSON", "OCI", "RegistryClient"]),
        room("ForgeClient", ["JSON", "Time", "SBOM", "ProjectCriteria", asyncHTTPClient, nioCore, nioHTTP1, nioSSL]),
        room("ServerIdentity", [nioCore, nioSSL]),
        room("Syslog", ["ServerIdentity", nioCore, nioPosix, nioSSL]),
        room("Mail", ["Time", "ServerIdentity", nioCore, nioPosix, nioSSL]),
        room("Webhooks", ["JSON", "Time", "ServerIdentity", crypto, nioCore, nioPosix, nioHTTP1, nioSSL]),
        room("FeedDownload", ["JSON", "Time", "DurableFiles", asyncHTTPClient, nioCore, nioHTTP1, nioSSL]),

        // L2: services
        room("Audit", ["JSON", "Time", "Database", crypto]),
        room(
            "Accounts",
            ["JSON", "Time", "OCI", "Database", "DurableFiles", "Audit", crypto, cryptoExtras]
        ),
        room(
            "Transparency",
            ["JSON", "Time", "MerkleLog", "DurableFiles", "Database", "Audit", nioPosix, logging]
        ),
        room("PullRecords", ["Time", "OCI", "Database"]),
        room("Policies", ["JSON", "Time", "OCI", "SBOM", "Certificates", "Attestations", "Database", "Audit", yams]),
        room("Registry", ["JSON", "Time", "OCI", "Database", "Blobs", "Audit", "Accounts", "Policies", nioCore]),
        room(
            "Inventory",
            [
                "JSON", "OCI", "SBOM", "Criteria", "DurableFiles", "Archives", "Cataloguers", "ImageSources",
                "CConfinement",
            ]
        ),
        room(
            "Vulnerabilities",
            ["JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "Database", "DurableFiles", "Archives", "Audit"]
        ),
        room(
            "FeedBundles",
            [
                "JSON", "Time", "OCI", "Attestations", "DurableFiles", "Keys", "Archives", "RegistryClient",
                "ImageSources", "Vulnerabilities",
            ]
        ),
        room(
            "Assessment",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "Database", "Blobs", "Audit", "Registry",
                "Inventory", "ImageSources", "Vulnerabilities", "Archives", "DurableFiles", logging,
            ]
        ),
        room(
            "Projects",
            ["JSON", "Time", "SBOM", "Criteria", "ProjectCriteria", "GitReading", "Inventory"],
            resources: [.embedInCode("Resources")]
        ),
        room(
            "Products",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Database", "Audit", "Accounts", "Vulnerabilities",
                "Assessment",
            ]
        ),
        room(
            "Triage",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "Database", "Accounts", "Registry",
                "Vulnerabilities", "Assessment",
            ]
        ),
        room(
            "Situation",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "Database", "Accounts", "PullRecords",
                "Registry", "Assessment", "Products",
            ]
        ),

        room("Health", ["JSON", "Time"]),
        room(
            "Directory",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "Database", "Audit", "Accounts", "Registry",
                "Assessment", "Products", logging,
            ]
        ),
        room(
            "ProjectRegister",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "ProjectCriteria", "GitReading", "Projects",
                "ForgeClient", "Webhooks", "Database", "Audit", "Accounts", "Vulnerabilities",
                "Directory", crypto,
            ]
        ),
        room("LogPlaces", ["OCI", "Attestations", "MerkleLog", "Keys", "Time", "Transparency"]),
        room(
            "Releases",
            [
                "JSON", "Time", "OCI", "Attestations", "MerkleLog", "Keys", "Database", "Audit", "Accounts", "Policies",
                "Registry", "Transparency", "LogPlaces",
            ]
        ),
        room(
            "Trust",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Certificates", "Attestations", "MerkleLog", "Criteria",
                "Keys", "Database",
                "Audit",
                "Accounts", "Policies", "Registry", "Releases",
            ]
        ),
        room(
            "Attesting",
            [
                "JSON", "Time", "OCI", "Advisories", "Criteria", "Reports", "Attestations", "Keys",
                "Database", "Audit", "Accounts", "Registry", "Transparency", "LogPlaces", "Assessment",
            ]
        ),
        room(
            "Notices",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Database", "Audit", "Accounts", "PullRecords",
                "Products", "Situation", "Mail", "Webhooks", crypto, logging,
            ]
        ),

        room(
            "ClientTrust",
            [
                "JSON", "Time", "OCI", "Certificates", "Attestations", "MerkleLog", "Keys", "RegistryClient",
                "ImageSources",
            ]
        ),
        room("WebRequests", ["OCI", hummingbird, httpTypes, nioCore]),

        // L3: delivery
        room(
            "RegistryHTTP",
            [
                "JSON", "Time", "OCI", "SBOM", "Accounts", "Policies", "Registry", "PullRecords", "Blobs", hummingbird,
                httpTypes,
                nioCore,
                nioHTTP1,
                nioHTTPTypes,
                nioHTTPTypesHTTP1, logging,
            ]
        ),
        room(
            "LogHTTP",
            ["MerkleLog", "Transparency", crypto, hummingbird, httpTypes, nioCore, nioPosix]
        ),
        room(
            "API",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "Database", "Audit", "Accounts", "Policies",
                "Registry", "PullRecords", "Vulnerabilities", "Assessment", "Products", "Triage", "Situation",
                "Notices", "Releases", "Webhooks", "Reports", "WebRequests", "MerkleLog", "Transparency", hummingbird,
                "Attesting", "Directory", "Health", "ProjectCriteria", "ProjectRegister", "Trust",
                httpTypes, nioCore,
                logging,
            ]
        ),
        room(
            "Portal",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "Accounts", "PullRecords", "Assessment",
                "Products", "Situation", "Notices", "Triage", "Vulnerabilities", "WebRequests", "Directory", "Reports",
                "Health", "ProjectCriteria", "ProjectRegister", "Policies", "Registry", "Attestations",
                hummingbird, mustache,
                httpTypes, nioCore, logging,
            ],
            resources: [.embedInCode("Templates"), .embedInCode("Assets"), .embedInCode("Texts")]
        ),
        room(
            "Commands",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "MerkleLog", "Policies", "Reports",
                "DurableFiles", "RegistryClient", "NodeClient", "ImageSources", "Inventory", "FeedDownload", "Keys",
                "Vulnerabilities", "Assessment", "ClientTrust", "Attestations", argumentParser, yams,
                "FeedBundles", "ProjectCriteria", "GitReading", "ForgeClient", "Projects", "ProjectRegister",
                "Certificates",
            ]
        ),

        // L4: composition
        room(
            "Node",
            [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "Database", "DurableFiles", "Blobs", "Audit",
                "Accounts", "Registry", "Inventory", "Vulnerabilities", "Assessment", "Products", "Triage", "Situation",
                "Notices", "Mail", "Webhooks", "RegistryHTTP", "API", "Portal",
                "Syslog", "Policies", "PullRecords", "Keys", "MerkleLog", "Transparency", "LogHTTP", "Releases",
                "Trust", hummingbirdTLS, hummingbirdHTTP2, nioSSL, hummingbird, "Attesting", "Directory", "Health",
                "ProjectRegister",
                hummingbirdCore, httpTypes, nioCore, nioPosix, nioHTTP1, nioHTTPTypesHTTP1, logging, lifecycle,
                unixSignals,
            ]
        ),
        room(
            "Demo",
            [
                "JSON", "Time", "OCI", "Criteria", "Archives", "DurableFiles", "Mail", "NodeClient", "RegistryClient",
                "Accounts", "Vulnerabilities", "Portal", "Node", asyncHTTPClient, logging, nioCore, nioHTTP1,
                nioPosix,
            ]
        ),
        .executableTarget(
            name: "kontor",
            dependencies: ["Node", "Commands", "Demo", "Syslog", "Mail", "Webhooks", logging],
            swiftSettings: strict
        ),

        room("Conformance", ["JSON", "OCI", "RegistryClient", asyncHTTPClient, nioCore, nioHTTP1, nioSSL]),
        .executableTarget(
            name: "kontor-conformance",
            dependencies: ["Conformance", "OCI", argumentParser],
            swiftSettings: strict
        ),

        // Benchmarks: what `make bench` measures beside the peers
        .executableTarget(
            name: "kontor-bench",
            dependencies: [
                "Archives", "Audit", "Criteria", "Database", "DurableFiles", "Inventory", "JSON", "MerkleLog", "Time",
                "Transparency", crypto, logging, nioPosix,
            ],
            path: "Benchmarks/kontor-bench",
            swiftSettings: strict
        ),
        // What `make estate` makes and measures
        .executableTarget(
            name: "kontor-estate",
            dependencies: [
                "JSON", "Time", "OCI", "SBOM", "Advisories", "Criteria", "DurableFiles", "Database", "Blobs",
                "Archives", "Audit", "Accounts", "Policies", "PullRecords", "Registry", "Vulnerabilities",
                "Assessment", "Products", "Situation", "Directory", "ProjectCriteria", "ProjectRegister", "Node",
                "NodeTestKit", nioCore, nioPosix, logging,
            ],
            path: "Benchmarks/kontor-estate",
            swiftSettings: strict
        ),

        // T: what tests need
        .target(
            name: "TestKit",
            dependencies: ["JSON", "Time", "OCI", "DurableFiles", crypto, nioCore, nioPosix, nioHTTP1, subprocess],
            path: "Tests/TestKit",
            swiftSettings: strict
        ),
        .target(
            name: "AssessmentTestKit",
            dependencies: [
                "TestKit", "Assessment", "Products", "Inventory", "Vulnerabilities", "Advisories", "PullRecords",
                "Registry",
                "Accounts", "Audit", "Blobs", "DurableFiles", "Criteria", "Database", "SBOM", "OCI", "JSON", "Time",
                nioCore, nioPosix, logging,
            ],
            path: "Tests/AssessmentTestKit",
            swiftSettings: strict
        ),
        .target(
            name: "NodeTestKit",
            dependencies: [
                "TestKit", "JSON", "Time", "OCI", "Accounts", "Registry", "Vulnerabilities", "Assessment", "Node",
                asyncHTTPClient, nioCore, nioPosix,
                nioHTTP1, logging,
            ],
            path: "Tests/NodeTestKit",
            swiftSettings: strict
        ),
        tests(of: "Time", ["TestKit"]),
        tests(of: "JSON", ["JSON", "TestKit"], fixtures: true),
        tests(of: "OCI", ["OCI", "JSON", "TestKit"]),
        tests(of: "SBOM", ["SBOM", "JSON", "TestKit"]),
        tests(of: "Advisories", ["Advisories", "SBOM", "JSON", "TestKit"]),
        tests(of: "Criteria", ["Criteria", "Advisories", "SBOM", "OCI", "JSON", "TestKit"]),
        tests(of: "ProjectCriteria", ["ProjectCriteria", "Advisories", "Criteria", "SBOM", "JSON", "TestKit"]),
        tests(of: "GitReading", ["GitReading", "TestKit", nioCore, nioPosix, nioHTTP1]),
        tests(
            of: "ForgeClient",
            ["ForgeClient", "ProjectCriteria", "SBOM", "JSON", "TestKit", nioCore, nioPosix, nioHTTP1]
        ),
        tests(of: "Projects", ["Projects", "ProjectCriteria", "GitReading", "Criteria", "SBOM", "JSON", "TestKit"]),
        tests(
            of: "ProjectRegister",
            [
                "ProjectRegister", "ProjectCriteria", "Projects", "GitReading", "Criteria", "SBOM", "OCI", "JSON",
                "Webhooks", "Database", "Advisories", "Accounts", "Directory", "Products", "Assessment", "Registry",
                "AssessmentTestKit", "TestKit",
            ]
        ),
        tests(of: "Reports", ["Reports", "Criteria", "Advisories", "SBOM", "OCI", "JSON", "TestKit"]),
        tests(of: "Certificates", ["Certificates", "TestKit", crypto]),
        tests(
            of: "Attestations",
            ["Attestations", "Certificates", "OCI", "JSON", "TestKit", crypto, nioCore, nioPosix]
        ),
        tests(of: "MerkleLog", ["MerkleLog", "TestKit", crypto], fixtures: true),
        tests(of: "Database", ["Database", "JSON", "TestKit"]),
        tests(of: "Blobs", ["Blobs", "DurableFiles", "OCI", "TestKit", nioCore]),
        tests(of: "Accounts", ["Accounts", "Audit", "Database", "DurableFiles", "JSON", "OCI", "TestKit", crypto]),
        tests(of: "Keys", ["Keys", "DurableFiles", "TestKit", crypto, nioPosix]),
        tests(
            of: "Policies",
            [
                "Policies", "Certificates", "Attestations", "Audit", "Database", "OCI", "SBOM", "JSON", "TestKit",
                crypto,
            ]
        ),
        tests(of: "Audit", ["Audit", "Syslog", "Node", "Database", "JSON", "TestKit", lifecycle, logging]),
        tests(
            of: "Transparency",
            [
                "Transparency", "MerkleLog", "Audit", "Database", "DurableFiles", "JSON", "TestKit", crypto, nioPosix,
                logging,
            ]
        ),
        tests(
            of: "LogHTTP",
            ["LogHTTP", "Transparency", "MerkleLog", "TestKit", hummingbird, httpTypes, nioCore, nioPosix, logging]
        ),
        tests(of: "PullRecords", ["PullRecords", "Accounts", "Audit", "Database", "OCI", "TestKit"]),
        tests(of: "Syslog", ["Syslog", "TestKit", nioCore, nioPosix, nioSSL]),
        tests(of: "ServerIdentity", ["ServerIdentity", "TestKit", nioCore, nioPosix, nioSSL]),
        tests(of: "Mail", ["Mail", "JSON", "TestKit", nioCore, nioPosix, nioSSL]),
        tests(of: "Webhooks", ["Webhooks", "JSON", "TestKit", nioCore, nioPosix, nioHTTP1, nioSSL]),
        tests(
            of: "Conformance",
            ["Conformance", "RegistryClient", "Node", "NodeTestKit", "OCI", "TestKit", nioCore, nioPosix, nioHTTP1]
        ),
        tests(of: "Archives", ["Archives", "TestKit"]),
        tests(
            of: "FeedDownload",
            ["FeedDownload", "DurableFiles", "JSON", "TestKit", nioCore, nioPosix, nioHTTP1, nioSSL]
        ),
        tests(of: "Cataloguers", ["Cataloguers", "Archives", "SBOM", "JSON", "TestKit"]),
        tests(
            of: "Inventory",
            ["Inventory", "ImageSources", "RegistryClient", "Archives", "Criteria", "SBOM", "OCI", "JSON", "TestKit"]
        ),
        tests(
            of: "Registry",
            [
                "Registry", "RegistryHTTP", "Accounts", "Policies", "PullRecords", "Audit", "Database", "Blobs",
                "DurableFiles", "OCI", "JSON", "SBOM", "Mail", "Vulnerabilities", "Node", "NodeTestKit",
                "AssessmentTestKit", "MerkleLog", "Releases", "Transparency", "Attestations", "Attesting", "Keys",
                "Criteria", "Directory", "ProjectCriteria", "ProjectRegister", "TestKit",
                hummingbird, nioCore, nioPosix, nioHTTP1, logging,
            ]
        ),
        tests(
            of: "Trust",
            [
                "Trust", "Releases", "Registry", "Policies", "Accounts", "Assessment", "Criteria", "Advisories",
                "Attestations", "Keys", "Inventory", "Database", "OCI", "SBOM", "JSON", "Node", "NodeTestKit",
                "AssessmentTestKit", "TestKit", "Certificates", crypto, nioCore,
            ]
        ),
        tests(
            of: "Vulnerabilities",
            ["Vulnerabilities", "Advisories", "SBOM", "Criteria", "Database", "DurableFiles", "JSON", "TestKit"]
        ),
        tests(
            of: "FeedBundles",
            [
                "FeedBundles", "Vulnerabilities", "Advisories", "Attestations", "ImageSources", "Keys", "Node", "OCI",
                "JSON", "RegistryClient", "NodeTestKit", "TestKit", crypto,
            ]
        ),
        tests(
            of: "Assessment",
            [
                "Assessment", "Inventory", "ImageSources", "Vulnerabilities", "Advisories", "Registry", "Accounts",
                "Audit", "Blobs", "DurableFiles", "Criteria", "Database", "SBOM", "OCI", "JSON", "TestKit",
                "AssessmentTestKit", nioCore, nioPosix, logging,
            ]
        ),
        tests(
            of: "Products",
            [
                "Products", "Situation", "PullRecords", "Assessment", "Accounts", "Advisories", "Audit", "Database",
                "Vulnerabilities", "SBOM", "OCI", "JSON", "TestKit", "AssessmentTestKit",
            ]
        ),
        tests(
            of: "Triage",
            [
                "Triage", "Assessment", "Accounts", "Advisories", "Audit", "Criteria", "Database", "Registry", "SBOM",
                "OCI", "JSON", "Vulnerabilities", "TestKit", "AssessmentTestKit", nioCore,
            ]
        ),
        tests(
            of: "Situation",
            [
                "Situation", "Products", "Assessment", "Accounts", "Advisories", "Criteria", "Database", "PullRecords",
                "Registry",
                "SBOM", "OCI", "JSON", "TestKit", "AssessmentTestKit",
            ]
        ),
        tests(
            of: "Attesting",
            [
                "Attesting", "Attestations", "MerkleLog", "Keys", "Transparency", "Assessment", "Registry", "Accounts",
                "Policies", "Audit", "Database", "DurableFiles", "Advisories", "Criteria", "SBOM", "OCI", "JSON",
                "Vulnerabilities", "Inventory", "TestKit", "AssessmentTestKit", logging, nioPosix,
            ]
        ),
        tests(
            of: "Directory",
            [
                "Directory", "Assessment", "Accounts", "Advisories", "Audit", "Criteria", "Database", "Products",
                "Registry", "SBOM", "OCI", "JSON", "TestKit", "AssessmentTestKit",
            ]
        ),
        tests(
            of: "Notices",
            [
                "Notices", "Situation", "Products", "Assessment", "Accounts", "Audit", "Database", "Mail",
                "PullRecords", "SBOM", "OCI", "JSON", "Vulnerabilities", "Webhooks", "TestKit", "AssessmentTestKit",
                nioCore,
                nioPosix, logging,
            ]
        ),
        tests(
            of: "Portal",
            [
                "Portal", "API", "Accounts", "Audit", "Blobs", "Database", "PullRecords", "Registry", "Assessment",
                "Products", "Situation", "Notices", "Vulnerabilities", "Triage", "Directory",
                "Criteria", "Advisories", "SBOM", "ProjectCriteria", "ProjectRegister", "Policies", "Certificates",
                "JSON", "OCI", "TestKit", hummingbird,
                httpTypes, nioCore, nioPosix,
                logging,
            ]
        ),
        tests(
            of: "Commands",
            [
                "Commands", "MerkleLog", "Inventory", "Advisories", "SBOM", "ImageSources", "RegistryClient",
                "Criteria", "OCI",
                "JSON",
                "TestKit", crypto, yams, nioCore, nioPosix, nioHTTP1,
            ]
        ),
        tests(
            of: "ClientTrust",
            [
                "ClientTrust", "Attestations", "MerkleLog", "Keys", "RegistryClient", "ImageSources", "OCI", "JSON",
                "TestKit", "Certificates", crypto,
            ]
        ),
        tests(of: "Demo", ["Demo", "Portal", "TestKit", "JSON", nioCore, nioPosix]),
        tests(of: "House", ["JSON", "TestKit"]),
        tests(
            of: "EndToEnd",
            [
                "JSON", "OCI", "Criteria", "Keys", "AssessmentTestKit", "NodeTestKit", "TestKit", nioPosix, "Accounts",
                "Assessment", "Registry", "Directory", nioCore, "Vulnerabilities", "Node", "Mail", "Portal",
                "Database", "Webhooks", "ProjectCriteria", "ProjectRegister", "Demo",
            ]
        ),
    ]
)
