// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import Criteria
import OCI
import Products
import PullRecords
import Time

/// An answer as comma-separated values (RFC 4180, UTF-8), one line for each image or product and component.
///
/// A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula, and names of images and packages
/// are strangers' words: such a cell begins with an apostrophe (OWASP, "CSV Injection").
public enum AffectedCSV {
    private static let columns = [
        "organisation", "namespace", "repository", "tags", "digest", "level", "component", "version", "purl",
        "vulnerability", "status", "stated by", "severity", "exploited", "fixed in", "since", "certain", "pulled by",
        "pulls without organisation", "layer", "visible", "kind", "product", "product version", "supplier",
    ]

    /// The first line.
    public static var header: String { line(columns) }

    /// The lines of a page, without the header.
    public static func lines(of page: AffectedPage) -> String {
        page.images.map(lines).joined() + page.products.map(lines).joined()
    }

    private static func lines(of image: AffectedImage) -> String {
        let place = [
            image.organisation ?? "", image.namespace ?? "", image.repository.text,
            image.tags.map(\.text).joined(separator: " "), image.digest.description, image.level.rawValue,
        ]
        let pulledBy = (image.pulls ?? []).compactMap { $0.organisation ?? $0.account }
        let pulls = [
            Array(Set(pulledBy)).sorted().joined(separator: " "),
            image.pulls == nil ? "" : String(image.withoutOrganisation),
        ]
        let kind = ["image", "", "", ""]
        guard !image.reasons.isEmpty else {
            let nothing = ["", "", "", "", "", "", "", "", "", image.since.rfc3339, "yes"]
            return line(place + nothing + pulls + ["", ""] + kind)
        }
        return image.reasons.map { line(place + cells(of: $0) + pulls + position(of: $0) + kind) }.joined()
    }

    private static func lines(of affected: AffectedProduct) -> String {
        let product = affected.product
        let name = product.name
        return affected.reasons.map { reason in
            line(
                [product.organisation, "", "", "", "", ""] + cells(of: reason)
                    + ["", "", "", "", "product", name.name, name.version, name.supplier]
            )
        }.joined()
    }

    private static func cells(of reason: AffectedImage.Reason) -> [String] {
        [
            reason.name, reason.version, reason.purl ?? "", reason.finding?.id ?? "",
            reason.finding?.status.rawValue ?? "", reason.finding?.statement?.author ?? "",
            reason.finding?.severity.rawValue ?? "", reason.finding.map { $0.kev == nil ? "no" : "yes" } ?? "",
            reason.finding?.fixedIn ?? "", reason.since?.rfc3339 ?? "", reason.isCertain ? "yes" : "no",
        ]
    }

    /// Layer of a file, and whether the final file system shows it.
    private static func position(of reason: AffectedImage.Reason) -> [String] {
        [
            reason.position.map { String($0.layer) } ?? "",
            reason.position?.isVisible.map { $0 ? "yes" : "no" } ?? "",
        ]
    }

    private static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

    package static func cell(_ text: String) -> String {
        let isFormula = text.utf8.first.map { Array("=+-@\t\r".utf8).contains($0) } ?? false
        let text = isFormula ? "'" + text : text
        guard text.unicodeScalars.contains(where: { ",\"\r\n'".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
