// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import JSON
import Situation

/// The part of the OpenAPI document that speaks of accounts, organisations and namespaces.
enum ManagementDocument {
    static func item(_ operation: ManagementOperation, hasBody: Bool) -> JSONValue {
        let words = words(operation)
        var responses: [String: JSONValue] = [
            String(operation.success.code): OpenAPIDocument.response(
                words.result,
                hasBody ? answer(operation).map { content(operation, $0) } : nil,
                hasETag: operation.success == .ok && operation.method == .get
            ),
            "400": OpenAPIDocument.problem("The path, a parameter or the body is malformed.", hasBody),
            "401": OpenAPIDocument.problem("This is for known accounts only.", hasBody),
            "403": OpenAPIDocument.problem("This account may not do that.", hasBody),
            "404": OpenAPIDocument.problem("There is no such thing, or this account may not know of it.", hasBody),
            "429": OpenAPIDocument.problem("Too many failed sign-ins, or this address asks too much.", hasBody),
            "503": OpenAPIDocument.problem("The node cannot answer now.", hasBody),
        ]
        // The same bytes again make nothing new.
        if operation == .uploadProduct || operation == .takeVEX {
            responses["200"] = responses[String(operation.success.code)]
        }
        if operation.method == .get {
            responses["304"] = ["description": "The client has it already (If-None-Match)."]
        } else {
            responses["409"] = OpenAPIDocument.problem("It cannot be done as things are.", hasBody)
        }
        var item: [String: JSONValue] = [
            "operationId": .string(operation.rawValue + (hasBody ? "" : "Head")), "summary": .string(words.summary),
            "security": operation.hasOwnProof
                ? [[:]] : operation.isOpen ? [[:], ["basic": []]] : [["basic": []]],
            "parameters": .array(parameters(operation)),
            "responses": .object(responses),
        ]
        if let body = body(operation) {
            item["requestBody"] = ["required": true, "content": ["application/json": ["schema": body]]]
            responses["413"] = OpenAPIDocument.problem("The body is too large.", hasBody)
            responses["415"] = OpenAPIDocument.problem("The body is not JSON.", hasBody)
            item["responses"] = .object(responses)
        }
        return .object(item)
    }

    private static func content(_ operation: ManagementOperation, _ schema: JSONValue) -> JSONValue {
        var types: [String: JSONValue] = ["application/json": ["schema": schema]]
        if operation == .affected { types["text/csv; charset=utf-8"] = ["schema": text] }
        return .object(types)
    }

    static let tokenRights = ["pull", "push", "overwrite", "delete"]

