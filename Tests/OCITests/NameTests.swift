// SPDX-License-Identifier: EUPL-1.2

import OCI
import Testing

@Suite("Names, tags, references, platforms")
struct NameTests {
    @Test(
        "repository names of the grammar are read",
        arguments: [
            "a", "0", "team/app", "a/b/c/d/e", "a.b", "a_b", "a__b", "a-b", "a--b", "a---b", "x/blobs/uploads/y", "v2",
            "tags/list/manifests",
            "a1.b2_c3__d4-e5/f", String(repeating: "a", count: 255),
        ]
    )
    func readsNames(_ text: String) throws { #expect(try RepositoryName(parsing: text).text == text) }

    @Test(
        "other repository names are refused",
        arguments: [
            "", "/", "a/", "/a", "a//b", "A", "a/B", ".a", "a.", "a..b", "a._b", "_a", "a_", "a___b", "-a", "a-",
            "a-_b", "a.-b", "a/.", "a/..",
            "../a", "a/../b", "..", "%2e%2e", "a%2fb", "a\\b", "a\u{0}b", "a b", "a:b", "a@b", "é", "a\u{301}", "a\n",
            "ａ", "a/-b", "a/b-/c",
            String(repeating: "a", count: 256), "a\u{7f}",
        ]
    )
    func refusesNames(_ text: String) { #expect(throws: NameError.self) { try RepositoryName(parsing: text) } }

    @Test("a name knows its components and namespace")
    func components() throws {
        let name = try RepositoryName(parsing: "a/b/c")
        #expect(name.components == ["a", "b", "c"])
        #expect(name.namespace == "a/b")
        #expect(try RepositoryName(parsing: "a").namespace == nil)
        #expect(throws: NameError.invalidCharacter(offset: 2)) { try RepositoryName(parsing: "a/B") }
    }

    @Test(
        "tags of the grammar are read",
        arguments: ["a", "_", "1.0", "V1-rc_2", "latest", "9", String(repeating: "x", count: 128)]
    )
    func readsTags(_ text: String) throws { #expect(try Tag(parsing: text).text == text) }

    @Test(
        "other tags are refused",
        arguments: [
            "", ".", "-", ".a", "-a", "..", "a/b", "a:b", "a b", "a\u{0}", "ä", "a+b", "sha256:ab",
            String(repeating: "x", count: 129),
        ]
    )
    func refusesTags(_ text: String) { #expect(throws: TagError.self) { try Tag(parsing: text) } }

    @Test("tags of cosign's scheme name what they speak about")
    func attachedTags() throws {
        let digest = Digest.sha256([1])
        for suffix in ["sig", "att", "sbom"] {
            #expect(try Tag(parsing: "sha256-\(digest.hex).\(suffix)").attachedTo == digest)
        }
        #expect(try Tag(parsing: "sha256-\(digest.hex)").attachedTo == nil)
        #expect(try Tag(parsing: "sha256-abc.sig").attachedTo == nil)
        #expect(try Tag(parsing: "v1.sig").attachedTo == nil)
    }

    private static let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test(
        "references are taken apart and written back",
        arguments: [
            ("app", nil, "app", nil, false), ("team/app:1.0", nil, "team/app", "1.0", false),
            ("registry.example/app", "registry.example", "app", nil, false),
            ("localhost/app:x", "localhost", "app", "x", false),
            ("localhost:5000/team/app", "localhost:5000", "team/app", nil, false),
            ("127.0.0.1:80/a:b", "127.0.0.1:80", "a", "b", false),
            ("[::1]:5000/a", "[::1]:5000", "a", nil, false), ("[fe80::1]/a:b", "[fe80::1]", "a", "b", false),
            ("app@" + digest, nil, "app", nil, true),
            ("host.example:1/a/b:t@" + digest, "host.example:1", "a/b", "t", true),
            ("HOST.example/a", "HOST.example", "a", nil, false),
        ] as [(String, String?, String, String?, Bool)]
    )
    func readsReferences(_ text: String, _ registry: String?, _ repository: String, _ tag: String?, _ hasDigest: Bool)
        throws
    {
        let reference = try Reference(parsing: text)
        #expect(reference.registry == registry)
        #expect(reference.repository.text == repository)
        #expect(reference.tag?.text == tag)
        #expect((reference.digest != nil) == hasDigest)
        #expect(reference.description == text)
    }

    @Test(
        "other references are refused",
        arguments: [
            "", "/", ":", "@", "a:", "a@", "a@sha256:ab", ":a", "@" + digest, "host.example/", "host.example:/a",
            "host.example:0/a",
            "host.example:99999/a", "host.example:x/a", "-host.example/a", "host..example/a", "[::1/a", "[]/a",
            "[g::]/a", "a b/c.d",
            "registry.example/A", "https://registry.example/a", "a:b:c", "a@" + digest + "@" + digest, "a/b:t/c",
            "h_st.example/a",
            String(repeating: "a", count: 1025),
        ]
    )
    func refusesReferences(_ text: String) { #expect(throws: ReferenceError.self) { try Reference(parsing: text) } }

    @Test(
        "an image of this node is read from the right, raw and percent-encoded",
        arguments: [
            ("a", "a"), ("a/b:1", "a/b:1"), ("a.b/c", "a.b/c"), ("a%2Fb", "a/b"), ("a%2fb%3A1.0", "a/b:1.0"),
            ("a/b@" + digest, "a/b@" + digest),
            ("a%2Fb%40sha256%3A" + digest.dropFirst(7), "a/b@" + digest), ("localhost:5000", "localhost:5000"),
        ] as [(String, String)]
    )
    func localReferences(_ text: String, _ written: String) throws {
        #expect(try LocalReference(percentEncoded: text).description == written)
    }

    @Test(
        "other names of images of this node are refused",
        arguments: [
            "", "%", "a%2", "a%zz", "a%252Fb", "%2e%2e", "a/../b", "a:", "a@", "a@sha256:ab", "a:1@", "a%00", "%ff",
            "a//b", "host.example:5000/a",
            "A", "a:1:2", "a@" + digest + "@" + digest, "a%2", String(repeating: "%61", count: 1100),
        ]
    )
    func refusesLocalReferences(_ text: String) {
        #expect(throws: ReferenceError.self) { try LocalReference(percentEncoded: text) }
    }

    @Test("platforms are read, common names of architectures included")
    func platforms() throws {
        #expect(try Platform(parsing: "linux/amd64").description == "linux/amd64")
        #expect(try Platform(parsing: "linux/arm64/v8").description == "linux/arm64/v8")
        #expect(try Platform(parsing: "Linux/x86_64") == Platform(architecture: "amd64", os: "linux"))
        for text in ["", "linux", "linux/", "/amd64", "linux/amd64/v8/x", "lin ux/amd64", "linux/amd64\n"] {
            #expect(throws: PlatformError.self) { try Platform(parsing: text) }
        }
        let wanted = try Platform(parsing: "linux/arm64/v8")
        #expect(Platform(architecture: "arm64", os: "linux").satisfies(wanted))
        #expect(!Platform(architecture: "arm", os: "linux", variant: "v7").satisfies(wanted))
        #expect(Platform(architecture: "unknown", os: "unknown").isUnknown)
    }

    @Test("media types are compared without parameters and case")
    func mediaTypes() {
        #expect(MediaType.essence(" Application/JSON ; charset=utf-8") == "application/json")
        #expect(MediaType.essence("") == "")
        #expect(MediaType.isWellFormed("application/vnd.oci.image.layer.v1.tar+gzip"))
        for text in [
            "", "a", "a/", "/b", "a/b/c", "a b/c", "a/b\n", "text/<script>", "a/" + String(repeating: "b", count: 128),
        ] {
            #expect(!MediaType.isWellFormed(text), "\(text)")
        }
    }
}
