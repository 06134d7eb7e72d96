// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Texts of `kontor approve`, `kontor approval`, `kontor takedown`, and of `kontor log` about a node's own log.
extension Texts {
    static let approveAbstract = LocalizedText(
        de: "Gibt ein Image für die Nutzung durch die eigene Behörde frei.",
        en: "Approves an image for use by one's own authority."
    )
    static let approveDiscussion = LocalizedText(
        de:
            "Die Freigabe wird vom Knoten signiert, unverändert aufbewahrt und steht in keinem Log. Sie endet an ihrem Tag oder mit einem Widerruf (kontor approval revoke). Regeln auf das Holen können sie verlangen (approvedBy). Freigeben dürfen Betreiber und, für die eigene Organisation, wer einen ihrer Namensräume pflegt.",
        en:
            "The approval is signed by the node, kept as it is, and stands in no log. It ends on its day, or when it is revoked (kontor approval revoke). Rules on pulls can demand it (approvedBy). Operators approve and, for their own organisation, those who maintain one of its namespaces."
    )
    static let approveImage = LocalizedText(de: "Das Image mit seinem Digest.", en: "The image with its digest.")
    static let approvePurpose = LocalizedText(de: "Wofür.", en: "For what.")
    static let approveUntil = LocalizedText(
        de: "Bis wann: ein Tag (bis zu dessen Ende, UTC) oder ein Zeitpunkt nach RFC 3339; höchstens drei Jahre.",
        en: "Until when: a day (until its end, UTC) or an instant of RFC 3339; at most three years."
    )
    static let approveOrganisation = LocalizedText(
        de: "Die Organisation; ohne Angabe die, für die das Konto handelt.",
        en: "The organisation; without it the one that the account acts for."
    )
    static let approvalAbstract = LocalizedText(
        de: "Freigaben von Behörden für die eigene Nutzung.",
        en: "What authorities approved for their own use."
    )
    static let approvalListAbstract = LocalizedText(
        de: "Nennt die Freigaben eines Images oder einer Organisation, auch vergangene.",
        en: "Names the approvals of an image or an organisation, also those that are over."
    )
    static let approvalImageOrOrganisation = LocalizedText(
        de: "nennen Sie entweder ein Image oder --organisation",
        en: "name either an image or --organisation"
    )
    static let approvalShowAbstract = LocalizedText(
        de: "Zeigt eine Freigabe; mit --format json samt der signierten Aussage.",
        en: "Shows an approval; with --format json also the signed statement."
    )
    static let approvalRevokeAbstract = LocalizedText(
        de: "Widerruft eine Freigabe vor ihrem Ende.",
        en: "Revokes an approval before its end."
    )
    static let approvalNumber = LocalizedText(de: "Nummer der Freigabe.", en: "Number of the approval.")

