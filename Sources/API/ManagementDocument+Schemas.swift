// SPDX-License-Identifier: EUPL-1.2

import Accounts
import JSON

extension ManagementDocument {
    /// What answers and bodies are made of, by name.
    static var schemas: [String: JSONValue] {
        [
            "Account": object([
                "name": text, "kind": words(["person", "service"]), "nodeRole": orNull(words(["auditor", "operator"])),
                "organisation": orNull(text), "namespace": orNull(text), "createdAt": instant,
                "disabledAt": orNull(instant),
            ]),
            "Token": object([
                "id": number, "label": text, "scopes": list(OpenAPIDocument.reference("TokenScope")),
                "createdAt": instant, "createdBy": text, "expiresAt": instant, "lastUsedAt": orNull(instant),
                "revokedAt": orNull(instant),
            ]),
            "TokenScope": object([
                "repositories": described(text, "A repository, a prefix such as team/*, or *."),
                "rights": ["type": "array", "items": words(tokenRights), "minItems": 1],
            ]),
            "Organisation": object([
                "name": text, "title": text, "kind": organisationKind, "officialKey": orNull(text),
                "securityContact": orNull(text), "deputyContact": orNull(text),
            ]),
            "Namespace": object([
                "name": text, "organisation": text, "public": ["type": "boolean"],
                "frozen": orNull(object(["since": instant, "at": instant, "by": text])), "role": orNull(role),
            ]),
            "Member": object(["account": text, "role": role]),
            "Quarantined": object([
                "repository": text, "digest": text, "pushedAt": instant, "pushedBy": text,
                "pulledBy": list(
                    object([
                        "organisation": orNull(text), "account": orNull(text), "first": instant, "last": instant,
                        "count": number,
                    ])
                ),
                "pulledWithoutOrganisation": number,
            ]),
            "GateException": object([
                "id": number, "state": words(["requested", "inForce", "expired", "ended"]), "digest": orNull(text),
                "reason": text, "requestedAt": instant, "requestedBy": text, "expiresAt": instant,
                "approvedAt": orNull(instant), "approvedBy": orNull(text), "endedAt": orNull(instant),
                "endedBy": orNull(text),
            ]),
            "Approval": approval, "Takedown": takedown, "Project": project,
            "Policy": described(
                closed(
                    [
                        "immutableTags": list(
                            closed(["repository": orNull(text), "tags": list(text), "except": list(text)], ["tags"])
                        ),
                        "retention": list(
                            closed(
                                [
                                    "repository": orNull(text),
                                    "keep": orNull(list(keep)),
                                    "removeUntaggedAfterDays": orNull(number), "allowEmpty": ["type": "boolean"],
                                ],
                                []
                            )
                        ),
                        "pull": list(
                            closed(
                                [
                                    "repository": orNull(text), "level": orNull(words(["bronze", "silver", "gold"])),
                                    "refuseExploited": ["type": "boolean"], "signed": ["type": "boolean"],
                                    "logged": ["type": "boolean"], "approvedBy": orNull(text), "graceDays": number,
                                    "effectiveFrom": orNull(instant),
                                ],
                                []
                            )
                        ),
                        "push": list(
                            closed(
                                [
                                    "repository": orNull(text), "tags": list(text), "except": list(text),
                                    "signed": ["type": "boolean"], "bases": orNull(list(text)),
                                    "mediaTypes": orNull(list(text)), "effectiveFrom": orNull(instant),
                                ],
                                []
                            )
                        ),
                        "quotaBytes": orNull(number), "openUploads": orNull(number),
                        "trust": orNull(OpenAPIDocument.reference("TrustRules")),
                    ],
                    []
                ),
                "The rules of a namespace on its content; without rules, everything is allowed and nothing removed."
            ),
            "TrustRules": described(
                closed(
                    [
                        "publishers": list(
                            closed(
                                [
                                    "name": text, "contact": orNull(text), "node": ["type": "boolean"],
                                    "keys": list(
                                        closed(
                                            [
                                                "name": text, "key": text, "signs": list(text),
                                                "repositories": list(text), "signedAs": list(text),
                                                "validFrom": orNull(instant), "validUntil": orNull(instant),
                                                "revokedFrom": orNull(instant),
                                            ],
                                            ["name", "key"]
                                        )
                                    ),
                                ],
                                ["name"]
                            )
                        ),
                        "logs": list(
                            closed(
                                [
                                    "name": text, "key": text, "validFrom": orNull(instant),
                                    "validUntil": orNull(instant),
                                ],
                                ["name", "key"]
                            )
                        ),
                        "threshold": number, "log": words(["none", "promise", "inclusion"]),
                        "builders": list(trustedBuilder),
                    ],
                    ["publishers"]
                ),
                """
                Whose signatures count: public keys in PEM or OpenPGP key blocks, by publisher; `node` counts what this node \
                releases as signed by the publisher. `builders` is the builder trust table: the highest SLSA build level that is \
                believed of a builder id together with one of the keys, who operates it, and the build that is expected of it.
                """
            ),
            "PolicyRevision": object([
                "revision": number, "policy": orNull(OpenAPIDocument.reference("Policy")), "reason": text,
                "createdAt": instant, "createdBy": text,
            ]),
            "RetentionDecision": object([
                "repository": text, "tag": orNull(text), "digest": text, "action": words(["keep", "remove"]),
                "rules": list(text), "reason": object(["de": text, "en": text]),
            ]),
            "OwnAdvisory": object([
                "id": number, "name": text, "tlp": text, "createdAt": instant, "createdBy": text,
                "expiresAt": orNull(instant), "endedAt": orNull(instant), "endedBy": orNull(text),
            ]),
            "Notice": object([
                "id": text, "kind": words(["notice", "correction", "withdrawal"]), "question": text,
                "content": ["type": "object"], "reason": orNull(localized), "snapshot": orNull(text),
                "images": number, "pullsOfNobody": number, "sentAt": instant, "sentBy": text,
                "follows": orNull(text), "standing": object(["state": text, "by": orNull(text)]),
                "recipients": number, "unreachable": number,
                "answers": object(["none": number, "read": number, "acting": number, "done": number]),
            ]),
            "NoticeRecipient": object([
                "organisation": text, "title": text, "reasons": list(text), "unreachable": orNull(localized),
                "state": words(["none", "read", "acting", "done"]), "readAt": orNull(instant),
                "actingAt": orNull(instant), "doneAt": orNull(instant),
                "deliveries": list(
                    object([
                        "channel": text, "messageID": text, "state": text, "attempts": number, "changedAt": instant,
                        "nextAt": orNull(instant), "problem": orNull(text),
                    ])
                ),
            ]),
            "VEXDocument": object([
                "id": number, "namespace": orNull(text), "format": text, "name": text, "author": text,
                "version": orNull(text), "statements": number, "refused": number, "importedAt": instant,
                "importedBy": text, "endedAt": orNull(instant), "endedBy": orNull(text),
                "origin": words(["imported", "assessed", "adopted", "attested"]), "repository": orNull(text),
                "adoptedFrom": orNull(text),
            ]),
            "SaidStatement": object([
                "id": text, "vulnerability": text, "status": vexStatus, "justification": orNull(text),
                "impactStatement": orNull(text), "actionStatement": orNull(text), "author": text, "document": text,
                "origin": words(["imported", "assessed", "adopted", "attested", "discovered"]),
                "adoptedFrom": orNull(text),
                "importedBy": text, "relation": words(["image", "base", "component", "elsewhere"]),
                "counts": ["type": "boolean"], "components": list(text), "timestamp": orNull(instant),
                "expires": orNull(instant),
            ]),
            "Release": object([
                "id": number, "repository": text, "tag": text, "digest": text, "reference": text,
                "logged": ["type": "boolean"], "state": words(["pending", "signed", "failed"]),
                "problem": orNull(text), "requestedAt": instant, "requestedBy": text, "endedAt": orNull(instant),
            ]),
            "AffectedImage": object([
                "kind": ["const": "image"], "repository": text, "digest": text, "tags": list(text),
                "namespace": orNull(text),
                "organisation": orNull(text), "level": text, "affected": ["type": "boolean"], "since": instant,
                "reasons": affectedReasons,
                "pulls": orNull(
                    object([
                        "by": list(
                            object([
                                "organisation": orNull(text), "account": orNull(text), "first": instant,
                                "last": instant, "count": number,
                            ])
                        ), "withoutOrganisation": number,
                    ])
                ),
            ]),
            "AffectedProduct": object([
                "kind": ["const": "product"], "id": number, "name": text, "version": text, "supplier": text,
                "organisation": text, "affected": ["type": "boolean"], "since": instant, "reasons": affectedReasons,
            ]),
            "Product": object([
                "id": number, "name": text, "version": text, "supplier": text, "organisation": text, "since": instant,
                "removedAt": orNull(instant), "removedBy": orNull(text),
                "bill": OpenAPIDocument.reference("ProductBill"),
            ]),
            "ProductBill": object([
                "revision": number, "digest": text, "size": number, "format": words(["CycloneDX", "SPDX"]),
                "formatVersion": text, "entries": number, "components": number, "unnamed": number,
                "purl": orNull(text), "uploadedAt": instant, "uploadedBy": text,
            ]),
            "AuditEvent": object([
                "id": number, "at": instant, "actor": orNull(text), "action": text, "subject": text,
                "detail": ["type": ["object", "null"]], "hash": text,
            ]),
        ]
    }

