// SPDX-License-Identifier: EUPL-1.2

/// A package of a programming language in an image: its metadata as the package manager leaves it.
enum ApplicationPackage: Sendable {
    case npm(String, String, license: String = "MIT")
    case python(String, String, license: String = "MIT")
    /// Group, artifact, version.
    case java(String, String, String)

    /// Puts its metadata where an image of that kind has it.
    func write(to layer: inout LayerArchive) throws {
        switch self {
        case .npm(let name, let version, let license):
            try layer.add(
                "opt/app/node_modules/\(name)/package.json",
                text: "{\n  \"name\": \"\(name)\",\n  \"version\": \"\(version)\",\n  \"license\": \"\(license)\"\n}\n"
            )
        case .python(let name, let version, let license):
            let folder = name.replacing("-", with: "_")
            try layer.add(
                "opt/app/lib/python3.11/site-packages/\(folder)-\(version).dist-info/METADATA",
                text: "Metadata-Version: 2.1\nName: \(name)\nVersion: \(version)\nLicense: \(license)\n"
            )
        case .java(let group, let artifact, let version):
            var archive = StoredZip()
            archive.add(
                "META-INF/MANIFEST.MF",
                text: "Manifest-Version: 1.0\r\nImplementation-Title: \(artifact)\r\n\r\n"
            )
            archive.add(
                "META-INF/maven/\(group)/\(artifact)/pom.properties",
                text: "groupId=\(group)\nartifactId=\(artifact)\nversion=\(version)\n"
            )
            try layer.add("opt/app/lib/\(artifact)-\(version).jar", archive.finished)
        }
    }

    // MARK: What the exercise is about

    /// The library of today's vulnerability, which nobody ships: it is made up like the vulnerability.
    static let formLibrary = (group: "org.example.uebung", artifact: "formularkern")
    static let vulnerableForms = ApplicationPackage.java(formLibrary.group, formLibrary.artifact, "4.2.0")
    static let repairedForms = ApplicationPackage.java(formLibrary.group, formLibrary.artifact, "4.2.1")

    static let web: [ApplicationPackage] = [
        .npm("express", "4.21.1"), .npm("lodash", "4.17.21"), .npm("helmet", "8.0.0"),
    ]
    /// Made up, with a made-up vulnerability of yesterday.
    static let oldForms = ApplicationPackage.npm("uebung-formular", "1.3.0")
    static let service: [ApplicationPackage] = [
        .python("flask", "3.0.3", license: "BSD-3-Clause"), .python("jinja2", "3.1.4", license: "BSD-3-Clause"),
        .python("requests", "2.32.3", license: "Apache-2.0"),
    ]
    /// Made up, with a made-up vulnerability of yesterday that is of medium severity.
    static let oldFiles = ApplicationPackage.python("uebung-akten", "2.0.4")
    static let enterprise: [ApplicationPackage] = [
        .java("org.slf4j", "slf4j-api", "2.0.16"), .java("com.fasterxml.jackson.core", "jackson-databind", "2.18.1"),
    ]
}
