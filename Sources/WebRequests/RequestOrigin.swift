// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
public import Hummingbird

/// Which site's page made a browser send a request.
public enum RequestOrigin {
    /// Whether a page of another site did.
    ///
    /// Browsers say so by `Sec-Fetch-Site`, on HTTPS and localhost only, and by `Origin` with everything but GET and HEAD. Programs say
    /// neither, and nobody lends them a sign-in.
    ///
    /// - Parameter publicOrigin: scheme, host and port under which browsers reach the node, where a proxy stands before it.
    public static func isForeign(_ request: Request, publicOrigin: String? = nil) -> Bool {
        let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] } ?? "none"
        guard site == "same-origin" || site == "none" else { return true }
        guard let origin = request.headers[.origin] else { return false }
        let own = request.head.authority ?? ""
        return origin != "https://" + own && origin != "http://" + own && origin != publicOrigin
    }
}
