// SPDX-License-Identifier: EUPL-1.2

import Accounts
public import HTTPTypes
import OCI

/// The one table of what `/api/v1` offers to change and to see of accounts, organisations and namespaces, and of who is affected by what:
/// the routes are made of it, and so is the OpenAPI document.
public enum ManagementOperation: String, CaseIterable, Sendable {
    case whoAmI, setPassword
    case accounts, createAccount, account, changeAccount, renewSecret
    case tokens, issueToken, revokeToken
    case organisations, organisation, putOrganisation, addCustomer, removeCustomer
    case namespaces, createNamespace, changeNamespace
    case members, setMember, removeMember
    case freeze, unfreeze, quarantine
    case policy, putPolicy, policyHistory, tryPolicy, tryPushes, tryTrust
    case gateExceptions, requestGateException, approveGateException, endGateException
    case retention, applyRetention
    case auditEvents
    case affected
    case vexDocuments, takeVEX, revokeVEX
    case statements, assessFinding, adoptStatement
    case draftNotice, notices, sendNotice, notice, correctNotice, withdrawNotice
    case webhooks, setWebhook, removeWebhook
    case advisories, publishAdvisory, withdrawAdvisory
    case releases, requestRelease, release
    case approvals, approveImage, approval, revokeApproval
    case takedowns, proposeTakedown, confirmTakedown, withdrawTakedown, proposeReversal, confirmReversal
    case logState, confirmLog, adoptLog, logFeedBundle
    case attestAudit
    case products, uploadProduct, product, productBill, removeProduct
    case projects, registerProject, project, changeProject, removeProject, recheckProject, projectHistory
    case projectImages, projectPushed, projectReply, projectUses
    case health
    case work, organisationOverview, addUse, endUse, addReply, endReply

    /// Path below ``APIOperation/root``.
    ///
    /// `{namespace}` takes one to three segments: names of namespaces hold slashes.
    public var template: String {
        switch self {
        case .whoAmI: "/account"
        case .setPassword: "/account/password"
        case .accounts, .createAccount: "/accounts"
        case .account, .changeAccount: "/accounts/{account}"
        case .renewSecret: "/accounts/{account}/secret"
        case .tokens, .issueToken: "/accounts/{account}/tokens"
        case .revokeToken: "/tokens/{token}"
        case .organisations: "/organisations"
        case .organisation, .putOrganisation: "/organisations/{organisation}"
        case .addCustomer, .removeCustomer: "/organisations/{organisation}/customers/{customer}"
        case .namespaces: "/namespaces"
        case .createNamespace, .changeNamespace: "/namespaces/{namespace}"
        case .members: "/namespaces/{namespace}/members"
        case .setMember, .removeMember: "/namespaces/{namespace}/members/{account}"
        case .freeze, .unfreeze: "/namespaces/{namespace}/freeze"
        case .quarantine: "/namespaces/{namespace}/quarantine"
        case .policy, .putPolicy: "/namespaces/{namespace}/policy"
        case .policyHistory: "/namespaces/{namespace}/policy/history"
        case .tryPolicy: "/namespaces/{namespace}/policy/trial"
        case .tryPushes: "/namespaces/{namespace}/policy/push-trial"
        case .tryTrust: "/namespaces/{namespace}/policy/trust-trial"
        case .gateExceptions, .requestGateException: "/namespaces/{namespace}/gate-exceptions"
        case .approveGateException: "/namespaces/{namespace}/gate-exceptions/{exception}/approval"
        case .endGateException: "/namespaces/{namespace}/gate-exceptions/{exception}"
        case .retention, .applyRetention: "/namespaces/{namespace}/retention"
        case .auditEvents: "/audit-events"
        case .affected: "/affected"
        case .vexDocuments, .takeVEX: "/vex-documents"
        case .revokeVEX: "/vex-documents/{document}"
        case .statements: "/statements"
        case .assessFinding: "/assessments"
        case .adoptStatement: "/adoptions"
        case .draftNotice: "/notice-drafts"
        case .notices, .sendNotice: "/notices"
        case .notice: "/notices/{notice}"
        case .correctNotice: "/notices/{notice}/correction"
        case .withdrawNotice: "/notices/{notice}/withdrawal"
        case .webhooks, .setWebhook, .removeWebhook: "/organisations/{organisation}/webhooks"
        case .advisories, .publishAdvisory: "/advisories"
        case .withdrawAdvisory: "/advisories/{advisory}"
        case .releases, .requestRelease: "/releases"
        case .release: "/releases/{release}"
        case .attestAudit: "/audits"
        case .products, .uploadProduct: "/products"
        case .approvals, .approveImage: "/approvals"
        case .approval: "/approvals/{approval}"
        case .revokeApproval: "/approvals/{approval}/revocation"
        case .takedowns, .proposeTakedown: "/takedowns"
        case .withdrawTakedown: "/takedowns/{takedown}"
        case .confirmTakedown: "/takedowns/{takedown}/confirmation"
        case .proposeReversal: "/takedowns/{takedown}/reversal"
        case .confirmReversal: "/takedowns/{takedown}/reversal/confirmation"
        case .logFeedBundle: "/log/feed-bundles"
        case .logState: "/log"
        case .confirmLog: "/log/confirmation"
        case .adoptLog: "/log/adoption"
        case .product, .removeProduct: "/products/{product}"
        case .productBill: "/products/{product}/bill"
        case .projects, .registerProject: "/projects"
        case .project, .changeProject, .removeProject: "/projects/{project}"
        case .recheckProject: "/projects/{project}/check"
        case .projectHistory: "/projects/{project}/history"
        case .projectImages: "/projects/{project}/images"
        case .projectPushed: "/projects/{project}/webhook"
        case .projectReply: "/projects/{project}/reply"
        case .projectUses: "/projects/{project}/uses"
        case .health: "/node"
        case .work: "/work"
        case .organisationOverview: "/organisations/{organisation}/overview"
        case .addUse: "/uses"
        case .endUse: "/uses/{use}"
        case .addReply: "/replies"
        case .endReply: "/replies/{reply}"
        }
    }

