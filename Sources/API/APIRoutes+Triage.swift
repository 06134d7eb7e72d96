// SPDX-License-Identifier: EUPL-1.2

import Accounts
public import Advisories
import Assessment
import Criteria
import HTTPTypes
import Hummingbird
import JSON
import OCI
import Reports
import SBOM
import Time
import Triage

extension APIRoutes {
    /// What the node says of itself in documents that it publishes.
    public struct Publication: Sendable {
        /// Who publishes.
        public var publisher: VEXPublisher
        /// The registry under which images are pulled: `registry.example`.
        public var registry: String

        /// Describes the node.
        public init(publisher: VEXPublisher, registry: String) {
            self.publisher = publisher
            self.registry = registry
        }
    }

    /// What holds for the findings of an image, as a VEX document.
    func vex(_ encoded: String, _ request: Request) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["format", "lang", "document"])
        let formats = VEXFormat.allCases.map(\.rawValue).joined(separator: ", ")
        guard let format = VEXFormat(rawValue: query["format"] ?? VEXFormat.openVEX.rawValue) else {
            throw Problem.invalid("format is one of \(formats)")
        }
        guard let language = ReportLanguage(rawValue: query["lang"] ?? "de") else {
            throw Problem.invalid("lang is de or en")
        }
        let target = try await target(encoded)
        switch try await assessed(target) {
        case .waiting(let answer): return answer
        case .ready(let assessed):
            let report = VEXReport(
                verdict: try assessed.verdict(),
                repository: target.repository.text,
                registry: publication.registry,
                publisher: publication.publisher,
                language: language,
                toolVersion: version
            )
            guard !report.isEmpty else {
                throw Problem.notFound(
                    "\(target.reference) has no findings, and no format has a document that says nothing; its verdict says more"
                )
            }
            if let name = query["document"], name != report.fileName {
                throw Problem.notFound(
                    "the image was judged anew since \(name.excerpt(200)); its document is \(report.fileName) now"
                )
            }
            let document: JSONValue
            do { document = try report.document(format) } catch {
                throw Problem(
                    status: .conflict,
                    type: "conflict",
                    title: "It cannot be done as things are",
                    detail: error.reason.en
                )
            }
            var headers = location(target, .vex)
            headers[.contentDisposition] = "inline; filename=\"\(report.fileName)\""
            return APIAnswer(bytes: document.bytes(.pretty), contentType: format.contentType, headers: headers)
        }
    }

    /// What is said about the findings of an image, whether it counts or not.
    func statements(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["image", "limit", "cursor"])
        guard let image = query["image"] else { throw Problem.invalid("image is missing: repository@digest") }
        let (said, isCut) = try await triage.said(about: try await triageTarget(image), for: actor)
        return APIAnswer(["items": .array(said.map(\.json)), "more": .bool(isCut), "next": .null])
    }

    /// Takes what a maintainer says about a finding.
    func assessFinding(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(
            request,
            allowed: [
                "image", "vulnerability", "component", "source", "scope", "status", "justification", "impactStatement",
                "actionStatement", "expires",
            ]
        )
        let image = try body.read { try $0.string("image") }
        let selection = try body.read {
            FindingSelection(
                vulnerability: try $0.string("vulnerability"),
                component: try $0.optionalString("component"),
                source: try $0.optionalString("source")
            )
        }
        let scope = try Self.scope(try body.read { try $0.optionalString("scope") })
        let judgement = try body.read {
            try Judgement(
                status: try $0.string("status"),
                justification: try $0.optionalString("justification"),
                impact: try $0.optionalString("impactStatement"),
                action: try $0.optionalString("actionStatement"),
                expires: try $0.optionalString("expires")
            )
        }
        let receipt = try await triage.assess(
            judgement,
            of: selection,
            in: try await triageTarget(image),
            scope: scope,
            by: actor
        )
        return APIAnswer(receipt.json, status: .created)
    }

    /// Makes another's statement about a finding one's own.
    func adoptStatement(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(request, allowed: ["image", "statement", "scope"])
        let (image, name, word) = try body.read {
            (try $0.string("image"), try $0.string("statement"), try $0.optionalString("scope"))
        }
        guard let id = SaidStatement.ID(parsing: name) else {
            throw Problem.invalid("statement is an id as the list of statements gives it: 12.0 or discovered-3.1")
        }
        let receipt = try await triage.adopt(
            id,
            for: try await triageTarget(image),
            scope: try Self.scope(word),
            by: actor
        )
        return APIAnswer(receipt.json, status: .created)
    }

    private func triageTarget(_ image: String) async throws -> Triage.Target {
        let target = try await target(image)
        return Triage.Target(repository: target.repository, digest: target.digest)
    }

    private static func scope(_ word: String?) throws -> Triage.Scope {
        guard let scope = Triage.Scope(rawValue: word ?? Triage.Scope.image.rawValue) else {
            throw Problem.invalid("scope is one of \(Triage.Scope.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return scope
    }
}

extension VEXFormat {
    fileprivate var contentType: String {
        switch self {
        case .openVEX: OpenVEX.mediaType
        // No media type is registered for it.
        case .csaf: "application/json"
        case .cycloneDX: "application/vnd.cyclonedx+json; version=1.6"
        }
    }
}

extension Triage.Receipt {
    /// The receipt as an object; absent values are null.
    fileprivate var json: JSONValue {
        [
            "id": .integer(document), "vulnerability": .string(vulnerability), "components": .strings(components),
            "author": .string(author), "adoptedFrom": .optional(adoptedFrom),
        ]
    }
}

extension SaidStatement {
    /// The statement as an object; absent values are null.
    fileprivate var json: JSONValue {
        [
            "id": .string(id.description), "vulnerability": .string(statement.vulnerability.name),
            "status": .string(statement.status.rawValue),
            "justification": .optional(statement.justification?.rawValue),
            "impactStatement": .optional(statement.impactStatement),
            "actionStatement": .optional(statement.actionStatement), "author": .string(author),
            "document": .string(documentName), "origin": .string(origin?.rawValue ?? "discovered"),
            "adoptedFrom": .optional(adoptedFrom), "importedBy": .string(importedBy),
            "relation": .string(relation.rawValue), "counts": .bool(counts), "components": .strings(components),
            "timestamp": .optional(statement.timestamp?.rfc3339), "expires": .optional(expires?.rfc3339),
        ]
    }
}

extension Problem {
    /// What triage says, as it is: its texts are for whoever asked.
    init(_ error: TriageError) {
        switch error {
        case .invalid(let text): self = .invalid(text.en)
        case .unknown(let text): self = .notFound(text.en)
        case .notReady(let text): self = .conflict(text.en)
        }
    }
}
