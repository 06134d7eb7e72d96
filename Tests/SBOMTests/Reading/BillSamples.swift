// SPDX-License-Identifier: EUPL-1.2

import JSON

/// Documents that tests read and break.
enum BillSamples {
    static let sha512 = String(repeating: "0123456789abcdef", count: 8)

    /// A program with one delivered file, one package that lies unpacked, the system, and one component outside the delivery; conforming.
    static let cycloneDX: JSONValue = [
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version": 1,
        "metadata": [
            "timestamp": "2026-11-22T09:00:00Z",
            "lifecycles": [["phase": "build"]],
            "manufacturer": ["name": "Behörde", "contact": [["email": "sicherheit@example.org"]]],
            "tools": ["components": [["type": "application", "name": "builder", "version": "2.0"]]],
            "component": [
                "bom-ref": "image", "type": "container", "name": "team/app", "version": "1.0",
                "manufacturer": ["name": "Team", "url": ["https://team.example.org/"]],
                "licenses": [["expression": "EUPL-1.2", "acknowledgement": "concluded"]],
                "purl": "pkg:oci/app@sha256:aa",
            ],
        ],
        "components": [
            [
                "bom-ref": "os", "type": "operating-system", "name": "debian", "version": "12",
                "manufacturer": ["name": "Debian", "url": ["https://www.debian.org/"]],
                "licenses": [
                    ["expression": "Apache-2.0 AND LicenseRef-scancode-public-domain", "acknowledgement": "concluded"]
                ],
            ],
            [
                "bom-ref": "deb", "type": "library", "name": "libssl3", "version": "3.0.15-1~deb12u1",
                "manufacturer": ["name": "OpenSSL Team", "contact": [["email": "openssl@example.org"]]],
                "licenses": [["expression": "Apache-2.0", "acknowledgement": "concluded"]],
                "purl": "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12&upstream=openssl",
                "evidence": ["occurrences": [["location": "var/lib/dpkg/status"]]],
            ],
            [
                "bom-ref": "jar", "type": "library", "group": "org.example", "name": "app-core", "version": "1.0",
                "manufacturer": ["name": "Team", "contact": [["email": "team@example.org"]]],
                "licenses": [
                    ["license": ["id": "MIT", "acknowledgement": "concluded"]],
                    ["license": ["id": "MIT", "acknowledgement": "declared"]],
                ],
                "purl": "pkg:maven/org.example/app-core@1.0",
                "externalReferences": [
                    [
                        "type": "distribution", "url": "https://repo.example.org/app-core-1.0.jar",
                        "hashes": [["alg": "SHA-512", "content": .string(sha512)]],
                    ],
                    ["type": "source-distribution", "url": "https://git.example.org/app-core"],
                    ["type": "rfc-9116", "url": "https://team.example.org/.well-known/security.txt"],
                ],
                "properties": [
                    ["name": "bsi:component:filename", "value": "app-core-1.0.jar"],
                    ["name": "bsi:component:executable", "value": "executable"],
                    ["name": "bsi:component:archive", "value": "archive"],
                    ["name": "bsi:component:structured", "value": "structured"],
                    ["name": "bsi:component:effectiveLicence", "value": "MIT"],
                ],
            ],
            [
                "bom-ref": "jdk", "type": "library", "name": "jdk", "version": "21", "scope": "excluded",
                "manufacturer": ["name": "OpenJDK", "url": ["https://openjdk.org/"]],
                "cpe": "cpe:2.3:a:oracle:openjdk:21:*:*:*:*:*:*:*",
            ],
        ],
        "dependencies": [
            ["ref": "image", "dependsOn": ["os", "jar"]], ["ref": "os", "dependsOn": ["deb"]],
            ["ref": "deb", "dependsOn": []], ["ref": "jar", "dependsOn": ["jdk"]],
        ],
        "compositions": [
            ["aggregate": "complete", "assemblies": ["image"], "dependencies": ["image", "os", "jar"]],
            ["aggregate": "unknown", "dependencies": ["deb"]],
        ],
    ]

