// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import HTTPTypes
public import Hummingbird
public import JSON
public import Logging
import NIOCore
public import OCI
public import PullRecords
public import Registry
public import Time

/// The registry's HTTP interface, everything under `/v2`.
///
/// It is a responder of its own and no set of routes: names contain slashes and the words of the routes themselves.
///
/// Source: OCI distribution-spec v1.1.1.
public struct RegistryResponder: HTTPResponder {
    /// The context it answers in.
    public typealias Context = RegistryRequestContext

    let registry: Registry
    let accounts: Accounts
    let tokens: RegistryTokens
    let settings: RegistryHTTPSettings
    let onPull: @Sendable (RepositoryName, Digest, Puller) -> Void
    let firstPull: @Sendable (RepositoryName, Digest, Puller) async throws -> Timestamp?
    /// Takes in a signature: repository, image, the document as it came, and who sends it.
    public typealias KeepSignature = @Sendable (RepositoryName, Digest, [UInt8], Account) async throws -> Void

    /// Bytes of a document with a signature.
    private static let signatureBytes = 128 << 10

    let signatures: (@Sendable (RepositoryName, Digest) async throws -> JSONValue)?
    let keepSignature: KeepSignature?
    let logger: Logger

    /// Puts HTTP before a registry.
    ///
    /// - Parameters:
    ///   - onPull: told of each manifest that was given out, and on whose behalf.
    ///   - firstPull: when somebody first pulled something; nil when that is not known.
    ///   - signatures: what the registry itself keeps of an image's signatures; nil when it keeps none.
    ///   - keepSignature: takes in one that a publisher sends; nil where none is taken.
    public init(
        registry: Registry,
        accounts: Accounts,
        tokens: RegistryTokens,
        settings: RegistryHTTPSettings = RegistryHTTPSettings(),
        onPull: @escaping @Sendable (RepositoryName, Digest, Puller) -> Void = { _, _, _ in },
        firstPull: @escaping @Sendable (RepositoryName, Digest, Puller) async throws -> Timestamp? = { _, _, _ in nil },
        signatures: (@Sendable (RepositoryName, Digest) async throws -> JSONValue)? = nil,
        keepSignature: KeepSignature? = nil,
        logger: Logger = Logger(label: "kontor.registry")
    ) {
        self.registry = registry
        self.accounts = accounts
        self.tokens = tokens
        self.settings = settings
        self.onPull = onPull
        self.firstPull = firstPull
        self.signatures = signatures
        self.keepSignature = keepSignature
        self.logger = logger
    }

    /// Whether a request target belongs to the registry: also in its encoded and doubled-slash variants, so that none of them reaches
    /// other routes unprotected.
    public static func owns(_ target: String) -> Bool {
        let path = QueryItems.split(target).path
        return path == "/v2" || path.hasPrefix("/v2/") || path.hasPrefix("/extensions/v2/")
    }

