// SPDX-License-Identifier: EUPL-1.2

import JSON

/// What was measured: printed line by line as it comes, kept for the JSON at the end.
struct Figures {
    private(set) var items: [JSONValue] = []
    private(set) var failures: [String] = []

    /// One figure; above its target it is a failure.
    ///
    /// - Parameter target: the most that is good; nil where the figure is told for information.
    mutating func add(_ name: String, _ value: Double, _ unit: String, target: Double? = nil) {
        let value = value.rounded(value < 10 ? 2 : 1)
        let aim = target.map { " (target \($0.rounded(1)))" } ?? ""
        print("\(name) \(value) \(unit)\(aim)")
        items.append(
            ["name": .string(name), "value": .double(value), "unit": .string(unit), "target": .optional(target)]
        )
        if let target, value > target { failures.append("\(name): \(value) \(unit), target \(target.rounded(1))") }
    }

    /// Median, 95th percentile and longest of some times; the target is the percentile's.
    mutating func add(_ name: String, milliseconds: [Double], target: Double? = nil) {
        guard !milliseconds.isEmpty else { return }
        let sorted = milliseconds.sorted()
        func quantile(_ part: Double) -> Double { sorted[min(Int(part * Double(sorted.count)), sorted.count - 1)] }
        add("\(name), p50", quantile(0.5), "ms")
        add("\(name), p95", quantile(0.95), "ms", target: target)
        add("\(name), max", sorted[sorted.count - 1], "ms")
    }

    mutating func fail(_ text: String) {
        print("WRONG: \(text)")
        failures.append(text)
    }
}

extension Double {
    func rounded(_ places: Int) -> Double {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
