// SPDX-License-Identifier: EUPL-1.2

import JSON

/// What tells one product of an organisation from another.
public struct ProductName: Sendable, Hashable {
    /// Most characters of each.
    public static let maximumLength = 200

    /// What its supplier calls it.
    public let name: String
    /// Its version, as written.
    public let version: String
    /// Who supplies it.
    public let supplier: String

    /// Makes one.
    ///
    /// - Throws: ``ProductsError/invalid(_:)`` for what does not show: lists and letters carry these words as they are.
    public init(name: String, version: String, supplier: String) throws(ProductsError) {
        self.name = try Self.checked(name, "name")
        self.version = try Self.checked(version, "version")
        self.supplier = try Self.checked(supplier, "supplier")
    }

    /// As it is in a row.
    init(stored name: String, _ version: String, _ supplier: String) {
        (self.name, self.version, self.supplier) = (name, version, supplier)
    }

    private static func checked(_ text: String, _ what: String) throws(ProductsError) -> String {
        let isPrintable = text.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
                && $0.properties.generalCategory != .lineSeparator
                && $0.properties.generalCategory != .paragraphSeparator
        }
        guard (1...maximumLength).contains(text.unicodeScalars.count), isPrintable,
            text.unicodeScalars.contains(where: { !$0.properties.isWhitespace })
        else {
            throw .invalid(
                "the \(what) of a product has 1 to \(maximumLength) characters on one line; \"\(text.excerpt(40))\" has not"
            )
        }
        return text
    }
}
