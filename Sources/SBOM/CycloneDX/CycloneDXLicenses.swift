// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// The `licenses` member: one expression where all licences are SPDX, else a list of names.
enum CycloneDXLicenses {
    /// The member's value; nil where nothing is known.
    ///
    /// Several licences of one package all apply, to different files of it. `acknowledgement` is `declared`: that is what the
    /// package says, and nobody has concluded anything from it.
    static func json(_ licenses: [String]) -> JSONValue? {
        let texts = licenses.filter { text in !text.utf8.allSatisfy { $0 == 0x20 } }
        guard !texts.isEmpty else { return nil }
        var joined: SPDXExpression?
        for text in texts {
            guard let expression = try? SPDXExpression(parsing: text) else { return names(texts) }
            joined = joined.map { .and($0, expression) } ?? expression
        }
        return joined.map { [["expression": .string($0.description), "acknowledgement": "declared"]] }
    }

    private static func names(_ texts: [String]) -> JSONValue {
        // A schema that says "unique items" refuses two of the same.
        var seen = Set<String>()
        let unique = texts.map { CycloneDX.bounded($0, 1024) }.filter { seen.insert($0).inserted }
        return .array(
            unique.map { text in
                // `id` must be in the list of the schema's own day; a name may be anything.
                ["license": ["name": .string(text), "acknowledgement": "declared"]]
            }
        )
    }
}
