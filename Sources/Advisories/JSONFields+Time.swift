// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import Time

extension JSONFields {
    /// A day, `2025-11-14`, as its first instant in UTC.
    func day(_ key: String) throws(JSONShapeError) -> Timestamp {
        let text = try string(key)
        guard let result = Timestamp(date: text) else {
            throw JSONShapeError(
                path: path(of: key),
                expected: "a date such as 2025-11-14",
                found: "\"\(text.prefix(40))\""
            )
        }
        return result
    }

    /// An instant, `2026-11-22T09:14:00Z`.
    func instant(_ key: String) throws(JSONShapeError) -> Timestamp {
        let text = try string(key)
        guard let result = Timestamp(rfc3339: text) else {
            throw JSONShapeError(
                path: path(of: key),
                expected: "a time such as 2026-11-22T09:14:00Z",
                found: "\"\(text.prefix(40))\""
            )
        }
        return result
    }
}
