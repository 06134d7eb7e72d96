// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Hummingbird
import OCI
import Registry

/// The rules of a namespace on its content, for whom the API shows them.
extension PortalRoutes {
    /// What stands after a namespace's own address; no two namespaces begin one another's name, so that one of the two is none.
    static let policiesSuffix = "/policies"

    /// Maintainers, operators and auditors; nil where the path is the one of a namespace that is called so.
    func policiesPage(_ request: Request, _ language: Language) async throws -> PortalAnswer? {
        let path = request.uri.path
        guard path.hasSuffix(Self.policiesSuffix),
            let name = Self.namespace(in: String(path.dropLast(Self.policiesSuffix.utf8.count)))
        else { return nil }
        if let whole = Self.namespace(in: path), try await isNamespace(whole) { return nil }
        guard let account = visitor.account else {
            return signInPage(language, next: Self.place(of: request), status: .unauthorized)
        }
        do {
            let namespace = try await accounts.overseen(name, by: account)
            let role = try await accounts.namespace(named: name, by: account).role
            let facts = PoliciesPage.Facts(
                namespace: namespace,
                current: try await registry.policy(of: namespace),
                // With the one in force, and one that says whether there are more.
                history: try await registry.policyHistory(of: namespace, limit: PoliciesPage.revisions + 2),
                exceptions: try await registry.exceptions(in: namespace, limit: PoliciesPage.exceptions),
                mayChange: account.isAdmin || role == .maintainer,
                now: registry.now
            )
            let title = pages.texts.text(.policyTitle, language, ["namespace": name])
            let frame = Pages.Frame(
                title: title,
                path: NamespacesPage.address(name) + Self.policiesSuffix,
                section: .namespaces
            )
            let model = PoliciesPage(facts, origin: pages.settings.origin, pages.texts, language)
            return PortalAnswer(privateHTML: pages.render("policies", model, frame, language))
        } catch let error as AccountsError {
            return refused(error, language)
        }
    }

    private func isNamespace(_ name: String) async throws -> Bool {
        do {
            _ = try await accounts.namespace(named: name, by: visitor.account)
            return true
        } catch AccountsError.unknown { return false }
    }
}
