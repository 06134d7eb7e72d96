// SPDX-License-Identifier: EUPL-1.2

import Criteria
import HTTPTypes
public import JSON

/// The OpenAPI document of `/api/v1`, made of the table of operations.
///
/// Source: OpenAPI Specification 3.1.1.
public enum OpenAPIDocument {
    /// The document for a version of the program.
    public static func make(version: String) -> JSONValue {
        var paths: [String: JSONValue] = [:]
        for operation in APIOperation.allCases {
            let get = item(operation, id: operation.rawValue, hasBody: true)
            let head = item(operation, id: operation.rawValue + "Head", hasBody: false)
            paths[operation.template] = ["get": get, "head": head]
        }
        for operation in ManagementOperation.allCases {
            var item = paths[operation.template]?.objectValue ?? [:]
            item[operation.method.rawValue.lowercased()] = ManagementDocument.item(operation, hasBody: true)
            if operation.method == .get { item["head"] = ManagementDocument.item(operation, hasBody: false) }
            paths[operation.template] = .object(item)
        }
        return [
            "openapi": "3.1.1",
            "info": [
                "title": "Kontor",
                "version": .string(version),
                "description": .string(
                    "What a node knows about its images, and who may do what with them. Verdicts are computed automatically and are a "
                        + "proposal, never a release for use."
                ),
                "license": ["name": "EUPL-1.2", "identifier": "EUPL-1.2"],
            ],
            "servers": [["url": .string(APIOperation.root)]],
            "security": [[:], ["basic": []]],
            "paths": .object(paths),
            "components": [
                "securitySchemes": ["basic": ["type": "http", "scheme": "basic"]],
                "schemas": .object(
                    OpenAPISchemas.all.merging(
                        ManagementDocument.schemas.merging(ManagementDocument.directorySchemas) { own, _ in own }
                    ) { own, _ in own }
                ),
            ],
        ]
    }

    private static func item(_ operation: APIOperation, id: String, hasBody: Bool) -> JSONValue {
        let texts = texts(operation)
        var responses: [String: JSONValue] = [
            "200": response(texts.result, hasBody ? .some(content(operation)) : .none, hasETag: true),
            "304": ["description": "The client has it already (If-None-Match)."],
            "400": problem("The path or a parameter is malformed.", hasBody),
            "429": problem("This address asks too much.", hasBody),
            "503": problem("The node cannot answer now.", hasBody),
        ]
        if !operation.isPublic { responses["401"] = problem("This node answers known accounts only.", hasBody) }
        if operation.isAboutAnImage {
            responses["404"] =
                operation == .badge
                ? response(
                    "There is no such image; the picture says so.",
                    hasBody ? .some(content(operation)) : .none,
                    hasETag: false
                )
                : problem("There is no such image, or it is an artefact.", hasBody)
        }
        if operation.isProjectBadge {
            let isPicture = operation.template.hasSuffix(".svg")
            responses["404"] =
                isPicture
                ? response(
                    "There is nothing to show; the picture says so.",
                    hasBody ? .some(content(operation)) : .none,
                    hasETag: false
                )
                : problem("There is no such project, badge or evaluation, or whoever asks may not know of it.", hasBody)
            if !isPicture { responses["202"] = progress(hasBody) }
        }
        if operation == .vex {
            responses["409"] = problem("No finding of the image can be a statement of the format.", hasBody)
        }
        if operation.isAboutAnImage, operation != .badge {
            responses["202"] = progress(hasBody)
        }
        return [
            "operationId": .string(id),
            "summary": .string(texts.summary),
            "parameters": .array(parameters(operation)),
            "responses": .object(responses),
        ]
    }

    private static func progress(_ hasBody: Bool) -> JSONValue {
        [
            "description": "There is no verdict yet, or the assessment was given up.",
            "headers": ["Retry-After": ["description": "Seconds to wait.", "schema": ["type": "integer"]]],
            "content": .object(hasBody ? ["application/json": ["schema": reference("Progress")]] : [:]),
        ]
    }

