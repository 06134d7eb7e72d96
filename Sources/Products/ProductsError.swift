// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// Why something about products cannot be done; each text is for the one who asked.
public enum ProductsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was given cannot be; the text says what could.
    case invalid(String)
    /// The bill was refused whole, with the place where it is wrong; nothing of it was stored.
    case bill(LocalizedText)
    /// There is no such thing, or whoever asks may not know of it.
    case unknown(String)
    /// It cannot be done in the state that things are in.
    case conflict(String)

    /// The reason in words.
    public var description: String {
        switch self {
        case .invalid(let text), .unknown(let text), .conflict(let text): text
        case .bill(let text): "the SBOM was not taken: \(text.en)"
        }
    }
}

/// A row holds what this program never writes.
struct DamagedProducts: Error, CustomStringConvertible {
    let what: String
    var description: String {
        "a row of the products holds an unknown \(what); was the database written by a later version, or damaged?"
    }
}
