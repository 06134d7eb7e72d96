// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Texts of the verbs for projects that are registered in a node.
extension Texts {
    static let projectRegisterAbstract = LocalizedText(
        de: "Meldet ein Quellprojekt bei einem Node an, der es gleich, täglich und bei jedem Push prüft.",
        en: "Registers a source project at a node, which checks it at once, daily and with each push."
    )
    static let projectRegisterDiscussion = LocalizedText(
        de: """
            Anmelden dürfen Maintainer des Namensraums und Operatoren. Die Antwort nennt einmal das Geheimnis für den Webhook der
            Plattform: GitLab schickt es als "Secret token" an /api/v1/projects/ID/webhook. Ein Token der Plattform (read_api) lässt
            auch bewerten, was nur sie weiß; es wird nie wieder gezeigt.
            """,
        en: """
            Maintainers of the namespace may register, and operators. The answer names the secret for the forge's webhook, once:
            GitLab sends it as "Secret token" to /api/v1/projects/ID/webhook. With a token of the forge (read_api) what only the
            forge knows is judged too; it is never shown again.
            """
    )
    static let projectListAbstract = LocalizedText(
        de: "Listet angemeldete Projekte.",
        en: "Lists registered projects."
    )
    static let projectShowAbstract = LocalizedText(
        de: "Zeigt ein angemeldetes Projekt und seine Bewertung.",
        en: "Shows a registered project and its verdict."
    )
    static let projectRecheckAbstract = LocalizedText(
        de: "Lässt ein angemeldetes Projekt jetzt prüfen.",
        en: "Has a registered project checked now."
    )
    static let projectRemoveAbstract = LocalizedText(
        de: "Meldet ein Projekt ab; seine Bewertungen werden vergessen.",
        en: "Takes a project out; its verdicts are forgotten."
    )
    static let registeredName = LocalizedText(
        de: "Name des Projekts unter seinem Namensraum.",
        en: "Name of the project below its namespace."
    )
    static let registeredURL = LocalizedText(
        de: "https://-Adresse des Repositorys.",
        en: "https:// address of the repository."
    )
    static let registeredTitle = LocalizedText(
        de: "Name für Menschen; sonst der letzte Teil des Namens.",
        en: "Name for people; else the last part of the name."
    )
    static let registeredVisibility = LocalizedText(
        de: "Wer davon wissen darf: members (Mitglieder des Namensraums) oder public.",
        en: "Who may know of it: members (of the namespace) or public."
    )
    static let registeredNamespace = LocalizedText(
        de: "Nur Projekte dieses Namensraums.",
        en: "Only projects of this namespace."
    )
    static let registeredNumber = LocalizedText(
        de: "Nummer oder Name des Projekts.",
        en: "Number or name of the project."
    )
    static let registeredAt = LocalizedText(
        de: "Die Bewertung, die zu diesem Zeitpunkt galt (RFC 3339 oder Sekunden seit 1970).",
        en: "The verdict that counted at this instant (RFC 3339 or seconds since 1970)."
    )
    static let projectAllow = LocalizedText(
        de: "Host oder Netz im eigenen Haus, in dem Repositorys angemeldeter Projekte liegen dürfen (mehrfach).",
        en: "Host or network of the own house in which repositories of registered projects may lie (several times)."
    )
    static let projectNotChecked = LocalizedText(
        de: "noch keine Bewertung; die erste Prüfung steht aus",
        en: "no verdict yet; the first check is due"
    )
    static func noSuchProject(_ name: String) -> LocalizedText {
        LocalizedText(
            de: "es gibt kein Projekt \"\(name)\", das Sie kennen dürfen",
            en: "there is no project \"\(name)\" that you may know of"
        )
    }
}
