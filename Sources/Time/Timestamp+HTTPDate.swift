// SPDX-License-Identifier: EUPL-1.2

extension Timestamp {
    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that servers may write; nil for anything else.
    ///
    /// Source: RFC 9110, 5.6.7 (IMF-fixdate).
    public init?(httpDate text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", parts[0].hasSuffix(",") else { return nil }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard let month = months.firstIndex(of: String(parts[2])), parts[1].utf8.count == 2 else { return nil }
        let number = month + 1
        self.init(rfc3339: "\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
    }
}
