// SPDX-License-Identifier: EUPL-1.2

/// A place in an answer, in which products come after the images: one number, so that whoever asks for pages needs to know nothing of it.
enum AffectedPosition {
    /// After an image.
    case image(Int64)
    /// After a product; 0 before the first one.
    case product(Int64)

    /// Images have the numbers of their rows, products those below zero.
    init(_ number: Int64) {
        // -1 is before the first product; nothing overflows, as the least number is not negated by itself.
        self = number >= 0 ? .image(number) : .product(-(number + 1))
    }

    /// The number of a place.
    var number: Int64 {
        switch self {
        case .image(let row): row
        case .product(let row): -row - 1
        }
    }
}