    private static func texts(_ operation: APIOperation) -> (summary: String, result: String) {
        switch operation {
        case .verdict: ("The verdict of an image", "Every criterion with result, evidence, explanation and advice.")
        case .sbom: ("The SBOM of an image", "CycloneDX 1.6 JSON; never with vulnerabilities inside.")
        case .findings: ("The findings of an image, worst first", "One page of findings, with the feeds they rest on.")
        case .vex:
            (
                "What holds for the findings of an image, as a VEX document",
                "OpenVEX 0.2.0, CSAF 2.0 with the profile VEX, or CycloneDX 1.6."
            )
        case .attestations:
            (
                "What the node attests about an image: signed statements, as referrers and in cosign's list",
                "The statements by kind, with where they are and their index in the log, and why something is not attested."
            )
        case .badge: ("The badge of an image", "An SVG picture with the level as word, dots and title.")
        case .repositories: ("The repositories by name, each with the level of its image", "One page of repositories.")
        case .directory:
            (
                "What there is: images, products and source projects, by words and facets",
                "One page of entries; on the first also how many have which value of a facet."
            )
        case .levels: ("How the level of an image went over time", "Each change of the level, the latest first.")
        case .changes:
            ("What differs between two images of a repository", "Components, findings and criteria that are others.")
        case .replies: ("What the publisher says to the level of an image", "The reply; null when there is none.")
        case .uses: ("Who uses a repository's images, by their own word", "One page of the reuse register.")
        case .criteria:
            (
                "The criteria of the catalogues for images and for source projects, with wording for a tender",
                "The criteria in their catalogues' order; those for source projects under projects, by catalogue."
            )
        case .feeds: ("The feeds of the current advisory snapshot", "The feeds with their dates.")
        case .verdictSchema: ("The JSON Schema of verdicts", "The schema, JSON Schema 2020-12.")
        case .trustRoot:
            (
                "What it takes to verify what this node signs",
                "Public keys by role with their times, the log's keys, the OpenPGP key, and trusted_root.json for Sigstore's programs."
            )
        case .openapi: ("This document", "OpenAPI 3.1.")
        case .repositoryBadge:
            (
                "A badge of a repository under openCode's catalogue, on the path of its Badge API",
                "The explanation, a subset of SARIF; the picture for who would rather have one (Accept)."
            )
        case .repositoryBadgePicture:
            ("The same as a picture", "An SVG picture with the level as word, dots and title.")
        case .repositoryBadgeSARIF: ("Why the badge is as it is", "SARIF 2.1.0, one run.")
        case .projectBadge:
            (
                "A badge of a source project under Kontor's catalogue",
                "The explanation, a subset of SARIF; the picture for who would rather have one (Accept)."
            )
        case .projectBadgePicture:
            ("A badge under Kontor's catalogue as a picture", "An SVG picture with the level as word, dots and title.")
        case .projectBadgeSARIF: ("Why a badge under Kontor's catalogue is as it is", "SARIF 2.1.0, one run.")
        }
    }

    private static func content(_ operation: APIOperation) -> JSONValue {
        switch operation {
        case .verdict: ["application/json": ["schema": reference("Verdict")]]
        case .sbom: ["application/vnd.cyclonedx+json; version=1.6": ["schema": ["type": "object"]]]
        case .findings: ["application/json": ["schema": reference("FindingsPage")]]
        case .vex:
            [
                "application/json": ["schema": ["type": "object"]],
                "application/vnd.openvex+json": ["schema": ["type": "object"]],
                "application/vnd.cyclonedx+json; version=1.6": ["schema": ["type": "object"]],
            ]
        case .attestations: ["application/json": ["schema": reference("Attestations")]]
        case .badge: ["image/svg+xml": ["schema": ["type": "string"]]]
        case .repositories: ["application/json": ["schema": reference("RepositoriesPage")]]
        case .directory: ["application/json": ["schema": ManagementDocument.directoryPage]]
        case .levels: ["application/json": ["schema": ManagementDocument.levelsOverTime]]
        case .changes, .criteria: ["application/json": ["schema": ["type": "object"]]]
        case .replies:
            [
                "application/json": [
                    "schema": ManagementDocument.object([
                        "reply": ManagementDocument.orNull(reference("LevelReply"))
                    ])
                ]
            ]
        case .uses: ["application/json": ["schema": ManagementDocument.page("DirectoryUse")]]
        case .feeds: ["application/json": ["schema": reference("Feeds")]]
        case .verdictSchema: ["application/schema+json": ["schema": ["type": "object"]]]
        case .openapi, .trustRoot: ["application/json": ["schema": ["type": "object"]]]
        case .repositoryBadgePicture, .projectBadgePicture: ["image/svg+xml": ["schema": ["type": "string"]]]
        case .repositoryBadge, .projectBadge:
            ["application/json": ["schema": ["type": "object"]], "image/svg+xml": ["schema": ["type": "string"]]]
        case .repositoryBadgeSARIF, .projectBadgeSARIF: ["application/json": ["schema": ["type": "object"]]]
        }
    }

