// SPDX-License-Identifier: EUPL-1.2

import Accounts
import WebRequests

/// The namespaces that whoever looks may see.
struct NamespacesPage: Sendable {
    /// Namespaces of one page.
    static let length = 100

    struct Row: Sendable {
        let name: String
        let href: String
        let organisation: String
        let visibility: String
        let role: String?
        let isFrozen: Bool
    }

    let rows: [Row]
    let hasRows: Bool
    let next: String?

    init(_ entries: [NamespaceEntry], _ texts: Texts, _ language: Language) {
        rows = entries.prefix(Self.length).map { entry in
            Row(
                name: entry.namespace.name,
                href: Self.address(entry.namespace.name),
                organisation: entry.organisation,
                visibility: texts.text(entry.namespace.isPublic ? .visibilityPublic : .visibilityInternal, language),
                role: entry.role.map { texts.text($0.textKey, language) },
                isFrozen: entry.namespace.freeze != nil
            )
        }
        hasRows = !rows.isEmpty
        next =
            entries.count > Self.length
            ? rows.last.map { Pages.address("/namespaces", [("after", $0.name)]) } : nil
    }

    static func address(_ name: String) -> String { "/namespaces/" + name }
}

/// One namespace with its members.
struct NamespacePage: Sendable {
    /// Members of one page.
    static let length = 200

    struct Row: Sendable {
        let account: String
        let role: String
        let roles: [TokensPage.Choice]
        let roleLabel: String
        let removeLabel: String
    }

    let name: String
    let action: String
    let imagesHref: String
    let projectsHref: String
    let policiesHref: String?
    let facts: [Fact]
    let error: FormErrorView?
    /// The error belongs to the form for freezing, which is folded otherwise.
    let isFreezeError: Bool
    let isMemberError: Bool
    let since: String
    let freeze: String?
    let seesMembers: Bool
    let hasMembers: Bool
    let members: [Row]
    let next: String?
    /// Forms are shown to whom they are of use; the room below decides what is done.
    let manages: Bool
    let canFreeze: Bool
    let canUnfreeze: Bool
    let roles: [TokensPage.Choice]

    init(
        _ entry: NamespaceEntry,
        members: [Member]?,
        visitor: Visitor,
        error: FormErrorView?,
        form: FormFields?,
        _ texts: Texts,
        _ language: Language
    ) {
        let namespace = entry.namespace
        isFreezeError = error != nil && form?["action"] == "freeze"
        isMemberError = error != nil && form?["action"] == "set"
        since = form?["since"] ?? ""
        name = namespace.name
        action = NamespacesPage.address(namespace.name)
        projectsHref = ProjectsPage.address(namespace.name)
        imagesHref = Pages.address("/", [("q", namespace.name + "/")])
        self.error = error
        var facts = [
            Fact(term: texts.text(.organisation, language), text: entry.organisation),
            Fact(
                term: texts.text(.visibility, language),
                text: texts.text(namespace.isPublic ? .visibilityPublic : .visibilityInternal, language)
            ),
        ]
        if let role = entry.role {
            facts.append(Fact(term: texts.text(.ownRole, language), text: texts.text(role.textKey, language)))
        }
        self.facts = facts
        let isKnown = entry.role != nil || visitor.account?.nodeRole != nil
        freeze = namespace.freeze.map { freeze in
            texts.text(
                // Names of accounts are nobody's business but the members'.
                isKnown ? .frozenText : .frozenTextPublic,
                language,
                [
                    "by": freeze.by, "at": language.dateTime(freeze.at), "since": language.dateTime(freeze.since),
                ]
            )
        }
        let mayManage = entry.role == .maintainer || visitor.account?.isAdmin == true
        let isOverseer = mayManage || visitor.account?.nodeRole != nil
        policiesHref =
            isOverseer && visitor.account?.tokenID == nil
            ? NamespacesPage.address(namespace.name) + PortalRoutes.policiesSuffix : nil
        manages = mayManage && visitor.formToken != nil
        canFreeze = manages && namespace.freeze == nil
        canUnfreeze = manages && namespace.freeze.map { $0.by != visitor.account?.name } ?? false
        let shown = (members ?? []).prefix(Self.length)
        seesMembers = members != nil
        hasMembers = !shown.isEmpty
        self.members = shown.map { member in
            Row(
                account: member.account,
                role: texts.text(member.role.textKey, language),
                roles: Self.choices(member.role, texts, language),
                roleLabel: texts.text(.memberRoleOf, language, ["account": member.account]),
                removeLabel: texts.text(.memberRemoveOf, language, ["account": member.account])
            )
        }
        next =
            (members?.count ?? 0) > Self.length
            ? shown.last.map {
                Pages.address(NamespacesPage.address(namespace.name), [("after", String($0.accountID))])
            }
            : nil
        roles = Self.choices(.reader, texts, language)
    }

    private static func choices(_ role: Role, _ texts: Texts, _ language: Language) -> [TokensPage.Choice] {
        [Role.reader, .publisher, .maintainer].map {
            TokensPage.Choice(value: $0.word, name: texts.text($0.textKey, language), isChosen: $0 == role)
        }
    }
}

extension Role {
    /// How the pages call it.
    var textKey: TextKey {
        switch self {
        case .reader: .roleReader
        case .publisher: .rolePublisher
        case .maintainer: .roleMaintainer
        }
    }
}
