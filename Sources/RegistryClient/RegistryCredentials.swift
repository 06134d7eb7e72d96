// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials
import JSON

/// A user name and a password or token for one registry.
public struct RegistryCredentials: Sendable, Hashable {
    /// User name.
    public let username: String
    /// Password or token.
    public let password: String

    /// Credentials as they were typed.
    public init(username: String, password: String) {
        self.username = username
        self.password = password
    }

    /// Value of an `Authorization` header (RFC 7617).
    var basic: String { "Basic " + Data("\(username):\(password)".utf8).base64EncodedString() }

    /// Looks for credentials where podman, skopeo, buildah and docker keep them; never writes there, starts no credential helper.
    ///
    /// - Parameters:
    ///   - registry: host, with port where one is written.
    ///   - repository: the most specific entry wins: `registry/team/app` before `registry/team` before `registry`.
    ///   - environment: names the files: `REGISTRY_AUTH_FILE`, else `XDG_RUNTIME_DIR`, `XDG_CONFIG_HOME`, `HOME`, `DOCKER_CONFIG`.
    /// - Returns: nil when no file has an entry; a file that cannot be read counts as absent, as it does for those tools.
    public static func stored(registry: String, repository: String, environment: [String: String])
        -> RegistryCredentials?
    {
        for path in files(environment) {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)), data.count <= 1 << 20,
                let file = try? JSONValue(parsing: [UInt8](data)), let entries = file["auths"]?.objectValue
            else { continue }
            if let found = credentials(in: entries, registry: registry, repository: repository) { return found }
        }
        return nil
    }

    private static func files(_ environment: [String: String]) -> [String] {
        if let named = environment["REGISTRY_AUTH_FILE"], !named.isEmpty { return [named] }
        var paths: [String] = []
        if let directory = environment["XDG_RUNTIME_DIR"], !directory.isEmpty {
            paths.append(directory + "/containers/auth.json")
        }
        let home = environment["HOME"] ?? ""
        if let directory = environment["XDG_CONFIG_HOME"], !directory.isEmpty {
            paths.append(directory + "/containers/auth.json")
        } else if !home.isEmpty {
            paths.append(home + "/.config/containers/auth.json")
        }
        if let directory = environment["DOCKER_CONFIG"], !directory.isEmpty {
            paths.append(directory + "/config.json")
        } else if !home.isEmpty {
            paths.append(home + "/.docker/config.json")
        }
        return paths
    }

    private static func credentials(
        in entries: [String: JSONValue],
        registry: String,
        repository: String
    ) -> RegistryCredentials? {
        var key = Substring(registry + "/" + repository)
        while true {
            if let found = decode(entries[String(key)]) { return found }
            guard let slash = key.lastIndex(of: "/") else { break }
            key = key[..<slash]
        }
        // docker writes addresses for some registries.
        for (name, value) in entries.sorted(by: { $0.key < $1.key }) {
            var host = Substring(name)
            for scheme in ["https://", "http://"] where host.hasPrefix(scheme) { host = host.dropFirst(scheme.count) }
            if host.prefix(while: { $0 != "/" }) == registry, name.contains("://"), let found = decode(value) {
                return found
            }
        }
        return nil
    }

    private static func decode(_ entry: JSONValue?) -> RegistryCredentials? {
        guard let text = entry?["auth"]?.stringValue, let data = Data(base64Encoded: text),
            let pair = String(validating: data, as: UTF8.self), let colon = pair.firstIndex(of: ":")
        else { return nil }
        return RegistryCredentials(
            username: String(pair[..<colon]),
            password: String(pair[pair.index(after: colon)...])
        )
    }
}