    static let takedownAbstract = LocalizedText(
        de: "Was aus rechtlichen Gründen nicht ausgegeben wird.",
        en: "What is not given out for legal reasons."
    )
    static let takedownDiscussion = LocalizedText(
        de:
            "Eine Sperrung braucht zwei Betreiber, ihre Aufhebung auch. Das Image, die Images seines Index und die Blobs, die sonst nichts nennt, werden auf dem ganzen Knoten mit 451 verweigert und nicht erneut angenommen. Bewertung, Komponenten und kontor affected kennen das Image weiterhin.",
        en:
            "A takedown needs two operators, and so does its reversal. The image, the images of its index and the blobs that nothing else names are refused with 451 on the whole node, and are not taken in again. Verdict, components and kontor affected still know the image."
    )
    static let takedownListAbstract = LocalizedText(
        de: "Nennt die Sperrungen, auch vergangene.",
        en: "Names the takedowns, also those that are over."
    )
    static let takedownProposeAbstract = LocalizedText(
        de: "Beantragt eine Sperrung; sie gilt, sobald ein zweiter Betreiber zustimmt.",
        en: "Asks for a takedown; it holds once a second operator agrees."
    )
    static let takedownConfirmAbstract = LocalizedText(
        de: "Stimmt einer Sperrung zu, die jemand anderes beantragt hat.",
        en: "Agrees to a takedown that somebody else asked for."
    )
    static let takedownWithdrawAbstract = LocalizedText(
        de: "Zieht eine Sperrung oder Aufhebung zurück, die auf Zustimmung wartet.",
        en: "Takes back a takedown or reversal that waits for a second person."
    )
    static let takedownReverseAbstract = LocalizedText(
        de: "Beantragt die Aufhebung einer Sperrung.",
        en: "Asks for the reversal of a takedown."
    )
    static let takedownConfirmReversalAbstract = LocalizedText(
        de: "Stimmt einer Aufhebung zu, die jemand anderes beantragt hat.",
        en: "Agrees to a reversal that somebody else asked for."
    )
    static let takedownReason = LocalizedText(
        de: "Warum; wer das Image holen will, bekommt es zu lesen.",
        en: "Why; whoever asks for the image is told."
    )
    static let takedownReference = LocalizedText(
        de: "Rechtsgrundlage oder Aktenzeichen.",
        en: "Legal basis or file number."
    )
    static let takedownNumber = LocalizedText(de: "Nummer der Sperrung.", en: "Number of the takedown.")

    static let logStatusAbstract = LocalizedText(
        de: "Zeigt, wie das Log eines Knotens steht.",
        en: "Shows how a node's log stands."
    )
    static let logStatusDiscussion = LocalizedText(
        de: "Exitcode 1, wenn es stillsteht oder geschlossen ist.",
        en: "Exit code 1 when it stands still or is closed."
    )
    static let logConfirmAbstract = LocalizedText(
        de: "Lässt ein Log weiterlaufen, das nach einer Wiederherstellung stillsteht.",
        en: "Lets a log go on that stands still after a restore."
    )
    static let logConfirmDiscussion = LocalizedText(
        de:
            "Mit --checkpoint zeigt ein Checkpoint, den jemand anderes aufbewahrt hat, dass das Log nicht älter ist. Mit --size und --root, wie kontor log status sie zeigt, verbürgen Sie sich selbst dafür, dass es nichts Neueres gab: War das falsch, sehen alle, die das Log verfolgen, eine Gabelung. Ihr Name steht im Auditprotokoll.",
        en:
            "With --checkpoint, a checkpoint that somebody else kept shows that the log is not an older one. With --size and --root as kontor log status shows them, you answer yourself for it that there was nothing newer: if that is wrong, all who watch the log see a fork. Your name stands in the audit log."
    )
    static let logConfirmSize = LocalizedText(de: "Einträge des Baums.", en: "Entries of the tree.")
    static let logConfirmRoot = LocalizedText(de: "Wurzel des Baums.", en: "Root of the tree.")
    static let logConfirmCheckpoint = LocalizedText(
        de: "Datei mit einem Checkpoint dieses Logs.",
        en: "File with a checkpoint of this log."
    )
    static let logConfirmWhat = LocalizedText(
        de: "nennen Sie --size und --root, oder --checkpoint allein",
        en: "name --size and --root, or --checkpoint alone"
    )
    static let logAdoptAbstract = LocalizedText(
        de: "Bringt eine ältere Datenbank auf den Stand des Logverzeichnisses.",
        en: "Brings an older database up to the log's directory."
    )
    static let logAdoptDiscussion = LocalizedText(
        de:
            "Was nach der Sicherung protokolliert wurde, wird aus den Dateien gelesen und muss zu deren signiertem Checkpoint führen; auch der Wächter neben den Schlüsseln muss zustimmen.",
        en:
            "What was logged after the backup is read from the files and must lead to their signed checkpoint; the guard beside the keys must agree, too."
    )
}
