// SPDX-License-Identifier: EUPL-1.2

/// Where a text says what a case asks for.
public struct SpecificationSource: Sendable, Hashable, CustomStringConvertible {
    /// Name of the text.
    public let document: String
    /// Title of the section.
    public let section: String
    /// Identifier of the endpoint in the specification's table, such as `end-4a`.
    public let endpoint: String?

    /// A section of the OCI distribution specification.
    public static func distribution(_ section: String, _ endpoint: String? = nil) -> SpecificationSource {
        SpecificationSource(document: "OCI distribution-spec", section: section, endpoint: endpoint)
    }

    /// A section of the OCI image specification.
    public static func image(_ section: String) -> SpecificationSource {
        SpecificationSource(document: "OCI image-spec", section: section, endpoint: nil)
    }

    /// A section of RFC 9110.
    public static func http(_ section: String) -> SpecificationSource {
        SpecificationSource(document: "RFC 9110", section: section, endpoint: nil)
    }

    /// What no specification says and every client expects.
    public static let practice = SpecificationSource(
        document: "common practice",
        section: "Docker Registry HTTP API V2, listing repositories",
        endpoint: nil
    )

    /// Document, section and endpoint.
    public var description: String {
        "\(document), \"\(section)\"" + (endpoint.map { " (\($0))" } ?? "")
    }
}
