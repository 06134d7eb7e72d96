// SPDX-License-Identifier: EUPL-1.2

import Hummingbird
import WebRequests

/// The pages that only a node made for an exercise has.
extension PortalRoutes {
    func exercisePages(_ desk: ExerciseDesk, _ request: Request, _ language: Language) throws -> PortalAnswer {
        let path = request.uri.path
        if path == ExercisePage.path {
            let title = pages.texts.text(.exerciseTitle, language)
            return shown("exercise", try ExercisePage(desk), title, path, language)
        }
        if path == InboxPage.path {
            let before = request.uri.queryParameters["before"].flatMap { Int(String($0)) } ?? .max
            let letters = try desk.letters(before, InboxPage.length + 1)
            let model = InboxPage(letters, pages.texts, language)
            return shown("inbox", model, pages.texts.text(.inbox, language), path, language)
        }
        guard path.hasPrefix(InboxPage.path + "/"), let number = Int(path.dropFirst(InboxPage.path.count + 1)),
            let letter = try desk.letter(number)
        else { return notFound(pages.texts.text(.pageMissing, language), language) }
        let model = InboxLetterPage(letter, origins: desk.origins, pages.texts, language)
        return shown("inbox-letter", model, model.subject, InboxPage.address(number), language)
    }

    /// Goes from yesterday to today.
    ///
    /// No sign-in: whoever reaches an exercise on this machine takes part in it.
    func moveExercise(_ desk: ExerciseDesk, _ request: Request, _ language: Language) async throws -> PortalAnswer {
        guard !isForeign(request) else { return message(.forbidden, .foreignTitle, .foreignText, language) }
        let form: FormFields
        do { form = try await FormFields(request) } catch { return unread(error, language) }
        guard form["day"] == ExerciseDesk.Day.today.rawValue else { return unread(.malformed, language) }
        try await desk.goToToday()
        return PortalAnswer(seeOther: ExercisePage.path)
    }

    private func shown(
        _ template: String,
        _ model: any Sendable,
        _ title: String,
        _ path: String,
        _ language: Language
    ) -> PortalAnswer {
        // Links of letters are proofs: no copy of these pages stays anywhere.
        PortalAnswer(privateHTML: pages.render(template, model, Pages.Frame(title: title, path: path), language))
    }
}
