// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Foundation
import Inventory
import SBOM
import TestKit
import Testing

/// A file, and what the scan must say about it.
struct SecretCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var path: String
    var text: String
    /// Rule and confidence; nil when there is no secret.
    var expected: (rule: String, confidence: SecretHit.Confidence)?

    init(
        _ name: String,
        _ text: String,
        path: String = "app/file",
        _ rule: String? = nil,
        _ confidence: SecretHit.Confidence = .high
    ) {
        testDescription = name
        self.path = path
        self.text = text
        expected = rule.map { ($0, confidence) }
    }
}

@Suite("Secrets")
struct SecretTests {
    private typealias Sample = SecretSamples

    static let positives: [SecretCase] = {
        let alphanumeric = SecretSamples.alphanumeric
        func random(_ count: Int, seed: UInt64 = 11) -> String { SecretSamples.random(count, alphanumeric, seed: seed) }
        let header = "eyJhbGci" + "OiJIUzI1NiIsInR5cCI6IkpXVCJ9"
        return [
            SecretCase("RSA key", SecretSamples.privateKey, "private-key"),
            SecretCase("PKCS #8 key", SecretSamples.pem("PRIVATE KEY", lines: 2), "private-key"),
            SecretCase("EC key", SecretSamples.pem("EC PRIVATE KEY", start: "MHcC", lines: 3), "private-key"),
            SecretCase("key with CR LF", SecretSamples.pem("RSA PRIVATE KEY", end: "\r\n"), "private-key"),
            SecretCase(
                "key in JSON",
                "{\"private_key\": \"" + SecretSamples.pem("PRIVATE KEY", end: "\\n") + "\"}",
                "private-key"
            ),
            SecretCase(
                "indented key in YAML",
                "key: |\n  " + SecretSamples.pem("PRIVATE KEY", end: "\n  "),
                "private-key"
            ),
            SecretCase("OpenSSH key", SecretSamples.openSSHKey, "private-key"),
            SecretCase("OpenSSH key with passphrase", SecretSamples.sealedSSHKey, "private-key", .medium),
            SecretCase("encrypted PKCS #8 key", SecretSamples.pem("ENCRYPTED PRIVATE KEY"), "private-key", .medium),
            SecretCase(
                "OpenPGP key",
                SecretSamples.pem("PGP PRIVATE KEY BLOCK", start: "lQVY").replacingOccurrences(
                    of: "-----\nlQVY",
                    with: "-----\n\nlQVY"
                ),
                "private-key"
            ),
            SecretCase(
                "AWS pair",
                "id=\(SecretSamples.awsKeyID)\nsecret=\(SecretSamples.awsSecret)\n",
                "aws-access-key"
            ),
            SecretCase("AWS id alone", "id=\(SecretSamples.awsKeyID)\n", "aws-access-key", .medium),
            SecretCase("GitHub token", "x=" + SecretSamples.checked("ghp" + "_") + "\n", "github-token"),
            SecretCase("GitHub server token", SecretSamples.checked("ghs" + "_"), "github-token"),
            SecretCase("GitHub token with a wrong checksum", "ghp" + "_" + random(35) + "1", "github-token", .medium),
            SecretCase("fine-grained GitHub token", "github_pat" + "_" + random(22) + "_" + random(59), "github-token"),
            SecretCase("GitLab token", "token: glpat" + "-" + random(19) + "1", "gitlab-token"),
            SecretCase("npm token", SecretSamples.checked("npm" + "_"), "npm-token"),
            SecretCase(
                "npm token in .npmrc",
                "//registry.example.org/:_auth" + "Token=" + random(35) + "9",
                "npm-auth-token"
            ),
            SecretCase("PyPI token", "password = pypi" + "-AgEIcHlwaS5vcmc" + random(80), "pypi-token"),
            SecretCase("Slack token", "xox" + "b-123456789012-234567890123-" + random(23) + "1", "slack-token"),
            SecretCase("Stripe key", "sk" + "_live_" + random(24), "stripe-key"),
            SecretCase("SendGrid key", "SG" + "." + random(22) + "." + random(43, seed: 3), "sendgrid-key"),
            SecretCase("Docker Hub token", "dckr" + "_pat_" + random(26) + "1", "docker-hub-token"),
            SecretCase("Azure storage key", "Account" + "Key=" + random(86) + "==", "azure-storage-key"),
            SecretCase("Google key", "AI" + "za" + random(34) + "1", "google-api-key", .medium),
            SecretCase("web token", "\(header).eyJ" + random(60) + "." + random(43), "json-web-token", .medium),
            SecretCase(
                "password in URL",
                "url=postgres://app:" + "kx83nq2z@db.intern:5432/app",
                "password-in-url",
                .medium
            ),
            SecretCase("password hash", SecretSamples.shadow, path: "etc/shadow", "password-hash"),
            SecretCase(
                "locked hash",
                SecretSamples.shadow.replacingOccurrences(of: ":$", with: ":!$"),
                path: "etc/shadow",
                "password-hash",
                .medium
            ),
            SecretCase("empty password", "root::19000:0:99999:7:::\n", path: "etc/shadow", "empty-password"),
            SecretCase("netrc", "machine m login l password kx83nq2z\n", path: "root/.netrc", "netrc"),
            SecretCase(
                "docker login",
                "{\"auths\":{\"r\":{\"auth\":\"YXBwOmt4ODNucTJ6\"}}}",
                path: "root/.docker/config.json",
                "docker-auth"
            ),
            SecretCase(
                "git credentials",
                "https" + "://bot:kx83nq2z@git.intern\n",
                path: "root/.git-credentials",
                "git-credentials"
            ),
            SecretCase("pgpass", "db:5432:app:app:kx83nq2z\n", path: "root/.pgpass", "pgpass"),
            SecretCase(
                "AWS credentials",
                "[default]\naws_secret_access_key = \(SecretSamples.awsSecret)\n",
                path: "root/.aws/credentials",
                "aws-credentials"
            ),
            SecretCase("env file", "DB_PASSWORD=kx83nq2z\n", path: "app/.env", "password-in-file", .medium),
            SecretCase("htpasswd", "admin:$apr1$" + random(22) + "\n", path: "etc/nginx/.htpasswd", "password-hash"),
            SecretCase("kubeconfig", "client-key-data" + ": LS0tLS1CRUdJTi" + random(200), "kubernetes-client-key"),
        ]
    }()

