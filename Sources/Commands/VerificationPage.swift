// SPDX-License-Identifier: EUPL-1.2

import Attestations
import ClientTrust
import JSON
import OCI
import SBOM
import Time

/// What verifying an image came to, as text and JSON.
struct VerificationPage {
    let verification: ImageVerification
    let root: TrustRoot?
    let language: Language

    // MARK: - Text

    /// The answer, then every demand, then everything that was found; escape sequences of strangers cannot reach the terminal.
    var text: String {
        var lines = [language(Texts.verifyAnswer(verification.outcome, verification.name))]
        if let digest = verification.digest { lines.append("  \(language(Texts.verifyDigest))  \(digest)") }
        lines.append("  \(language(Texts.verifySignedName))  \(verification.expected)")
        lines.append("")
        for item in verification.items {
            let about =
                verification.images.count > 1 && item.image != verification.digest
                ? " · \(item.image.shortDescription)" : ""
            lines.append(
                "\(mark(item.outcome))  \(language(Texts.demand(item.demand)))\(about): \(language(Texts.finding(item.finding)))"
            )
        }
        for image in verification.images {
            let platform = image.platform.map { " · \($0)" } ?? (image.isIndex ? " · index" : "")
            lines += ["", "\(image.digest)\(platform)"]
            if image.pieces.isEmpty { lines.append("  \(language(Texts.verifyNothingAttached))") }
            for piece in image.pieces { lines += self.lines(piece) }
            for other in image.others { lines.append("  –  \(other): \(language(Texts.verifyNoSignature))") }
        }
        return lines.map { printable($0) + "\n" }.joined()
    }

    private func mark(_ outcome: TrustOutcome) -> String { language(Texts.outcome(outcome)).uppercased() }

    private func lines(_ piece: JudgedPiece) -> [String] {
        var head = "  \(mark(piece.outcome))  \(piece.form.rawValue) \(piece.place)"
        if let claim = piece.claim { head += ": " + said(claim) }
        if piece.isFailedSummary { head += ", " + language(Texts.verifyFailedSummary) }
        if let signer = piece.signer { head += ", " + language(Texts.verifySignedBy(signer)) }
        if !piece.namesTag, piece.outcome == .passed { head += ", " + language(Texts.verifyLeavesTagOpen) }
        if let time = piece.loggedAt { head += ", " + language(Texts.verifyLoggedAt(time.rfc3339)) }
        if let index = piece.provenIndex { head += ", " + language(Texts.verifyEntry(index)) }
        var lines = [head]
        if let problem = piece.problem { lines.append("      \(problem)") }
        for check in piece.checks {
            switch check.outcome {
            case .passed: continue
            case .failed(let failure):
                lines.append("      \(language(Texts.check(check.name))): \(language(Texts.failure(failure)))")
            case .notAssessed(let reason): lines.append("      \(language(Texts.check(check.name))): \(reason)")
            }
        }
        return lines
    }

    private func said(_ claim: Claim) -> String {
        switch claim {
        case .imageSignature: language(Texts.verifyImageSignature)
        case .predicate(let type): type
        case .file: "file"
        }
    }

    // MARK: - JSON

    /// The same for programs; words of outcomes, demands and checks stay as they are in every language.
    var json: JSONValue {
        [
            "schemaVersion": 1, "outcome": .string(verification.outcome.rawValue),
            "verified": .bool(verification.outcome == .passed), "image": .string(verification.name),
            "name": .string(verification.expected), "digest": .optional(verification.digest?.description),
            "time": .string(verification.time.rfc3339),
            "trustRoot": root.map { ["registry": .string($0.registry), "log": .string($0.origin)] } ?? .null,
            "items": .array(
                verification.items.map { item in
                    [
                        "item": .string(item.demand.name), "image": .string("\(item.image)"),
                        "outcome": .string(item.outcome.rawValue),
                        "text": .string(language(Texts.finding(item.finding))),
                    ]
                }
            ),
            "images": .array(
                verification.images.map { image in
                    [
                        "digest": .string("\(image.digest)"), "platform": .optional(image.platform.map { "\($0)" }),
                        "isIndex": .bool(image.isIndex), "found": .array(image.pieces.map(json)),
                        "others": .strings(image.others),
                    ]
                }
            ),
        ]
    }

    private func json(_ piece: JudgedPiece) -> JSONValue {
        [
            "form": .string(piece.form.rawValue), "place": .string(piece.place),
            "outcome": .string(piece.outcome.rawValue), "problem": .optional(piece.problem),
            "claim": .optional(piece.claim?.description), "signer": .optional(piece.signer),
            "isPublisher": .bool(piece.isPublisher), "namesTag": .bool(piece.namesTag),
            "isFailedSummary": .bool(piece.isFailedSummary), "loggedAt": .optional(piece.loggedAt?.rfc3339),
            "logIndex": .optional(piece.provenIndex),
            "checks": .array(
                piece.checks.map { check in
                    var members: [String: JSONValue] = ["check": .string(check.name.rawValue)]
                    switch check.outcome {
                    case .passed: members["outcome"] = "passed"
                    case .failed(let failure):
                        members["outcome"] = "failed"
                        members["text"] = .string(language(Texts.failure(failure)))
                    case .notAssessed(let reason):
                        members["outcome"] = "undecided"
                        members["text"] = .string(reason)
                    }
                    return .object(members)
                }
            ),
        ]
    }
}
