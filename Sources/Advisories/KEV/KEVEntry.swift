// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import Time

/// One vulnerability that is known to be exploited.
public struct KEVEntry: Sendable, Hashable {
    /// Identifier: `CVE-2021-3156`.
    public let id: String
    /// When it was added to the catalogue.
    public let dateAdded: Timestamp
    /// By when United States agencies must have acted.
    public let dueDate: Timestamp?
    /// Used in ransomware campaigns, as far as is known.
    public let ransomware: Bool
    /// The catalogue's name for it.
    public let name: String
    /// What the catalogue tells to do.
    public let requiredAction: String

    /// Makes an entry.
    public init(
        id: String,
        dateAdded: Timestamp,
        dueDate: Timestamp? = nil,
        ransomware: Bool = false,
        name: String = "",
        requiredAction: String = ""
    ) {
        self.id = id
        self.dateAdded = dateAdded
        self.dueDate = dueDate
        self.ransomware = ransomware
        self.name = name
        self.requiredAction = requiredAction
    }

    /// Reads what ``json`` writes.
    public init(json: JSONFields) throws(JSONShapeError) {
        var due: Timestamp?
        if json.has("dueDate") { due = try json.day("dueDate") }
        self.init(
            id: try json.string("id"),
            dateAdded: try json.day("dateAdded"),
            dueDate: due,
            ransomware: try json.bool("ransomware"),
            name: try json.string("name"),
            requiredAction: try json.string("requiredAction")
        )
    }

    /// The entry as an object; dates as `2025-11-14`.
    public var json: JSONValue {
        [
            "id": .string(id),
            "dateAdded": .string(dateAdded.dateText),
            "dueDate": .optional(dueDate?.dateText),
            "ransomware": .bool(ransomware),
            "name": .string(name),
            "requiredAction": .string(requiredAction),
        ]
    }
}
