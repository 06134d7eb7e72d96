// SPDX-License-Identifier: EUPL-1.2

import JSON
import Mustache
import OCI

/// Templates, texts and assets, read once; makes pages of models.
public struct Pages: Sendable {
    /// What the node says about itself on every page.
    public struct Settings: Sendable {
        /// Name of the node.
        public var nodeName: String
        /// Host and port under which clients reach the registry, from the settings and never from a request.
        public var registryAuthority: String
        /// The address is only the listen address: not for production, and without TLS.
        public var isProvisional: Bool
        /// Scheme, host and port under which browsers reach the node, from the settings; nil when they say nothing.
        public var publicOrigin: String?
        /// Browsers reach the node by TLS, its own or a proxy's.
        public var isSecure: Bool
        /// Its advisories are for exercise: every page says so.
        public var isExercise = false
        /// The node was made for an exercise and has the pages of one.
        var hasExerciseDesk = false
        /// Where browsers reach it, as far as anybody knows.
        var origin: String { publicOrigin ?? (isProvisional ? "http://" : "https://") + registryAuthority }

        /// Makes settings.
        public init(
            nodeName: String,
            registryAuthority: String,
            isProvisional: Bool,
            publicOrigin: String? = nil,
            isSecure: Bool = false
        ) {
            self.nodeName = nodeName
            self.registryAuthority = registryAuthority
            self.isProvisional = isProvisional
            self.publicOrigin = publicOrigin
            self.isSecure = isSecure
        }
    }

    /// What every page has around its content.
    struct Frame {
        var title: String
        var path: String
        var section: Section = .none
        var query: [(name: String, value: String)] = []
    }

    /// Entry of the main menu that a page belongs to.
    enum Section { case none, directory, criteria, namespaces, affected, account, work, help }

    /// A file that is served as it is.
    struct Asset: Sendable {
        let path: String
        let bytes: [UInt8]
        let contentType: String
    }

    /// Who looks.
    var visitor = VisitorView(name: nil, formToken: nil, signInHref: "/login")
    let settings: Settings
    let texts: Texts
    let catalogueVersion: String
    let stylesheet: Asset
    let icon: Asset
    private let library: MustacheLibrary

    /// Reads the embedded templates and texts.
    ///
    /// - Parameters:
    ///   - settings: what the node says about itself.
    ///   - catalogueVersion: for the line that every page carries.
    /// - Throws: when an embedded file is broken, which the tests rule out.
    public init(settings: Settings, catalogueVersion: String) throws {
        HTMLText.registered
        self.settings = settings
        self.catalogueVersion = catalogueVersion
        texts = try Texts.embedded()
        var library = MustacheLibrary()
        for (name, bytes) in Self.templates {
            // The pragma comes first, so that nothing in the template is escaped by Mustache's own rule.
            let text = "{{% CONTENT_TYPE:\(HTMLText.name)}}" + String(decoding: bytes, as: UTF8.self)
            library.register(try MustacheTemplate(string: text), named: name)
        }
        self.library = library
        // Named after their content: may be kept for ever, and a new version has a new name.
        stylesheet = Self.asset("kontor", "css", PackageResources.kontor_css, "text/css; charset=utf-8")
        icon = Self.asset("icon", "svg", PackageResources.icon_svg, "image/svg+xml")
    }

    /// Templates by name.
    public static var templates: [String: [UInt8]] {
        [
            "layout": PackageResources.layout_mustache, "level": PackageResources.level_mustache,
            "directory": PackageResources.directory_mustache, "heading": PackageResources.heading_mustache,
            "pending": PackageResources.pending_mustache, "message": PackageResources.message_mustache,
            "prose": PackageResources.prose_mustache, "result": PackageResources.result_mustache,
            "dates": PackageResources.dates_mustache, "finding": PackageResources.finding_mustache,
            "image": PackageResources.image_mustache, "signed": PackageResources.signed_mustache,
            "signed-row": PackageResources.signed_row_mustache, "criteria": PackageResources.criteria_mustache,
            "criterion": PackageResources.criterion_mustache, "login": PackageResources.login_mustache,
            "account": PackageResources.account_mustache, "tokens": PackageResources.tokens_mustache,
            "namespaces": PackageResources.namespaces_mustache, "namespace": PackageResources.namespace_mustache,
            "affected": PackageResources.affected_mustache, "notices": PackageResources.notices_mustache,
            "notice": PackageResources.notice_mustache, "notice-draft": PackageResources.notice_draft_mustache,
            "answer": PackageResources.answer_mustache, "products": PackageResources.products_mustache,
            "product": PackageResources.product_mustache,
            "findings": PackageResources.findings_mustache, "components": PackageResources.components_mustache,
            "component": PackageResources.component_mustache, "filter": PackageResources.filter_mustache,
            "table-part": PackageResources.table_part_mustache,
            "triage": PackageResources.triage_mustache,
            "entries": PackageResources.entries_mustache, "organisations": PackageResources.organisations_mustache,
            "organisation": PackageResources.organisation_mustache,
            "help": PackageResources.help_mustache,
            "help-index": PackageResources.help_index_mustache, "health": PackageResources.health_mustache,
            "operator-page": PackageResources.operator_page_mustache,
            "changes": PackageResources.changes_mustache,
            "image-reply": PackageResources.image_reply_mustache,
            "image-release": PackageResources.image_release_mustache, "release": PackageResources.release_mustache,
            "image-history": PackageResources.image_history_mustache,
            "image-uses": PackageResources.image_uses_mustache, "level-bars": PackageResources.level_bars_mustache,
            "project": PackageResources.project_mustache, "projects": PackageResources.projects_mustache,
            "project-cards": PackageResources.project_cards_mustache,
            "work": PackageResources.work_mustache,
            "policies": PackageResources.policies_mustache,
            "exercise": PackageResources.exercise_mustache, "inbox": PackageResources.inbox_mustache,
            "inbox-letter": PackageResources.inbox_letter_mustache,
            "form-error": PackageResources.form_error_mustache, "form-token": PackageResources.form_token_mustache,
        ]
    }