    private static func parameters(_ operation: ManagementOperation) -> [JSONValue] {
        var parameters = operation.parameters.map { name in
            let (description, schema) = parameter(name)
            return OpenAPIDocument.parameter(name, in: "path", description, schema)
        }
        if operation == .publishAdvisory {
            parameters += [
                OpenAPIDocument.parameter("tlp", in: "query", "Who may be told: TLP:AMBER and the like.", text),
                OpenAPIDocument.parameter("expires", in: "query", "From when on it no longer counts.", text),
            ]
        }
        if operation == .removeWebhook {
            parameters.append(
                OpenAPIDocument.parameter("url", in: "query", "The receiver, as it was registered.", text)
            )
        }
        if operation == .uploadProduct {
            parameters += [
                ("organisation", "Name of the organisation that operates the product."),
                ("name", "What its supplier calls it."), ("version", "Its version, as written."),
                ("supplier", "Who supplies it."),
            ].map { OpenAPIDocument.parameter($0.0, in: "query", $0.1, text) }
        }
        if operation == .productBill {
            parameters.append(
                OpenAPIDocument.parameter(
                    "revision",
                    in: "query",
                    "Which bill; without it the one that counts.",
                    ["type": "integer", "minimum": 1]
                )
            )
        }
        if operation == .takeVEX {
            parameters.append(
                OpenAPIDocument.parameter(
                    "namespace",
                    in: "query",
                    "Where the document counts; without it on the whole node, which is for operators.",
                    text
                )
            )
        }
        if operation == .releases {
            parameters.append(OpenAPIDocument.parameter("repository", in: "query", "Name of the repository.", text))
        }
        if operation == .approvals {
            parameters += [
                OpenAPIDocument.parameter("image", in: "query", "repository@digest; this or an organisation.", text),
                OpenAPIDocument.parameter("organisation", in: "query", "Name of the organisation.", text),
            ]
        }
        if operation == .statements {
            parameters.append(
                OpenAPIDocument.parameter(
                    "image",
                    in: "query",
                    "repository, repository:tag or repository@digest.",
                    text
                )
            )
        }
        if operation == .affected {
            parameters += [
                OpenAPIDocument.parameter(
                    "question",
                    in: "query",
                    "A vulnerability (CVE-2021-44228), a package (pkg:maven/org.apache.logging.log4j/log4j-core@<2.15), an image (sha256:…), a base image (base:sha256:…) or a file by hash or path (file:sha256:…, path:/usr/bin/xz), hidden ones included. A digest that is no image's is a file's; the answer's question says which.",
                    ["type": "string", "minLength": 1, "maxLength": .integer(Int64(AffectedQuestion.maximumLength))]
                ),
                OpenAPIDocument.parameter(
                    "form",
                    in: "query",
                    "csv gives lines for a spreadsheet.",
                    ["type": "string", "enum": ["json", "csv"], "default": "json"]
                ),
            ]
        }
        parameters += projectParameters(operation)
        if operation.isList {
            parameters += [
                OpenAPIDocument.parameter(
                    "limit",
                    in: "query",
                    "Most entries of the page.",
                    ["type": "integer", "minimum": 1, "maximum": .integer(Int64(APIQuery.largestPage)), "default": 100]
                ),
                OpenAPIDocument.parameter(
                    "cursor",
                    in: "query",
                    "Where to go on: `next` of the page before, or the Link header.",
                    ["type": "string"]
                ),
            ]
        }
        return parameters
    }

    private static func parameter(_ name: String) -> (description: String, schema: JSONValue) {
        switch name {
        case "account": ("Name of an account.", text)
        case "token": ("Number of a token.", number)
        case "document": ("Number of a VEX document.", number)
        case "notice": ("Id of a notice.", text)
        case "exception": ("Number of an exception of the gate.", number)
        case "product": ("Number of a product.", number)
        case "project": ("Number of a registered project.", number)
        case "use": ("Number of a line of the reuse register.", number)
        case "reply": ("Number of a reply.", number)
        case "release": ("Number of a release.", number)
        case "approval": ("Number of an approval.", number)
        case "takedown": ("Number of a takedown.", number)
        case "advisory": ("Number of an advisory of the operator.", number)
        case "namespace": ("Name of a namespace; slashes may stand as they are or as %2F.", text)
        default: ("Name of an organisation.", text)
        }
    }

