// SPDX-License-Identifier: EUPL-1.2

/// Who takes part in the exercise, and what they operate.
enum ExercisePlan {
    struct Body: Sendable {
        let name: String
        let title: String
        let kind: String
        let namespaces: [String]

        var securityContact: String { "security@\(name).example.org" }
    }

    struct Person: Sendable {
        let name: String
        /// What the person does, for the table that is printed.
        let task: String
        var nodeRole: String?
        var organisation: String?
        var role: String?
    }

    /// What somebody responsible says about a finding.
    struct Word: Sendable {
        let repository: String
        let vulnerability: String
        let status: String
        var justification: String?
        var action: String?
    }

    struct Product: Sendable {
        let organisation: String
        let name: String
        let version: String
        let supplier: String
        /// Version of the library of today's vulnerability; nil where it is not in it.
        let forms: String?
    }

    /// Three organisations; none of them exists.
    static let bodies = [
        Body(name: "bund", title: "Übungsamt des Bundes", kind: "federal", namespaces: ["basis", "bund"]),
        Body(name: "land", title: "Landesrechenzentrum Musterland", kind: "state", namespaces: ["land"]),
        Body(name: "stadt", title: "Stadt Musterstadt", kind: "municipal", namespaces: ["stadt"]),
    ]

    static let people =
        [
            Person(name: "lagezentrum", task: "operator: asks who is affected, sends notices", nodeRole: "operator"),
            Person(name: "revision", task: "auditor: sees everything, changes nothing", nodeRole: "auditor"),
        ]
        + bodies.flatMap { body in
            [
                Person(
                    name: "\(body.name)-leitung",
                    task: "maintainer of \(body.title)",
                    organisation: body.name,
                    role: "maintainer"
                ),
                Person(
                    name: "\(body.name)-entwicklung",
                    task: "publisher of \(body.title)",
                    organisation: body.name,
                    role: "publisher"
                ),
                Person(
                    name: "\(body.name)-betrieb",
                    task: "reader, pulls for \(body.title)",
                    organisation: body.name,
                    role: "reader"
                ),
            ]
        }

    /// The provider of the city.
    static let operates = (provider: "land", customer: "stadt")

    static let products = [
        Product(
            organisation: "bund",
            name: "Vorgangsverwaltung",
            version: "7.1",
            supplier: "Muster Software",
            forms: "4.2.1"
        ),
        Product(
            organisation: "land",
            name: "Kassenverfahren",
            version: "3.4",
            supplier: "Beispiel Fachverfahren",
            forms: "4.2.0"
        ),
        Product(
            organisation: "stadt",
            name: "Ratsinfo",
            version: "2.0",
            supplier: "Beispiel Fachverfahren",
            forms: "4.2.0"
        ),
        Product(organisation: "stadt", name: "Standesamt", version: "9.3", supplier: "Muster Software", forms: nil),
    ]

    /// Assessments that are there from the beginning: image, vulnerability, what is said and why.
    static let triage: [Word] = [
        Word(
            repository: "bund/gateway",
            vulnerability: ExerciseFeeds.curl,
            status: "not_affected",
            justification: "vulnerable_code_not_in_execute_path"
        ),
        Word(
            repository: "land/vermessung",
            vulnerability: ExerciseFeeds.files,
            status: "not_affected",
            justification: "inline_mitigations_already_exist"
        ),
        Word(
            repository: "stadt/ratsinformation",
            vulnerability: ExerciseFeeds.npmForms,
            status: "affected",
            action: "The next version brings uebung-formular 1.3.2."
        ),
    ]

    /// What an organisation is known by in labels, and in the rules on whose signatures count.
    static func vendor(of namespace: String) -> String {
        bodies.first { $0.namespaces.contains(namespace) }?.title ?? ""
    }
}
