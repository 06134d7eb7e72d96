// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// How likely a vulnerability is to be exploited within 30 days, by FIRST's model.
public struct EPSSScore: Sendable, Hashable {
    /// 0 to 1.
    public let probability: Double
    /// Share of all vulnerabilities that are at most as likely, 0 to 1.
    public let percentile: Double

    /// Makes a score; both are between 0 and 1.
    public init(probability: Double, percentile: Double) {
        self.probability = probability
        self.percentile = percentile
    }

    /// Reads what ``json`` writes.
    public init(json: JSONFields) throws(JSONShapeError) {
        probability = try json.double("probability")
        percentile = try json.double("percentile")
    }

    /// The score as an object.
    public var json: JSONValue { ["probability": .double(probability), "percentile": .double(percentile)] }
}
