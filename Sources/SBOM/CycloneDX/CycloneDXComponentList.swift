// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// The `components` and `dependencies` of a document.
struct CycloneDXComponentList {
    /// The image's `bom-ref`.
    let imageReference: String
    /// In order of their `bom-ref`, the operating system first.
    let components: [JSONValue]
    /// One entry for the image and one for every component, leaves included.
    let dependencies: [JSONValue]
    /// How complete the list of the image and those of the components are.
    let compositions: [JSONValue]

    init(subject: SBOMSubject, components unsorted: [Component]) {
        let imageReference = "image:" + (subject.digest ?? subject.name)
        let graph = ComponentGraph(unsorted, reserved: [imageReference])
        var taken = Set(graph.nodes.map(\.reference) + [imageReference])

        let systemLicense = CycloneDXLicenses.expression(
            of: unsorted.filter { ["deb", "apk", "rpm"].contains($0.ecosystem) }
        )
        var written = graph.nodes.map {
            CycloneDXComponent.json($0.component, reference: $0.reference, systemLicense: systemLicense)
        }
        var rootReferences = graph.roots.map { graph.nodes[$0].reference }
        var entries = zip(graph.nodes, graph.needs).map { node, targets in
            Self.entry(node.reference, targets.map { graph.nodes[$0].reference })
        }
        if let distribution = subject.distribution,
            !unsorted.contains(where: { $0.kind == .operatingSystem })
        {
            var reference = "os:\(distribution.id)" + (distribution.versionID.map { "@\($0)" } ?? "")
            while !taken.insert(reference).inserted { reference += "#" }
            written.insert(CycloneDXComponent.json(distribution, reference: reference, license: systemLicense), at: 0)
            rootReferences.insert(reference, at: 0)
            entries.insert(Self.entry(reference, []), at: 0)
        }
        entries.insert(Self.entry(imageReference, rootReferences), at: 0)

        // TR-03183-2 (5.2.2) wants the completeness of every list of dependencies stated. Those of the image are as complete as its list
        // of components; of a component it is not known what its package does not say.
        compositions = [
            [
                "aggregate": .string(subject.completeness.rawValue), "assemblies": [.string(imageReference)],
                "dependencies": [.string(imageReference)],
            ],
            ["aggregate": "unknown", "dependencies": .array(entries.dropFirst().compactMap { $0["ref"] })],
        ].filter { $0["dependencies"]?.arrayValue?.isEmpty == false }

        self.imageReference = imageReference
        self.components = written
        self.dependencies = entries
    }

    private static func entry(_ reference: String, _ targets: [String]) -> JSONValue {
        ["ref": .string(reference), "dependsOn": .strings(targets)]
    }
}
