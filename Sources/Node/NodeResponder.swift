// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import Portal
import RegistryHTTP

/// The node's front door: sends each request to the room that owns its path, and says about every answer what holds for all.
struct NodeResponder: HTTPResponder {
    typealias Context = RegistryRequestContext

    let registry: RegistryResponder
    let tokens: TokenResponder
    /// API and portal.
    let pages: any HTTPResponder<PageContext>
    let status: NodeStatus
    let metrics: NodeMetrics
    /// Nil sets no bound.
    let rate: RequestRate?
    let logger: Logger
    /// Host and port of the registry, at a listener that is not for it.
    var registryIsAt: String?

    /// The same for the portal's own listener.
    func withoutRegistry(at authority: String) -> NodeResponder {
        var responder = self
        responder.registryIsAt = authority
        return responder
    }

    func respond(to request: Request, context: RegistryRequestContext) async -> Response {
        let target = request.head.path ?? "/"
        let start = ContinuousClock.now
        metrics.begin()
        let area: NodeMetrics.Area
        var response: Response
        if let answer = await status.respond(to: request) {
            // Who watches over the node is answered whatever else goes on.
            area = .node
            response = answer
        } else if let seconds = rate?.refuse(context.channel.remoteAddress) {
            area = RegistryResponder.owns(target) ? .registry : target.hasPrefix("/api/") ? .api : .portal
            response = Self.tooMany(request, area, seconds)
        } else if let registryIsAt, RegistryResponder.owns(target) || TokenResponder.owns(target) {
            area = .registry
            response = Self.elsewhere(request, registryIsAt)
        } else if RegistryResponder.owns(target) {
            area = .registry
            response = await registry.respond(to: request, context: context)
        } else if TokenResponder.owns(target) {
            area = .registry
            response = await tokens.respond(to: request, context: context)
        } else {
            area = target.hasPrefix("/api/") ? .api : .portal
            response = await page(request, context)
        }
        secure(&response, area)
        let took = ContinuousClock.now - start
        metrics.end(area, status: response.status.code, took: took)
        logger.info(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)", "path": "\(Self.printable(target))",
                "status": "\(response.status.code)",
                "ms": "\(took.components.seconds * 1000 + took.components.attoseconds / 1_000_000_000_000_000)",
            ]
        )
        return response
    }

    private func page(_ request: Request, _ context: RegistryRequestContext) async -> Response {
        // Pages take small bodies only; whoever announces one may send it.
        if request.headers[.expect]?.lowercased() == "100-continue" {
            try? await context.channel.triggerUserOutboundEvent(ContinueRequest()).get()
        }
        var response: Response
        do {
            response = try await pages.respond(to: request, context: PageContext(source: context.source))
        } catch let error as any HTTPResponseError {
            response = Response(
                status: error.status,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: Self.text(of: error.status)))
            )
        } catch {
            logger.error("page failed: \(error)")
            response = Response(
                status: .internalServerError,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: Self.text(of: .internalServerError)))
            )
        }
        if request.method == .head, response.body.contentLength != 0 {
            let length = response.headers[.contentLength]
            response = Response(status: response.status, headers: response.headers)
            response.headers[.contentLength] = length
        }
        return response
    }

    /// The answer to an address that asks too much, in the form of the room that it asked.
    private static func tooMany(_ request: Request, _ area: NodeMetrics.Area, _ seconds: Int) -> Response {
        let text = "too many requests from this address; try again in \(seconds) seconds"
        let (type, body): (String, [UInt8]) =
            switch area {
            case .registry:
                ("application/json", registryErrors("TOOMANYREQUESTS", text))
            case .api:
                (
                    "application/problem+json",
                    JSONValue.object([
                        "type": "urn:kontor:problem:too-many-requests", "title": "This address asks too much",
                        "status": 429, "detail": .string(text),
                    ]).bytes()
                )
            default: ("text/plain; charset=utf-8", Array("429: \(text)\n".utf8))
            }
        var headers: HTTPFields = [
            .contentType: type, .contentLength: String(body.count), .retryAfter: String(seconds),
            .cacheControl: "no-store",
        ]
        // What the request still sends is not read.
        if announcesBody(request) { headers[.connection] = "close" }
        return Response(
            status: .tooManyRequests,
            headers: headers,
            body: request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    /// The answer to a registry's client at the portal's listener.
    private static func elsewhere(_ request: Request, _ authority: String) -> Response {
        let body = registryErrors("UNSUPPORTED", "this address is the portal's; the registry is at \(authority)")
        var headers: HTTPFields = [.contentType: "application/json", .contentLength: String(body.count)]
        if announcesBody(request) { headers[.connection] = "close" }
        return Response(
            status: .notFound,
            headers: headers,
            body: request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    private static func registryErrors(_ code: JSONValue, _ text: String) -> [UInt8] {
        JSONValue.object(["errors": [["code": code, "message": .string(text)]]]).bytes()
    }

    private static func announcesBody(_ request: Request) -> Bool {
        request.headers[.contentLength].map { $0 != "0" } ?? request.headers.contains(.transferEncoding)
    }

    private static func text(of status: HTTPResponse.Status) -> String {
        status == .notFound
            ? "404: there is nothing at this address; the list of repositories is at /\n"
            : "\(status.code) \(status.reasonPhrase)\n"
    }

    /// Headers that hold for every answer of the node; a room may have said something stricter or more fitting before.
    private func secure(_ response: inout Response, _ area: NodeMetrics.Area) {
        response.headers[.xContentTypeOptions] = "nosniff"
        Self.set(&response, "Referrer-Policy", "same-origin")
        Self.set(&response, "X-Frame-Options", "DENY")
        // Blobs and manifests are strangers' bytes: should a browser ever open one, it may do nothing.
        let policy =
            area == .registry
            ? "default-src 'none'; frame-ancestors 'none'; sandbox"
            : "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
                + "base-uri 'none'; frame-ancestors 'none'"
        Self.set(&response, "Content-Security-Policy", policy)
    }

    private static func set(_ response: inout Response, _ name: String, _ value: String) {
        guard let name = HTTPField.Name(name), !response.headers.contains(name) else { return }
        response.headers[name] = value
    }

    /// A request target without its query (which may hold what nobody should log), fit for one line.
    private static func printable(_ target: String) -> String {
        var path = target.prefix { $0 != "?" }
        // The rest of this address is a proof.
        if path.hasPrefix(PortalRoutes.answerPrefix) { path = path.prefix(PortalRoutes.answerPrefix.count) + "…" }
        return String(path.unicodeScalars.prefix(300).map { $0.value >= 0x20 && $0.value < 0x7f ? Character($0) : "?" })
    }
}
