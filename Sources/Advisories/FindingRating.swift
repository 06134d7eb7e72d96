// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// What one source says about how bad a vulnerability is.
public struct FindingRating: Sendable, Hashable {
    /// Who says so: the feed, `debian`, and for a CVSS vector its version too: `osv-pypi CVSS 3.1`.
    public var source: String
    /// How bad it is in that source's eyes; `unknown` for a vector that cannot be read.
    public var severity: Severity
    /// The CVSS score, 0 to 10; nil for a rating in a word.
    public var score: Double?
    /// The CVSS vector, as written.
    public var vector: String?

    /// Makes a rating.
    public init(source: String, severity: Severity, score: Double? = nil, vector: String? = nil) {
        self.source = source
        self.severity = severity
        self.score = score
        self.vector = vector
    }

    /// Reads what ``json`` writes.
    public init(json: JSONFields) throws(JSONShapeError) {
        source = try json.string("source")
        let text = try json.string("severity")
        guard let severity = Severity(rawValue: text) else {
            throw JSONShapeError(path: json.path(of: "severity"), expected: "a severity", found: text)
        }
        self.severity = severity
        score = try json.optionalDouble("score")
        vector = try json.optionalString("vector")
    }

    /// The rating as an object; absent values are null.
    public var json: JSONValue {
        [
            "source": .string(source), "severity": .string(severity.rawValue), "score": .optional(score),
            "vector": .optional(vector),
        ]
    }
}

/// The ratings of one vulnerability by all records about it, the one that counts first.
struct FindingRatings {
    let all: [FindingRating]

    /// The first that says anything.
    var counting: FindingRating? { all.first { $0.severity != .unknown } }

    /// Orders them: the distributor's word, other databases' words, then vectors, newer versions of CVSS first.
    init(_ advisories: [Advisory]) {
        var ranked: [(rank: Int, rating: FindingRating)] = []
        for advisory in advisories {
            let isDistributor = AdvisorySubject.distributed.contains(advisory.ecosystem)
            if advisory.severity != .unknown {
                ranked.append(
                    (isDistributor ? 0 : 1, FindingRating(source: advisory.feed, severity: advisory.severity))
                )
            } else if advisory.isMalicious {
                // Nobody rates what was written to harm.
                ranked.append((1, FindingRating(source: advisory.feed, severity: .critical)))
            }
            for vector in advisory.vectors { ranked.append(Self.rating(vector, advisory.feed)) }
        }
        ranked.sort { left, right in
            if left.rank != right.rank { return left.rank < right.rank }
            if left.rating.severity != right.rating.severity { return left.rating.severity > right.rating.severity }
            if left.rating.score != right.rating.score { return (left.rating.score ?? 0) > (right.rating.score ?? 0) }
            return (left.rating.source, left.rating.vector ?? "") < (right.rating.source, right.rating.vector ?? "")
        }
        var seen = Set<FindingRating>()
        all = ranked.map(\.rating).filter { seen.insert($0).inserted }
    }

    private static func rating(_ text: String, _ feed: String) -> (Int, FindingRating) {
        do throws(CVSSError) {
            let vector = try CVSSVector(parsing: text)
            let rank =
                switch vector.version {
                case .v4: 2
                case .v31: 3
                case .v30: 4
                case .v2: 5
                }
            return (
                rank,
                FindingRating(
                    source: "\(feed) CVSS \(vector.version.rawValue)",
                    severity: vector.severity,
                    score: vector.score,
                    vector: text
                )
            )
        } catch {
            return (6, FindingRating(source: "\(feed) CVSS", severity: .unknown, vector: text))
        }
    }
}
