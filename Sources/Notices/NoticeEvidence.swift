// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import Time

/// Why an organisation is told.
public struct NoticeReasons: OptionSet, Sendable, Hashable {
    /// Bits as they are stored.
    public let rawValue: Int64
    /// From bits.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// It owns the namespace of an affected image.
    public static let publishes = NoticeReasons(rawValue: 1)
    /// It pulled an affected image.
    public static let pulled = NoticeReasons(rawValue: 2)
    /// It operates for an organisation that publishes or pulled one, or runs an affected product.
    public static let operates = NoticeReasons(rawValue: 4)
    /// An organisation that publishes or pulled one, or runs an affected product, operates for it.
    public static let operated = NoticeReasons(rawValue: 8)
    /// It operates an affected product.
    public static let runs = NoticeReasons(rawValue: 16)

    private static let names: [(NoticeReasons, String)] = [
        (.publishes, "publishes"), (.pulled, "pulled"), (.operates, "operates"), (.operated, "operated"),
        (.runs, "runs"),
    ]

    /// The reasons by name: `publishes`, `pulled`, `operates`, `operated`, `runs`.
    public var names: [String] { Self.names.filter { contains($0.0) }.map(\.1) }
}

/// What the node knows about one organisation and the affected images: its own, never another's.
///
/// Bounded: what is beyond the bounds is counted, so that nothing is dropped in silence. All words in it are harmless in a line of text.
public struct NoticeEvidence: Sendable, Hashable {
    /// Most images of either list.
    public static let maximumImages = 100
    /// Most products.
    public static let maximumProducts = 100
    /// Most bytes of the products as JSON.
    public static let maximumProductBytes = 32 << 10
    /// Most bytes of either list as JSON: a webhook and a mail must hold both beside their texts.
    public static let maximumBytes = 48 << 10
    /// Most names of organisations.
    public static let maximumNames = 50

    /// A component that makes an image affected.
    public struct Component: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// Its version.
        public let version: String
        /// Where it is repaired; nil when nobody knows.
        public let fixedIn: String?
        /// False where nobody could compare the version with the question.
        public let isCertain: Bool

        package init(
            name: String,
            version: String,
            fixedIn: String?,
            isCertain: Bool
        ) {
            self.name = name
            self.version = version
            self.fixedIn = fixedIn
            self.isCertain = isCertain
        }
    }

    /// When an organisation pulled something.
    public struct Pulls: Sendable, Hashable {
        /// First pull on record.
        public var first: Timestamp
        /// Last pull on record.
        public var last: Timestamp
        /// Pulls on record.
        public var count: Int64

        package init(
            first: Timestamp,
            last: Timestamp,
            count: Int64
        ) {
            self.first = first
            self.last = last
            self.count = count
        }
    }

    /// An image of the organisation's.
    public struct Image: Sendable, Hashable {
        /// Where it is.
        public let repository: String
        /// What it is.
        public let digest: String
        /// Some of its tags.
        public let tags: [String]
        /// Some of the components that make it affected.
        public let components: [Component]
        /// Since when the node knows that it is affected.
        public let since: Timestamp
        /// When this organisation pulled it; nil where it publishes it.
        public private(set) var pulls: Pulls?

        package init(
            repository: String,
            digest: String,
            tags: [String],
            components: [Component],
            since: Timestamp,
            pulls: Pulls? = nil
        ) {
            self.repository = repository
            self.digest = digest
            self.tags = tags
            self.components = components
            self.since = since
            self.pulls = pulls
        }

        /// The same image, for who pulled it.
        func pulled(_ pulls: Pulls) -> Image {
            var image = self
            image.pulls = pulls
            return image
        }
    }

    /// A product that the organisation operates.
    public struct Product: Sendable, Hashable {
        /// What it is.
        public let name: String
        /// Its version.
        public let version: String
        /// Who supplies it.
        public let supplier: String
        /// Some of the components that make it affected.
        public let components: [Component]
        /// Since when the node knows that it is affected.
        public let since: Timestamp

        package init(
            name: String,
            version: String,
            supplier: String,
            components: [Component],
            since: Timestamp
        ) {
            self.name = name
            self.version = version
            self.supplier = supplier
            self.components = components
            self.since = since
        }
    }

    /// Products that the organisation operates.
    public package(set) var products = BoundedList<Product>(limit: maximumProducts, bytes: maximumProductBytes)
    /// Images in the organisation's namespaces.
    public package(set) var published = BoundedList<Image>(limit: maximumImages, bytes: maximumBytes)
    /// Images that the organisation pulled.
    public package(set) var pulled = BoundedList<Image>(limit: maximumImages, bytes: maximumBytes)
    /// Titles of affected organisations for which it operates.
    public package(set) var operatesFor = BoundedList<String>(limit: maximumNames, bytes: 8 << 10)
    /// Titles of affected organisations that operate for it.
    public package(set) var operatedBy = BoundedList<String>(limit: maximumNames, bytes: 8 << 10)

    /// None yet.
    package init() {}
}