    /// Method of the request; GET also answers HEAD.
    public var method: HTTPRequest.Method {
        switch self {
        case .whoAmI, .accounts, .account, .tokens, .organisations, .organisation, .namespaces, .members, .auditEvents,
            .quarantine, .policy, .policyHistory, .gateExceptions, .retention, .affected, .vexDocuments, .advisories,
            .notices, .notice, .webhooks, .products, .product, .productBill, .statements,
            .releases, .release, .approvals, .approval, .takedowns, .logState, .work, .organisationOverview,
            .projects, .project, .projectHistory, .projectImages, .projectReply, .projectUses,
            .health:
            .get
        case .createAccount, .renewSecret, .issueToken, .applyRetention, .takeVEX, .publishAdvisory, .draftNotice,
            .sendNotice, .correctNotice, .withdrawNotice, .tryPolicy, .requestGateException, .approveGateException,
            .tryPushes, .tryTrust, .logFeedBundle,
            .uploadProduct, .assessFinding, .adoptStatement, .requestRelease, .approveImage, .revokeApproval,
            .proposeTakedown, .confirmTakedown, .proposeReversal, .confirmReversal, .confirmLog, .adoptLog,
            .attestAudit, .addUse,
            .registerProject, .recheckProject, .projectPushed,
            .addReply:
            .post
        case .setPassword, .putOrganisation, .addCustomer, .createNamespace, .setMember, .freeze, .putPolicy,
            .setWebhook:
            .put
        case .changeAccount, .changeNamespace, .changeProject: .patch
        case .revokeToken, .removeCustomer, .removeMember, .unfreeze, .revokeVEX, .withdrawAdvisory, .removeWebhook,
            .endGateException, .removeProduct, .withdrawTakedown, .endUse, .endReply, .removeProject:
            .delete
        }
    }

    /// Names of the methods, for `Allow`.
    var methods: [String] { method == .get ? ["GET", "HEAD"] : [method.rawValue] }