    /// The same sort of thing in SPDX 3: an image with one delivered file; conforming.
    static let spdx3: JSONValue = [
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": .array(
            [
                [
                    "type": "CreationInfo", "@id": "_:creation", "specVersion": "3.0.1",
                    "created": "2026-11-22T09:00:00Z", "createdBy": ["urn:org"], "createdUsing": ["urn:tool"],
                ],
                element(
                    "Organization",
                    "urn:org",
                    [
                        "name": "Behörde",
                        "externalIdentifier": [
                            [
                                "type": "ExternalIdentifier", "externalIdentifierType": "email",
                                "identifier": "sicherheit@example.org",
                            ]
                        ],
                    ]
                ),
                element(
                    "Organization",
                    "urn:team",
                    [
                        "name": "Team",
                        "externalIdentifier": [
                            [
                                "type": "ExternalIdentifier", "externalIdentifierType": "other",
                                "identifier": "https://team.example.org/",
                            ]
                        ],
                    ]
                ),
                element("Tool", "urn:tool", ["name": "builder"]),
                element("SpdxDocument", "urn:doc", ["rootElement": ["urn:sbom"]]),
                element("software_Sbom", "urn:sbom", ["rootElement": ["urn:image"], "software_sbomType": ["build"]]),
                element(
                    "software_Package",
                    "urn:image",
                    [
                        "name": "team/app", "software_packageVersion": "1.0", "software_primaryPurpose": "container",
                        "originatedBy": ["urn:team"],
                    ]
                ),
                element(
                    "software_Package",
                    "urn:jar",
                    [
                        "name": "app-core", "software_packageVersion": "1.0", "software_primaryPurpose": "library",
                        "originatedBy": ["urn:team"],
                        "externalIdentifier": [
                            [
                                "type": "ExternalIdentifier", "externalIdentifierType": "packageUrl",
                                "identifier": "pkg:maven/org.example/app-core@1.0",
                            ]
                        ],
                    ]
                ),
                element(
                    "software_File",
                    "urn:file",
                    [
                        "name": "app-core-1.0.jar",
                        "software_additionalPurpose": ["executable", "archive", "container"],
                        "verifiedUsing": [["type": "Hash", "algorithm": "sha512", "hashValue": .string(sha512)]],
                        "externalRef": [
                            [
                                "type": "ExternalRef", "externalRefType": "binaryArtifact",
                                "locator": ["https://repo.example.org/app-core-1.0.jar"],
                            ]
                        ],
                    ]
                ),
                element("simplelicensing_LicenseExpression", "urn:mit", ["simplelicensing_licenseExpression": "MIT"]),
                relationship("urn:jar", "hasDistributionArtifact", ["urn:file"]),
                relationship("urn:jar", "hasConcludedLicense", ["urn:mit"]),
                relationship("urn:image", "hasConcludedLicense", ["urn:mit"]),
                relationship("urn:image", "contains", ["urn:jar"]),
                relationship("urn:jar", "dependsOn", ["https://spdx.org/rdf/3.0.1/terms/Core/NoneElement"]),
            ] as [JSONValue]
        ),
    ]

    /// What syft and others write as SPDX 2.3.
    static let spdx2: JSONValue = [
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "image", "dataLicense": "CC0-1.0",
        "documentNamespace": "https://example.org/image-1",
        "creationInfo": [
            "created": "2026-11-22T09:00:00Z",
            "creators": ["Organization: Team (team@example.org)", "Tool: builder-2.0", "Person: "],
        ],
        "packages": [
            [
                "SPDXID": "SPDXRef-image", "name": "image", "versionInfo": "1.0", "downloadLocation": "NOASSERTION",
                "primaryPackagePurpose": "CONTAINER",
            ],
            [
                "SPDXID": "SPDXRef-deb", "name": "libssl3", "versionInfo": "3.0.15-1~deb12u1",
                "originator": "Person: OpenSSL Team (openssl@example.org)",
                "supplier": "NOASSERTION", "downloadLocation": "NONE",
                "licenseConcluded": "NOASSERTION", "licenseDeclared": "Apache-2.0",
                "checksums": [["algorithm": "SHA512", "checksumValue": .string(sha512)]],
                "externalRefs": [
                    [
                        "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                        "referenceLocator":
                            "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12&upstream=openssl",
                    ],
                    [
                        "referenceCategory": "SECURITY", "referenceType": "cpe23Type",
                        "referenceLocator": "cpe:2.3:a:libssl3:libssl3:3.0.15:*:*:*:*:*:*:*",
                    ],
                ],
            ],
        ],
        "files": [["SPDXID": "SPDXRef-file", "fileName": "./usr/lib/libssl.so.3"]],
        "relationships": [
            relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-image"),
            relation("SPDXRef-image", "CONTAINS", "SPDXRef-deb"), relation("SPDXRef-deb", "CONTAINS", "SPDXRef-file"),
            relation("SPDXRef-deb", "DEPENDS_ON", "NONE"),
        ],
    ]

    private static func element(_ type: String, _ id: String, _ members: [String: JSONValue]) -> JSONValue {
        .object(
            members.merging(["type": .string(type), "spdxId": .string(id), "creationInfo": "_:creation"]) { $1 }
        )
    }

    private static func relationship(_ from: String, _ type: String, _ to: [String]) -> JSONValue {
        element(
            "Relationship",
            "urn:r:\(from):\(type)",
            [
                "from": .string(from), "to": .strings(to), "relationshipType": .string(type),
                "completeness": "complete",
            ]
        )
    }

    private static func relation(_ from: String, _ type: String, _ to: String) -> JSONValue {
        [
            "spdxElementId": .string(from), "relationshipType": .string(type), "relatedSpdxElement": .string(to),
        ]
    }
}

extension JSONValue {
    /// A copy in which what a JSON pointer names is something else; nil removes it.
    func replacing(_ pointer: String, with new: JSONValue?) -> JSONValue {
        replacing(pointer.split(separator: "/").map { String($0) }[...], with: new)
    }

    private func replacing(_ path: ArraySlice<String>, with new: JSONValue?) -> JSONValue {
        guard let key = path.first else { return new ?? .null }
        let rest = path.dropFirst()
        switch self {
        case .object(var members):
            members[key] = rest.isEmpty ? new : (members[key] ?? [:]).replacing(rest, with: new)
            return .object(members)
        case .array(var elements):
            guard let index = Int(key), index < elements.count else {
                return .array(elements + [JSONValue.object([:]).replacing(rest, with: new)])
            }
            if rest.isEmpty, new == nil {
                elements.remove(at: index)
            } else {
                elements[index] = rest.isEmpty ? new ?? .null : elements[index].replacing(rest, with: new)
            }
            return .array(elements)
        default: return JSONValue.object([:]).replacing(path, with: new)
        }
    }
}
