// SPDX-License-Identifier: EUPL-1.2

import Foundation
import JSON
import OCI
import TestKit

/// Root file systems made by mmdebstrap from the machine's own mirrors, as images with one layer; each is nginx on Debian 12.
enum RealBase: String, CaseIterable {
    /// Without the security suite, with what people leave behind: make and an SSH server.
    case plain
    /// With all suites, setuid and setgid reset.
    case rebuilt
    /// Only the packages that nginx needs out of `rebuilt`: no shell, no package manager; `status.d` instead of `status`.
    case minimal
}

/// The layer of a ``RealBase``, as skopeo stored it.
struct BaseLayer: Sendable {
    let layout: String
    let path: String
    let descriptor: JSONValue
    let digest: Digest
    let diffID: String
    let architecture: String
}

/// Makes the bases once a week, below `.build/test-images`.
enum BaseImages {
    /// Made or found by the first test that asks.
    static let shared = Task { try await made() }

    private static func made() async throws -> [RealBase: BaseLayer] {
        let store = checkoutRoot + "/.build/test-images"
        // Another recipe makes other images: its digest is part of the name.
        let key = "images-" + Digest.sha256(Array((script + minimalScript).utf8)).hex.prefix(16)
        _ = try (tool("mmdebstrap"), tool("skopeo"), tool("setpriv"))
        let output = try await tool("bash").check([
            "-c", script, "images", store, key, tool("python3").path, minimalScript,
        ])
        print("base images: \(output.trimmingCharacters(in: .whitespacesAndNewlines))")
        var layers: [RealBase: BaseLayer] = [:]
        for base in RealBase.allCases { layers[base] = try layer(layout: "\(store)/\(key)/\(base.rawValue)") }
        return layers
    }

    private static func layer(layout: String) throws -> BaseLayer {
        let index = try JSONFields(json(layout + "/index.json"))
        let manifest = try JSONFields(json(blob(layout, index.objects("manifests")[0].string("digest"))))
        let configuration = try JSONFields(json(blob(layout, manifest.object("config").string("digest"))))
        let layer = try manifest.objects("layers")[0]
        let digest = try Digest(parsing: layer.string("digest"))
        return BaseLayer(
            layout: layout,
            path: try blob(layout, digest.description),
            descriptor: try BuiltImage.descriptor(layer.string("mediaType"), digest, layer.int("size")),
            digest: digest,
            diffID: try configuration.object("rootfs").strings("diff_ids")[0],
            architecture: try configuration.string("architecture")
        )
    }

    private static func blob(_ layout: String, _ digest: String) throws -> String {
        layout + "/blobs/sha256/" + (try Digest(parsing: digest)).hex
    }

