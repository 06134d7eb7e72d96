// SPDX-License-Identifier: EUPL-1.2

/// containerd: where it fetches, and what it asks before it keeps an image.
///
/// Version 1 cannot verify at all; from 2.0 on it asks every program of a directory.
///
/// Source: containerd 2.0, "docs/hosts.md", "docs/image-verification.md".
extension ClientFiles {
    func containerdFiles() throws(ClientFilesError) -> [File] {
        [
            File("certs.d/\(root.registry)/hosts.toml", hosts),
            File("image-verifier/kontor", verifier, isExecutable: true), File("conf.d/kontor-verifier.toml", plugin),
            trustRootFile,
        ]
    }

    private var scheme: String { settings.plainHTTP ? "http" : "https" }

    private var hosts: String {
        // The server is the last resort: with mirrors only, it has to be one of them.
        let server = settings.mirrorsOnly ? Self.host(settings.mirrors.first ?? root.registry) : root.registry
        var lines = [
            "# Where containerd fetches images of \(root.registry); made by kontor client-config.",
            "server = \"\(scheme)://\(server)\"",
        ]
        for mirror in settings.mirrors {
            let (host, path) = (Self.host(mirror), mirror.drop { $0 != "/" })
            lines += ["", "[host.\"\(scheme)://\(host)\(path.isEmpty ? "" : "/v2\(path)")\"]"]
            if settings.mirrorsOnly {
                lines.append("  capabilities = [\"pull\", \"resolve\"]")
            } else {
                lines += ["  # What a tag stands for is asked of the registry itself.", "  capabilities = [\"pull\"]"]
            }
            if !path.isEmpty { lines.append("  override_path = true") }
        }
        if !settings.mirrorsOnly {
            lines += ["", "[host.\"\(scheme)://\(root.registry)\"]", "  capabilities = [\"pull\", \"resolve\"]"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var plugin: String {
        """
        # containerd 2: every image is shown to the programs of this directory before it is kept; made by kontor client-config.
        # Without bin_dir containerd verifies nothing and says nothing: pull an image that nobody signed, and see it refused.
        version = 3

        [plugins."io.containerd.image-verifier.v1.bindir"]
          bin_dir = "\(path("image-verifier"))"
          max_verifiers = 4
          per_verifier_timeout = "60s"

        """
    }

    private var verifier: String {
        """
        #!/bin/sh
        # containerd asks: kontor -name NAME -digest DIGEST -stdin-media-type TYPE; only exit code 0 keeps the image.
        # Made by kontor client-config. What is not of \(root.registry) is refused: these keys say nothing about it.
        set -u
        name= digest=
        while [ $# -gt 0 ]; do
            case "$1" in
                -name|-digest|-stdin-media-type) [ $# -ge 2 ] || { echo "$1 has no value"; exit 1; } ;;
                *) echo "unknown option $1"; exit 1 ;;
            esac
            case "$1" in
                -name) name=$2 ;;
                -digest) digest=$2 ;;
            esac
            shift 2
        done
        case "$name" in
            "\(root.registry)"/*) ;;
            *) echo "$name is no image of \(root.registry)"; exit 1 ;;
        esac
        case "$digest" in
            sha256:*) ;;
            *) echo "containerd named no digest"; exit 1 ;;
        esac
        named=${name%@*}
        repository=$named
        case "${named##*/}" in
            *:*) repository=${named%:*} ;;
        esac
        exec kontor verify "$repository@$digest" --name "$named" --trust-root "\(path("trust-root.json"))"\(settings.plainHTTP ? " --plain-http" : "")

        """
    }
}
