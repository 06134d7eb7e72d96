// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import JSON
import Situation

/// What operations take and what they answer.
extension ManagementDocument {
    static func answer(_ operation: ManagementOperation) -> JSONValue? {
        switch operation {
        case .whoAmI, .account: OpenAPIDocument.reference("Account")
        case .accounts: page("Account")
        case .tokens: page("Token")
        case .organisations: page("Organisation")
        case .namespaces: page("Namespace")
        case .members: page("Member")
        case .auditEvents: page("AuditEvent")
        case .quarantine: page("Quarantined")
        case .policyHistory: page("PolicyRevision")
        case .tryPolicy:
            object([
                "items": list(
                    object([
                        "repository": text, "digest": text, "decision": words(["announced", "refused"]),
                        "from": instant, "graceUntil": instant, "rule": text, "reason": localized,
                    ])
                ), "next": orNull(text),
            ])
        case .logFeedBundle: object(["bundle": ["type": "object"]])
        case .tryPushes: pushTrial
        case .tryTrust: trustTrial
        case .gateExceptions: page("GateException")
        case .requestGateException, .approveGateException: OpenAPIDocument.reference("GateException")
        case .policy:
            object([
                "revision": number, "policy": orNull(OpenAPIDocument.reference("Policy")),
                "usage": object(["used": orNull(number), "reserved": orNull(number), "limit": orNull(number)]),
            ])
        case .vexDocuments: page("VEXDocument")
        case .draftNotice:
            object([
                "question": text, "snapshot": orNull(text), "answeredAt": instant, "images": number,
                "products": number, "imagesOfNobody": number, "pullsOfNobody": number, "fingerprint": text,
                "suggestion": ["type": "object"],
                "recipients": list(
                    object([
                        "organisation": text, "title": text, "reasons": list(text), "channels": list(text),
                        "unreachable": orNull(localized),
                    ])
                ),
            ])
        case .notices: page("Notice")
        case .sendNotice, .correctNotice, .withdrawNotice: object(["id": text])
        case .notice:
            object([
                "notice": OpenAPIDocument.reference("Notice"),
                "items": list(OpenAPIDocument.reference("NoticeRecipient")), "next": orNull(text),
            ])
        case .webhooks:
            object([
                "items": list(
                    object(["place": text, "createdAt": instant, "createdBy": text, "goneAt": orNull(instant)])
                ), "next": orNull(text),
            ])
        case .setWebhook: object(["secret": text])
        case .advisories: page("OwnAdvisory")
        case .publishAdvisory:
            object(["id": number, "name": text, "packages": number, "files": number, "unmatchable": number])
        case .products:
            object([
                "tlp": text, "items": list(OpenAPIDocument.reference("Product")), "next": orNull(text),
            ])
        case .uploadProduct:
            object([
                "id": number, "revision": number, "known": ["type": "boolean"], "components": number,
                "unnamed": number, "conclusion": productConclusion,
            ])
        case .product: productAnswer
        case .productBill: ["type": "object"]
        case .takeVEX:
            object([
                "id": number, "known": ["type": "boolean"], "statements": number, "refusedCount": number,
                "refused": list(object(["place": text, "reason": object(["de": text, "en": text])])),
            ])
        case .statements:
            object([
                "items": list(OpenAPIDocument.reference("SaidStatement")), "more": ["type": "boolean"],
                "next": orNull(text),
            ])
        case .assessFinding, .adoptStatement:
            object([
                "id": number, "vulnerability": text, "components": list(text), "author": text,
                "adoptedFrom": orNull(text),
            ])
        case .health: ["type": "object"]
        case .projects, .registerProject, .project, .changeProject, .removeProject, .recheckProject, .projectHistory,
            .projectImages, .projectPushed, .projectReply, .projectUses:
            projectAnswer(operation)
        case .work: object(["namespaces": list(text), "items": list(OpenAPIDocument.reference("DirectoryEntry"))])
        case .organisationOverview: directoryOverview
        case .addUse: OpenAPIDocument.reference("DirectoryUse")
        case .addReply: OpenAPIDocument.reference("LevelReply")
        case .releases: page("Release")
        case .requestRelease: OpenAPIDocument.reference("Release")
        case .approvals, .approveImage, .approval, .revokeApproval, .takedowns, .proposeTakedown, .confirmTakedown,
            .withdrawTakedown, .proposeReversal, .confirmReversal, .logState, .confirmLog, .adoptLog:
            trustAnswer(operation)
        case .release:
            [
                "allOf": [
                    OpenAPIDocument.reference("Release"),
                    object([
                        "signatures": list(
                            object([
                                "digest": text, "form": words(["cosign", "bundle", "openpgp"]),
                                "logIndex": orNull(number),
                            ])
                        )
                    ]),
                ]
            ]
        case .attestAudit: OpenAPIDocument.reference("Attestation")
        case .affected:
            object([
                "schemaVersion": ["const": 1], "tlp": text, "question": text, "answeredAt": instant,
                "snapshot": orNull(text), "components": number,
                "summary": orNull(
                    object([
                        "images": number, "cleared": number, "products": number, "clearedProducts": number,
                        "repositories": number, "namespaces": list(text), "organisations": list(text),
                        "unlisted": number, "isAtLeast": ["type": "boolean"],
                    ])
                ),
                "items": list(
                    [
                        "oneOf": [
                            OpenAPIDocument.reference("AffectedImage"), OpenAPIDocument.reference("AffectedProduct"),
                        ]
                    ]
                ), "next": orNull(text),
            ])
        case .putPolicy: object(["revision": number])
        case .retention:
            object([
                "items": list(OpenAPIDocument.reference("RetentionDecision")), "next": orNull(text),
                "revision": number, "skipped": list(text),
            ])
        case .applyRetention:
            object([
                "revision": number, "removedTags": number, "removedManifests": number, "kept": number,
                "stopped": ["type": "boolean"], "skipped": list(text),
                "removed": list(OpenAPIDocument.reference("RetentionDecision")),
            ])
        case .organisation:
            [
                "allOf": [
                    OpenAPIDocument.reference("Organisation"),
                    object(["operatesFor": list(text), "operatedBy": list(text)]),
                ]
            ]
        case .createAccount: object(["name": text, "secret": orNull(text)])
        case .renewSecret: object(["name": text, "secret": text])
        case .issueToken: object(["id": number, "account": text, "secret": text, "expiresAt": instant])
        case .createNamespace: object(["name": text])
        case .freeze: object(["revokedTokens": number])
        default: nil
        }
    }

