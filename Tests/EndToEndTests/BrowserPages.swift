// SPDX-License-Identifier: EUPL-1.2

import JSON
import OCI

/// One state of a page that the browser looks at, and who looks.
///
/// Whoever adds a page adds a line to ``BrowserPages/all(_:)``: the test fails while a route or a template of the portal is visited by none.
struct PageVisit: Sendable {
    /// Who looks; by the name of an account of ``SeededNode``, nil for a stranger.
    var visitor: String?
    let path: String
    /// What the page, or the answer to its form, is answered with.
    var status = 200
    /// The form that is filled and sent; what is looked at is what comes then.
    var form: SentForm?
    /// What must stand on the page in both languages, such as a name.
    var shows: [String] = []

    /// A form as somebody fills it, also in ways that browsers would not send.
    struct SentForm: Sendable {
        /// Picks the form on the page.
        let selector: String
        /// Values by the names of fields; of check boxes `yes` or nothing.
        let fields: [(name: String, value: String)]
        /// Picks the button; the form's first one when nil.
        var button: String?
    }

    var json: JSONValue {
        var value: [String: JSONValue] = [
            "path": .string(path), "visitor": .optional(visitor), "status": .integer(Int64(status)),
            "shows": .strings(shows),
        ]
        if let form {
            value["form"] = [
                "selector": .string(form.selector),
                "fields": .array(form.fields.map { ["name": .string($0.name), "value": .string($0.value)] }),
                "button": .optional(form.button),
            ]
        }
        return .object(value)
    }
}

/// What the browser looks at.
enum BrowserPages {
    /// Every page in every state that looks different, for everybody who sees it differently.
    static func all(_ node: SeededNode) -> [PageVisit] {
        strangers(node) + people(node) + operators(node) + refusals(node) + errors(node)
    }

    private static func image(_ repository: String, _ digest: Digest) -> String { "/images/\(repository)@\(digest)" }

    private static func triage(_ node: SeededNode) -> String {
        "/triage?image=" + PercentEncoding.encode("stadt/nginx@\(node.old)")
            + "&vulnerability=CVE-2026-0001&source=openssl"
    }

    /// A table of all that an image has.
    private static func table(_ path: String, _ node: SeededNode, _ rest: String = "") -> String {
        path + "?image=" + PercentEncoding.encode("stadt/nginx@\(node.old)") + rest
    }

    private static func strangers(_ node: SeededNode) -> [PageVisit] {
        let changes =
            "/changes?image=" + PercentEncoding.encode("stadt/nginx@\(node.new)")
            + "&since=" + PercentEncoding.encode(node.old.description)
        let paths = [
            "/", "/?q=nginx", "/?q=nichts-davon", "/?level=none&area=security", image("stadt/nginx", node.old),
            table("/findings", node), table("/findings", node, "&q=nichts"), table("/components", node),
            table("/components", node, "&type=deb"),
            table("/components", node, "&component=" + PercentEncoding.encode(node.component)),
            "/images/stadt/nginx:1.1", image("stadt/frei", node.released), image("stadt/weg", node.takenDown),
            image("stadt/wartet", node.waiting), changes,
            "/criteria", "/criteria/IMG-SEC-10", "/namespaces", "/namespaces/stadt", "/organisations/stadt", "/help",
            "/help/push", "/help/sign", "/help/verify", "/help/gold", "/imprint", "/privacy", "/accessibility",
            "/login",
            "/notices/answer/\(node.answer)",
            // Where forms go there is no page: these lead to where the form is.
            "/uses", "/replies", "/releases", "/logout",
            // Source projects.
            "/projects", "/projects?namespace=stadt", "/projects/stadt%2Ffach", "/criteria/SRC-SEC-01",
        ]
        return paths.map { path in
            // How to verify what is signed; and that what is not cannot be.
            let shows =
                path.contains("stadt/frei@")
                ? ["cosign verify --key release.pub --offline=true"]
                : path.contains("stadt/nginx@")
                    ? ["no signatures found", "kontor release stadt/nginx@\(node.old) 1.0 --node"] : []
            return PageVisit(path: path, shows: shows)
        }
    }

    private static func people(_ node: SeededNode) -> [PageVisit] {
        let all: [(String, [String])] = [
            // A maintainer.
            (
                "anna",
                [
                    image("stadt/nginx", node.old), "/work", "/account", "/account/tokens", "/namespaces/stadt",
                    "/affected", "/affected?q=CVE-2026-0001", "/affected?q=CVE-2026-9999", "/products",
                    table("/findings", node),
                    "/products/\(node.product)", triage(node), "/organisations", "/organisations/stadt",
                    "/account?changed=password", "/projects?namespace=stadt", "/projects/stadt%2Ffach",
                    "/namespaces/stadt/policies", image("stadt/frei", node.released),
                    image("stadt/weg", node.takenDown),
                ]
            ),
            // Somebody to whom nothing belongs: empty lists.
            (
                "neu",
                [
                    "/work", "/account/tokens", "/products", "/organisations/leer", "/namespaces/stadt",
                    "/account/password",
                ]
            ),
        ]
        return all.flatMap { visitor, paths in paths.map { PageVisit(visitor: visitor, path: $0) } }
    }

