// SPDX-License-Identifier: EUPL-1.2

import Accounts
import OCI
import Policies
import Registry
import Time

/// The policy of a namespace: which rules hold, which will, what is excepted, and since when by whom.
struct PoliciesPage: Sendable {
    /// Earlier revisions that are listed.
    static let revisions = 10
    /// Exceptions that are looked at, the newest first.
    static let exceptions = 500
    /// Bytes of one group of rules, of one list of exceptions and of the revisions: each tells what it leaves out.
    private static let listBytes = 5_000
    /// Bytes of the policy's own text.
    private static let documentBytes = 12_000
    /// Characters of a reason.
    private static let reasonLength = 300

    /// What the page is made of.
    struct Facts: Sendable {
        let namespace: Namespace
        let current: NamespacePolicy
        /// Newest first, with the one in force and one more than are listed.
        let history: [PolicyRevision]
        let exceptions: [GateException]
        /// Whether whoever looks may set a policy.
        let mayChange: Bool
        let now: Timestamp
    }

    struct Group: Sendable {
        let title: String
        let note: String?
        let rules: [PolicySentence]
        let more: String?
    }

    struct Revision: Sendable {
        let number: String
        let at: DateView
        let by: String
        let reason: String
        let isUnreadable: Bool
    }

    struct Excepted: Sendable {
        let number: String
        let what: String
        let isWhole: Bool
        let reason: String
        let terms: String
        let until: DateView
    }

    struct Command: Sendable {
        let title: String
        let text: String
    }

    let name: String
    let namespaceHref: String
    let headline: String
    let isUnreadable: Bool
    let groups: [Group]
    let announced: Group?
    let trustAbsent: String?
    let hasExceptions: Bool
    let excepted: [Excepted]
    let exceptedMore: String?
    let hasRequested: Bool
    let requested: [Excepted]
    let requestedMore: String?
    let exceptionsCut: String?
    let current: Revision?
    let document: String?
    let documentTitle: String
    let isDocumentCut: Bool
    let hasEarlier: Bool
    let earlier: [Revision]
    let earlierMore: String?
    let api: String
    let commands: [Command]

    init(_ facts: Facts, origin: String, _ texts: Texts, _ language: Language) {
        let words = PolicyWords(texts: texts, language: language, now: facts.now)
        let number = language.number(Int(clamping: facts.current.revision))
        name = facts.namespace.name
        namespaceHref = NamespacesPage.address(name)
        api = "/api/v1/namespaces/" + PercentEncoding.encode(name)
        isUnreadable = facts.current.policy == nil

        var found: (groups: [Group], announced: Group?, holding: Int) = ([], nil, 0)
        if let policy = facts.current.policy { found = Self.groups(policy, facts.current, words) }
        (groups, announced) = (found.groups, found.announced)
        trustAbsent = facts.current.policy.flatMap { $0.trust == nil ? words.text(.trustAbsent) : nil }
        headline =
            if isUnreadable { words.text(.policyUnreadable, ["revision": number]) } else if facts.current.revision == 0
            {
                words.text(.policyNone)
            } else if found.holding == 0 {
                words.text(.policyNothing, ["revision": number])
            } else {
                texts.text(.policyHolding, language, count: found.holding, ["revision": number])
            }

        let live = facts.exceptions.filter { $0.endedAt == nil && $0.expiresAt > facts.now }
        // What opens everything comes first.
        let approved = live.filter { $0.approvedAt != nil }.sorted { $0.digest == nil && $1.digest != nil }
        (excepted, exceptedMore) = Self.cut(approved.map { Self.view($0, words) }, words)
        (requested, requestedMore) = Self.cut(
            live.filter { $0.approvedAt == nil }.map { Self.view($0, words) },
            words
        )
        (hasExceptions, hasRequested) = (!excepted.isEmpty, !requested.isEmpty)
        exceptionsCut =
            facts.exceptions.count < Self.exceptions
            ? nil : words.text(.policyExceptionsCut, ["count": language.number(Self.exceptions)])

        current = facts.history.first { $0.revision == facts.current.revision }.map { Self.view($0, language) }
        let others = facts.history.filter { $0.revision < facts.current.revision }
        var bytes = 0
        earlier = others.prefix(Self.revisions).map { Self.view($0, language) }.filter { revision in
            bytes += Self.cost([revision.by, revision.reason]) + 200
            return bytes <= Self.listBytes
        }
        hasEarlier = !earlier.isEmpty
        earlierMore = others.count > earlier.count ? words.text(.policyEarlierMore) : nil

        let text = facts.current.policy.map { Self.document($0.yaml) }
        document = text?.text
        isDocumentCut = text?.isCut ?? false
        documentTitle = words.text(.policyDocument, ["revision": number])
        commands = Self.commands(facts, origin, words)
    }

