// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import Criteria
public import JSON
import OCI
import PullRecords
import Time

extension AffectedPage {
    /// Who may be told what stands here, by the Traffic Light Protocol 2.0 (FIRST).
    public static let tlp = "TLP:AMBER"

    /// The page as an object; absent values are null.
    ///
    /// - Parameter summary: nil where it was not asked for.
    public func json(_ summary: AffectedSummary? = nil) -> JSONValue {
        [
            "schemaVersion": 1,
            "tlp": .string(Self.tlp),
            "question": .string(question.text),
            "answeredAt": .string(answeredAt.rfc3339),
            "snapshot": .optional(snapshot),
            "components": .integer(Int64(components)),
            "summary": summary?.json ?? .null,
            "items": .array(images.map(\.json) + products.map(\.json)),
        ]
    }
}

extension AffectedSummary {
    /// The counts as an object.
    public var json: JSONValue {
        [
            "images": .integer(Int64(images)),
            "cleared": .integer(Int64(cleared)),
            "products": .integer(Int64(products)),
            "clearedProducts": .integer(Int64(clearedProducts)),
            "repositories": .integer(Int64(repositories)),
            "namespaces": .strings(namespaces),
            "organisations": .strings(organisations),
            "unlisted": .integer(Int64(unlisted)),
            "isAtLeast": .bool(isAtLeast),
        ]
    }
}

extension AffectedImage {
    /// The image as an object; absent values are null.
    public var json: JSONValue {
        [
            "kind": "image",
            "repository": .string(repository.text),
            "digest": .string(digest.description),
            "tags": .strings(tags.map(\.text)),
            "namespace": .optional(namespace),
            "organisation": .optional(organisation),
            "level": .string(level.rawValue),
            "affected": .bool(isAffected),
            "since": .string(since.rfc3339),
            "reasons": .array(reasons.map(\.json)),
            "pulls": pulls.map { records in
                [
                    "by": .array(
                        records.filter { $0.organisation != nil || $0.account != nil }.map { record in
                            [
                                "organisation": .optional(record.organisation),
                                "account": .optional(record.account),
                                "first": .string(record.first.rfc3339),
                                "last": .string(record.last.rfc3339),
                                "count": .integer(record.count),
                            ]
                        }
                    ),
                    "withoutOrganisation": .integer(withoutOrganisation),
                ]
            } ?? .null,
        ]
    }

    /// Pulls of nobody that could be told later.
    public var withoutOrganisation: Int64 {
        (pulls ?? []).filter { $0.organisation == nil && $0.account == nil }.reduce(0) { $0 + $1.count }
    }
}

extension AffectedImage.Reason {
    /// The reason as an object; absent values are null.
    public var json: JSONValue {
        [
            "name": .string(name),
            "version": .string(version),
            "purl": .optional(purl),
            "certain": .bool(isCertain),
            "since": .optional(since?.rfc3339),
            "file": position.map { position in
                [
                    "layer": .integer(Int64(position.layer)),
                    "visible": position.isVisible.map { .bool($0) } ?? .null,
                ]
            } ?? .null,
            "finding": finding.map { finding in
                [
                    "id": .string(finding.id),
                    "aliases": .strings(finding.aliases),
                    "status": .string(finding.status.rawValue),
                    "severity": .string(finding.severity.rawValue),
                    "fixedIn": .optional(finding.fixedIn),
                    "exploited": .bool(finding.kev != nil),
                    "feed": .string(finding.evidence.feed),
                    "record": .string(finding.evidence.record),
                    "statement": finding.statement?.json ?? .null,
                ]
            } ?? .null,
        ]
    }
}
