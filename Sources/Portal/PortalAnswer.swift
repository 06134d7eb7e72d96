// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
import Hummingbird
import NIOCore

/// An answer before it is made fit for the request's method.
struct PortalAnswer {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    let body: [UInt8]

    init(html: [UInt8], status: HTTPResponse.Status = .ok) {
        self.status = status
        body = html
        headers = [
            .contentType: "text/html; charset=utf-8",
            .cacheControl: "no-cache, private",
            .vary: "Accept-Language, Cookie, Authorization",
            .contentSecurityPolicy:
                "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ]
    }

    /// A page that is about somebody: no copy of it stays anywhere.
    init(privateHTML html: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(html: html, status: status)
        headers[.cacheControl] = "no-store"
    }

    /// Sends the browser to another page of this node after a form was taken.
    init(seeOther place: String) {
        self.init(privateHTML: [], status: .seeOther)
        headers[.contentType] = nil
        headers[.location] = place
    }

    /// A table for a spreadsheet, which no browser shows as a page.
    init(csv bytes: [UInt8], name: String) {
        status = .ok
        body = bytes
        headers = [
            .contentType: "text/csv; charset=utf-8", .cacheControl: "no-store",
            .contentDisposition: "attachment; filename=\"\(name)\"",
            .contentSecurityPolicy: "default-src 'none'; sandbox",
        ]
    }

    init(asset: Pages.Asset) {
        status = .ok
        body = asset.bytes
        headers = [
            .contentType: asset.contentType, .cacheControl: "public, max-age=31536000, immutable",
            .contentSecurityPolicy: "default-src 'none'; sandbox",
        ]
    }

    func response(to request: Request) -> Response {
        var headers = headers
        headers[.xContentTypeOptions] = "nosniff"
        for (name, value) in [
            ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        headers[.contentLength] = String(body.count)
        return Response(
            status: status,
            headers: headers,
            body: request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }
}