    /// Rules by kind; those that do not hold yet in a group of their own.
    private static func groups(
        _ policy: ContentPolicy,
        _ current: NamespacePolicy,
        _ words: PolicyWords
    ) -> (groups: [Group], announced: Group?, holding: Int) {
        let kinds: [(title: TextKey, note: TextKey?, rules: [PolicySentence], counts: Bool)] = [
            (.policyPullTitle, .policyPullNote, words.pull(policy.pull), true),
            (.policyPushTitle, nil, words.push(policy.push), true),
            (.policyImmutableTitle, nil, words.immutable(policy.immutableTags), true),
            (.policyRetentionTitle, .policyRetentionNote, words.retention(policy.retention), true),
            (
                .policyLimitsTitle, nil, words.limits(policy, used: current.used, reserved: current.reserved), true
            ),
            (.policyTrustTitle, .policyTrustNote, policy.trust.map { [words.trust($0)] } ?? [], true),
            (.policySignersTitle, nil, policy.trust.map(words.signers) ?? [], false),
        ]
        let groups = kinds.compactMap { kind in
            group(kind.title, kind.note, kind.rules.filter { $0.from == nil }, words)
        }
        let later = kinds.flatMap { $0.rules.filter { $0.from != nil } }.sorted {
            ($0.from?.iso ?? "") < ($1.from?.iso ?? "")
        }
        let holding = kinds.filter(\.counts).reduce(0) { $0 + $1.rules.count { $0.from == nil } }
        return (groups, group(.policyAnnouncedTitle, nil, later, words), holding)
    }

    /// As many rules as there is room for, at least one, and how many are left out; nil without rules.
    private static func group(
        _ title: TextKey,
        _ note: TextKey?,
        _ rules: [PolicySentence],
        _ words: PolicyWords
    ) -> Group? {
        guard !rules.isEmpty else { return nil }
        var (shown, bytes) = (0, 0)
        for rule in rules {
            bytes += rule.bytes
            guard shown == 0 || bytes <= listBytes else { break }
            shown += 1
        }
        return Group(
            title: words.text(title),
            note: note.map { words.text($0) },
            rules: Array(rules.prefix(shown)),
            more: shown < rules.count
                ? words.texts.text(.policyRulesMore, words.language, count: rules.count - shown) : nil
        )
    }

    private static func cut(_ all: [Excepted], _ words: PolicyWords) -> ([Excepted], String?) {
        var (shown, bytes) = (0, 0)
        for one in all {
            bytes += cost([one.what, one.reason, one.terms]) + 200
            guard shown == 0 || bytes <= listBytes else { break }
            shown += 1
        }
        let rest = all.count - shown
        return (
            Array(all.prefix(shown)),
            rest > 0 ? words.texts.text(.policyExceptionsMore, words.language, count: rest) : nil
        )
    }

    private static func cost(_ texts: [String]) -> Int { texts.reduce(0) { $0 + HTMLText.escape($1).utf8.count } }

    private static func view(_ exception: GateException, _ words: PolicyWords) -> Excepted {
        let language = words.language
        let asked = ["by": words.short(exception.requestedBy), "at": language.dateTime(exception.requestedAt)]
        let terms =
            if let at = exception.approvedAt, let by = exception.approvedBy {
                words.text(
                    .policyExceptionTerms,
                    asked.merging(["second": words.short(by), "date": language.dateTime(at)]) { $1 }
                )
            } else {
                words.text(.policyExceptionAsked, asked)
            }
        return Excepted(
            number: String(exception.id),
            what: exception.digest?.description ?? words.text(.policyBrokenGlass),
            isWhole: exception.digest == nil,
            reason: shortened(exception.reason),
            terms: terms,
            until: DateView(exception.expiresAt, language)
        )
    }

    private static func view(_ revision: PolicyRevision, _ language: Language) -> Revision {
        Revision(
            number: String(revision.revision),
            at: DateView(revision.createdAt, language),
            by: shortened(revision.createdBy),
            reason: shortened(revision.reason),
            isUnreadable: revision.policy == nil
        )
    }

    private static func shortened(_ text: String) -> String {
        let cut = String(String.UnicodeScalarView(text.unicodeScalars.prefix(reasonLength)))
        return cut.utf8.count < text.utf8.count ? cut + "…" : text
    }

    /// Whole lines, as many as there is room for.
    private static func document(_ yaml: String) -> (text: String, isCut: Bool) {
        var (text, bytes) = ("", 0)
        for line in yaml.split(separator: "\n", omittingEmptySubsequences: false) {
            bytes += HTMLText.escape(String(line)).utf8.count + 1
            guard bytes <= documentBytes else { return (text, true) }
            text += line + "\n"
        }
        return (text, false)
    }

    private static func commands(_ facts: Facts, _ origin: String, _ words: PolicyWords) -> [Command] {
        let (name, node) = (facts.namespace.name, " --node " + origin)
        var found: [Command] = []
        if facts.current.policy != nil {
            found.append(
                Command(title: words.text(.policyCommandShow), text: "kontor policy show \(name)\(node) > policy.yaml")
            )
        }
        found += ["pull", "push", "trust"].map { rules in
            Command(
                title: words.text(.policyCommandTry, ["rules": rules]),
                text: "kontor gate try \(name) policy.yaml --rules \(rules)\(node)"
            )
        }
        if facts.mayChange {
            let reason = words.text(.policyCommandReason)
            let revision = facts.current.revision
            found.append(
                Command(
                    title: words.text(.policyCommandSet),
                    text: "kontor policy set \(name) policy.yaml --revision \(revision) --reason \"\(reason)\"\(node)"
                )
            )
        }
        return found + [
            Command(title: words.text(.policyCommandHistory), text: "kontor policy history \(name)\(node)"),
            Command(title: words.text(.policyCommandExceptions), text: "kontor gate exceptions \(name)\(node)"),
        ]
    }
}
