// SPDX-License-Identifier: EUPL-1.2

import SBOM

extension Texts {
    static let node = LocalizedText(
        de: "Adresse des Knotens (KONTOR_NODE), etwa https://knoten.example.",
        en: "Address of the node (KONTOR_NODE), such as https://node.example."
    )
    static let managementUser = LocalizedText(
        de: "Konto (KONTOR_USERNAME); sonst admin.",
        en: "Account (KONTOR_USERNAME); admin otherwise."
    )
    static let passwordFile = LocalizedText(
        de: "Datei, in deren erster Zeile Passwort oder Geheimnis steht (KONTOR_PASSWORD_FILE).",
        en: "File with the password or secret in its first line (KONTOR_PASSWORD_FILE)."
    )
    static let newPasswordFile = LocalizedText(
        de: "Datei, in deren erster Zeile das neue Passwort steht.",
        en: "File with the new password in its first line."
    )
    static let managementFormat = LocalizedText(de: "Ausgabe: text oder json.", en: "Output: text or json.")
    static let noNode = LocalizedText(
        de: "kein Knoten genannt; --node URL oder KONTOR_NODE angeben",
        en: "no node named; give --node URL or KONTOR_NODE"
    )
    static let noPasswordFile = LocalizedText(
        de:
            "kein Geheimnis; --password-file DATEI oder KONTOR_PASSWORD_FILE angeben (nie als Argument: die sehen alle)",
        en: "no secret; give --password-file FILE or KONTOR_PASSWORD_FILE (never as an argument: everybody sees those)"
    )
    static let accountAbstract = LocalizedText(
        de: "Konten von Personen und Programmen.",
        en: "Accounts of people and programs."
    )
    static let accountListAbstract = LocalizedText(de: "Listet alle Konten.", en: "Lists all accounts.")
    static let accountShowAbstract = LocalizedText(
        de: "Zeigt ein Konto, ohne Namen das eigene.",
        en: "Shows an account, the own one without a name."
    )
    static let accountCreateAbstract = LocalizedText(de: "Legt ein Konto an.", en: "Makes an account.")
    static let accountCreateDiscussion = LocalizedText(
        de:
            "Namen von Programmen beginnen mit svc-; sie melden sich mit Tokens an. Personen erhalten ein erstes Geheimnis, das nur hier einmal erscheint.",
        en:
            "Names of programs begin with svc-; they sign in with tokens. People get a first secret, which is shown here once."
    )
    static let accountDisableAbstract = LocalizedText(
        de: "Sperrt ein Konto sofort, mit allen Tokens.",
        en: "Locks an account out at once, with all its tokens."
    )
    static let accountEnableAbstract = LocalizedText(
        de: "Hebt die Sperre eines Kontos auf.",
        en: "Lets a disabled account in again."
    )
    static let accountRenewAbstract = LocalizedText(
        de: "Gibt einer Person ein neues erstes Geheimnis; das alte und das Passwort gelten nicht mehr.",
        en: "Gives a person a new first secret; the old one and the password stop working."
    )
    static let accountPasswordAbstract = LocalizedText(
        de: "Setzt das eigene Passwort.",
        en: "Sets the own password."
    )
    static let accountArgument = LocalizedText(de: "Name eines Kontos.", en: "Name of an account.")
    static let nodeRole = LocalizedText(
        de: "Rolle auf dem ganzen Knoten: auditor (sieht alles, ändert nichts) oder operator (darf alles).",
        en: "Role on the whole node: auditor (sees all, changes nothing) or operator (does everything)."
    )
    static let tokenAbstract = LocalizedText(
        de: "Tokens, mit denen Programme sich anmelden.",
        en: "Tokens that programs sign in with."
    )
    static let tokenListAbstract = LocalizedText(
        de: "Listet die Tokens eines Kontos, nie ihre Geheimnisse.",
        en: "Lists the tokens of an account, never their secrets."
    )
    static let tokenIssueAbstract = LocalizedText(
        de: "Stellt ein Token aus; sein Geheimnis erscheint nur hier einmal.",
        en: "Issues a token; its secret is shown here once."
    )
    static let tokenRevokeAbstract = LocalizedText(
        de: "Zieht ein Token sofort zurück.",
        en: "Takes a token back at once."
    )
    static let tokenArgument = LocalizedText(de: "Nummer eines Tokens.", en: "Number of a token.")
    static let tokenLabel = LocalizedText(de: "Wofür das Token ist.", en: "What the token is for.")
    static let tokenScope = LocalizedText(
        de: "Wofür es gilt, etwa team/*:pull,push; mehrfach möglich. Rechte: pull, push, overwrite, delete.",
        en: "What it is good for, such as team/*:pull,push; may be repeated. Rights: pull, push, overwrite, delete."
    )
    static let tokenDays = LocalizedText(
        de: "Tage, die es gilt, höchstens 366.",
        en: "Days that it lives, at most 366."
    )
    static func badScope(_ text: String) -> LocalizedText {
        LocalizedText(
            de: "\"\(text.prefix(80))\" ist kein Geltungsbereich; etwa team/*:pull,push",
            en: "\"\(text.prefix(80))\" is no scope; write team/*:pull,push"
        )
    }
    static let organisationAbstract = LocalizedText(
        de: "Behörden, IT-Dienstleister und Lieferanten.",
        en: "Authorities, their providers and suppliers."
    )
    static let organisationListAbstract = LocalizedText(de: "Listet Organisationen.", en: "Lists organisations.")
    static let organisationShowAbstract = LocalizedText(de: "Zeigt eine Organisation.", en: "Shows an organisation.")
    static let organisationPutAbstract = LocalizedText(
        de: "Legt eine Organisation an oder ändert sie.",
        en: "Makes an organisation, or changes it."
    )
    static let organisationOption = LocalizedText(de: "Name einer Organisation.", en: "Name of an organisation.")
    static let organisationTitle = LocalizedText(de: "Name für Menschen.", en: "Name for people.")
    static let organisationKind = LocalizedText(
        de: "Art: federal, state, municipal, criticalInfrastructure, supplier.",
        en: "Kind: federal, state, municipal, criticalInfrastructure, supplier."
    )
    static let officialKey = LocalizedText(de: "Amtlicher Schlüssel.", en: "Official key.")
    static let securityContact = LocalizedText(
        de: "Funktionsadresse, die von Vorfällen erfährt.",
        en: "Function address that hears about incidents."
    )
    static let deputyContact = LocalizedText(
        de: "Funktionsadresse, wenn dort niemand antwortet.",
        en: "Function address for when nobody answers there."
    )
    static let operatesForAbstract = LocalizedText(
        de: "Sagt, dass eine Organisation für eine andere betreibt.",
        en: "Says that an organisation operates things for another."
    )
    static let operatesForEnd = LocalizedText(de: "Nicht mehr.", en: "No longer.")
    static let namespaceAbstract = LocalizedText(
        de: "Namensräume: wem sie gehören und wer dort was darf.",
        en: "Namespaces: whose they are, and who may do what there."
    )
    static let namespaceListAbstract = LocalizedText(
        de: "Listet die Namensräume, die man sehen darf.",
        en: "Lists the namespaces that one may see."
    )
    static let namespaceCreateAbstract = LocalizedText(de: "Legt einen Namensraum an.", en: "Makes a namespace.")
    static let namespaceOption = LocalizedText(
        de: "Name eines Namensraums, etwa land/rathaus.",
        en: "Name of a namespace, such as state/town."
    )
    static let namespacePublic = LocalizedText(de: "Alle dürfen ziehen.", en: "Everybody may pull.")
    static let namespaceVisibilityAbstract = LocalizedText(
        de: "Öffnet einen Namensraum für alle oder schließt ihn.",
        en: "Opens a namespace for everybody, or closes it."
    )
    static let visibility = LocalizedText(de: "public oder internal.", en: "public or internal.")
    static let namespaceMembersAbstract = LocalizedText(
        de: "Listet die Mitglieder eines Namensraums.",
        en: "Lists the members of a namespace."
    )
    static let namespaceMemberAbstract = LocalizedText(
        de: "Gibt einem Konto eine Rolle oder nimmt sie.",
        en: "Gives an account a role, or takes it."
    )
    static let role = LocalizedText(
        de:
            "reader (zieht), publisher (legt an, überschreibt nicht), maintainer (auch verschieben, löschen, verwalten), none.",
        en: "reader (pulls), publisher (creates, does not overwrite), maintainer (also moves, deletes, manages), none."
    )
    static let freezeAbstract = LocalizedText(
        de: "Friert einen Namensraum ein, der übernommen sein kann.",
        en: "Freezes a namespace that may have been taken over."
    )
    static let freezeDiscussion = LocalizedText(
        de:
            "Tokens aller, die dort hochladen dürfen, enden; niemand lädt hoch; was seit --since kam, wird nicht mehr ausgegeben. Weiter geht es erst, wenn eine zweite Person es freigibt.",
        en:
            "Tokens of everybody who may push there end; nobody pushes; what came since --since is not given out. It goes on only when a second person says so."
    )
    static let freezeSince = LocalizedText(
        de: "Zeitpunkt, seit dem nichts mehr vertrauenswürdig ist, etwa 2026-11-26T08:00:00Z.",
        en: "Instant since when nothing is trusted, such as 2026-11-26T08:00:00Z."
    )
    static let unfreezeAbstract = LocalizedText(
        de: "Gibt einen eingefrorenen Namensraum wieder frei; nicht durch die Person, die ihn einfror.",
        en: "Lets a frozen namespace go on; not by the person who froze it."
    )
    static let quarantineAbstract = LocalizedText(
        de: "Listet, was ein Einfrieren zurückhält, und wer es vorher gezogen hat.",
        en: "Lists what a freeze keeps back, and who pulled it before."
    )
    static let policyAbstract = LocalizedText(
        de: "Regeln eines Namensraums für seine Inhalte.",
        en: "The rules of a namespace on its content."
    )
    static let policyShowAbstract = LocalizedText(
        de: "Zeigt die geltende Richtlinie als YAML.",
        en: "Shows the policy in force as YAML."
    )
    static let policySetAbstract = LocalizedText(
        de: "Setzt eine Richtlinie in Kraft.",
        en: "Puts a policy in force."
    )
    static let policySetDiscussion = LocalizedText(
        de:
            "Unveränderliche Tags, Aufbewahrung und offene Uploads ändern maintainer und operator, das Kontingent (quotaBytes) nur operator. Mit einem Kontingent wird neu gezählt.",
        en:
            "Immutable tags, retention and open uploads are changed by maintainers and operators, the quota (quotaBytes) by operators only. With a quota, the namespace is counted anew."
    )
    static let policyFile = LocalizedText(de: "Richtlinie als YAML.", en: "The policy as YAML.")
    static let policyReason = LocalizedText(
        de: "Warum sie sich ändert; steht in der Geschichte und im Prüfprotokoll.",
        en: "Why it changes; kept in the history and the audit log."
    )
    static let policyRevision = LocalizedText(
        de: "Revision, auf der die Änderung beruht; sonst die geltende.",
        en: "Revision that the change rests on; the one in force otherwise."
    )
    static let policyHistoryAbstract = LocalizedText(
        de: "Listet die Revisionen der Richtlinie, die neueste zuerst.",
        en: "Lists the revisions of the policy, newest first."
    )
    static let policyRetentionAbstract = LocalizedText(
        de: "Zeigt, was die Aufbewahrung entfernte und was sie behielte, mit Grund.",
        en: "Shows what retention would remove and keep, and why."
    )
    static let policyRetentionDiscussion = LocalizedText(
        de: "Ohne --apply ändert sich nichts. Der Knoten wendet die Regeln stündlich von selbst an.",
        en: "Without --apply nothing changes. The node applies the rules by itself every hour."
    )
    static let policyApply = LocalizedText(de: "Entfernt es jetzt.", en: "Removes it now.")
    static func policyUnreadable(_ revision: Int) -> LocalizedText {
        LocalizedText(
            de:
                "Revision \(revision) der Richtlinie kann nicht gelesen werden; bis eine neue gesetzt ist, wird nichts Neues angenommen.",
            en: "revision \(revision) of the policy cannot be read; until a new one is set, nothing new is accepted"
        )
    }
    static let tlsCert = LocalizedText(
        de: "Zertifikatskette (PEM); mit --tls-key spricht der Knoten TLS und liest beide bei Änderung neu.",
        en: "Certificate chain (PEM); with --tls-key the node speaks TLS, and reads both anew when they change."
    )
    static let tlsKey = LocalizedText(de: "Privater Schlüssel dazu (PEM).", en: "Its private key (PEM).")
    static let portalListen = LocalizedText(
        de: "Zweite Adresse nur für Seiten und API, HOST:PORT; mit TLS auch HTTP/2.",
        en: "A second address for pages and API alone, HOST:PORT; with TLS by HTTP/2 too."
    )
    static let syslog = LocalizedText(
        de: "Empfänger des Prüfprotokolls, HOST:PORT, Syslog (RFC 5424) über TLS.",
        en: "Receiver of the audit log, HOST:PORT, syslog (RFC 5424) over TLS."
    )
    static let syslogCA = LocalizedText(
        de: "Zertifikate (PEM), denen beim Empfänger vertraut wird; sonst die des Systems.",
        en: "Certificates (PEM) that are trusted at the receiver; the system's otherwise."
    )
    static let syslogClientCert = LocalizedText(
        de: "Zertifikatskette (PEM), mit der sich der Knoten beim Empfänger ausweist.",
        en: "Certificate chain (PEM) that the node shows to the receiver."
    )
    static let standsInFor = LocalizedText(
        de:
            "Registry, für deren Repositorys die gleichnamigen hier einstehen (ns), zum Beispiel docker.io; mehrmals möglich.",
        en:
            "Registry for whose repositories those of the same names here stand in (ns), such as docker.io; may be repeated."
    )
    static let rateLimit = LocalizedText(
        de:
            "Anfragen je Sekunde und Adresse, zehnmal so viele auf einmal; 0 ohne Grenze; dieser Rechner wird nicht gezählt. Sonst 300.",
        en:
            "Requests per second and address, ten times as many at once; 0 without a bound; this machine is not counted. Else 300."
    )
    static func badRate(_ text: String) -> LocalizedText {
        LocalizedText(
            de: "--rate-limit ist eine Zahl von 0 bis 1000000, nicht „\(text)“",
            en: "--rate-limit is a number from 0 to 1000000, not \"\(text)\""
        )
    }
    static let syslogClientKey = LocalizedText(de: "Privater Schlüssel dazu (PEM).", en: "Its private key (PEM).")
    static let tlsNeedsBoth = LocalizedText(
        de: "--tls-cert und --tls-key gehören zusammen",
        en: "--tls-cert and --tls-key belong together"
    )
    static let auditAbstract = LocalizedText(de: "Wer was getan hat.", en: "Who did what.")
    static let auditExportAbstract = LocalizedText(
        de: "Schreibt das Prüfprotokoll als JSON, ein Ereignis je Zeile.",
        en: "Writes the audit log as JSON, one event on each line."
    )
    static let auditExportDiscussion = LocalizedText(
        de: "Nur für operator und auditor. Jedes Ereignis trägt den Hash, der die Kette bis zu ihm schließt.",
        en: "For operators and auditors only. Each event carries the hash that ends the chain at it."
    )
}
