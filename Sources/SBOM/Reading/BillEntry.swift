// SPDX-License-Identifier: EUPL-1.2

/// One component of a ``BillOfMaterials``, with the fields of the document that a check of it looks at.
///
/// What SPDX 3 says about the file in which a package is delivered stands here in CycloneDX's words: as a reference of type
/// `distribution` and as properties `bsi:component:…`. So one check fits both formats.
public struct BillEntry: Sendable, Hashable {
    /// `bom-ref`, `SPDXID`, `spdxId`.
    public var reference: String?
    /// Place in the document, as a JSON pointer.
    public var pointer: String
    /// CycloneDX's `type`, or SPDX's purpose in the same words: `library`, `container`, `operating-system`.
    public var type: String?
    /// CycloneDX's `group`.
    public var group: String?
    /// Its name; empty where there is none.
    public var name: String
    /// Its version, as written.
    public var version: String?
    /// Text of its package URL, whether or not it is one.
    public var purlText: String?
    /// Its package URL, where the text is one.
    public var purl: PackageURL?
    /// Names in the Common Platform Enumeration, and SWID tags.
    public var otherIdentifiers: [String]
    /// Who made, supplies or published it.
    public var parties: [BillParty]
    /// Its licences.
    public var licenses: [BillLicense]
    /// Hashes of the component itself.
    public var hashes: [BillHash]
    /// Where something about it is to be found.
    public var references: [BillReference]
    /// Names and values.
    public var properties: [BillProperty]
    /// Files that say that it is there.
    public var occurrences: [String]
    /// True where the document says that it is not part of what is delivered: `isExternal`, scope `excluded`, a provided dependency.
    public var isOutsideDelivery: Bool
    /// Index in ``BillOfMaterials/entries`` of the component that holds it.
    public var parent: Int?
    /// The component as Kontor's own inventory would have it; nil where its package URL does not say enough.
    public var component: Component?

    init(pointer: String) {
        self.pointer = pointer
        name = ""
        otherIdentifiers = []
        parties = []
        licenses = []
        hashes = []
        references = []
        properties = []
        occurrences = []
        isOutsideDelivery = false
    }

    /// The values of a property; one name may stand several times.
    public func values(of property: String) -> [String] {
        properties.compactMap { $0.name == property ? $0.value : nil }
    }
}

/// Somebody whom a bill names.
public struct BillParty: Sendable, Hashable {
    /// In which capacity.
    public enum Role: String, Sendable, Hashable {
        /// Who made it: `manufacturer`, `originatedBy`, `createdBy`, `originator`, an SPDX 2 creator.
        case manufacturer
        /// Who delivers it.
        case supplier
        /// A person who wrote it.
        case author
        /// Who published it.
        case publisher
    }

    /// In which capacity.
    public var role: Role
    /// Its name.
    public var name: String?
    /// Its e-mail addresses, as written.
    public var emails: [String]
    /// Its URLs, as written.
    public var urls: [String]
    /// Place in the document.
    public var pointer: String
}

/// A licence that a bill names.
public struct BillLicense: Sendable, Hashable {
    /// In which form it is named.
    public enum Form: String, Sendable, Hashable {
        /// An identifier of the SPDX list.
        case id
        /// A licence expression.
        case expression
        /// A name in somebody's own words.
        case name
    }

    /// In which form it is named.
    public var form: Form
    /// The identifier, the expression or the name.
    public var text: String
    /// `declared`, `concluded` or nothing.
    public var acknowledgement: String?
    /// Place in the document.
    public var pointer: String
}

/// A hash that a bill names.
public struct BillHash: Sendable, Hashable {
    /// The algorithm in CycloneDX's words: `SHA-512`.
    public var algorithm: String
    /// The hash, as written.
    public var value: String
}

/// An external reference of a bill.
public struct BillReference: Sendable, Hashable {
    /// The type in CycloneDX's words: `distribution`, `source-distribution`, `vcs`.
    public var type: String
    /// Where; empty where the document says only the hash.
    public var url: String
    /// Hashes of what is there.
    public var hashes: [BillHash]
    /// Place in the document.
    public var pointer: String
}

/// A name and a value that a bill attaches to a component.
public struct BillProperty: Sendable, Hashable {
    /// The name: `bsi:component:filename`.
    public var name: String
    /// The value; empty where the document gives none.
    public var value: String
}

/// What one component of a bill needs or holds.
public struct BillDependency: Sendable, Hashable {
    /// Reference of the one that needs or holds.
    public var from: String
    /// References of what it needs or holds; empty where the document says that there is nothing.
    public var to: [String]
    /// Place in the document.
    public var pointer: String
}

/// How complete the lists of some components of a bill are.
public struct BillComposition: Sendable, Hashable {
    /// In CycloneDX's words: `complete`, `incomplete`, `unknown`, `not_specified`.
    public var aggregate: String
    /// References of components whose lists of parts or dependencies are meant.
    public var references: [String]
    /// Place in the document.
    public var pointer: String
}
