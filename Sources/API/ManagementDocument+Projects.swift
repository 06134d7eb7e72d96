// SPDX-License-Identifier: EUPL-1.2

import Criteria
import JSON
import ProjectCriteria
import ProjectRegister

/// What operations on registered projects are called, take and answer.
extension ManagementDocument {
    static func projectWords(_ operation: ManagementOperation) -> (summary: String, result: String) {
        switch operation {
        case .projects: ("The registered source projects that may be known, by name", "One page of projects.")
        case .registerProject:
            (
                "Registers a source project, for maintainers of its namespace; it is checked at once, then daily",
                "The project, and the secret that its forge sends as X-Gitlab-Token, shown once."
            )
        case .project:
            (
                "A registered project with its verdict under a catalogue, and the reply to its level",
                "The project and its verdict; with at the one closest to that instant, and never after it; null where there is none."
            )
        case .changeProject:
            (
                "Changes a project; a token of its forge does not go to another address",
                "The project, and another secret for its forge where one was asked for."
            )
        case .removeProject: ("Forgets a project with its verdicts", "Done.")
        case .recheckProject: ("Has a project checked now, for whoever may push into its namespace", "It is queued.")
        case .projectHistory:
            ("How the results of a project went under a catalogue", "One page of changes, newest first.")
        case .projectImages:
            ("The images that name a project's repository as their source", "One page of entries of the directory.")
        case .projectReply:
            ("What those who maintain a project say to its level", "The reply; null when there is none.")
        case .projectUses: ("Who uses a project, by their own word", "One page of the reuse register.")
        default: ("A forge says that something was pushed", "A check is queued; several in a row are one.")
        }
    }

    static func projectParameters(_ operation: ManagementOperation) -> [JSONValue] {
        switch operation {
        case .projects:
            [
                OpenAPIDocument.parameter("namespace", in: "query", "Only those below this name.", text),
                OpenAPIDocument.parameter("name", in: "query", "Only the one of this name.", text),
                OpenAPIDocument.parameter("url", in: "query", "Only those whose repository lies there.", text),
            ]
        case .project:
            [
                catalogue,
                OpenAPIDocument.parameter(
                    "at",
                    in: "query",
                    "An instant, RFC 3339 or seconds since 1970: the evaluation closest to it and never after it.",
                    text
                ),
            ]
        case .projectHistory: [catalogue]
        case .projectPushed:
            [OpenAPIDocument.parameter("X-Gitlab-Token", in: "header", "The secret of the project's webhook.", text)]
        default: []
        }
    }

    private static let catalogue = OpenAPIDocument.parameter(
        "catalogue",
        in: "query",
        "The catalogue of criteria.",
        ["type": "string", "enum": .strings(ProjectCatalogue.names), "default": .string(ProjectCatalogue.names[0])]
    )

    static func projectAnswer(_ operation: ManagementOperation) -> JSONValue? {
        switch operation {
        case .projects: page("Project")
        case .registerProject, .changeProject:
            object(["project": OpenAPIDocument.reference("Project"), "webhookSecret": orNull(text)])
        case .project:
            object([
                "project": OpenAPIDocument.reference("Project"),
                "verdict": orNull(
                    object([
                        "catalogue": text, "level": level, "since": instant, "checkedAt": instant,
                        "assessed": ["type": "boolean"], "findings": number, "document": ["type": "object"],
                    ])
                ),
                "reply": orNull(OpenAPIDocument.reference("LevelReply")),
            ])
        case .recheckProject, .projectPushed: object(["id": number, "state": words(["queued"])])
        case .projectHistory:
            object([
                "items": list(
                    object([
                        "catalogue": text, "level": level, "since": instant, "checkedAt": instant,
                        "failure": orNull(text),
                    ])
                ), "next": orNull(text),
            ])
        case .projectImages: page("DirectoryEntry")
        case .projectReply: object(["reply": orNull(OpenAPIDocument.reference("LevelReply"))])
        case .projectUses: page("DirectoryUse")
        default: nil
        }
    }

    static func projectBody(_ operation: ManagementOperation) -> JSONValue? {
        let title: JSONValue = ["type": "string", "minLength": 1, "maxLength": 200]
        let visibility = words(RegisteredProject.Visibility.allCases.map(\.word))
        switch operation {
        case .registerProject:
            return closed(
                [
                    "name": described(text, "A name below its namespace: team/app."), "title": title,
                    "url": described(text, "https://HOST/GROUP/PROJECT.git"), "visibility": visibility,
                    "forgeToken": described(text, "A token of GitLab of the scope read_api; never shown again."),
                ],
                ["name", "url"]
            )
        case .changeProject:
            return closed(
                [
                    "title": title, "url": text, "visibility": visibility, "forgeToken": text,
                    "removeForgeToken": ["type": "boolean"], "renewWebhookSecret": ["type": "boolean"],
                ],
                []
            )
        case .projectPushed: return ["type": "object"]
        default: return nil
        }
    }

    static let project = object([
        "id": number, "name": text, "title": text, "url": text, "namespace": text,
        "organisation": object(["name": text, "title": text]),
        "visibility": words(RegisteredProject.Visibility.allCases.map(\.word)), "forgeToken": ["type": "boolean"],
        "registeredAt": instant, "registeredBy": orNull(text), "level": orNull(level), "levels": ["type": "object"],
        "checkedAt": orNull(instant), "failure": orNull(text), "failingSince": orNull(instant),
        "nextCheckAt": instant,
    ])

    private static var level: JSONValue { words(Level.allCases.map(\.rawValue)) }
}
