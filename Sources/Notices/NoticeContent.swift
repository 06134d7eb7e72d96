// SPDX-License-Identifier: EUPL-1.2

public import JSON
import Mail
public import OCI
public import SBOM

/// What a notice says to all its recipients, in the words of who sends it.
public struct NoticeContent: Sendable, Hashable {
    /// Most bytes of a text in one language.
    public static let maximumText = 4_000

    /// What it is about.
    public var what: LocalizedText
    /// What to do until it is repaired; nil where nothing helps.
    public var measure: LocalizedText?
    /// What to run instead; nil while there is nothing.
    public var replacement: NoticeReplacement?
    /// Who may be told.
    public var tlp: TrafficLight

    /// Makes one; it is checked where it is sent.
    public init(
        what: LocalizedText,
        measure: LocalizedText? = nil,
        replacement: NoticeReplacement? = nil,
        tlp: TrafficLight = .amber
    ) {
        self.what = what
        self.measure = measure
        self.replacement = replacement
        self.tlp = tlp
    }

    /// The content with harmless characters only; refuses what says nothing or too much.
    package func checked() throws(NoticesError) -> NoticeContent {
        NoticeContent(
            what: try Self.checked(what, "what it is about"),
            measure: try measure.map { text throws(NoticesError) in try Self.checked(text, "the interim measure") },
            replacement: try replacement?.checked(),
            tlp: tlp
        )
    }

    static func checked(_ text: LocalizedText, _ name: String) throws(NoticesError) -> LocalizedText {
        for (language, text) in [("German", text.de), ("English", text.en)] {
            guard text.utf8.count <= maximumText else {
                throw .invalid(
                    "\(name) has more than \(maximumText) bytes in \(language); say less, and link to the rest"
                )
            }
            guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
                throw .invalid("\(name) is empty in \(language); recipients read one of the two languages")
            }
        }
        return LocalizedText(
            de: NoticeText.harmless(text.de, lines: true),
            en: NoticeText.harmless(text.en, lines: true)
        )
    }
}

/// What to run instead of what is affected.
public struct NoticeReplacement: Sendable, Hashable {
    /// The repaired image.
    public var digest: Digest?
    /// Where it is: `registry.example.org/team/app:1.1`.
    public var reference: String?
    /// What to type.
    public var command: String?

    /// Makes one; at least one of the three is there.
    public init(digest: Digest? = nil, reference: String? = nil, command: String? = nil) {
        self.digest = digest
        self.reference = reference
        self.command = command
    }

    func checked() throws(NoticesError) -> NoticeReplacement? {
        func line(_ text: String?, _ name: String) throws(NoticesError) -> String? {
            guard let text, text.contains(where: { !$0.isWhitespace }) else { return nil }
            // Whoever copies a command must run what they saw: nothing in it is changed, a strange one is refused.
            guard text.utf8.count <= 500, NoticeText.harmless(text, lines: false) == text else {
                throw .invalid("the \(name) is longer than 500 bytes, or has a control or an invisible character in it")
            }
            return text
        }
        let found = NoticeReplacement(
            digest: digest,
            reference: try line(reference, "reference of the replacement"),
            command: try line(command, "command of the replacement")
        )
        return found == NoticeReplacement() ? nil : found
    }
}

/// Who may be told, by the Traffic Light Protocol 2.0 (FIRST).
///
/// CLEAR and GREEN are left out: evidence comes from an answer that is TLP:AMBER, and nobody but its source may widen that.
public enum TrafficLight: String, Sendable, Hashable, CaseIterable {
    /// Need to know, in the organisation and its clients.
    case amber = "TLP:AMBER"
    /// Need to know, in the organisation alone.
    case amberStrict = "TLP:AMBER+STRICT"
    /// Nobody but who received it.
    case red = "TLP:RED"
}

extension NoticeContent {
    /// The content as an object.
    public var json: JSONValue {
        [
            "what": what.json, "measure": .optional(measure?.json), "replacement": .optional(replacement?.json),
            "tlp": .string(tlp.rawValue),
        ]
    }

    init(json: JSONFields) throws {
        what = try LocalizedText(json: json.object("what"))
        measure = try json.optionalObject("measure").map { try LocalizedText(json: $0) }
        replacement = try json.optionalObject("replacement").map { fields in
            NoticeReplacement(
                digest: try fields.optionalString("digest").map { try Digest(parsing: $0) },
                reference: try fields.optionalString("reference"),
                command: try fields.optionalString("command")
            )
        }
        guard let light = TrafficLight(rawValue: try json.string("tlp")) else {
            throw DamagedNotice(what: "traffic light")
        }
        tlp = light
    }
}

extension NoticeReplacement {
    /// The replacement as an object; absent values are null.
    public var json: JSONValue {
        [
            "digest": .optional(digest?.description), "reference": .optional(reference), "command": .optional(command),
        ]
    }
}

/// A row holds what this program never writes; nothing is sent from it.
struct DamagedNotice: Error, CustomStringConvertible {
    let what: String
    var description: String {
        "a row of the notices holds an unknown \(what); was the database written by a later version?"
    }
}
