// SPDX-License-Identifier: EUPL-1.2

import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1
import NIOSSL
public import ProjectCriteria
import SBOM
public import Time

/// Asks a GitLab about a project, with a token of the scope `read_api`.
///
/// Follows no redirect: the token goes to the forge that was named and nowhere else. What the token may not see is unknown, with the reason.
///
/// Source: GitLab documentation, "REST API": projects, protected branches, members, merge requests, merge request approvals, issues, notes.
public final class GitLabClient: Sendable {
    /// Most entries of one list.
    let listLimit: Int
    private static let bodyLimit = 16 << 20
    private static let pageSize = 100

    private let base: String
    private let token: String
    private let client: HTTPClient

    /// A client; ``close()`` must be called.
    ///
    /// - Parameters:
    ///   - url: address of the forge, `https://gitlab.example.org`; plain HTTP only to this machine.
    ///   - token: an access token.
    ///   - authorityFile: PEM file of certificates that are trusted instead of the system's.
    ///   - address: an IP address to use for the host, where somebody has looked it up and judged it before.
    ///   - listLimit: most merge requests and issues that are looked at, each.
    public init(
        url: String,
        token: String,
        authorityFile: String? = nil,
        address: String? = nil,
        listLimit: Int = 500
    ) throws(ForgeError) {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        let isHere = url.wholeMatch(of: /http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?/) != nil
        guard isHere || url.wholeMatch(of: /https:\/\/[A-Za-z0-9.\-]+(:[0-9]{1,5})?(\/[A-Za-z0-9._\-]+)*/) != nil else {
            throw .setting("the forge's address is none; write https://gitlab.example.org")
        }
        guard !token.isEmpty, token.utf8.count <= 4096, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .setting("the token is empty or has characters that no token has")
        }
        base = url
        self.token = token
        self.listLimit = listLimit
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(10), read: .seconds(30))
        if let address {
            let host = url.drop { $0 != ":" }.dropFirst(3).prefix { $0 != ":" && $0 != "/" }
            configuration.dnsOverride = [String(host): address]
        }
        if let authorityFile {
            do {
                var tls = TLSConfiguration.makeClientConfiguration()
                let trusted = try NIOSSLCertificate.fromPEMFile(authorityFile)
                tls.trustRoots = .certificates(trusted)
                configuration.tlsConfiguration = tls
            } catch { throw .setting("\(authorityFile): \(error)") }
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends all connections.
    public func close() async { try? await client.shutdown() }

    /// What the forge says about a project.
    ///
    /// - Parameters:
    ///   - path: `group/project`.
    ///   - now: requests of six months and issues of three before it are looked at.
    /// - Throws: ``ForgeError`` when the project itself cannot be seen.
    public func project(_ path: String, now: Timestamp) async throws(ForgeError) -> ProjectForge {
        let id = Self.encoded(path)
        let project = try await object("/projects/\(id)", what: "project \(path)")
        let branch: String
        let isArchived: Bool
        let requiresPipeline: Bool?
        let hasIssues: Bool
        do {
            branch = try project.optionalString("default_branch") ?? "main"
            isArchived = try project.optionalBool("archived") ?? false
            requiresPipeline = try project.optionalBool("only_allow_merge_if_pipeline_succeeds")
            hasIssues = try project.optionalString("issues_access_level") != "disabled"
        } catch {
            throw .unreadable(what: "project \(path)", reason: "\(error)")
        }
        return ProjectForge(
            name: "GitLab at \(base)",
            isArchived: isArchived,
            requiresPipeline: requiresPipeline,
            protection: await known { () throws(ForgeError) in try await self.protection(id, branch) },
            merged: await known { () throws(ForgeError) in try await self.merged(id, branch, now) },
            issues: hasIssues ? await known { () throws(ForgeError) in try await self.issues(id, now) } : .known([])
        )
    }

    private func known<Value>(_ body: () async throws(ForgeError) -> Value) async -> Known<Value> {
        do { return .known(try await body()) } catch {
            return .unknown(error.localized)
        }
    }

    // MARK: - Requests

    func object(_ path: String, what: String) async throws(ForgeError) -> JSONFields {
        let (value, _) = try await get(path, what: what)
        do { return try JSONFields(value) } catch { throw .unreadable(what: what, reason: "\(error)") }
    }

    /// Every entry of a list, page after page.
    func list(_ path: String, query: String = "", limit: Int, what: String) async throws(ForgeError) -> [JSONFields] {
        var entries: [JSONFields] = []
        var page = "1"
        for _ in 0...(limit / Self.pageSize + 1) {
            let (value, next) = try await get("\(path)?per_page=\(Self.pageSize)&page=\(page)\(query)", what: what)
            guard let items = value.arrayValue else { throw .unreadable(what: what, reason: "it is no list") }
            for item in items {
                guard entries.count < limit else { throw .limit(what: what, limit: limit) }
                do { entries.append(try JSONFields(item)) } catch {
                    throw .unreadable(what: what, reason: "\(error)")
                }
            }
            guard let next, !next.isEmpty, next.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return entries }
            page = next
        }
        throw .limit(what: what, limit: limit)
    }

    private func get(_ path: String, what: String) async throws(ForgeError) -> (value: JSONValue, next: String?) {
        var request = HTTPClientRequest(url: base + "/api/v4" + path)
        request.headers.add(name: "PRIVATE-TOKEN", value: token)
        request.headers.add(name: "Accept", value: "application/json")
        let status: Int
        let next: String?
        let bytes: [UInt8]
        do {
            let response = try await client.execute(request, timeout: .seconds(30))
            status = Int(response.status.code)
            next = response.headers.first(name: "x-next-page")
            bytes = Array(try await response.body.collect(upTo: Self.bodyLimit).readableBytesView)
        } catch {
            // Not the error itself where it could hold the request with its token.
            let text = (error as? HTTPClientError)?.shortDescription ?? "\(type(of: error))"
            throw .unreachable("\(base): no answer (\(text))")
        }
        guard status == 200 else { throw .refused(status: status, what: what) }
        do { return (try JSONValue(parsing: bytes, limits: JSONLimits(bytes: Self.bodyLimit)), next) } catch {
            throw .unreadable(what: what, reason: "\(error)")
        }
    }

    /// A path as one segment of an address.
    static func encoded(_ text: String) -> String {
        var result = ""
        let digits = Array("0123456789ABCDEF")
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return result
    }
}