    func answers(_ asked: HTTPRequest.Method) -> Bool { asked == method || (method == .get && asked == .head) }

    /// Names in braces, in order.
    var parameters: [String] {
        template.split(separator: "/").compactMap { $0.hasPrefix("{") ? String($0.dropFirst().dropLast()) : nil }
    }

    /// Whether the answer is a page of a list.
    var isList: Bool {
        switch self {
        case .accounts, .tokens, .organisations, .namespaces, .members, .auditEvents, .quarantine, .policyHistory,
            .gateExceptions, .retention, .affected, .vexDocuments, .advisories, .notices, .notice, .products, .product,
            .releases, .approvals, .takedowns, .organisationOverview, .projects, .projectHistory, .projectImages,
            .projectUses:
            true
        default: false
        }
    }

    /// Whether nobody in particular may ask too, where the node answers them.
    var isOpen: Bool {
        switch self {
        case .projects, .project, .projectHistory, .projectImages, .projectReply, .projectUses: true
        default: false
        }
    }

    /// Whether the request proves by itself who sends it, and no account has to.
    var hasOwnProof: Bool { self == .projectPushed }

    /// Status of success.
    var success: HTTPResponse.Status {
        switch self {
        case .createAccount, .issueToken, .createNamespace, .takeVEX, .publishAdvisory, .sendNotice, .correctNotice,
            .withdrawNotice, .requestGateException, .uploadProduct, .assessFinding, .adoptStatement, .approveImage,
            .proposeTakedown, .addUse, .addReply, .registerProject:
            .created
        case .requestRelease, .attestAudit, .recheckProject, .projectPushed: .accepted
        case .setPassword, .revokeToken, .addCustomer, .removeCustomer, .changeAccount, .changeNamespace, .setMember,
            .removeMember, .unfreeze, .putOrganisation, .revokeVEX, .withdrawAdvisory, .removeWebhook,
            .endGateException, .removeProduct, .endUse, .endReply, .withdrawTakedown, .removeProject:
            .noContent
        default: .ok
        }
    }

    /// Every operation whose path this is, with its parameters.
    static func matches(path: String) -> [(operation: ManagementOperation, parameters: [String: String])] {
        guard path.hasPrefix(APIOperation.root + "/") else { return [] }
        let segments = path.dropFirst(APIOperation.root.utf8.count + 1)
            .split(separator: "/", omittingEmptySubsequences: false)
        guard segments.count <= 12 else { return [] }
        var decoded: [String] = []
        for segment in segments {
            // A control character is part of no name.
            guard let bytes = PercentEncoding.decode(segment.utf8), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
                let text = String(validating: bytes, as: UTF8.self)
            else { return [] }
            decoded.append(text)
        }
        let found = allCases.compactMap { operation in operation.match(decoded).map { (operation, $0) } }
        // A name with slashes could swallow the words of a longer path: the path with the most words of its own is meant. Who means
        // a namespace `a/members` writes its slash as %2F.
        let most = found.map { $0.0.words }.max() ?? 0
        return found.filter { $0.0.words == most }
    }

    /// Segments of the path that are words of their own.
    private var words: Int { template.split(separator: "/").count - parameters.count }

    private func match(_ path: [String]) -> [String: String]? {
        let pattern = template.split(separator: "/").map(String.init)
        // What is longer than the pattern belongs to the namespace.
        let spare = path.count - pattern.count
        guard spare >= 0, spare == 0 || parameters.contains("namespace"), spare < Namespace.maximumComponents else {
            return nil
        }
        var found: [String: String] = [:]
        var index = 0
        for part in pattern {
            guard part.hasPrefix("{") else {
                guard path[index] == part else { return nil }
                index += 1
                continue
            }
            let name = String(part.dropFirst().dropLast())
            let count = name == "namespace" ? spare + 1 : 1
            let value = path[index..<(index + count)].joined(separator: "/")
            guard !value.isEmpty else { return nil }
            found[name] = value
            index += count
        }
        return found
    }
}
