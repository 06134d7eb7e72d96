// SPDX-License-Identifier: EUPL-1.2

import JSON
import NodeClient
import Portal

extension Demo {
    /// What people need to begin: where to go, with what to sign in, and what they find there, as the node itself says.
    static func summary(
        _ directory: ExerciseDirectory,
        _ record: ExerciseDirectory.Record,
        _ clients: ExerciseClients
    ) async throws -> [String] {
        let levels = try await levels(record, clients)
        var lines = [
            "", "Exercise data: nothing of this is real, and nothing leaves this machine.", "",
            "open       \(clients.url)/exercise", "inbox      \(clients.url)/exercise/inbox",
            "day        \(try directory.day().rawValue)",
            "today      kontor demo --today --data \(directory.path)",
            "images     \(ExercisePlan.images.count): "
                + ["gold", "silver", "bronze", "none"].map { "\(levels[$0] ?? 0) \($0)" }.joined(separator: ", "),
            "", "sign in with",
        ]
        let people = [("admin", "operator of the node")] + ExercisePlan.people.map { ($0.name, $0.task) }
        for (name, task) in people {
            lines.append("  \(padded(name, 20)) \(padded(record.secrets[name] ?? "", 44)) \(task)")
        }
        lines += ["", "ready: end it with Ctrl-C"]
        return lines
    }

    private static func levels(
        _ record: ExerciseDirectory.Record,
        _ clients: ExerciseClients
    ) async throws -> [String: Int] {
        try await clients.api("admin", record.secrets["admin"] ?? "") { api in
            var levels: [String: Int] = [:]
            for image in ExercisePlan.images {
                let tag = image.isReleased ? image.version : image.pushedTag
                let answer = try await api.call(
                    "GET",
                    "/images/\(NodeClient.segment(image.repository)):\(tag)/verdict"
                )
                levels[answer?["level"]?.stringValue ?? "not assessed", default: 0] += 1
            }
            return levels
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
