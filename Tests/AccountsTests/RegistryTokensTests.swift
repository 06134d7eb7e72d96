// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Crypto
import Foundation
import JSON
import TestKit
import Testing
import Time

@Suite("Registry tokens") struct RegistryTokensTests {
    private static let grant = TokenGrant(repository: "bund/app", repositoryID: 7, rights: [.pull, .push])

    private static func parts(_ token: String) -> [String] { token.split(separator: ".").map(String.init) }

    private static func encode(_ json: JSONValue) -> String {
        Data(json.bytes()).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    private static func decode(_ part: String) throws -> JSONValue {
        var text = part.replacing("-", with: "+").replacing("_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        return try JSONValue(parsing: Array(try #require(Data(base64Encoded: text))))
    }

    @Test("what was put in comes out, and is a JWT with kid, iss, aud, iat, nbf and exp")
    func roundTrip() throws {
        let time = ManualClock(noon)
        let tokens = RegistryTokens(issuer: "node", audience: "registry", clock: time.clock)
        let account = Account(id: 3, name: "anna", isAdmin: false)
        let (token, claims) = try tokens.issue(to: account, [Self.grant])
        let read = try #require(tokens.verify(token))
        #expect(read.grants == [Self.grant] && read.account?.id == 3 && read.account?.name == "anna")
        #expect(read == claims)
        let (header, payload) = (try Self.decode(Self.parts(token)[0]), try Self.decode(Self.parts(token)[1]))
        #expect(header["alg"] == "ES256" && header["kid"]?.stringValue?.isEmpty == false)
        for name in ["iss", "aud", "iat", "nbf", "exp", "jti", "sub"] { #expect(payload[name] != nil, "\(name)") }
        #expect(tokens.verify(try tokens.issue(to: nil, []).token)?.account == nil)
    }

    @Test("a token ends after five minutes, also one that was read before")
    func expiry() throws {
        let time = ManualClock(noon)
        let tokens = RegistryTokens(issuer: "node", audience: "registry", clock: time.clock)
        let token = try tokens.issue(to: nil, [Self.grant]).token
        time.advance(by: .seconds(299))
        #expect(tokens.verify(token) != nil)
        time.advance(by: .seconds(1))
        #expect(tokens.verify(token) == nil)
    }

    @Test("7.2/32: no other key, algorithm, header, issuer, audience or missing field is taken, and nothing panics")
    func forgeries() throws {
        let time = ManualClock(noon)
        let tokens = RegistryTokens(issuer: "node", audience: "registry", clock: time.clock)
        let token = try tokens.issue(to: Account(id: 1, name: "admin", isAdmin: true), [Self.grant]).token
        let parts = Self.parts(token)
        let header = try Self.decode(parts[0])
        let payload = try Self.decode(parts[1])
        var forged: [String] = [
            "", ".", "..", "a.b.c", token + ".", token + "=", "." + token, String(token.dropLast()),
        ]
        // alg=none with and without a signature, and the algorithm swapped for one whose key is public.
        for algorithm in ["none", "None", "HS256", "RS256", "ES384", ""] {
            var other = try #require(header.objectValue)
            other["alg"] = .string(algorithm)
            forged.append("\(Self.encode(.object(other))).\(parts[1]).\(parts[2])")
            forged.append("\(Self.encode(.object(other))).\(parts[1]).")
        }
        // A key of the attacker's, embedded or at an address, with a signature that it fits.
        let key = P256.Signing.PrivateKey()
        for (name, value) in [
            ("jwk", ["kty": "EC", "crv": "P-256"] as JSONValue), ("jku", "https://evil.example/keys"),
            ("x5u", "https://evil.example/cert"), ("kid", "evil"), ("x5c", ["MIIB"]), ("crit", ["exp"]),
        ] {
            var other = try #require(header.objectValue)
            other[name] = value
            let signed = "\(Self.encode(.object(other))).\(parts[1])"
            let signature = try key.signature(for: Array(signed.utf8)).rawRepresentation
            forged.append(signed + "." + Self.encode(Array(signature)))
        }
        // The right header, a foreign key.
        let signature = try key.signature(for: Array("\(parts[0]).\(parts[1])".utf8)).rawRepresentation
        forged.append("\(parts[0]).\(parts[1]).\(Self.encode(Array(signature)))")
        // Changed claims under the old signature.
        for name in ["iss", "aud", "iat", "nbf", "exp", "sub", "access", "kontor"] {
            var other = try #require(payload.objectValue)
            other[name] = nil
            forged.append("\(parts[0]).\(Self.encode(.object(other))).\(parts[2])")
        }
        for token in forged { #expect(tokens.verify(token) == nil, "\(token.prefix(60))") }
        // Another node, and this one after a restart, have other keys.
        for (issuer, audience) in [("node", "registry"), ("other", "registry"), ("node", "other")] {
            let others = RegistryTokens(issuer: issuer, audience: audience, clock: time.clock)
            #expect(others.verify(token) == nil)
        }
        #expect(tokens.verify(String(repeating: "a", count: 1 << 20)) == nil)
        #expect(tokens.verify(token) != nil)
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
