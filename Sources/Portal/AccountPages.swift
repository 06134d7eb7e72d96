// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Time
import WebRequests

/// Somebody's own account.
struct AccountPage: Sendable {
    let facts: [Fact]
    let isPerson: Bool
    let isChanged: Bool
    let error: FormErrorView?
    let name: String
    let shortestPassword: Int

    init(_ entry: AccountEntry, isChanged: Bool, error: FormErrorView?, _ texts: Texts, _ language: Language) {
        var facts = [Fact(term: texts.text(.accountName, language), text: entry.name)]
        if let organisation = entry.organisation {
            facts.append(Fact(term: texts.text(.organisation, language), text: organisation))
        }
        if let role = entry.nodeRole {
            let word = texts.text(role == .auditor ? .roleAuditor : .roleOperator, language)
            facts.append(Fact(term: texts.text(.nodeRole, language), text: word))
        }
        facts.append(Fact(term: texts.text(.since, language), date: DateView(entry.createdAt, language, dayOnly: true)))
        self.facts = facts
        isPerson = entry.kind == .person
        self.isChanged = isChanged
        self.error = error
        name = entry.name
        shortestPassword = Accounts.shortestPassword
    }
}

/// Somebody's own tokens, and the form for one more.
struct TokensPage: Sendable {
    struct Row: Sendable {
        let id: Int64
        let label: String
        let scopes: [String]
        let createdAt: DateView
        let createdBy: String?
        let expiresAt: DateView
        let lastUsedAt: DateView?
        let note: String?
    }

    struct Issued: Sendable {
        let secret: String
        let expiresAt: DateView
        let command: String
    }

    struct Choice: Sendable {
        let value: String
        let name: String
        let isChosen: Bool
    }

    /// Ended tokens that are shown.
    static let longestHistory = 100

    let issued: Issued?
    let error: FormErrorView?
    let open: [Row]
    let hasOpen: Bool
    let ended: [Row]
    let hasEnded: Bool
    let label: String
    let repositories: String
    let rights: [Choice]
    let lives: [Choice]

    init(
        account: String,
        tokens: [TokenEntry],
        issued: IssuedToken?,
        form: FormFields?,
        error: FormErrorView?,
        pages: Pages,
        language: Language
    ) {
        let texts = pages.texts
        func row(_ token: TokenEntry) -> Row {
            let note: TextKey? = token.revokedAt != nil ? .tokenRevoked : token.isOpen ? nil : .tokenExpired
            return Row(
                id: token.id,
                label: token.label,
                scopes: token.scopes.map { "\($0.repositories): \($0.rights.words.joined(separator: ", "))" },
                createdAt: DateView(token.createdAt, language, dayOnly: true),
                createdBy: token.createdBy == account ? nil : token.createdBy,
                expiresAt: DateView(token.expiresAt, language, dayOnly: true),
                lastUsedAt: token.lastUsedAt.map { DateView($0, language) },
                note: note.map { texts.text($0, language) }
            )
        }
        self.error = error
        open = tokens.filter(\.isOpen).map(row)
        ended = tokens.filter { !$0.isOpen }.map(row)
        hasOpen = !open.isEmpty
        hasEnded = !ended.isEmpty
        let flag = pages.settings.isProvisional ? " --tls-verify=false" : ""
        self.issued = issued.map {
            Issued(
                secret: $0.secret,
                expiresAt: DateView($0.expiresAt, language),
                command: "podman login\(flag) -u \(account) \(pages.settings.registryAuthority)"
            )
        }
        label = form?["label"] ?? ""
        // Browsers send CRLF; what is shown again must be what can be sent again.
        repositories = (form?["repositories"] ?? "").replacing("\r\n", with: "\n").replacing("\r", with: "")
        let chosen = form.map { Set($0.all("right")) } ?? ["pull"]
        rights = [
            ("pull", TextKey.rightPull), ("push", .rightPush), ("overwrite", .rightOverwrite), ("delete", .rightDelete),
        ]
        .map { Choice(value: $0.0, name: texts.text($0.1, language), isChosen: chosen.contains($0.0)) }
        let days = form?["days"] ?? "90"
        lives = ["7", "30", "90", "366"].map {
            Choice(value: $0, name: texts.text(.days, language, ["count": $0]), isChosen: $0 == days)
        }
    }
}
