// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import JSON
internal import Keys

/// cosign 2.5 and later, without any network but the registry.
extension ClientFiles {
    func cosignFiles() throws(ClientFilesError) -> [File] {
        let release = try keyFiles(.release, "release")
        let log = try keyFiles(.logTimestamps, "log")
        let logs = root.valid(.logTimestamps).map {
            TrustedRoot.Log(baseURL: "https://" + root.origin, key: $0.key, start: $0.signsFrom, end: $0.signsUntil)
        }
        return release + log + [
            File("trusted_root.json", TrustedRoot(logs: logs).bytes), File("verify", script, isExecutable: true),
        ]
    }

    /// Any of the keys may have signed; cosign takes one at a time.
    private var script: String {
        """
        #!/bin/sh
        # Verifies an image of \(root.registry) with cosign, our log required and no other server asked: verify IMAGE [OPTION…]
        # Made by kontor client-config. cosign does not compare the name in a signature with the image's: a tag that was moved to another
        # released image passes here, and not with kontor verify, skopeo and podman.
        set -u
        here=$(dirname "$(readlink -f "$0")")
        [ $# -ge 1 ] || { echo "usage: $0 IMAGE [OPTION...]" >&2; exit 2; }
        case "$1" in
            "\(root.registry)"/*) ;;
            *) echo "$1 is no image of \(root.registry); these keys say nothing about it" >&2; exit 1 ;;
        esac
        for key in "$here"/keys/release-*.pub; do
            for log in "$here"/keys/log-*.pub; do
                SIGSTORE_REKOR_PUBLIC_KEY="$log" cosign verify --offline=true --key "$key" "$@" && exit 0
            done
        done
        echo "no key for releases of \(root.registry) has signed $1, or its log does not know it" >&2
        exit 1

        """
    }
}