    /// Answers one request; every refusal is an answer, nothing is thrown.
    public func respond(to request: Request, context: RegistryRequestContext) async -> Response {
        let isHead = request.method == .head
        var exchange: RegistryExchange?
        var response: Response
        do {
            let identity = try await identify(request, context)
            let (path, query) = QueryItems.split(request.head.path ?? "/")
            let route: RegistryRoute
            let items: QueryItems
            do {
                route = try RegistryRoute(path: path)
                items = try QueryItems(query)
            } catch {
                // A malformed variant of a protected path tells a stranger no more than the path itself.
                if case .nobody = identity { throw challenge() }
                throw error
            }
            let current = RegistryExchange(
                request: request,
                context: context,
                route: route,
                query: items,
                identity: identity,
                settings: settings
            )
            exchange = current
            response = try await answer(current)
        } catch {
            response = failure(of: error, exchange?.route.repository, context).response(isHead: isHead)
        }
        if RegistryExchange.isWorthCutting(request, bodyWasRead: exchange?.bodyWasRead ?? false, settings: settings) {
            response.headers[.connection] = "close"
        }
        response.headers[.dockerDistributionAPIVersion] = "registry/2.0"
        // Clients look at whichever answer to /v2/ they get first, and that is the challenge.
        if signatures != nil, QueryItems.split(request.head.path ?? "/").path == "/v2/" {
            response.headers[.registrySupportsSignatures] = "1"
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    private func answer(_ exchange: RegistryExchange) async throws -> Response {
        exchange.admit(try await authorise(exchange))
        let source = try namespace(of: exchange)
        var response = try await serve(exchange)
        if let source { response.headers[.ociNamespace] = source }
        for warning in Self.warnings(on: exchange.access) {
            response.headers.append(HTTPField(name: .warning, value: warning))
        }
        return response
    }

    /// What somebody should know who got what they asked for.
    ///
    /// Source: OCI distribution-spec, "Warnings": code 299, agent `-`, no date; clients show them to whoever looks on.
    static func warnings(on access: RepositoryAccess) -> [String] {
        var texts: [String] = []
        if let end = access.tokenEnds {
            let name = access.account.map { " of \($0.name)" } ?? ""
            texts.append("the token\(name) ends at \(end.rfc3339); make a new one before")
        }
        if let freeze = access.namespace?.freeze, let name = access.namespace?.name {
            texts.append("namespace \(name) is frozen; what came at or after \(freeze.since.rfc3339) is not served")
        }
        return texts.map(warning)
    }

    /// A text as the value of the header field that clients show.
    static func warning(_ text: String) -> String { "299 - \"\(quotable(text))\"" }

    /// The registry that a pull through a mirror is meant for; nil when none is named.
    private func namespace(of exchange: RegistryExchange) throws -> String? {
        guard let source = exchange.query["ns"], exchange.route.repository != nil,
            exchange.request.method == .get || exchange.request.method == .head
        else { return nil }
        guard settings.standsFor(source) else {
            throw RegistryFailure(
                .notFound,
                .nameUnknown,
                "this registry does not stand in for \"\(source.excerpt(80))\"; ask that registry itself, or the operator for --stands-in-for"
            )
        }
        return source
    }

    private func serve(_ exchange: RegistryExchange) async throws -> Response {
        let method = exchange.request.method
        switch (exchange.route, method) {
        case (.base, .get), (.base, .head):
            return Response(
                status: .ok,
                headers: [.contentType: "application/json", .contentLength: "2"],
                body: method == .head ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(string: "{}"))
            )
        case (.catalog, .get): return try await catalog(exchange)
        case (.tags(let name), .get): return try await tags(exchange, name)
        case (.referrers(let name, let digest), .get): return try await referrers(exchange, name, digest)
        case (.signatures(let name, let digest), .get): return try await signatures(name, digest)
        case (.signatures(let name, let digest), .put): return try await putSignature(exchange, name, digest)
        case (.blob(let name, let digest), .get), (.blob(let name, let digest), .head):
            return try await blob(exchange, name, digest)
        case (.manifest(let name, let reference), .get), (.manifest(let name, let reference), .head):
            return try await manifest(exchange, name, reference)
        case (.manifest(let name, let reference), .put): return try await putManifest(exchange, name, reference)
        case (.manifest(let name, let reference), .delete): return try await deleteManifest(exchange, name, reference)
        case (.blob(let name, let digest), .delete): return try await deleteBlob(exchange, name, digest)
        case (.uploads(let name), .post): return try await beginUpload(exchange, name)
        case (.upload(let name, let id), .get): return try await uploadStatus(exchange, name, id)
        case (.upload(let name, let id), .patch): return try await appendToUpload(exchange, name, id)
        case (.upload(let name, let id), .put): return try await finishUpload(exchange, name, id)
        case (.upload(let name, let id), .delete): return try await cancelUpload(exchange, name, id)
        default:
            throw RegistryFailure(
                .methodNotAllowed,
                .unsupported,
                "\(method.rawValue) is not possible here; \(exchange.route.methods.joined(separator: ", ")) are",
                headers: [.allow: exchange.route.methods.joined(separator: ", ")]
            )
        }
    }

    /// The signatures that the registry keeps of an image; none is an empty list, for clients take every other answer as a failure.
    private func signatures(_ name: RepositoryName, _ digest: Digest) async throws -> Response {
        guard let signatures else { throw RegistryFailure.notFound("this registry keeps no signatures by itself") }
        if let notice = try await registry.noticeOfTakedown(of: digest, in: name) {
            throw RegistryError.takenDown(notice)
        }
        let bytes = try await signatures(name, digest).bytes(.compact)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/json", .contentLength: String(bytes.count), .cacheControl: "no-cache",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// Takes in a signature that the registry itself keeps.
    private func putSignature(
        _ exchange: RegistryExchange,
        _ name: RepositoryName,
        _ digest: Digest
    ) async throws -> Response {
        guard let keepSignature else { throw RegistryFailure.notFound("this registry takes no signatures by itself") }
        guard let account = exchange.account else {
            throw RegistryFailure(.forbidden, .denied, "writing needs an account")
        }
        guard let bytes = try await exchange.collectBody(limit: Self.signatureBytes) else {
            throw RegistryError.manifestTooLarge(limit: Self.signatureBytes)
        }
        try await keepSignature(name, digest, bytes, account)
        return Response(status: .created, headers: [.contentLength: "0"])
    }

    // MARK: Failures

    func failure(of error: any Error, _ name: RepositoryName?, _ context: RegistryRequestContext)
        -> RegistryFailure
    {
        if let failure = error as? RegistryFailure { return failure }
        if case AccountsError.tooManyAttempts(let seconds)? = error as? AccountsError {
            return RegistryFailure(
                .tooManyRequests,
                .tooManyRequests,
                "too many failed sign-ins from this address; try again in \(seconds) seconds",
                headers: [.retryAfter: String(seconds)]
            )
        }
        if let error = error as? RegistryError {
            switch error {
            case .storage(let cause), .storageFull(let cause): logger.error("registry: \(cause)")
            case .policyUnknown(_, let cause):
                logger.error(
                    "refused, because the rules cannot be read: \(cause)",
                    metadata: ["repository": "\(name?.text ?? "")"]
                )
            default: break
            }
            if let name { return RegistryFailure(error, in: name) }
        }
        if error is InterruptedBody || error is CancellationError {
            // Nobody reads this answer; it is for the log of requests.
            return RegistryFailure(.badRequest, .sizeInvalid, "\(error)")
        }
        logger.error("registry request failed: \(error)")
        return RegistryFailure(
            .internalServerError,
            code: "UNKNOWN",
            "the registry failed at this request; the cause is in its log, try again or tell the operator"
        )
    }
}

extension HTTPField.Name {
    // Literals that are valid field names; checked by the tests that read each of them from an answer.
    static let dockerContentDigest = name("Docker-Content-Digest")
    static let dockerDistributionAPIVersion = name("Docker-Distribution-Api-Version")
    static let dockerUploadUUID = name("Docker-Upload-UUID")
    static let registrySupportsSignatures = name("X-Registry-Supports-Signatures")
    static let link = name("Link")
    static let ociSubject = name("OCI-Subject")
    static let ociTag = name("OCI-Tag")
    static let ociNamespace = name("OCI-Namespace")
    static let warning = name("Warning")
    static let ociFiltersApplied = name("OCI-Filters-Applied")

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is not the name of a header field") }
        return name
    }
}
