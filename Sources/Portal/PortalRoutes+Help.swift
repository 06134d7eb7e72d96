// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Hummingbird

/// How things are done, what the operator says, and how the node is.
extension PortalRoutes {
    func helpPages(_ path: String, _ language: Language) -> PortalAnswer {
        if path == "/help" {
            let frame = Pages.Frame(title: pages.texts.text(.help, language), path: path, section: .help)
            return PortalAnswer(
                html: pages.render("help-index", HelpIndex(pages.texts, language), frame, language)
            )
        }
        guard let topic = HelpPage.Topic.allCases.first(where: { $0.path == path }) else {
            return notFound(pages.texts.text(.pageMissing, language), language)
        }
        let model = HelpPage(topic, pages, language)
        let frame = Pages.Frame(title: model.heading, path: path, section: .help)
        return PortalAnswer(html: pages.render("help", model, frame, language))
    }

    /// A page of the operator's; also for whoever may see nothing else.
    func operatorPage(_ page: OperatorPage, _ language: Language) -> PortalAnswer {
        let model = OperatorPageView(page, text: operatorText(page, language), pages.texts, language)
        let frame = Pages.Frame(title: model.heading, path: page.path)
        return PortalAnswer(html: pages.render("operator-page", model, frame, language))
    }

    func healthPage(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        guard let account = visitor.account else {
            return signInPage(language, next: Self.place(of: request), status: .unauthorized)
        }
        guard account.nodeRole != nil, account.tokenID == nil, let health else {
            return message(.forbidden, .refusedTitle, .healthForOperators, language)
        }
        let model = HealthPage(try await health(), pages.texts, language)
        let frame = Pages.Frame(title: pages.texts.text(.health, language), path: "/node", section: .account)
        return PortalAnswer(privateHTML: pages.render("health", model, frame, language))
    }
}
