// SPDX-License-Identifier: EUPL-1.2

/// A field that narrows a list down.
struct Facet: Sendable {
    struct Option: Sendable {
        let value: String
        let title: String
        let isChosen: Bool
    }

    let name: String
    let title: String
    let any: String
    let options: [Option]

    init(name: String, title: String, any: String, options: [Option]) {
        self.name = name
        self.title = title
        self.any = any
        self.options = options
    }

    /// A field of what the rows of a table have, each value with how many have it; nil where there is nothing to choose.
    ///
    /// - Parameters:
    ///   - values: names and what people call them, in the order in which they are offered.
    ///   - counts: rows by name; what none has is offered only when it was chosen.
    init?(
        _ name: String,
        _ title: TextKey,
        _ values: [(name: String, title: String)],
        counts: [String: Int],
        chosen: String?,
        _ texts: Texts,
        _ language: Language
    ) {
        let offered = values.filter { counts[$0.name, default: 0] > 0 || $0.name == chosen }
        guard !offered.isEmpty else { return nil }
        self.init(
            name: name,
            title: texts.text(title, language),
            any: texts.text(.anyValue, language),
            options: offered.map { value in
                Option(
                    value: value.name,
                    title: value.title + " (\(language.number(counts[value.name, default: 0])))",
                    isChosen: value.name == chosen
                )
            }
        )
    }
}

/// The form above a long table of an image: a search, and fields that narrow it down.
struct FilterForm: Sendable {
    /// Where it goes.
    let action: String
    /// The image that the table is of.
    let image: String
    let label: String
    let searched: String
    let facets: [Facet]
}

/// Which rows of a long table stand on a page, and where the others are.
struct TablePart: Sendable {
    /// Rows of one page.
    static let length = 50

    let isEmpty: Bool
    /// "51 to 100 of 280".
    let text: String
    let previous: String?
    let next: String?

    /// Cuts one page out of rows.
    ///
    /// - Parameters:
    ///   - page: counted from one; one that does not exist is the nearest one that does.
    ///   - address: where a page is.
    static func cut<Row>(
        _ rows: [Row],
        page: Int,
        address: (Int) -> String,
        _ texts: Texts,
        _ language: Language
    ) -> (rows: ArraySlice<Row>, part: TablePart) {
        let last = max(1, (rows.count + length - 1) / length)
        let page = min(max(page, 1), last)
        let shown = rows.dropFirst((page - 1) * length).prefix(length)
        let part = TablePart(
            isEmpty: rows.isEmpty,
            text: texts.text(
                .tablePart,
                language,
                [
                    "first": language.number(shown.startIndex + 1), "last": language.number(shown.endIndex),
                    "count": language.number(rows.count),
                ]
            ),
            previous: page > 1 ? address(page - 1) : nil,
            next: page < last ? address(page + 1) : nil
        )
        return (shown, part)
    }
}
