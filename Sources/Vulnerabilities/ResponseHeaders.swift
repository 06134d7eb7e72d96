// SPDX-License-Identifier: EUPL-1.2

import Time

/// The response headers that `curl -D FILE.headers` leaves beside a download.
///
/// A file's own modification time is no witness: copying sets it to now, so a year-old feed would look fresh. What the
/// publisher sent is one.
enum ResponseHeaders {
    /// The date in `Last-Modified`; nil when there is none or it is not an HTTP date.
    ///
    /// After a redirect `curl -D` writes several responses; the last one is that of the file.
    static func lastModified(in text: String) -> Timestamp? {
        var found: Timestamp?
        for line in text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }) {
            if line.hasPrefix("HTTP/") { found = nil }
            guard let colon = line.firstIndex(of: ":") else { continue }
            guard line[..<colon].lowercased() == "last-modified" else { continue }
            found = timestamp(
                httpDate: String(line[line.index(after: colon)...].drop(while: { $0 == " " || $0 == "\t" }))
            )
        }
        return found
    }

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that servers may write (RFC 9110, 5.6.7).
    static func timestamp(httpDate text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", parts[0].hasSuffix(",") else { return nil }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard let month = months.firstIndex(of: String(parts[2])), parts[1].utf8.count == 2 else { return nil }
        let number = month + 1
        return Timestamp(rfc3339: "\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
    }
}
