// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// The components of an image in a fixed order, each with a reference of its own, and which of them need which.
///
/// Whatever order the components come in, the graph is the same.
public struct ComponentGraph: Sendable {
    /// A component and what it is called in the graph.
    public struct Node: Sendable {
        /// Its purl where it has one; unique in the graph.
        public let reference: String
        /// The component.
        public let component: Component
    }

    /// In order of their references; those with the same one in the order of their contents.
    public let nodes: [Node]
    /// What each needs or brings along: positions in ``nodes``, rising, without loops to itself and doubles.
    public let needs: [[Int]]
    /// The fewest nodes from which all others can be reached.
    public let roots: [Int]

    /// Makes the graph.
    ///
    /// - Parameters:
    ///   - components: what there is, in any order.
    ///   - reserved: references that no component may have.
    public init(_ components: [Component], reserved: Set<String> = []) {
        let keyed = Self.sorted(components)
        var taken = reserved
        var indexOfReference: [String: Int] = [:]
        var nodes: [Node] = []
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
            nodes.append(Node(reference: reference, component: component))
            if indexOfReference[key] == nil { indexOfReference[key] = index }
            if let purl = component.purl?.description, indexOfReference[purl] == nil { indexOfReference[purl] = index }
        }
        var edges = keyed.map { $0.component.dependsOn.compactMap { indexOfReference[$0] } }
        for (index, (_, component)) in keyed.enumerated() {
            // What a package brings along hangs off that package.
            if let owner = component.ownedBy.flatMap({ indexOfReference[$0] }) { edges[owner].append(index) }
        }
        let graph = DependencyGraph(edges)
        self.nodes = nodes
        needs = graph.edges
        roots = graph.roots
    }

    /// What needs a node or brings it along, rising.
    public func neededBy(_ node: Int) -> [Int] { needs.indices.filter { needs[$0].contains(node) } }

    /// A shortest way from a root to a node: why it is there.
    ///
    /// - Returns: the root first and the node last; the node alone when it is a root.
    public func way(to node: Int) -> [Int] {
        guard nodes.indices.contains(node) else { return [] }
        var before: [Int: Int] = [:]
        var seen = Set(roots)
        var queue = roots
        var next = 0
        while next < queue.count, !seen.contains(node) {
            let current = queue[next]
            next += 1
            for target in needs[current] where seen.insert(target).inserted {
                before[target] = current
                queue.append(target)
            }
        }
        var way = [node]
        while let last = way.last, let previous = before[last] { way.append(previous) }
        return way.reversed()
    }

    private static func sorted(_ components: [Component]) -> [(key: String, component: Component)] {
        var groups: [String: [Component]] = [:]
        for component in components { groups[key(of: component), default: []].append(component) }
        return groups.sorted { $0.key < $1.key }.flatMap { key, group in
            guard group.count > 1 else { return group.map { (key, $0) } }
            return group.map { (text: $0.json.text(), component: $0) }.sorted { $0.text < $1.text }.map {
                (key, $0.component)
            }
        }
    }

    /// The text that names a component in a document: its purl, where it has one.
    private static func key(of component: Component) -> String {
        component.purl?.description
            ?? "\(component.kind.rawValue):\(component.ecosystem):\(component.name)@\(component.version)"
    }
}