    private static func parameters(_ operation: APIOperation) -> [JSONValue] {
        var parameters: [JSONValue] = []
        if operation.isAboutAnImage {
            parameters.append(
                parameter(
                    "image",
                    in: "path",
                    "repository, repository:tag or repository@digest; slashes of the repository may stand as they are or as %2F",
                    ["type": "string"]
                )
            )
        }
        if operation.isProjectBadge {
            let subject =
                operation.isOfRepository
                ? parameter(
                    "repository",
                    in: "path",
                    "Address of the repository, percent-encoded.",
                    ["type": "string", "minLength": 1]
                )
                : parameter("project", in: "path", "Number of the project.", ["type": "integer", "minimum": 1])
            parameters += [
                subject,
                parameter(
                    "badge",
                    in: "path",
                    "Id of the badge; MAINTAINED and MAINTENANCE name the same, as do REUSED and REUSE.",
                    [
                        "type": "string",
                        "enum": ["MAINTAINED", "MAINTENANCE", "SECURITY", "REUSED", "REUSE", "OPEN_SOURCE"],
                    ]
                ),
                parameter(
                    "timestamp",
                    in: "query",
                    "Seconds since 1970: the evaluation closest to it and never after it.",
                    ["type": "integer"]
                ),
                parameter("lang", in: "query", "Language of the words.", ["type": "string", "enum": ["de", "en"]]),
            ]
        }
        switch operation {
        case .changes:
            parameters.append(
                parameter("since", in: "query", "Digest of the image to compare with.", ["type": "string"])
            )
        case .findings, .repositories, .directory, .uses:
            if operation == .directory {
                parameters += [
                    ("q", "Beginnings of words."), ("kind", "image, product or project."),
                    ("area", "The area that level is about."), ("level", "At least this level; none for no level."),
                    ("organisation", "Name of an organisation."), ("category", "A category."),
                    ("licence", "A licence."), ("architecture", "An architecture."),
                ].map { parameter($0.0, in: "query", $0.1, ["type": "string"]) }
            }
            parameters.append(
                parameter(
                    "limit",
                    in: "query",
                    "Most entries of the page.",
                    ["type": "integer", "minimum": 1, "maximum": .integer(Int64(APIQuery.largestPage)), "default": 100]
                )
            )
            parameters.append(
                parameter(
                    "cursor",
                    in: "query",
                    "Where to go on: `next` of the page before, or the Link header.",
                    ["type": "string"]
                )
            )
        case .badge, .vex:
            if operation == .vex {
                parameters.append(
                    parameter(
                        "format",
                        in: "query",
                        "Format of the document.",
                        ["type": "string", "enum": ["openvex", "csaf", "cyclonedx"], "default": "openvex"]
                    )
                )
                parameters.append(
                    parameter(
                        "document",
                        in: "query",
                        "File name of the one evaluation that is meant; 404 when the image was judged anew since.",
                        ["type": "string"]
                    )
                )
            }
            parameters.append(
                parameter(
                    "lang",
                    in: "query",
                    "Language of the words.",
                    ["type": "string", "enum": ["de", "en"], "default": "de"]
                )
            )
        default: break
        }
        return parameters
    }

    static func parameter(_ name: String, in place: String, _ description: String, _ schema: JSONValue)
        -> JSONValue
    {
        [
            "name": .string(name), "in": .string(place), "required": .bool(place == "path"),
            "description": .string(description),
            "schema": schema,
        ]
    }

    static func response(_ description: String, _ content: JSONValue?, hasETag: Bool) -> JSONValue {
        var members: [String: JSONValue] = ["description": .string(description)]
        if let content { members["content"] = content }
        if hasETag { members["headers"] = ["ETag": ["schema": ["type": "string"]]] }
        return .object(members)
    }

    static func problem(_ description: String, _ hasBody: Bool) -> JSONValue {
        response(
            description,
            hasBody ? ["application/problem+json": ["schema": reference("Problem")]] : nil,
            hasETag: false
        )
    }

    static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/" + name)] }
}

extension APIOperation {
    /// Whether the path names an image.
    var isAboutAnImage: Bool { template.contains("{image}") }
}
