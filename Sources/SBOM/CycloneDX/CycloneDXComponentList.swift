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
        // Whatever order the components come in, the document is the same.
        let keyed = Self.sorted(unsorted)
        var taken: Set<String> = [imageReference]
        var indexOfReference: [String: Int] = [:]
        var references: [String] = []
        var occurrences: [String: Int] = [:]
        for (index, (key, component)) in keyed.enumerated() {
            // The same package listed twice: a reference must be unique, and the first is the one that others mean.
            var reference = key
            while !taken.insert(reference).inserted {
                // Counted per key: a list of the same package a hundred thousand times must not take the square of that.
                let occurrence = occurrences[key, default: 1] + 1
                occurrences[key] = occurrence
                reference = "\(key)#\(occurrence)"
            }
            references.append(reference)
            if indexOfReference[key] == nil { indexOfReference[key] = index }
            if let purl = component.purl?.description, indexOfReference[purl] == nil { indexOfReference[purl] = index }
        }

        var edges = keyed.map { $0.component.dependsOn.compactMap { indexOfReference[$0] } }
        for (index, (_, component)) in keyed.enumerated() {
            // What a package brings along hangs off that package.
            if let owner = component.ownedBy.flatMap({ indexOfReference[$0] }) { edges[owner].append(index) }
        }
        let graph = DependencyGraph(edges)

        let systemLicense = CycloneDXLicenses.expression(
            of: unsorted.filter { ["deb", "apk", "rpm"].contains($0.ecosystem) }
        )
        var written = keyed.enumerated().map {
            CycloneDXComponent.json($1.component, reference: references[$0], systemLicense: systemLicense)
        }
        var rootReferences = graph.roots.map { references[$0] }
        var entries = graph.edges.enumerated().map { index, targets in
            Self.entry(references[index], targets.map { references[$0] })
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

    /// In the order of their references; those with the same one in the order of their contents.
    private static func sorted(_ components: [Component]) -> [(key: String, component: Component)] {
        var groups: [String: [Component]] = [:]
        for component in components { groups[reference(component), default: []].append(component) }
        return groups.sorted { $0.key < $1.key }.flatMap { key, group in
            guard group.count > 1 else { return group.map { (key, $0) } }
            return group.map { (text: $0.json.text(), component: $0) }.sorted { $0.text < $1.text }.map {
                (key, $0.component)
            }
        }
    }

    /// The text that names a component in the document: its purl, where it has one.
    private static func reference(_ component: Component) -> String {
        component.purl?.description
            ?? "\(component.kind.rawValue):\(component.ecosystem):\(component.name)@\(component.version)"
    }

    private static func entry(_ reference: String, _ targets: [String]) -> JSONValue {
        ["ref": .string(reference), "dependsOn": .strings(targets)]
    }
}