    private static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    }

    /// Makes the images under a lock: other test processes wait, and find them made.
    ///
    /// Arguments: folder, key, python, ``minimalScript``.
    private static let script = #"""
        set -euo pipefail
        store=$1 images=$1/$2 python=$3 minimal=$4
        mkdir -p "$store"
        exec 9>"$store/lock"
        flock 9
        if [ -n "$(find "$images/complete" -mtime -7 2>/dev/null)" ]; then echo "kept in $images"; exit 0; fi
        keyring=/usr/share/keyrings/debian-archive-keyring.gpg
        site_of() {
            apt-get indextargets --format '$(SITE) $(CODENAME)' 2>/dev/null | awk -v suite="$1" '$2 == suite { print $1; exit }'
        }
        main=$(site_of bookworm)
        security=$(site_of bookworm-security)
        if [ -z "$main" ] || [ -z "$security" ]; then
            echo "apt on this machine knows no bookworm and bookworm-security; run apt-get update with both in the sources" >&2
            exit 1
        fi
        work=$(mktemp -d "$store/new.XXXXXX")
        trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
        cd "$work"
        mkdir new
        mmdebstrap --quiet --variant=minbase --include=nginx-light,make,dropbear-bin bookworm plain.tar \
            "deb [signed-by=$keyring] $main bookworm main" 9>&- &
        plain=$!
        mmdebstrap --quiet --variant=minbase --include=nginx-light,ca-certificates \
            --customize-hook='find "$1" -xdev -type f -perm /6000 -exec chmod ug-s {} +' \
            --customize-hook='rm -f "$1/etc/resolv.conf" "$1/etc/hostname"' \
            bookworm rebuilt.tar \
            "deb [signed-by=$keyring] $main bookworm main" \
            "deb [signed-by=$keyring] $main bookworm-updates main" \
            "deb [signed-by=$keyring] $security bookworm-security main" 9>&- &
        rebuilt=$!
        wait "$plain"
        wait "$rebuilt"
        "$python" -c "$minimal" rebuilt.tar minimal.tar
        for base in plain rebuilt minimal; do skopeo copy --quiet "tarball:$base.tar" "oci:new/$base:v"; done
        touch new/complete
        rm -rf "$store"/images-*
        mv new "$images"
        echo "made in $SECONDS s"
        """#

    /// What a build from packages does without a shell: the files that dpkg lists for them, and their records in `status.d`.
    private static let minimalScript = #"""
        import io, sys, tarfile

        packages = ["base-files", "ca-certificates", "gcc-12-base", "libc6", "libcrypt1", "libgcc-s1",
                    "libnginx-mod-http-echo", "libpcre2-8-0", "libssl3", "nginx", "nginx-common", "nginx-light", "tzdata", "zlib1g"]
        merged = {"bin", "sbin", "lib", "lib64"}
        with tarfile.open(sys.argv[1]) as source, tarfile.open(sys.argv[2], "w", format=tarfile.PAX_FORMAT) as target:
            members = {member.name.removeprefix("./").strip("/"): member for member in source}
            read = lambda path: source.extractfile(members[path]).read()
            records = {}
            for record in read("var/lib/dpkg/status").decode().strip().split("\n\n"):
                records[record.split("\n")[0].removeprefix("Package: ")] = record
            wanted = merged | {".", "etc/passwd", "etc/group", "etc/ssl/certs/ca-certificates.crt", "var/lib/dpkg"}
            sums = {}
            for package in packages:
                stem = next((path for path in members if path.startswith("var/lib/dpkg/info/" + package)
                            and path.endswith(".list") and path.split("/")[-1][len(package)] in ".:"), None)
                if not stem or package not in records:
                    sys.exit("no package " + package + " in " + sys.argv[1])
                for line in read(stem).decode().splitlines():
                    path = line.strip("/")
                    wanted.add("usr/" + path if path.split("/")[0] in merged and "/" in path else path)
                hashes = stem.removesuffix(".list") + ".md5sums"
                if hashes in members:
                    sums[package] = read(hashes)
            for path, member in members.items():
                if path in wanted:
                    target.addfile(member, source.extractfile(member) if member.isreg() else None)
            folder = tarfile.TarInfo("./var/lib/dpkg/status.d/")
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            target.addfile(folder)
            def add(name, data):
                entry = tarfile.TarInfo("./var/lib/dpkg/status.d/" + name)
                entry.size, entry.mode = len(data), 0o644
                target.addfile(entry, io.BytesIO(data))
            for package in packages:
                add(package, (records[package] + "\n").encode())
                if package in sums:
                    add(package + ".md5sums", sums[package])
        """#
}

/// Images that people build on the bases, good and bad: a base, small layers, a configuration.
enum RealImage: String, CaseIterable {
    /// Debian without the security suite, as mmdebstrap leaves it.
    case plain
    /// The same service, rebuilt as the verdict on `plain` advises.
    case rebuilt
    /// The service on the minimal base.
    case exemplary
    /// `exemplary` whose configuration names another diff_id for the last layer.
    case damaged
    /// `exemplary` of which half a layer arrived.
    case truncated
    /// A user that is root by another name.
    case toor
    /// A named user, low ports, metadata without care.
    case careless
    /// A private key, deleted by a later layer, and a cloud key in the environment.
    case leaky
    /// Capabilities and files that everybody may write.
    case loose
    /// Lists of apt and a repository's history.
    case baggage
    /// Files of the base that a later layer deletes.
    case hidden
    /// Without the package database.
    case unpackaged
    /// What says that it is Debian 10.
    case buster
    /// With npm packages: one that is known as malicious, and none that states a licence; the user owns them.
    case poisoned

    var base: RealBase {
        switch self {
        case .plain: .plain
        case .rebuilt, .toor, .loose, .baggage, .hidden: .rebuilt
        default: .minimal
        }
    }

    /// Its configuration and the layers on top of the base.
    var builder: ImageBuilder {
        var image = ImageBuilder()
        if self == .plain { return image }
        image.user = "65532:65532"
        image.entrypoint = ["/usr/sbin/nginx"]
        image.command = ["-g", "daemon off;"]
        image.exposedPorts = ["8080/tcp"]
        image.labels = Self.labels
        image.layer { tar in
            tar.file("etc/nginx/conf.d/site.conf", text: "server { listen 8080; root /var/www/html; }\n")
            tar.file("var/www/html/index.html", text: "<!doctype html><title>web</title>\n")
        }
        change(&image)
        return image
    }

    private func change(_ image: inout ImageBuilder) {
        switch self {
        case .toor:
            image.user = "toor"
            image.layer { tar in
                tar.file("etc/passwd", text: "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\n")
            }
        case .careless:
            image.user = "www-data"
            image.exposedPorts = ["22/tcp", "80/tcp"]
            image.labels = Self.carelessLabels
        case .leaky:
            image.environment.append("AWS_SECRET_ACCESS_KEY=" + Self.noise(38) + "a1")
            image.layer { tar in tar.file("opt/deploy/id_rsa", text: Self.privateKey, mode: 0o600) }
            image.layer { tar in tar.whiteout("opt/deploy/id_rsa") }
        case .loose:
            image.layer { tar in
                tar.file("usr/local/bin/probe", Array("#!/bin/sh\n".utf8), mode: 0o755, xattrs: TarBuilder.netRaw)
                tar.file("etc/nginx/open.conf", text: "\n", mode: 0o666)
                tar.directory("var/www/upload", mode: 0o777)
            }
        case .baggage:
            image.layer { tar in
                tar.file(
                    "var/lib/apt/lists/mirror_debian_dists_bookworm_main_binary-amd64_Packages",
                    text: "Package: nginx\n"
                )
                tar.file("var/www/.git/HEAD", text: "ref: refs/heads/main\n")
            }
        case .hidden: image.layer { tar in tar.whiteout("usr/share") }
        case .unpackaged: image.layer { tar in tar.whiteout("var/lib/dpkg") }
        case .poisoned:
            image.layer { tar in
                for name in ["kontor-test-evil", "left"] {
                    tar.file(
                        "srv/app/node_modules/\(name)/package.json",
                        text: "{\"name\":\"\(name)\",\"version\":\"1.0.0\"}\n",
                        uid: 65532,
                        gid: 65532
                    )
                    tar.file("srv/app/node_modules/\(name)/index.js", text: "\n", uid: 65532, gid: 65532)
                }
            }
        case .buster: image.layer { tar in tar.file("usr/lib/os-release", text: Self.busterRelease) }
        default: break
        }
    }

    /// Writes the image as an OCI layout; the base's layer is linked, not copied, where that is possible.
    func write(to layout: String, bases: [RealBase: BaseLayer]) throws {
        guard let base = bases[base] else { throw ToolError(description: "no base \(self.base)") }
        var builder = builder
        builder.architecture = base.architecture
        let built = builder.built()
        let configuration = try JSONValue(parsing: built.configuration).changed { root in
            root["rootfs"] = root["rootfs"]?.changed { rootfs in
                var diffIDs = rootfs["diff_ids"]?.arrayValue ?? []
                if self == .damaged { diffIDs[diffIDs.count - 1] = .string(Digest.sha256([1]).description) }
                rootfs["diff_ids"] = .array([.string(base.diffID)] + diffIDs)
            }
            let first: JSONValue = ["created": "2026-11-01T10:00:00Z", "created_by": "ADD rootfs.tar /"]
            root["history"] = .array([first] + (root["history"]?.arrayValue ?? []))
        }.bytes()
        let type = "application/vnd.oci.image.config.v1+json"
        let manifest = try JSONValue(parsing: built.manifest).changed { root in
            root["config"] = BuiltImage.descriptor(type, .sha256(configuration), configuration.count)
            root["layers"] = .array([base.descriptor] + (root["layers"]?.arrayValue ?? []))
        }.bytes()
        var image = built
        image.manifest = manifest
        image.manifestDigest = .sha256(manifest)
        image.configuration = configuration
        image.configurationDigest = .sha256(configuration)
        try image.writeOCILayout(to: layout, tag: "v")
        let blob = layout + "/blobs/sha256/" + base.digest.hex
        if self == .truncated {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: base.path))
            return try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: blob))
        }
        do { try FileManager.default.linkItem(atPath: base.path, toPath: blob) } catch {
            try FileManager.default.copyItem(atPath: base.path, toPath: blob)
        }
    }

    private static let key = "org.opencontainers.image."

    /// What a careful publisher declares.
    private static let labels = [
        key + "title": "web", key + "version": "1.1.0", key + "created": "2026-11-01T10:00:00Z",
        key + "source": "https://git.example.org/web", key + "revision": "3f786850e387550fdab836ed7e6dc881de23001b",
        key + "licenses": "EUPL-1.2 AND BSD-2-Clause",
        key + "description":
            "nginx on Debian 12; listens on port 8080, serves /var/www/html, needs no environment variables",
        key + "documentation": "https://git.example.org/web/-/blob/main/README.md",
        "eu.kontor.image.support-end": "2031-12",
    ]

    private static let carelessLabels = [
        key + "title": "web", key + "created": "yesterday", key + "source": "https://ci:geheim@git.example.org/web",
        key + "revision": "main", key + "licenses": "SSPL-1.0 OR EUPL-1.2", key + "description": "web",
        key + "documentation": "see the wiki",
    ]

    private static let busterRelease = """
        PRETTY_NAME="Debian GNU/Linux 10 (buster)"
        NAME="Debian GNU/Linux"
        VERSION_ID="10"
        VERSION="10 (buster)"
        VERSION_CODENAME=buster
        ID=debian

        """

    /// Has the form of a key and opens nothing; put together here, so that no scanner finds it in this source.
    private static let privateKey: String = {
        let lines = (0..<25).map { ($0 == 0 ? "MIIE" : "abcd") + noise(60, seed: UInt32($0 + 1)) }
        let label = "RSA PRIVATE " + "KEY-----"
        return "-----BEGIN " + label + "\n" + lines.joined(separator: "\n") + "\n-----END " + label + "\n"
    }()

    /// Letters and digits without a pattern, the same on every run.
    private static func noise(_ count: Int, seed: UInt32 = 77) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        var state = seed &* 2_654_435_761
        return String(
            (0..<count).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return alphabet[Int(state >> 16) % alphabet.count]
            }
        )
    }
}

extension TarBuilder {
    /// Extended attributes of a file with `cap_net_raw+ep`.
    fileprivate static let netRaw = ["security.capability": netRawCapability]
}

extension JSONValue {
    /// An object with changes.
    fileprivate func changed(_ change: (inout [String: JSONValue]) throws -> Void) rethrows -> JSONValue {
        var object = objectValue ?? [:]
        try change(&object)
        return .object(object)
    }
}
