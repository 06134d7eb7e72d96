// SPDX-License-Identifier: EUPL-1.2

/// Which node needs which, and which nodes must hang off the root so that every one can be reached from it.
struct DependencyGraph {
    /// Targets by node; sorted, without loops and doubles.
    let edges: [[Int]]

    /// Takes edges between nodes `0 ..< edges.count`; others are dropped.
    init(_ edges: [[Int]]) {
        self.edges = edges.enumerated().map { node, targets in
            Set(targets.filter { $0 != node && edges.indices.contains($0) }).sorted()
        }
    }

    /// The fewest nodes from which all others can be reached: those that nobody needs, and one of each circle that nobody outside needs.
    ///
    /// In reverse order of completion of a depth-first walk, a node that no earlier one has reached lies in such a circle or is
    /// needed by nobody. Without recursion: the depth is the image's to choose.
    var roots: [Int] {
        var finished: [Int] = []
        var seen = [Bool](repeating: false, count: edges.count)
        for start in edges.indices where !seen[start] {
            walk(from: start, seen: &seen) { finished.append($0) }
        }
        var reached = [Bool](repeating: false, count: edges.count)
        var roots: [Int] = []
        for node in finished.reversed() where !reached[node] {
            roots.append(node)
            walk(from: node, seen: &reached) { _ in }
        }
        return roots.sorted()
    }

    /// Visits what can be reached from a node and has not been seen; each is handed out after all that it needs.
    private func walk(from start: Int, seen: inout [Bool], finish: (Int) -> Void) {
        var path: [(node: Int, next: Int)] = [(start, 0)]
        seen[start] = true
        while let (node, next) = path.last {
            if next == edges[node].count {
                path.removeLast()
                finish(node)
                continue
            }
            path[path.count - 1].next += 1
            let target = edges[node][next]
            if !seen[target] {
                seen[target] = true
                path.append((target, 0))
            }
        }
    }
}
