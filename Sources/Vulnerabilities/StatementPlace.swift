// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
public import OCI

/// Where a statement counts: in one repository, in a namespace, or on the whole node.
public struct StatementPlace: Sendable, Hashable {
    /// The namespace; nil where the statement is not limited to one.
    public let namespace: String?
    /// The one repository in which it counts; nil where it counts in more.
    public let repository: String?

    /// Makes a place.
    public init(namespace: String?, repository: String? = nil) {
        self.namespace = namespace
        self.repository = repository
    }

    /// Whether it counts for the images of a repository.
    public func includes(_ repository: RepositoryName) -> Bool {
        if let only = self.repository, only != repository.text { return false }
        guard let namespace else { return true }
        return repository.text == namespace || repository.text.hasPrefix(namespace + "/")
    }

    /// What names every image of a repository as a product; an image of another one never has it.
    public static func product(ofRepository repository: String) -> String { "urn:kontor:repository:" + repository }

    /// What names every image of a namespace as a product.
    public static func product(ofNamespace namespace: String) -> String { "urn:kontor:namespace:" + namespace }

    /// The name of an assessment's document: the same for every judgement about the same finding at the same place.
    static func assessmentName(of statement: VEXStatement, at place: StatementPlace) -> String {
        var subject =
            VEXStatement(
                vulnerability: VEXVulnerability(statement.vulnerability.name.uppercased()),
                products: statement.products,
                status: .underInvestigation
            ).json.objectValue ?? [:]
        subject["place"] = .string("\(place.namespace ?? "")\n\(place.repository ?? "")")
        return "urn:kontor:assessment:" + Digest.sha256(JSONValue.object(subject).bytes(.rfc8785)).hex.prefix(32)
    }
}