    /// Renders one page.
    func render(_ template: String, _ model: Any, _ frame: Frame, _ language: Language) -> [UInt8] {
        let words = texts.all(language)
        let content =
            library.render(
                Content(model: Members(model), t: words, language: language.rawValue, formToken: visitor.formToken),
                withTemplate: template
            ) ?? ""
        let layout = Layout(
            template: template,
            language: language.rawValue,
            title: frame.title,
            t: words,
            nodeName: settings.nodeName,
            stylesheet: stylesheet.path,
            icon: icon.path,
            isProvisional: settings.isProvisional,
            isExercise: settings.isExercise,
            exerciseHref: settings.hasExerciseDesk ? ExercisePage.path : nil,
            isDirectory: frame.section == .directory,
            isCriteria: frame.section == .criteria,
            isNamespaces: frame.section == .namespaces,
            isAffected: frame.section == .affected,
            isAccount: frame.section == .account,
            isWork: frame.section == .work,
            isHelp: frame.section == .help,
            seesHealth: visitor.seesHealth,
            visitor: visitor,
            languages: Language.allCases.map { other in
                LanguageLink(
                    code: other.rawValue,
                    name: texts.text(.languageName, other),
                    href: Self.address(frame.path, frame.query + [("lang", other.rawValue)]),
                    isCurrent: other == language
                )
            },
            computed: texts.text(.computed, language, ["node": settings.nodeName, "version": catalogueVersion]),
            content: content
        )
        return Array((library.render(Members(layout), withTemplate: "layout") ?? content).utf8)
    }

    static func address(_ path: String, _ query: [(name: String, value: String)]) -> String {
        let items = query.map { $0.name + "=" + PercentEncoding.encode($0.value) }
        return items.isEmpty ? path : path + "?" + items.joined(separator: "&")
    }

    private static func asset(_ name: String, _ suffix: String, _ bytes: [UInt8], _ type: String) -> Asset {
        Asset(path: "/assets/\(name)-\(Digest.sha256(bytes).hex.prefix(16)).\(suffix)", bytes: bytes, contentType: type)
    }
}

/// A page's model, with the texts within reach of its template.
private struct Content: MustacheParent {
    let model: Members
    let t: [String: String]
    let language: String
    let formToken: String?

    func child(named name: String) -> Any? {
        switch name {
        case "t": t
        case "formToken": formToken
        case "language": language
        default: model.child(named: name)
        }
    }
}

/// Who looks at a page, in its layout.
struct VisitorView: Sendable {
    let name: String?
    /// Of a session that a page began; nil for who has to sign in, or did so by a header.
    let formToken: String?
    let signInHref: String
    /// Whether the state of the node is for them.
    var seesHealth = false
}

private struct Layout {
    let template: String
    let language: String
    let title: String
    let t: [String: String]
    let nodeName: String
    let stylesheet: String
    let icon: String
    let isProvisional: Bool
    let isExercise: Bool
    let exerciseHref: String?
    let isDirectory: Bool
    let isCriteria: Bool
    let isNamespaces: Bool
    let isAffected: Bool
    let isAccount: Bool
    let isWork: Bool
    let isHelp: Bool
    let seesHealth: Bool
    let visitor: VisitorView
    let languages: [LanguageLink]
    let computed: String
    let content: String
}

private struct LanguageLink {
    let code: String
    let name: String
    let href: String
    let isCurrent: Bool
}
