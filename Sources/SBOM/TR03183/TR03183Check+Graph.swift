// SPDX-License-Identifier: EUPL-1.2

extension TR03183Check {
    /// Holds the dependency graph against the guideline: every component has its entry, says how complete it is, and can be reached.
    mutating func graph() {
        var indexOfReference: [String: Int] = [:]
        indexOfReference.reserveCapacity(nodes.count)
        var isDuplicate = [Bool](repeating: false, count: nodes.count)
        // The subject is the last node, and first here: some writers list it once more among the components.
        for index in nodes.indices.reversed() {
            guard let reference = nodes[index].reference, !reference.isEmpty else { continue }
            if indexOfReference[reference] == nil {
                indexOfReference[reference] = index
            } else {
                isDuplicate[index] = true
            }
        }

        var hasEntry = [Bool](repeating: false, count: nodes.count)
        var targets = [[Int]](repeating: [], count: nodes.count)
        for dependency in bill.dependencies {
            guard let from = indexOfReference[dependency.from] else {
                note(.dependencies, .danglingReference, at: dependency.pointer)
                continue
            }
            hasEntry[from] = true
            var isWhole = true
            for reference in dependency.to {
                if let to = indexOfReference[reference] { targets[from].append(to) } else { isWhole = false }
            }
            if !isWhole { note(.dependencies, .danglingReference, at: dependency.pointer) }
        }
        for index in bill.entries.indices {
            if let parent = bill.entries[index].parent { targets[parent].append(index) }
        }
        // By index, here and below: an entry has many parts, and to copy it is dear.
        for index in nodes.indices {
            let reason: TR03183Reason =
                if roles[index] == .outside {
                    .outside
                } else if nodes[index].reference?.isEmpty ?? true {
                    .noReference
                } else if isDuplicate[index] {
                    .duplicateReference
                } else {
                    hasEntry[index] ? .stated : .noEntry
                }
            let place = nodes[index].pointer
            note(.dependencies, reason, at: place)
        }
        completeness(indexOfReference)
        resolution(targets)
    }

    private mutating func completeness(_ indexOfReference: [String: Int]) {
        var stated = [TR03183Reason?](repeating: nil, count: nodes.count)
        for composition in bill.compositions {
            let reason: TR03183Reason =
                switch composition.aggregate {
                case "complete": .declaredComplete
                case "unknown": .declaredUnknown
                case let word where word.hasPrefix("incomplete"): .declaredIncomplete
                default: .completenessVague
                }
            for index in composition.references.compactMap({ indexOfReference[$0] }) {
                stated[index] = Self.weaker(stated[index], reason)
            }
        }
        for index in nodes.indices {
            let place = nodes[index].pointer
            note(.completeness, roles[index] == .outside ? .outside : stated[index] ?? .notStated, at: place)
        }
    }

    /// Of two statements about one component, the one that claims less; any is better than a vague one.
    private static func weaker(_ left: TR03183Reason?, _ right: TR03183Reason) -> TR03183Reason {
        guard let left else { return right }
        let order: [TR03183Reason] = [.declaredIncomplete, .declaredUnknown, .declaredComplete, .completenessVague]
        return order.first { $0 == left || $0 == right } ?? right
    }

    /// Walks from the subject, without recursion: the depth is the document's to choose, and it may go in circles.
    private mutating func resolution(_ targets: [[Int]]) {
        guard bill.subject != nil else { return note(.resolution, .noSubject, at: "/") }
        var isReached = [Bool](repeating: false, count: nodes.count)
        var open = [nodes.count - 1]
        isReached[nodes.count - 1] = true
        while let next = open.popLast() {
            for target in targets[next] where !isReached[target] {
                isReached[target] = true
                open.append(target)
            }
        }
        for index in nodes.indices {
            let place = nodes[index].pointer
            note(.resolution, isReached[index] ? .stated : .unreachable, at: place)
        }
    }
}
