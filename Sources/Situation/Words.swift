// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import Database
import Time

/// Everybody's words about the findings of one answer.
struct Words: Sendable {
    let database: Database
    /// Nil where nobody said anything.
    let overlay: StatementOverlay?
    let now: Timestamp

    var isEmpty: Bool { overlay == nil }

    /// Reasons with the words laid over them.
    func applied(to reasons: [AffectedImage.Reason], of image: Int64) async throws -> [AffectedImage.Reason] {
        guard let overlay, reasons.contains(where: { $0.finding != nil }) else { return reasons }
        let subject = try await database.lookUp { try overlay.subject(ofImage: image, in: $0) }
        guard let subject else { return reasons }
        return applied(to: reasons, of: subject)
    }

    /// Reasons with the words about something laid over them.
    func applied(to reasons: [AffectedImage.Reason], of subject: StatementOverlay.Subject) -> [AffectedImage.Reason] {
        guard let overlay else { return reasons }
        return reasons.map { reason in
            guard let finding = reason.finding else { return reason }
            var reason = reason
            reason.finding = overlay.applied(
                to: finding,
                in: reason.part.component,
                row: reason.part.id,
                of: subject,
                at: now
            )
            return reason
        }
    }
}