    // MARK: Words of schemas

    static let text: JSONValue = ["type": "string"]
    static var localized: JSONValue { closed(["de": text, "en": text], ["de", "en"]) }
    static var noticeContent: [String: JSONValue] {
        [
            "what": localized, "measure": localized,
            "replacement": closed(["digest": text, "reference": text, "command": text], []),
            "tlp": words(["TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]),
        ]
    }
    static var vexStatus: JSONValue { words(["not_affected", "affected", "fixed", "under_investigation"]) }
    static var scope: JSONValue { words(["image", "repository", "namespace"]) }
    static var assessment: JSONValue {
        let sentence: JSONValue = ["type": "string", "maxLength": 4000]
        return closed(
            [
                "image": described(text, "repository, repository:tag or repository@digest."), "vulnerability": text,
                "component": described(text, "A package URL; without one every component that has the finding."),
                "source": described(text, "Name of a source package."), "scope": scope, "status": vexStatus,
                "justification": words([
                    "component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
                    "vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist",
                ]),
                "impactStatement": sentence, "actionStatement": sentence, "expires": text,
            ],
            ["image", "vulnerability", "status"]
        )
    }
    static let number: JSONValue = ["type": "integer"]
    static let instant: JSONValue = ["type": "string", "format": "date-time"]
    /// Why something is in an answer.
    static var affectedReasons: JSONValue {
        list(
            object([
                "name": text, "version": text, "purl": orNull(text), "certain": ["type": "boolean"],
                "since": orNull(instant),
                "file": orNull(object(["layer": number, "visible": orNull(["type": "boolean"])])),
                "finding": orNull(
                    object([
                        "id": text, "aliases": list(text), "status": text, "severity": text,
                        "fixedIn": orNull(text), "exploited": ["type": "boolean"], "feed": text,
                        "record": text, "statement": orNull(["type": "object"]),
                    ])
                ),
            ])
        )
    }
    /// A row of the builder trust table.
    static var trustedBuilder: JSONValue {
        closed(
            [
                "id": text, "keys": list(text), "level": number, "operatedBy": orNull(text), "buildType": orNull(text),
                "parameters": list(closed(["name": text, "value": text], ["name", "value"])),
            ],
            ["id", "keys", "level"]
        )
    }

    static var productConclusion: JSONValue { words(["conforms", "doesNotConform", "undecided"]) }
    /// A product; what the first page alone has is null on the others.
    static var productAnswer: JSONValue {
        object([
            "tlp": text, "product": OpenAPIDocument.reference("Product"), "items": list(["type": "object"]),
            "revisions": orNull(list(OpenAPIDocument.reference("ProductBill"))),
            "notAssessed": orNull(
                list(object(["ecosystem": text, "components": number, "reason": object(["de": text, "en": text])]))
            ),
            "judgement": orNull(
                object([
                    "guideline": text, "version": text, "conclusion": productConclusion,
                    "fields": list(
                        object([
                            "field": text, "title": object(["de": text, "en": text]), "requirement": text,
                            "outcome": text, "missing": number, "unknown": number,
                        ])
                    ),
                ])
            ), "next": orNull(text),
        ])
    }
    static let keep: JSONValue = [
        "type": "object",
        "properties": [
            "newest": number, "pushedWithinDays": number, "pulledWithinDays": number, "matching": list(text),
            "tags": list(text),
        ],
        "additionalProperties": false,
    ]
    static var role: JSONValue { words(Role.allCases.map(\.word)) }
    static var organisationKind: JSONValue { words(Organisation.Kind.allCases.map(\.rawValue)) }

    static func words(_ words: [String]) -> JSONValue { ["type": "string", "enum": .strings(words)] }

    static func list(_ item: JSONValue) -> JSONValue { ["type": "array", "items": item] }

    static func orNull(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, ["type": "null"]]] }

    static func page(_ name: String) -> JSONValue {
        object(["items": list(OpenAPIDocument.reference(name)), "next": orNull(text)])
    }

    static func described(_ schema: JSONValue, _ description: String) -> JSONValue {
        var members = schema.objectValue ?? [:]
        members["description"] = .string(description)
        return .object(members)
    }

    static func object(_ properties: [String: JSONValue]) -> JSONValue {
        ["type": "object", "required": .strings(properties.keys.sorted()), "properties": .object(properties)]
    }

    /// An object that is sent: what is not named is refused.
    static func closed(_ properties: [String: JSONValue], _ required: [String]) -> JSONValue {
        [
            "type": "object", "required": .strings(required), "properties": .object(properties),
            "additionalProperties": false,
        ]
    }
}
