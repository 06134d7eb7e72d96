// SPDX-License-Identifier: EUPL-1.2

package import NIOHTTP1

/// A request that is to be sent.
package struct Outgoing: Sendable {
    /// What a request carries.
    package enum Body: Sendable {
        /// Nothing.
        case none
        /// Bytes whose number is announced.
        case bytes([UInt8])
        /// The same, but so slowly that an answer is seen which comes before the end.
        case atLeisure([UInt8])
        /// Pieces with `Transfer-Encoding: chunked`; their number is not announced.
        case pieces([[UInt8]])
    }

    package var method: HTTPMethod
    /// Absolute.
    package var url: String
    package var headers: HTTPHeaders = [:]
    package var body = Body.none
    /// For which repositories a token must be good; requests with the same text share one.
    package var scope = ""
    /// Never with credentials.
    package var isAnonymous = false

    /// Makes a request.
    package init(
        method: HTTPMethod,
        url: String,
        headers: HTTPHeaders = [:],
        body: Body = .none,
        scope: String = "",
        isAnonymous: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.scope = scope
        self.isAnonymous = isAnonymous
    }

    /// In words, without a secret.
    package var words: String {
        var path = url
        if let scheme = url.firstRange(of: "://"), let slash = url[scheme.upperBound...].firstIndex(of: "/") {
            path = String(url[slash...])
        }
        var notes: [String] = []
        for name in ["Content-Type", "Content-Range", "Range", "Accept"] {
            if let value = headers.first(name: name), !(name == "Content-Type" && value == "application/octet-stream") {
                notes.append("\(name): \(value)")
            }
        }
        switch body {
        case .none: break
        case .bytes(let bytes), .atLeisure(let bytes): notes.append("\(bytes.count) bytes")
        case .pieces(let pieces):
            notes.append("\(pieces.reduce(0) { $0 + $1.count }) bytes with Transfer-Encoding: chunked")
        }
        if isAnonymous { notes.append("without credentials") }
        return "\(method.rawValue) \(path.printable(800))"
            + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
    }
}