    private static func words(_ operation: ManagementOperation) -> (summary: String, result: String) {
        switch operation {
        case .whoAmI: ("The account that asks", "The account.")
        case .setPassword: ("Sets the own password", "The password counts from now on; the old one does not.")
        case .accounts: ("The accounts by name, for operators and auditors", "One page of accounts.")
        case .createAccount: ("Makes an account", "The account; of a person with the first secret, shown once.")
        case .account: ("One account", "The account.")
        case .changeAccount: ("Locks an account out at once, or lets it in again", "Done.")
        case .renewSecret: ("Gives a person a new first secret", "The secret, shown once.")
        case .tokens: ("The tokens of an account", "One page of tokens, without their secrets.")
        case .issueToken: ("Makes a token", "The token with its secret, shown once.")
        case .revokeToken: ("Takes a token back at once", "Done.")
        case .organisations: ("The organisations by name", "One page of organisations.")
        case .organisation: ("One organisation and whom it operates for", "The organisation.")
        case .putOrganisation: ("Makes an organisation, or changes it", "Done.")
        case .addCustomer: ("Says that an organisation operates for another", "Done.")
        case .removeCustomer: ("Says that an organisation no longer operates for another", "Done.")
        case .namespaces: ("The namespaces that the account may see", "One page of namespaces.")
        case .createNamespace: ("Makes a namespace", "The namespace.")
        case .changeNamespace: ("Opens a namespace for everybody, or closes it", "Done.")
        case .members: ("The members of a namespace", "One page of members.")
        case .setMember: ("Makes an account a member, or changes its role", "Done.")
        case .removeMember: ("Removes a member", "Done.")
        case .freeze:
            ("Freezes a namespace: tokens end, nobody pushes, what came since an instant is not served", "Done.")
        case .unfreeze: ("Lets a frozen namespace go on; by another person than who froze it", "Done.")
        case .quarantine:
            (
                "What a freeze keeps back, with who pulled it before: for maintainers, operators and auditors",
                "One page of digests; organisations and service accounts by name, the rest as a number."
            )
        case .policy:
            (
                "The rules of a namespace on its content, and how full it is: for maintainers, operators and auditors",
                "The policy; null when what is stored cannot be read, under which nothing new is accepted."
            )
        case .putPolicy:
            (
                "Puts a policy in force as a new revision: maintainers and operators, quotaBytes operators only",
                "The new revision."
            )
        case .policyHistory: ("The revisions of a policy, newest first", "One page of revisions.")
        case .tryPolicy:
            (
                "What a policy would refuse to give out of what is there, before it is set; without one, what the policy in force refuses",
                "Images that are refused or will be, of up to 100 repositories; next is the after of the following call."
            )
        case .logFeedBundle:
            (
                "Puts the signature of a feed bundle in the log, made by this node's key for feed bundles: operators only",
                "The Sigstore bundle with its place in the log."
            )
        case .tryPushes:
            (
                "What a policy's rules on pushes would refuse: of what is there if it were pushed now, and of the pushes of the last days",
                "Counts, and up to 1 000 entries that are not allowed, of up to 50 repositories; next is the after of the following call."
            )
        case .tryTrust:
            (
                "Which images of a namespace would lose or gain a verified signature under a policy's trust rules",
                "Counts, and the images that would change or of which it cannot be told, of up to 50 images; next is the after of the following call."
            )
        case .gateExceptions: ("The exceptions from a namespace's pull rules, newest first", "One page of exceptions.")
        case .requestGateException:
            (
                "Asks for an exception of one image, or of all without a digest; it holds once a second person agrees",
                "The exception."
            )
        case .approveGateException: ("Agrees to an exception that another person asked for", "The exception.")
        case .endGateException: ("Ends an exception before its time", "Done.")
        case .retention:
            (
                "What retention would remove and keep now, and why; nothing changes",
                "One page of decisions, which ends after a repository."
            )
        case .applyRetention: ("Removes what retention would remove now", "What went; the first 1 000 by name.")
        case .auditEvents: ("The audit log, oldest first, for operators and auditors", "One page of events.")
        case .vexDocuments: ("The VEX documents that were taken in", "One page of documents.")
        case .draftNotice:
            (
                "Whom the answer to a question concerns: who publishes, pulled or operates it, and their providers; nothing is stored",
                "Everybody, each once, with reasons, and who cannot be reached."
            )
        case .notices: ("The notices, newest first, for operators and auditors", "One page of notices.")
        case .sendNotice:
            (
                "Sends a notice to all whom a question concerns, or to those named in to, without those in except; for operators",
                "The notice's id; letters go out from now on."
            )
        case .notice: ("A notice, with who answered what", "The notice and one page of recipients.")
        case .correctNotice:
            ("Sends a new version to exactly those who got the notice", "The id of the correction.")
        case .withdrawNotice:
            ("Says to exactly those who got the notice that it no longer holds", "The id of the withdrawal.")
        case .webhooks: ("The receivers of an organisation, without their secrets", "The receivers.")
        case .setWebhook:
            ("Registers a receiver for an organisation, or gives it another secret", "The secret, shown once.")
        case .removeWebhook: ("Takes a receiver out", "Done.")
        case .advisories: ("The advisories that the operator wrote", "One page of advisories.")
        case .publishAdvisory:
            (
                "Takes an advisory of the operator in, as OSV; it matches at once, and a former one of its name counts no more",
                "What it is about."
            )
        case .withdrawAdvisory: ("Takes an advisory of the operator back", "Done.")
        case .products:
            (
                "What organisations operate without an image, of that what the account may know; TLP:AMBER",
                "One page of products; those that were removed too."
            )
        case .uploadProduct:
            (
                "Takes a supplier's SBOM of a product, CycloneDX or SPDX in JSON: operators, and maintainers of the operating organisation; a former one of the same product counts no more",
                "What counts from now on; 200 where these very bytes counted already."
            )
        case .product:
            (
                "A product, with what was found in it; TLP:AMBER",
                "One page of findings; with the first one the former bills, what no advisory speaks about, and what came of TR-03183-2."
            )
        case .productBill: ("A bill exactly as it was uploaded", "The document.")
        case .removeProduct: ("Says that a product is no longer operated: it is in no answer any more", "Done.")
        case .takeVEX:
            (
                "Takes a VEX document in: OpenVEX, CSAF 2.0 or CycloneDX; a former edition of it counts no more",
                "What counts from now on, and what was refused with its place and reason."
            )
        case .revokeVEX: ("Ends a VEX document or an assessment: its words count no more", "Done.")
        case .statements:
            (
                "What is said about the findings of an image: what counts, what counts elsewhere, and what was found beside it in the registry",
                "The statements, the first 500; discovered ones count only once somebody responsible adopts them."
            )
        case .assessFinding:
            (
                "Assesses a finding of an image, for maintainers of its namespace; a former assessment of the same counts no more",
                "The assessment."
            )
        case .adoptStatement:
            (
                "Makes another's statement about a finding of an image one's own, for maintainers of its namespace",
                "The assessment, with whose statement it was."
            )
        case .health: ("How the node is, for operators and auditors", "What is known, and what needs looking after.")
        case .work:
            (
                "What to do first in the namespaces of which the account publishes or maintains something",
                "Entries, the most urgent first, each with the command or line to change."
            )
        case .organisationOverview:
            ("What an organisation publishes and uses", "Counts by level, one page of entries, and what it uses.")
        case .addUse:
            (
                "Says that an organisation uses a repository's images or a source project, for operators and maintainers of its namespaces; a former line of the same counts no more",
                "The line of the register."
            )
        case .endUse: ("Says that an organisation no longer uses something", "Done.")
        case .addReply:
            (
                "Says something to the level of an image or a source project, for maintainers of its namespace; it changes nothing about the level",
                "The reply; a former one counts no more."
            )
        case .endReply: ("Takes a reply back", "Done.")
        case .releases: ("The releases of a repository, newest first", "One page of releases.")
        case .requestRelease:
            (
                "Releases an image as a tag, for maintainers: it is signed in every form, logged, and then the tag moves",
                "The release, which waits; ask for it until its state is signed or failed. The same release that still waits is given again."
            )
        case .approvals, .approveImage, .approval, .revokeApproval, .takedowns, .proposeTakedown, .confirmTakedown,
            .withdrawTakedown, .proposeReversal, .confirmReversal, .logState, .confirmLog, .adoptLog:
            trustWords(operation)
        case .projects, .registerProject, .project, .changeProject, .removeProject, .recheckProject, .projectHistory,
            .projectImages, .projectPushed, .projectReply, .projectUses:
            projectWords(operation)
        case .release: ("One release", "The release, with what was signed so far and where that is in the log.")
        case .attestAudit:
            (
                "Signs what people found who looked at an image, for maintainers",
                "The attestation, which waits; the attestations of the image tell when it is published."
            )
        case .affected:
            (
                "The images and products that a vulnerability, a package, an image, a base or a file is in, of those that the account may know; TLP:AMBER",
                "One page of images, after the last one of products, with a summary on the first; who pulled only for operators and auditors."
            )
        }
    }
}
