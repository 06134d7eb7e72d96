// SPDX-License-Identifier: EUPL-1.2

import Hummingbird
import JSON

/// The query of a request: what every list and rendering understands.
struct APIQuery {
    /// Most entries of one page.
    static let largestPage = 500

    private let items: [String: String]

    init(_ request: Request, allowed: Set<String>) throws(Problem) {
        var items: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            let name = String(name)
            guard allowed.contains(name) else {
                let known = allowed.sorted().joined(separator: ", ")
                throw .invalid(
                    "the parameter \"\(name.excerpt(32))\" is not known here; "
                        + (known.isEmpty ? "there are none" : "there are: \(known)")
                )
            }
            guard items.updateValue(String(value), forKey: name) == nil else {
                throw .invalid("the parameter \"\(name)\" is given twice")
            }
        }
        self.items = items
    }

    subscript(_ name: String) -> String? { items[name] }

    /// `limit`, 100 when absent.
    func limit() throws(Problem) -> Int {
        guard let text = items["limit"] else { return 100 }
        guard let limit = Int(text), (1...Self.largestPage).contains(limit) else {
            throw .invalid("limit is a number between 1 and \(Self.largestPage)")
        }
        return limit
    }

    /// Position behind `cursor`; nil when absent.
    func position(_ kind: String) throws(Problem) -> String? {
        guard let text = items["cursor"] else { return nil }
        guard let position = Cursor.decode(kind, text) else {
            throw .invalid("the cursor is not one of this list; begin again without it")
        }
        return position
    }
}
