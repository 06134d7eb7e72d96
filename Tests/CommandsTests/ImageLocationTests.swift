// SPDX-License-Identifier: EUPL-1.2

import ImageSources
import OCI
import Testing

@Suite("Image locations")
struct ImageLocationTests {
    static let digest = "sha256:" + String(repeating: "a", count: 64)

    @Test(
        "what a person writes is understood, and written back the same",
        arguments: [
            "localhost:5000/app", "localhost:5000/team/app:1.2", "registry.test/app@\(digest)",
            "registry.test/app:1@\(digest)", "oci:/data/layout",
            "oci:layout:v1", "oci:/a/b@\(digest)", "oci-archive:image.tar", "oci-archive:/tmp/x.tar:latest",
            "docker-archive:saved.tar",
            "docker-archive:saved.tar:host.test/app:1.0", "dir:/srv/root", "dir:.", "dir:a:b",
        ]
    )
    func roundTrip(text: String) throws {
        let location = try ImageLocation(parsing: text)
        #expect(location.description == text)
        #expect(try ImageLocation(parsing: location.description) == location)
    }

    @Test("parts are told apart")
    func parts() throws {
        #expect(try ImageLocation(parsing: "oci:dir:v1") == .ociLayout(path: "dir", selector: .name("v1")))
        #expect(
            try ImageLocation(parsing: "oci:dir@\(Self.digest)")
                == .ociLayout(path: "dir", selector: .digest(Digest(parsing: Self.digest)))
        )
        #expect(
            try ImageLocation(parsing: "docker-archive:f:host.test/a:1")
                == .dockerArchive(path: "f", selector: .name("host.test/a:1"))
        )
        guard case .registry(let reference) = try ImageLocation(parsing: "docker://localhost:5000/team/app:1") else {
            Issue.record("not a registry")
            return
        }
        #expect(reference.registry == "localhost:5000")
        #expect(reference.repository.text == "team/app")
        #expect(reference.tag?.text == "1")
    }

    @Test(
        "what cannot be understood is refused with its reason",
        arguments: [
            ("", "no image was named"), ("app", "names no registry"), ("team/app:1", "names no registry"),
            ("/data/layout", "looks like a path"),
            ("./x.tar", "looks like a path"), ("oci:", "path is missing"), ("oci::v1", "path is missing"),
            ("oci:dir:", "ends with a colon"),
            ("dir:", "path is missing"), ("oci:dir@sha256:12", "is not a digest"),
            ("host.test/UPPER", "does not name an image"),
            ("host.test/app:", "does not name an image"), ("host.test/app@sha256:zz", "does not name an image"),
            ("a\u{1b}[2Jb", "control character"),
        ]
    )
    func refused(text: String, reason: String) {
        #expect { try ImageLocation(parsing: text) } throws: { "\($0)".contains(reason) }
    }
}
