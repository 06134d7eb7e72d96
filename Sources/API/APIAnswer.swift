// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import OCI

/// An answer before it is made fit for the request's method and conditions.
struct APIAnswer {
    var status: HTTPResponse.Status = .ok
    var contentType = "application/json"
    var body: [UInt8]
    var headers: HTTPFields = [:]

    init(_ json: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        self.init(bytes: json.bytes(), contentType: "application/json", status: status, headers: headers)
    }

    init(bytes: [UInt8], contentType: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        body = bytes
        self.contentType = contentType
        self.status = status
        self.headers = headers
    }

    init(_ problem: Problem) {
        self.init(
            bytes: problem.json.bytes(),
            contentType: "application/problem+json",
            status: problem.status,
            headers: problem.headers
        )
    }

    /// The response; for HEAD without its body, and 304 when the client has it already.
    func response(to request: Request) -> Response {
        var headers = headers
        headers[.contentType] = contentType
        // Who may read depends on who asks; a shared cache must not forget that.
        headers[.vary] = headers[.vary].map { "Authorization, " + $0 } ?? "Authorization"
        headers[.xContentTypeOptions] = "nosniff"
        headers.set("Referrer-Policy", "no-referrer")
        headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'; sandbox"
        if headers[.cacheControl] == nil { headers[.cacheControl] = status == .ok ? "no-cache" : "no-store" }
        var status = status
        if status == .ok {
            let tag = "\"" + Digest.sha256(body).hex.prefix(32) + "\""
            headers[.eTag] = tag
            if Self.matches(request.headers[.ifNoneMatch], tag) { status = .notModified }
        }
        if status == .notModified { return Response(status: status, headers: headers) }
        headers[.contentLength] = String(body.count)
        return Response(
            status: status,
            headers: headers,
            body: request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    private static func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            let candidate = part.drop { $0 == " " }.prefix { $0 != " " }
            return candidate == "*" || candidate == tag || candidate == "W/" + tag
        }
    }
}

extension HTTPFields {
    /// Sets a field that the package has no name for.
    mutating func set(_ name: String, _ value: String) {
        if let name = HTTPField.Name(name) { self[name] = value }
    }
}
