// SPDX-License-Identifier: EUPL-1.2

import JSON

/// The part of the OpenAPI document that speaks of approvals, takedowns and the log.
extension ManagementDocument {
    static func trustWords(_ operation: ManagementOperation) -> (summary: String, result: String) {
        switch operation {
        case .approvals: ("The approvals of an image, or of an organisation, newest first", "One page of approvals.")
        case .approveImage:
            (
                "Approves an image for the use of an organisation (Freigabe), for operators and whoever maintains one of its namespaces",
                "The approval, signed."
            )
        case .approval: ("One approval", "The approval.")
        case .revokeApproval: ("Ends an approval before its time", "The approval, as it is now.")
        case .takedowns:
            ("The takedowns of the node, newest first, for operators and auditors", "One page of takedowns.")
        case .proposeTakedown:
            (
                "Asks that an image be given out no more for legal reasons, for operators; it holds when another operator agrees",
                "The takedown, which waits."
            )
        case .confirmTakedown: ("Agrees to a takedown that another operator asked for", "The takedown, in force.")
        case .withdrawTakedown:
            ("Takes back a takedown, or its reversal, that waits for a second operator", "It is taken back.")
        case .proposeReversal: ("Asks that what was taken down be given out again", "The takedown, still in force.")
        case .confirmReversal: ("Agrees to a reversal that another operator asked for", "The takedown, reversed.")
        case .logState:
            ("How the node's log stands, for operators and auditors", "Size, root, and why it stands still if it does.")
        case .confirmLog:
            (
                "Says that the log's tree is the newest that was ever shown, after a restore; or shows a checkpoint that proves it",
                "How the log stands."
            )
        default: ("Brings an older database up to the log's directory, after a restore", "How the log stands.")
        }
    }

    static func trustAnswer(_ operation: ManagementOperation) -> JSONValue? {
        switch operation {
        case .approvals: page("Approval")
        case .approveImage, .approval, .revokeApproval: OpenAPIDocument.reference("Approval")
        case .takedowns: page("Takedown")
        case .proposeTakedown, .confirmTakedown, .proposeReversal, .confirmReversal:
            OpenAPIDocument.reference("Takedown")
        case .withdrawTakedown: nil
        default:
            object([
                "state": words(["open", "frozen", "closed"]), "origin": orNull(text), "size": number,
                "root": orNull(text), "publishedSize": number, "publishedAt": orNull(instant), "waiting": number,
                "waitingSince": orNull(instant), "refused": number, "reason": orNull(text), "detail": orNull(text),
                "keys": list(text), "formerKeys": list(text),
            ])
        }
    }

    static func trustBody(_ operation: ManagementOperation) -> JSONValue? {
        let sentence: JSONValue = ["type": "string", "minLength": 1, "maxLength": 2000]
        switch operation {
        case .approveImage:
            return closed(
                [
                    "image": text, "organisation": orNull(text),
                    "purpose": ["type": "string", "minLength": 1, "maxLength": 500], "until": instant,
                ],
                ["image", "purpose", "until"]
            )
        case .revokeApproval:
            return closed(["reason": ["type": "string", "minLength": 1, "maxLength": 500]], ["reason"])
        case .proposeTakedown:
            return closed(
                ["image": text, "reason": sentence, "legalReference": sentence],
                ["image", "reason", "legalReference"]
            )
        case .proposeReversal: return closed(["reason": sentence], ["reason"])
        default: return closed(["size": orNull(number), "root": orNull(text), "checkpoint": orNull(text)], [])
        }
    }

    static let approval = object([
        "id": number, "state": words(["inForce", "expired", "revoked"]), "repository": text, "digest": text,
        "organisation": text, "approvedAt": instant, "validUntil": instant, "revokedAt": orNull(instant),
        "purpose": described(orNull(text), "For those alone who act for the organisation, operators and auditors."),
        "approvedBy": orNull(text), "revokedBy": orNull(text), "revocationReason": orNull(text),
        "envelope": described(orNull(["type": "object"]), "The DSSE envelope around the in-toto statement."),
    ])

    static let takedown = object([
        "id": number, "state": words(["proposed", "inForce", "withdrawn", "reversed"]), "repository": text,
        "digest": text, "reason": text, "legalReference": text, "proposedAt": instant, "proposedBy": text,
        "confirmedAt": orNull(instant), "confirmedBy": orNull(text), "reversalReason": orNull(text),
        "reversalProposedAt": orNull(instant), "reversalProposedBy": orNull(text), "endedAt": orNull(instant),
        "endedBy": orNull(text),
    ])
}