    private static func operators(_ node: SeededNode) -> [PageVisit] {
        let draft = "/notices/draft?q=CVE-2026-0001"
        let all: [(String, [String])] = [
            (
                "admin",
                [
                    "/", image("stadt/nginx", node.old), image("land/akte", node.internalImage), "/namespaces",
                    "/namespaces?after=ns050", "/namespaces/land", "/namespaces/stadt", "/notices",
                    "/notices?before=1", "/notices/\(node.notice)", "/notices/\(node.withdrawn)",
                    draft, "/affected?q=CVE-2026-0001", "/node", "/namespaces/land/policies",
                ]
            ),
            (
                "pruefung",
                [
                    "/", "/node", "/notices", "/notices/\(node.notice)", draft, "/namespaces/land", "/account",
                    "/namespaces/land/policies",
                ]
            ),
        ]
        return all.flatMap { visitor, paths in paths.map { PageVisit(visitor: visitor, path: $0) } }
    }

    /// Pages that say no.
    private static func refusals(_ node: SeededNode) -> [PageVisit] {
        [
            PageVisit(path: image("stadt/nginx", .sha256([0])), status: 404),
            PageVisit(path: "/findings", status: 404), PageVisit(path: "/components", status: 404),
            PageVisit(path: table("/components", node, "&component=nichts"), status: 404),
            PageVisit(path: "/images", status: 404), PageVisit(path: "/images/stadt/nginx@sha256:kurz", status: 400),
            PageVisit(path: "/criteria/IMG-XXX-99", status: 404), PageVisit(path: "/help/nichts", status: 404),
            PageVisit(path: image("land/akte", node.internalImage), status: 404),
            PageVisit(path: "/notices/answer/" + String(repeating: "a", count: 43), status: 404),
            PageVisit(path: "/work", status: 401), PageVisit(path: "/affected", status: 401),
            PageVisit(path: "/node", status: 401), PageVisit(path: "/notices", status: 401),
            PageVisit(visitor: "anna", path: "/node", status: 403),
            PageVisit(visitor: "anna", path: "/notices", status: 403),
            PageVisit(visitor: "anna", path: "/namespaces/land", status: 404),
            PageVisit(visitor: "anna", path: "/namespaces/land/policies", status: 404),
            PageVisit(visitor: "neu", path: "/namespaces/stadt/policies", status: 403),
            PageVisit(path: "/namespaces/stadt/policies", status: 401),
            PageVisit(visitor: "anna", path: "/products/999999", status: 404),
        ]
    }

    /// Each form after it was refused.
    private static func errors(_ node: SeededNode) -> [PageVisit] {
        func refused(
            _ visitor: String?,
            _ path: String,
            _ status: Int,
            _ selector: String,
            _ fields: [(name: String, value: String)],
            button: String? = nil
        ) -> PageVisit {
            PageVisit(
                visitor: visitor,
                path: path,
                status: status,
                form: .init(selector: selector, fields: fields, button: button)
            )
        }
        let (namespace, notice) = ("/namespaces/stadt", "/notices/\(node.notice)")
        let draft = "form[action='/notices/draft']"
        return [
            // A name each time: guesses under one name have to wait.
            refused(
                nil,
                "/login",
                401,
                "form[action='/login']",
                [("name", "niemand-{count}"), ("password", "falsch")]
            ),
            PageVisit(visitor: "anna", path: "/affected?q=%25", status: 422),
            refused(
                "anna",
                "/account",
                422,
                "form[action='/account/password']",
                [("current", "a"), ("new", "lange genug dafür"), ("again", "etwas anderes hier")]
            ),
            refused(
                "anna",
                "/account/tokens",
                422,
                "form.form[action='/account/tokens']",
                [("label", "CI"), ("repositories", "KEIN NAME")]
            ),
            refused(
                "anna",
                namespace,
                404,
                "form:has(#account)",
                [("account", "gibt-es-nicht")]
            ),
            refused("anna", namespace, 422, "form:has(#since)", [("since", "")]),
            refused(
                "anna",
                triage(node),
                422,
                "form:has(#status)",
                [("status", "not_affected"), ("impact", "")]
            ),
            refused(
                "anna",
                image("stadt/nginx", node.old),
                403,
                "form:has(#use-organisation)",
                [
                    ("use-organisation", "land"), ("use-purpose", "Probe"),
                ]
            ),
            refused(
                "anna",
                image("stadt/nginx", node.old),
                422,
                "form:has(#release-tag)",
                [("release-tag", SeededNode.hostile)]
            ),
            // The tag stands for another image: somebody has to say that it may go on.
            refused("anna", image("stadt/nginx", node.old), 409, "form:has(#release-tag)", [("release-tag", "1.1")]),
            refused("admin", "/notices/draft?q=CVE-2026-0001", 422, draft, [], button: "[value=send]"),
            PageVisit(
                visitor: "admin",
                path: "/notices/draft?q=CVE-2026-0001",
                form: .init(selector: draft, fields: [], button: "[value=preview]")
            ),
            refused("admin", notice, 422, "form:has(#reason-de)", [("reason-de", ""), ("reason-en", "")]),
        ]
    }
}