    static let negatives: [SecretCase] = [
        SecretCase(
            "the line that programs look for",
            "-----" + "BEGIN RSA PRIVATE KEY-----\0-----" + "END RSA PRIVATE KEY-----\0"
        ),
        SecretCase(
            "the line in documentation",
            "-----" + "BEGIN PRIVATE KEY-----\n...\n-----" + "END PRIVATE KEY-----\n"
        ),
        SecretCase(
            "a key of one letter",
            "-----" + "BEGIN PRIVATE KEY-----\nM" + String(repeating: "A", count: 300) + "\n-----\n"
        ),
        SecretCase("a certificate", SecretSamples.pem("CERTIFICATE")),
        SecretCase("a public key", SecretSamples.pem("PUBLIC KEY")),
        SecretCase("AWS's example", "AKIA" + "IOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        SecretCase("an AWS id inside a word", "XAKIA" + "Q3EGRJ5ZKWT7LVBNX"),
        SecretCase("a placeholder token", "ghp" + "_" + String(repeating: "x", count: 36)),
        SecretCase("a token that is too short", "glpat" + "-abc"),
        SecretCase("a symbol", "npm_config_registry npm_package_version_of_something_that_is_long"),
        SecretCase("a URL without a password", "https://example.org/a:b@c http://user@host/ git+ssh://git@host:22/x"),
        SecretCase(
            "a URL with a placeholder",
            "https://user:password@host/ http://user:$PASS@host/ ftp://u:<secret>@h/"
        ),
        SecretCase("locked accounts", "root:*:19000:0:99999:7:::\napp:!:19000::::::\n", path: "etc/shadow"),
        SecretCase("shadow elsewhere", SecretSamples.shadow, path: "usr/share/doc/shadow"),
        SecretCase(
            "docker credentials helper",
            "{\"auths\":{},\"credsStore\":\"pass\"}",
            path: "root/.docker/config.json"
        ),
        SecretCase("an npm token from the environment", "//registry.example.org/:_auth" + "Token=${NPM_TOKEN}"),
        SecretCase(
            "an env file without values",
            "DB_PASSWORD=\nAPI_TOKEN=changeme\n# PASSWORD=x1x2x3x4\n",
            path: "app/.env"
        ),
    ]

    @Test(
        "what is shaped like a secret is found, wherever it lies in the file",
        arguments: positives,
        [0, 1, 3, 524_270, 1_000_003]
    )
    func positive(_ secret: SecretCase, _ before: Int) throws {
        let expected = try #require(secret.expected)
        // Files that their name tells are small.
        if before > 3, secret.path != "app/file" { return }
        let filler = [UInt8](repeating: 10, count: secret.path == "app/file" ? before : 0)
        let evidence = try analysed { $0.file(secret.path, filler + Array(secret.text.utf8) + [10]) }
        let hits = evidence.secrets.hits
        let hit = try #require(hits.first { $0.rule == expected.rule }, "\(hits)")
        #expect(hit.confidence == expected.confidence)
        #expect(hit.place == .file && hit.subject == secret.path && hit.layer == 0)
        #expect(hit.offset >= filler.count && hit.offset < filler.count + secret.text.utf8.count)
        #expect(!hit.excerpt.isEmpty && hit.excerpt.contains("*") || hit.rule == "empty-password")
        #expect(hits.filter { $0.confidence == .high }.allSatisfy { $0.rule == expected.rule })
    }

    @Test("what only looks so is not", arguments: negatives)
    func negative(_ secret: SecretCase) throws {
        let evidence = try analysed { $0.file(secret.path, text: secret.text) }
        #expect(evidence.secrets.hits.isEmpty, "\(evidence.secrets.hits)")
    }

    @Test("an excerpt never holds the secret")
    func masked() throws {
        for secret in Self.positives {
            let evidence = try analysed { $0.file(secret.path, text: secret.text) }
            for hit in evidence.secrets.hits {
                #expect(!hit.excerpt.contains("kx83nq2z"))
                #expect(hit.excerpt.utf8.count <= 128)
                let tail = hit.excerpt.drop { $0 != "*" }
                #expect(hit.rule == "empty-password" || tail.allSatisfy { $0 == "*" || $0 == "…" }, "\(hit)")
            }
        }
    }

    @Test("a file that a later layer deletes is still shipped")
    func deleted() throws {
        let evidence = try analysed(
            layers: { $0.file("root/key", text: SecretSamples.privateKey) },
            { $0.whiteout("root/key") }
        )
        #expect(evidence.secrets.hits.map(\.subject) == ["root/key"])
        #expect(evidence.secrets.hits.map(\.layer) == [0])
        #expect(evidence.files.hiddenBytes > 0)
    }

    @Test("a key inside a program counts unless a package brought the program")
    func programs() throws {
        let program = [0x7f, 0x45, 0x4c, 0x46, 0] + Array(SecretSamples.privateKey.utf8)
        let evidence = try analysed(
            layers: {
                $0.file("var/lib/dpkg/status", text: stanza("libtls", "1"))
                $0.file("var/lib/dpkg/info/libtls.list", text: "/lib/libtls.so\n/lib/key.pem\n")
                $0.symlink("lib", to: "usr/lib")
                $0.file("usr/lib/libtls.so", program, mode: 0o644)
                $0.file("usr/lib/key.pem", text: SecretSamples.privateKey)
            },
            {
                $0.file("usr/local/bin/own", program, mode: 0o755)
                $0.whiteout("usr/lib/libtls.so")
            }
        )
        let found = Dictionary(
            evidence.secrets.hits.map { ($0.subject, $0.confidence) },
            uniquingKeysWith: { first, _ in first }
        )
        #expect(found == ["usr/lib/libtls.so": .medium, "usr/local/bin/own": .high, "usr/lib/key.pem": .high])
    }

    @Test("libraries of this machine that read keys hold no sure secret")
    func realBinaries() throws {
        let names = [
            "libcrypto.so.3", "libssl.so.3", "libgcrypt.so.20", "libssh2.so.1", "libcurl-gnutls.so.4",
            "libsqlite3.so.0",
        ]
        let directories = ["/usr/lib/x86_64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/", "/usr/bin/"]
        let programs = ["git", "python3", "gpg", "ssh", "ssh-keygen", "openssl", "curl", "bash", "perl"]
        var files: [(String, [UInt8])] = []
        for directory in directories {
            for name in names + programs {
                guard let data = FileManager.default.contents(atPath: directory + name) else { continue }
                files.append((name, [UInt8](data)))
            }
        }
        #expect(files.count >= 3)
        let evidence = try analysed { tar in
            for (name, bytes) in files { tar.file("usr/lib/" + name, bytes, mode: 0o755) }
        }
        #expect(evidence.secrets.hits.filter { $0.confidence == .high }.isEmpty, "\(evidence.secrets.hits)")
    }

    // MARK: - Configuration

    @Test("environment, labels and history are scanned")
    func configuration() throws {
        var image = ImageBuilder()
        image.environment += [
            "DB_PASSWORD=kx83nq2z", "PASSWORD_FILE=/run/secrets/x", "API_TOKEN=", "ADMIN_PASSWORD=changeme",
            "SECRET=/run/secrets/y",
            "GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568", "NOTE=" + SecretSamples.checked("ghp" + "_"),
            "MAX_TOKEN=4096",
        ]
        image.labels = ["org.example.api-token": "kx83nq2zkx83nq2z", "title": "x"]
        image.history = [
            "|1 NPM_TOKEN=kx83nq2z9 /bin/sh -c npm ci", "RUN mysql --password=kx83nq2z", "ENV A=b", "ENV TOKEN=$TOKEN",
        ]
        image.layer { $0.file("a", [1]) }
        let hits = try analysed(image.built()).secrets.hits
        let found = hits.map { "\($0.place.rawValue) \($0.subject) \($0.rule) \($0.confidence.rawValue)" }
        #expect(
            found == [
                "environment DB_PASSWORD secret-variable high", "environment NOTE github-token high",
                "label org.example.api-token secret-label medium", "history 0 secret-in-history high",
                "history 1 secret-in-history medium",
            ]
        )
        #expect(hits.allSatisfy { !$0.excerpt.contains("kx83nq2z") && $0.layer == nil })
    }

