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
            let value = line[line.index(after: colon)...].drop(while: { $0 == " " || $0 == "\t" })
            found = Timestamp(httpDate: String(value))
        }
        return found
    }
}
