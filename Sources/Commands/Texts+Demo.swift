// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Texts of `kontor demo`.
extension Texts {
    static let demoAbstract = LocalizedText(
        de: "Startet einen Knoten zum Üben: drei Organisationen, vierzig Images, erfundene Meldungen, ein Posteingang.",
        en: "Starts a node for practising: three organisations, forty images, made-up advisories, an inbox."
    )
    static let demoDiscussion = LocalizedText(
        de:
            "Alles wird beim Start gemacht, ohne Netz, und geht denselben Weg wie im Betrieb: hochgeladen, bewertet, signiert. Der Knoten hört nur auf 127.0.0.1, und kein Schreiben verlässt ihn. Ohne --data liegt alles in einem Verzeichnis, das mit dem Ende verschwindet; ein Verzeichnis, in dem etwas anderes liegt, wird nicht angerührt. Zuerst gelten die Meldungen von gestern; --today spielt die von heute ein, auch während der Knoten läuft. Ein Ablauf von 15 Minuten steht in docs/exercise.md.",
        en:
            "Everything is made at the start, without network, and goes the way that it goes in operation: pushed, assessed, signed. The node listens on 127.0.0.1 only, and no letter leaves it. Without --data everything lies in a directory that goes with the process; a directory that holds anything else is not touched. At first the advisories of yesterday are in force; --today imports those of today, also while the node runs. docs/exercise.md has a script of 15 minutes."
    )
    static let demoData = LocalizedText(
        de: "Verzeichnis der Übung, damit sie weitergehen kann; leer, neu oder von einer früheren Übung.",
        en: "Directory of the exercise, so that it can go on; empty, new, or of an earlier exercise."
    )
    static let demoPort = LocalizedText(
        de: "Port auf 127.0.0.1; ohne Angabe der vom letzten Mal oder ein freier.",
        en: "Port on 127.0.0.1; by default that of the last time, or a free one."
    )
    static let demoToday = LocalizedText(
        de: "Spielt in die Übung in --data die Meldungen von heute ein, und endet.",
        en: "Imports the advisories of today into the exercise in --data, and ends."
    )
    static let demoNeedsData = LocalizedText(
        de: "--today braucht --data: `kontor demo` nennt das Verzeichnis beim Start",
        en: "--today needs --data: `kontor demo` names the directory when it starts"
    )
    static func demoBadPort(_ port: Int) -> LocalizedText {
        LocalizedText(
            de: "--port \(port) ist keine Zahl von 0 bis 65535",
            en: "--port \(port) is no number from 0 to 65535"
        )
    }
    static func demoStep(_ text: String) -> LocalizedText {
        LocalizedText(de: "Übung: \(text)", en: "exercise: \(text)")
    }
}
