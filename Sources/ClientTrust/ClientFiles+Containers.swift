// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import Keys

/// podman, skopeo, buildah, CRI-O: everything that reads `/etc/containers`.
///
/// Source: containers-policy.json(5), containers-registries.d(5), containers-registries.conf(5); tried with skopeo 1.9 and 1.18, podman 4.3.
extension ClientFiles {
    func containersFiles() throws(ClientFilesError) -> [File] {
        let keys: [File]
        let requirement: JSONValue
        switch settings.signatures {
        case .sigstore:
            let release = try keyFiles(.release, "release")
            let log = try keyFiles(.logTimestamps, "log")
            keys = release + log
            requirement = .object(
                ["type": "sigstoreSigned"].merging(
                    paths("keyPath", release).merging(paths("rekorPublicKeyPath", log)) { first, _ in first }
                ) { first, _ in first }
            )
        case .openPGP:
            guard let block = root.openPGPBlock else {
                throw ClientFilesError(
                    "the trust root has no OpenPGP key; the node has not released anything in this form"
                )
            }
            keys = [File("keys/release.asc", block)]
            requirement = [
                "type": "signedBy", "keyType": "GPGKeys", "keyPath": .string(path("keys/release.asc")),
            ]
        }
        let policy: JSONValue = [
            "default": [["type": "reject"]],
            "transports": ["docker": .object([root.registry: [requirement]])],
        ]
        var files = [
            File("policy.json", policy.bytes(.pretty) + [0x0A]), File("registries.d/kontor.yaml", attachments),
        ]
        if !settings.mirrors.isEmpty || settings.plainHTTP {
            files.append(File("registries.conf.d/kontor.conf", mirrors))
        }
        return files + keys
    }

    /// One key as older clients know it; several, of which any may have signed, as only newer ones do.
    private func paths(_ name: String, _ files: [File]) -> [String: JSONValue] {
        guard files.count > 1 else { return [name: .string(path(files.first?.path ?? ""))] }
        return [name + "s": .strings(files.map { path($0.path) })]
    }

    /// Hosts are those that are asked, so mirrors count too; names in the policy are those of the image.
    private var attachments: String {
        var lines = [
            "# Where clients look for signatures of images of \(root.registry); made by kontor client-config.", "#",
        ]
        var hosts: [String] = []
        for host in [root.registry] + settings.mirrors.map(Self.host) where !hosts.contains(host) { hosts.append(host) }
        switch settings.signatures {
        case .sigstore:
            lines += [
                "# They lie beside the image. Each registry that is asked is named, mirrors too: one that is missing here has no signatures,",
                "# and the pull is refused.", "docker:",
            ]
            for host in hosts { lines += ["  \"\(host)\":", "    use-sigstore-attachments: true"] }
        case .openPGP:
            guard let lookaside = settings.lookaside else {
                lines += [
                    "# The registry gives them out itself (X-Registry-Supports-Signatures), so nothing has to be said here. Mirrors do not:",
                    "# copy the signatures to a web server and name it with --lookaside.", "docker: {}",
                ]
                break
            }
            lines += ["# The registry gives them out itself; for mirrors they lie on a web server.", "docker:"]
            for host in hosts { lines += ["  \"\(host)\":", "    lookaside: \"\(lookaside)\""] }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var mirrors: String {
        var lines = [
            "# Where images of \(root.registry) are fetched; made by kontor client-config.", "#",
            "# Names and signatures stay those of \(root.registry) wherever the bytes come from.", "[[registry]]",
            "prefix = \"\(root.registry)\"", "location = \"\(root.registry)\"",
        ]
        if settings.plainHTTP { lines.append("insecure = true") }
        if settings.mirrorsOnly { lines += ["# The registry itself is never asked.", "blocked = true"] }
        for mirror in settings.mirrors {
            lines += ["", "[[registry.mirror]]", "location = \"\(mirror)\""]
            if settings.plainHTTP { lines.append("insecure = true") }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
