// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// An authority, its provider of information technology or a supplier; owns namespaces.
public struct Organisation: Sendable, Hashable {
    /// What an organisation is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case federal, state, municipal, criticalInfrastructure, supplier
    }

    /// Row; 0 before it is stored.
    public let id: Int64
    /// Name in addresses: `stadt-beispiel`.
    public let name: String
    /// Name for people.
    public let title: String
    /// What it is.
    public let kind: Kind
    /// Official key (AGS, ARS) where it has one.
    public let officialKey: String?
    /// Function address that hears about incidents.
    public let securityContact: String?
    /// Function address for when nobody answers there.
    public let deputyContact: String?

    /// Makes one; it is checked where it is stored.
    public init(
        id: Int64 = 0,
        name: String,
        title: String,
        kind: Kind,
        officialKey: String? = nil,
        securityContact: String? = nil,
        deputyContact: String? = nil
    ) {
        self.id = id
        self.name = name
        self.title = title
        self.kind = kind
        self.officialKey = officialKey
        self.securityContact = securityContact
        self.deputyContact = deputyContact
    }

    /// As an object.
    public var json: JSONValue {
        [
            "name": .string(name), "title": .string(title), "kind": .string(kind.rawValue),
            "officialKey": .optional(officialKey), "securityContact": .optional(securityContact),
            "deputyContact": .optional(deputyContact),
        ]
    }

    /// Refuses what cannot be.
    func check() throws(AccountsError) {
        guard AccountName.isValid(name) else {
            throw .invalid(
                "\"\(name.excerpt(80))\" is no name of an organisation: 2 to 64 of a-z, 0-9, '.', '_' and '-'"
            )
        }
        guard (1...200).contains(title.count), title.allSatisfy(Self.isPrintable) else {
            throw .invalid("the title of an organisation has 1 to 200 characters on one line")
        }
        if let officialKey {
            // AGS: 2 digits of a state to 8 of a municipality; ARS: 12.
            guard (2...12).contains(officialKey.utf8.count), officialKey.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { throw .invalid("\"\(officialKey.excerpt(40))\" is no official key: 2 to 12 digits (AGS or ARS)") }
        }
        for contact in [securityContact, deputyContact].compactMap({ $0 }) {
            let parts = contact.split(separator: "@", omittingEmptySubsequences: false)
            guard contact.utf8.count <= 254, parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
                contact.allSatisfy({ Self.isPrintable($0) && $0 != " " && $0 != "<" && $0 != ">" && $0 != "," })
            else { throw .invalid("\"\(contact.excerpt(80))\" is no mail address, such as security@authority.example") }
        }
    }

    private static func isPrintable(_ character: Character) -> Bool {
        character.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && $0.value != 0x7F && $0.properties.generalCategory != .format
        }
    }
}
