// SPDX-License-Identifier: EUPL-1.2

/// The one table of what `/api/v1` offers: the routes are made of it, and so is the OpenAPI document.
public enum APIOperation: String, Sendable, CaseIterable {
    case verdict, sbom, findings, vex, attestations, badge, repositories, directory, levels, changes, replies, uses,
        criteria, feeds, verdictSchema, trustRoot, openapi
    case repositoryBadge, repositoryBadgePicture, repositoryBadgeSARIF
    case projectBadge, projectBadgePicture, projectBadgeSARIF

    /// Where all paths begin.
    public static let root = "/api/v1"

    /// Path below ``root``; `{image}` stands for `repository[:tag|@digest]`.
    public var template: String {
        switch self {
        case .verdict: "/images/{image}/verdict"
        case .sbom: "/images/{image}/sbom"
        case .findings: "/images/{image}/findings"
        case .vex: "/images/{image}/vex"
        case .attestations: "/images/{image}/attestations"
        case .badge: "/images/{image}/badge.svg"
        case .repositories: "/repositories"
        case .directory: "/directory"
        case .levels: "/images/{image}/levels"
        case .changes: "/images/{image}/changes"
        case .replies: "/images/{image}/reply"
        case .uses: "/images/{image}/uses"
        case .criteria: "/criteria"
        case .feeds: "/feeds"
        case .verdictSchema: "/schemas/verdict"
        case .trustRoot: "/trust-root"
        case .openapi: "/openapi.json"
        case .repositoryBadge: "/repositories/{repository}/badges/{badge}"
        case .repositoryBadgePicture: "/repositories/{repository}/badges/{badge}.svg"
        case .repositoryBadgeSARIF: "/repositories/{repository}/badges/{badge}/sarif"
        case .projectBadge: "/projects/{project}/badges/{badge}"
        case .projectBadgePicture: "/projects/{project}/badges/{badge}.svg"
        case .projectBadgeSARIF: "/projects/{project}/badges/{badge}/sarif"
        }
    }

    /// Whether everybody may ask, because the answer is the same on every node, or made of public keys.
    var isPublic: Bool { self == .openapi || self == .verdictSchema || self == .trustRoot }

    /// Finds the operation that a path means, with what stands for `{image}`, still encoded.
    ///
    /// Suffixes are matched from the right: `a/verdict` is a legal repository name.
    static func match(path: String) -> (operation: APIOperation, image: String)? {
        guard path.hasPrefix(root) else { return nil }
        let rest = path.dropFirst(root.utf8.count)
        if let found = badge(rest) { return found }
        for operation in allCases where !operation.isProjectBadge {
            let (prefix, suffix) = operation.parts
            guard let suffix else {
                if rest == prefix { return (operation, "") }
                continue
            }
            if rest.hasPrefix(prefix), rest.hasSuffix(suffix), rest.utf8.count > prefix.utf8.count + suffix.utf8.count {
                return (operation, String(rest.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)))
            }
        }
        return nil
    }

    private var parts: (prefix: String, suffix: String?) {
        guard let range = template.firstRange(of: "{image}") else { return (template, nil) }
        return (String(template[..<range.lowerBound]), String(template[range.upperBound...]))
    }
}
