// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import SBOM
public import Time

/// What a list shows of an entry beside its level: what it says of itself, and what to do about it first.
public struct DirectoryFacts: Sendable, Hashable {
    /// What stands between an image and its next level.
    public struct Steps: Sendable, Hashable {
        /// The level that they lead to.
        public var to: String
        /// How many there are.
        public var count: Int
        /// Criterion of the first.
        public var criterion: String
        /// What it asks for.
        public var title: LocalizedText
        /// The line or command to change.
        public var advice: LocalizedText

        /// Makes one.
        public init(to: String, count: Int, criterion: String, title: LocalizedText, advice: LocalizedText) {
            self.to = to
            self.count = count
            self.criterion = criterion
            self.title = title
            self.advice = advice
        }
    }

    /// The worst finding that a newer version mends.
    public struct Fix: Sendable, Hashable {
        /// Advisory.
        public var id: String
        /// The package to update: the source where it is known.
        public var source: String
        /// A component that has it.
        public var component: String
        /// Its package URL; nil where there is none.
        public var purl: String?
        /// Version that is there.
        public var version: String
        /// Version without the fault.
        public var fixedIn: String
        /// 0 to 100.
        public var risk: Double
        /// Listed as exploited.
        public var exploited: Bool
        /// Further findings that a newer version mends.
        public var further: Int

        /// Makes one.
        public init(
            id: String,
            source: String,
            component: String,
            purl: String?,
            version: String,
            fixedIn: String,
            risk: Double,
            exploited: Bool,
            further: Int
        ) {
            self.id = id
            self.source = source
            self.component = component
            self.purl = purl
            self.version = version
            self.fixedIn = fixedIn
            self.risk = risk
            self.exploited = exploited
            self.further = further
        }
    }

    /// What it calls itself.
    public var title: String?
    /// What it says of itself.
    public var description: String?
    /// Tag of the image that stands for the repository.
    public var tag: String?
    /// Digest of that image.
    public var digest: String?
    /// Where its source lies, in the form of ``SourceAddress``.
    public var source: String?
    /// When it was judged.
    public var evaluatedAt: Timestamp?
    /// What to do for the next level; nil where nothing is known or nothing is left.
    public var steps: Steps?
    /// What to update first; nil where nothing can be mended.
    public var fix: Fix?

    /// Facts of nothing.
    public init() {}

    init(record: String) throws {
        let fields = try JSONFields(JSONValue(parsing: record))
        title = try fields.optionalString("title")
        description = try fields.optionalString("description")
        tag = try fields.optionalString("tag")
        digest = try fields.optionalString("digest")
        source = try fields.optionalString("source")
        evaluatedAt = try fields.optionalString("evaluatedAt").flatMap { Timestamp(rfc3339: $0) }
        steps = try fields.optionalObject("steps").map { try Steps(json: $0) }
        fix = try fields.optionalObject("fix").map { try Fix(json: $0) }
    }

    /// As JSON.
    public var json: JSONValue {
        [
            "title": .optional(title), "description": .optional(description), "tag": .optional(tag),
            "digest": .optional(digest), "source": .optional(source),
            "evaluatedAt": .optional(evaluatedAt?.rfc3339), "steps": steps?.json ?? .null, "fix": fix?.json ?? .null,
        ]
    }
}

extension DirectoryFacts.Steps {
    init(json: JSONFields) throws {
        self.init(
            to: try json.string("to"),
            count: try json.int("count"),
            criterion: try json.string("criterion"),
            title: try LocalizedText(json: json.object("title")),
            advice: try LocalizedText(json: json.object("advice"))
        )
    }

    /// As JSON.
    public var json: JSONValue {
        [
            "to": .string(to), "count": .integer(Int64(count)), "criterion": .string(criterion), "title": title.json,
            "advice": advice.json,
        ]
    }
}

extension DirectoryFacts.Fix {
    init(json: JSONFields) throws {
        self.init(
            id: try json.string("id"),
            source: try json.string("source"),
            component: try json.string("component"),
            purl: try json.optionalString("purl"),
            version: try json.string("version"),
            fixedIn: try json.string("fixedIn"),
            risk: try json.double("risk"),
            exploited: try json.bool("exploited"),
            further: try json.int("further")
        )
    }

    /// As JSON, with the command that mends it.
    public var json: JSONValue {
        [
            "id": .string(id), "source": .string(source), "component": .string(component), "purl": .optional(purl),
            "version": .string(version), "fixedIn": .string(fixedIn), "risk": .double(risk),
            "exploited": .bool(exploited), "further": .integer(Int64(further)), "command": .optional(command),
        ]
    }

    /// The command that updates the component where the image is built; nil where nobody knows one, and where a name is not one that may stand
    /// on a command line: names come out of strangers' images.
    public var command: String? {
        guard let purl, let parsed = try? PackageURL(parsing: purl) else { return nil }
        let full = parsed.namespace.map { $0 + "/" + parsed.name } ?? parsed.name
        guard let name = Self.word(parsed.name), let version = Self.word(fixedIn), let full = Self.word(full) else {
            return nil
        }
        switch parsed.type {
        case "deb": return "apt-get update && apt-get install --only-upgrade \(name)"
        case "apk": return "apk upgrade \(name)"
        case "rpm": return "dnf upgrade \(name)"
        case "pypi": return "pip install '\(name)>=\(version)'"
        case "npm": return "npm install \(full)@\(version)"
        case "golang": return "go get \(full)@\(version.hasPrefix("v") ? "" : "v")\(version)"
        case "gem": return "bundle update \(name)"
        case "cargo": return "cargo update -p \(name) --precise \(version)"
        case "maven":
            let artifact = full.replacing("/", with: ":")
            return "mvn versions:use-dep-version -Dincludes=\(artifact) -DdepVersion=\(version)"
        default: return nil
        }
    }

    /// A name that means itself to every shell.
    private static func word(_ text: String) -> String? {
        let isSafe = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"),
                UInt8(ascii: "/"), UInt8(ascii: "@"), UInt8(ascii: "~"):
                true
            default: false
            }
        }
        return isSafe && (1...200).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: "-") ? text : nil
    }
}
