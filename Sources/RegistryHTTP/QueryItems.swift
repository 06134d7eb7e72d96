// SPDX-License-Identifier: EUPL-1.2

import OCI

/// The query of a request target, decoded once; the first of several values counts unless all are asked for.
struct QueryItems {
    private let items: [(name: String, value: String)]

    /// Splits a request target at its first `?`.
    static func split(_ target: String) -> (path: String, query: String) {
        guard let mark = target.utf8.firstIndex(of: 0x3f) else { return (target, "") }
        return (String(target[..<mark]), String(target[target.utf8.index(after: mark)...]))
    }

    init(_ query: String) throws(RegistryFailure) {
        var items: [(String, String)] = []
        for part in query.utf8.split(separator: 0x26) {
            guard items.count < 64 else { throw .badPath("the query has more than 64 parameters") }
            let pieces = part.split(separator: 0x3d, maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(pieces[0]), let value = pieces.count > 1 ? Self.decoded(pieces[1]) : "" else {
                throw .badPath("the query has a malformed %-encoding or a control character")
            }
            items.append((name, value))
        }
        self.items = items
    }

    subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    /// '+' stays: it is a letter of media types such as application/vnd.oci.image.manifest.v1+json.
    private static func decoded(_ part: Substring.UTF8View) -> String? {
        guard let bytes = PercentEncoding.decode(part), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