    @Test("a thousand unsure hits do not hide a sure one")
    func flooded() throws {
        let evidence = try analysed { tar in
            for index in 0..<1200 { tar.file("a/\(index)", text: "https" + "://bot:kx83nq2z@git.intern\n") }
            tar.file("z/key", text: SecretSamples.privateKey)
        }
        #expect(evidence.secrets.hits.count == 1000)
        #expect(evidence.secrets.hits.contains { $0.subject == "z/key" && $0.confidence == .high })
    }

    // MARK: - The filter

    @Test("finds exactly what a plain search finds", arguments: 0..<20)
    func filter(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let literals = [("abcab", 1), ("cab", 0), ("aaa", 0), ("bcabcabc", 4), ("-----B", 3)]
        let filter = LiteralFilter(literals.map { (text: $0.0, anchor: $0.1) })
        let bytes = (0..<4000).map { _ in Array("abc-B".utf8)[Int.random(in: 0..<5, using: &generator)] }
        let lower = Int.random(in: 0..<100, using: &generator)
        let upper = Int.random(in: 3000..<4000, using: &generator)
        var found: Set<[Int]> = []
        var calls = 0
        bytes.withUnsafeBytes { buffer in
            filter.forEachMatch(in: buffer, range: lower..<upper) { literal, start in
                calls += 1
                found.insert([literal, start])
            }
        }
        var expected: Set<[Int]> = []
        for (index, literal) in literals.enumerated() {
            let text = Array(literal.0.utf8)
            for start in lower..<upper where start + text.count <= bytes.count {
                if Array(bytes[start..<start + text.count]) == text { expected.insert([index, start]) }
            }
        }
        #expect(found == expected)
        #expect(calls == expected.count, "no match is told twice")
    }
}
