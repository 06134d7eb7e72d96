// SPDX-License-Identifier: EUPL-1.2

/// The part of `Link` that leads to the next page.
///
/// Source: RFC 8288, 3.
package enum LinkHeader {
    /// The target with the relation `next`; nil when there is none, or none that can be read.
    package static func next(in values: [String]) -> String? {
        for value in values {
            var rest = Substring(value.prefix(8192))
            while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
                let target = rest[rest.index(after: open)..<close]
                rest = rest[rest.index(after: close)...]
                let parameters = rest.prefix { $0 != "<" }
                for parameter in parameters.split(separator: ";") {
                    let text = parameter.filter { $0 != " " && $0 != "\t" && $0 != "\"" && $0 != "," }.lowercased()
                    if text == "rel=next" { return String(target) }
                }
            }
        }
        return nil
    }
}