    static func body(_ operation: ManagementOperation) -> JSONValue? {
        switch operation {
        case .setPassword:
            return closed(
                [
                    "password": [
                        "type": "string", "minLength": .integer(Int64(Accounts.shortestPassword)), "maxLength": 256,
                    ]
                ],
                ["password"]
            )
        case .createAccount:
            return closed(
                [
                    "name": text, "kind": words(["person", "service"]), "organisation": text, "namespace": text,
                    "nodeRole": words(["auditor", "operator"]),
                ],
                ["name"]
            )
        case .changeAccount: return closed(["disabled": ["type": "boolean"]], ["disabled"])
        case .issueToken:
            return closed(
                [
                    "label": ["type": "string", "minLength": 1, "maxLength": 100],
                    "scopes": [
                        "type": "array", "items": OpenAPIDocument.reference("TokenScope"), "minItems": 1,
                        "maxItems": .integer(Int64(Accounts.maximumScopes)),
                    ],
                    "days": ["type": "integer", "minimum": 1, "maximum": 366],
                ],
                ["label", "scopes", "days"]
            )
        case .putOrganisation:
            return closed(
                [
                    "title": ["type": "string", "minLength": 1, "maxLength": 200], "kind": organisationKind,
                    "officialKey": text, "securityContact": text, "deputyContact": text,
                ],
                ["title", "kind"]
            )
        case .takeVEX, .publishAdvisory, .uploadProduct: return ["type": "object"]
        case .assessFinding: return assessment
        case .adoptStatement:
            return closed(["image": text, "statement": text, "scope": scope], ["image", "statement"])
        case .requestRelease: return closed(["image": text, "tag": text], ["image", "tag"])
        case .approveImage, .revokeApproval, .proposeTakedown, .proposeReversal, .confirmLog:
            return trustBody(operation)
        case .attestAudit:
            return closed(
                [
                    "image": text, "auditor": text, "scope": text, "result": words(["passed", "failed"]),
                    "finished": instant, "validUntil": instant,
                    "report": closed(["digest": text, "uri": text], ["digest"]),
                ],
                ["image", "auditor", "scope", "result", "finished", "validUntil", "report"]
            )
        case .addUse:
            return eitherOf(
                "image",
                "project",
                closed(
                    [
                        "image": described(text, "Name of the repository."), "project": projectName,
                        "organisation": text,
                        "since": described(text, "A day such as 2026-11-26."), "purpose": text, "contact": text,
                    ],
                    ["organisation", "since", "purpose"]
                )
            )
        case .addReply:
            return eitherOf(
                "image",
                "project",
                closed(
                    ["image": text, "project": projectName, "text": text, "disputes": ["type": "boolean"]],
                    ["text"]
                )
            )
        case .registerProject, .changeProject, .projectPushed: return projectBody(operation)
        case .draftNotice: return closed(["question": text], ["question"])
        case .sendNotice:
            return closed(
                noticeContent.merging([
                    "question": text, "to": list(text), "except": list(text), "fingerprint": text, "request": text,
                ]) { $1 },
                ["question"]
            )
        case .correctNotice:
            return closed(noticeContent.merging(["reason": localized, "request": text]) { $1 }, ["reason"])
        case .withdrawNotice: return closed(["reason": localized, "request": text], ["reason"])
        case .setWebhook: return closed(["url": text], ["url"])
        case .createNamespace:
            return closed(["organisation": text, "public": ["type": "boolean"]], ["organisation", "public"])
        case .changeNamespace: return closed(["public": ["type": "boolean"]], ["public"])
        case .setMember: return closed(["role": role], ["role"])
        case .freeze: return closed(["since": instant], ["since"])
        case .tryPolicy:
            return closed(["policy": orNull(OpenAPIDocument.reference("Policy")), "after": orNull(text)], [])
        case .tryPushes:
            return closed(
                [
                    "policy": orNull(OpenAPIDocument.reference("Policy")), "after": orNull(text),
                    "days": ["type": "integer", "minimum": 1, "maximum": 365, "default": 30],
                ],
                []
            )
        case .logFeedBundle: return closed(["bundle": ["type": "object"]], ["bundle"])
        case .tryTrust:
            return closed(["policy": orNull(OpenAPIDocument.reference("Policy")), "after": orNull(text)], [])
        case .requestGateException:
            return closed(
                [
                    "digest": orNull(text), "reason": ["type": "string", "minLength": 1, "maxLength": 2000],
                    "until": instant,
                ],
                ["reason", "until"]
            )
        case .putPolicy:
            return closed(
                [
                    "policy": OpenAPIDocument.reference("Policy"), "expectedRevision": number,
                    "reason": ["type": "string", "minLength": 1, "maxLength": 2000],
                ],
                ["policy", "expectedRevision", "reason"]
            )
        default: return nil
        }
    }
}
