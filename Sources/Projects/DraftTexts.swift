// SPDX-License-Identifier: EUPL-1.2

import ProjectCriteria
import Time

/// The texts of files that are created; people are meant to go on from them.
struct DraftTexts {
    let answers: ProjectAnswers
    let licence: String
    let now: Timestamp

    private var year: Int64 { now.date.year }

    /// A year on, as `2027-11`.
    private var monthInAYear: String {
        let date = now.date
        return "\(date.year + 1)-\(date.month < 10 ? "0" : "")\(date.month)"
    }

    var licenceText: String { String(decoding: PackageResources.EUPL_1_2_txt, as: UTF8.self) }

    var reuse: String {
        """
        version = 1

        [[annotations]]
        path = "**"
        precedence = "aggregate"
        SPDX-FileCopyrightText = "\(year) \(answers.owner)"
        SPDX-License-Identifier = "\(licence)"

        """
    }

    var readme: String {
        """
        # \(answers.name)

        What \(answers.name) does, for whom, and why it exists: replace this paragraph by three sentences that somebody from another authority
        understands. Say what it does not do, and what it needs to run.

        *Was \(answers.name) leistet, für wen und warum: Ersetzen Sie diesen Absatz durch drei Sätze, die auch eine andere Behörde versteht.*

        ## Installation

        How to build and install it, as commands that work on a fresh machine.

        ## Usage

        The first thing that somebody does with it, as an example with its output.

        ## Contact

        Questions and ideas: open an issue\(answers.url.map { " at \($0)" } ?? ""). Vulnerabilities: see SECURITY.md. Contributions: see CONTRIBUTING.md.
        Licence: \(licence).

        """
    }

    func security(_ contact: String) -> String {
        """
        # Security

        ## Reporting a vulnerability

        Please report privately to \(contact), not in a public issue. Name the version, what you did, what happened and what you expected.
        We answer within 5 working days, tell you what we found within 30 days, and name you in the advisory if you like.

        ## Supported versions

        | version | security fixes until |
        |---|---|
        | newest release and the main branch | \(monthInAYear) |

        """
    }

    func securityText(_ address: String) -> String {
        let expires = (now + .seconds(364 * 86_400)).dateText
        let policy = answers.url.map { "Policy: \($0)\n" } ?? ""
        return "Contact: \(address)\nExpires: \(expires)T00:00:00Z\nPreferred-Languages: de, en\n\(policy)"
    }

    func publiccode(_ url: String) -> String {
        let mail = answers.contact.flatMap { $0.contains("://") ? nil : "\n      email: \"\($0)\"" } ?? ""
        return """
            publiccodeYmlVersion: "0.4"
            name: "\(answers.name)"
            url: "\(url)"
            platforms:
              - linux
            categories:
              - it-development
            developmentStatus: development
            softwareType: standalone/other
            description:
              de:
                shortDescription: Ein Satz, der sagt, was die Software leistet.
                longDescription: >
                  Ersetzen Sie diesen Text durch eine Beschreibung für Menschen in anderen Behörden: was die Software leistet, wer sie
                  benutzt, was sie zum Betrieb braucht und wie sie mit anderen Verfahren zusammenarbeitet.
                features:
                  - Ersetzen Sie diesen Eintrag durch die wichtigste Funktion
              en:
                shortDescription: One sentence that says what the software does.
                longDescription: >
                  Replace this text by a description for people in other authorities: what the software does, who uses it, what it needs
                  to run and how it works together with other systems.
                features:
                  - Replace this entry by the most important feature
            legal:
              license: \(licence)
              mainCopyrightOwner: "\(answers.owner)"
            maintenance:
              type: internal
              contacts:
                - name: "\(answers.owner)"\(mail)
            localisation:
              localisationReady: false
              availableLanguages:
                - de
                - en

            """
    }

    var contributing: String {
        """
        # Contributing

        1. Open an issue first for anything larger than a correction, so that nobody works in vain.
        2. Make your change on a branch, with a test that fails without it, and open a merge request.
        3. A maintainer reviews it; the pipeline must succeed before it is merged.
        4. Contributions are licensed under \(licence).

        Maintainers are named in publiccode.yml (maintenance/contacts). How we treat one another: CODE_OF_CONDUCT.md.

        """
    }

    var conduct: String {
        """
        # Code of conduct

        Everybody may take part, whoever they are. We are friendly, speak about the matter and not about people, accept criticism, and
        say sorry when we were wrong. Harassment, insults and publishing other people's data are not accepted.

        Whoever sees otherwise tells \(answers.contact ?? "the maintainers") in confidence. Maintainers answer, and may remove contributions and exclude people.

        """
    }

    var changes: String {
        """
        # Changelog

        Each version has a section; each section says what changed for users, and what was fixed in security.

        ## Unreleased

        ### Security

        None.

        """
    }

    func pipeline(tests: String) -> String {
        """
        # Tests, static analysis and a secret scan for each merge request and the default branch.
        workflow:
          rules:
            - if: $CI_PIPELINE_SOURCE == "merge_request_event"
            - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
            - if: $CI_COMMIT_TAG

        include:
          - template: Jobs/SAST.gitlab-ci.yml
          - template: Jobs/Secret-Detection.gitlab-ci.yml

        # Name an image by its digest here (image: NAME@sha256:…) if your runners have no usual one.
        test:
          stage: test
          script:
            - \(tests)

        """
    }

    var renovate: String {
        """
        {
          "extends": ["config:recommended", "docker:pinDigests", ":maintainLockFilesWeekly"],
          "minimumReleaseAge": "3 days"
        }

        """
    }
}
