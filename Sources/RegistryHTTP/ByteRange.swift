// SPDX-License-Identifier: EUPL-1.2

/// What a `Range` header asks of a blob of known size.
///
/// Several ranges, other units and malformed values are answered with the whole, as RFC 9110, section 14.2, allows: a client cannot make
/// the server multiply its work by listing ranges.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int64>)
    case unsatisfiable

    init(header: String?, size: Int64) {
        self = .whole
        guard let header, header.utf8.count <= 128, header.lowercased().hasPrefix("bytes=") else { return }
        let text = header.dropFirst(6)
        let bounds = text.split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, !text.contains(",") else { return }
        let (first, last) = (bounds[0], bounds[1])
        if first.isEmpty {
            guard let suffix = Self.number(last) else { return }
            self = suffix == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - suffix)..<size)
            return
        }
        guard let start = Self.number(first) else { return }
        var end = Int64.max
        if !last.isEmpty {
            guard let given = Self.number(last) else { return }
            // Backwards: nothing can be given of it.
            guard given >= start else {
                self = .unsatisfiable
                return
            }
            end = given
        }
        self = start >= size ? .unsatisfiable : .part(start..<(min(end, size - 1) + 1))
    }

    /// Reads `start-end` of an upload's `Content-Range`, both inclusive; a leading `bytes ` or `bytes=` and a trailing `/total` of lenient
    /// clients are let pass.
    static func chunk(_ header: String) -> Range<Int64>? {
        var text = header[...]
        if text.hasPrefix("bytes ") || text.hasPrefix("bytes=") { text = text.dropFirst(6) }
        if let slash = text.firstIndex(of: "/") { text = text[..<slash] }
        let bounds = text.split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = number(bounds[0]), let last = number(bounds[1]), last >= first, last < .max
        else { return nil }
        return first..<(last + 1)
    }

    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.count <= 18, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            return nil
        }
        return Int64(text)
    }
}
