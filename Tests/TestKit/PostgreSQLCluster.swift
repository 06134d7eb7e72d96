// SPDX-License-Identifier: EUPL-1.2

/// A PostgreSQL of its own for one test: in a temporary directory, as an unprivileged user, on a Unix socket only.
public enum PostgreSQLCluster {
    /// Makes a cluster, runs a psql script in it, and removes the cluster.
    ///
    /// - Returns: what psql printed, both outputs in their order; errors of statements are in it and do not throw.
    /// - Throws: ``ToolError`` when the cluster cannot be made.
    public static func run(_ script: String) async throws -> String {
        let directory = try TemporaryDirectory("kontor-pg")
        defer { directory.remove() }
        // Both must be listed as packages; the server's own programs lie outside PATH on Debian.
        _ = try tool("setpriv")
        return try await tool("bash").check(["-c", program, "kontor-pg", directory.path], input: Array(script.utf8))
    }

    private static let program = """
        set -eu
        dir=$1
        bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
        [ -n "$bin" ] || { echo "PostgreSQL is not installed (package postgresql)" >&2; exit 1; }
        # The server refuses to run as root.
        as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
        if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; fi
        cd "$dir"
        as "$bin/initdb" -D "$dir/data" -U kontor --auth=trust --no-sync -E UTF8 --locale=C >"$dir/init.log" 2>&1 ||
            { cat "$dir/init.log" >&2; exit 1; }
        as "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/data/log" \
            -o "-c listen_addresses='' -c unix_socket_directories='$dir' -c fsync=off -c max_connections=5" start >&2 ||
            { cat "$dir/data/log" >&2; exit 1; }
        trap 'as "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >&2' EXIT
        as "$bin/psql" -X -q -h "$dir" -U kontor -d postgres -f - 2>&1
        """
}