/// A list that keeps its beginning and counts all.
public struct BoundedList<Element: Sendable & Hashable & JSONRepresented>: Sendable, Hashable {
    private let limit: Int
    private let bytes: Int
    private var used = 0
    /// What was kept.
    public private(set) var kept: [Element] = []
    /// How many there were.
    public private(set) var count: Int64 = 0

    init(limit: Int, bytes: Int) { (self.limit, self.bytes) = (limit, bytes) }

    /// How many were not kept.
    public var beyond: Int64 { count - Int64(kept.count) }

    package mutating func append(_ element: Element) {
        count += 1
        // Once one was left out, all are: what is kept is a beginning, not a choice by size.
        guard beyond == 1, kept.count < limit else { return }
        let size = element.representation.bytes().count + 1
        guard used + size <= bytes else { return }
        used += size
        kept.append(element)
    }

    package var json: JSONValue { ["count": .integer(count), "items": .array(kept.map(\.representation))] }

    init(_ json: JSONFields, limit: Int, bytes: Int, _ read: (JSONValue) throws -> Element) throws {
        (self.limit, self.bytes) = (limit, bytes)
        kept = try json.array("items").map(read)
        count = try json.integer("count")
    }
}

/// What can stand in a list of evidence.
public protocol JSONRepresented {
    /// The value.
    var representation: JSONValue { get }
}

extension String: JSONRepresented {
    /// The text itself.
    public var representation: JSONValue { .string(self) }
}

extension NoticeEvidence.Image: JSONRepresented {
    /// The image as an object; absent values are null.
    public var representation: JSONValue {
        [
            "repository": .string(repository), "digest": .string(digest), "tags": .strings(tags),
            "since": .string(since.rfc3339), "components": .array(components.map(\.json)),
            "pulls": pulls.map { pulls in
                [
                    "first": .string(pulls.first.rfc3339), "last": .string(pulls.last.rfc3339),
                    "count": .integer(pulls.count),
                ]
            } ?? .null,
        ]
    }

    package init(json: JSONFields) throws {
        self.init(
            repository: try json.string("repository"),
            digest: try json.string("digest"),
            tags: try json.strings("tags"),
            components: try json.objects("components").map { try NoticeEvidence.Component(json: $0) },
            since: try time(json, "since"),
            pulls: try json.optionalObject("pulls").map { fields in
                NoticeEvidence.Pulls(
                    first: try time(fields, "first"),
                    last: try time(fields, "last"),
                    count: try fields.integer("count")
                )
            }
        )
    }
}

/// The instant of a member.
private func time(_ fields: JSONFields, _ key: String) throws -> Timestamp {
    guard let time = Timestamp(rfc3339: try fields.string(key)) else { throw DamagedNotice(what: "time") }
    return time
}

extension NoticeEvidence.Component {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "version": .string(version), "fixedIn": .optional(fixedIn),
            "certain": .bool(isCertain),
        ]
    }

    fileprivate init(json: JSONFields) throws {
        self.init(
            name: try json.string("name"),
            version: try json.string("version"),
            fixedIn: try json.optionalString("fixedIn"),
            isCertain: try json.bool("certain")
        )
    }
}

extension NoticeEvidence.Product: JSONRepresented {
    /// The product as an object; absent values are null.
    public var representation: JSONValue {
        [
            "name": .string(name), "version": .string(version), "supplier": .string(supplier),
            "since": .string(since.rfc3339), "components": .array(components.map(\.json)),
        ]
    }

    package init(json: JSONFields) throws {
        self.init(
            name: try json.string("name"),
            version: try json.string("version"),
            supplier: try json.string("supplier"),
            components: try json.objects("components").map { try NoticeEvidence.Component(json: $0) },
            since: try time(json, "since")
        )
    }
}

extension NoticeEvidence {
    /// The evidence as an object.
    public var json: JSONValue {
        [
            "products": products.json, "published": published.json, "pulled": pulled.json,
            "operatesFor": operatesFor.json,
            "operatedBy": operatedBy.json,
        ]
    }

    package init(json: JSONFields) throws {
        func name(_ value: JSONValue) throws -> String {
            guard let text = value.stringValue else { throw DamagedNotice(what: "name in the evidence") }
            return text
        }
        func image(_ value: JSONValue) throws -> Image { try Image(json: JSONFields(value)) }
        // Notices that were sent before there were products have none.
        if let list = try json.optionalObject("products") {
            products = try BoundedList(list, limit: Self.maximumProducts, bytes: Self.maximumProductBytes) {
                try Product(json: JSONFields($0))
            }
        }
        published = try BoundedList(
            json.object("published"),
            limit: Self.maximumImages,
            bytes: Self.maximumBytes,
            image
        )
        pulled = try BoundedList(json.object("pulled"), limit: Self.maximumImages, bytes: Self.maximumBytes, image)
        operatesFor = try BoundedList(json.object("operatesFor"), limit: Self.maximumNames, bytes: 8 << 10, name)
        operatedBy = try BoundedList(json.object("operatedBy"), limit: Self.maximumNames, bytes: 8 << 10, name)
    }
}
