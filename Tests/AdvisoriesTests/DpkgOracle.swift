// SPDX-License-Identifier: EUPL-1.2

import TestKit

/// The real dpkg, asked about many versions through one driver process.
enum DpkgOracle {
    /// What `dpkg --validate-version` says of each: nil for fine, else dpkg's words.
    static func isValid(_ versions: [String]) async throws -> [Bool] {
        try await ask("validate", versions).map { $0 == "0" }
    }

    /// Whether `dpkg --compare-versions` says that the relation holds; of `lt`, `eq` and `gt` exactly one does.
    static func holds(_ claims: [(left: String, relation: String, right: String)]) async throws -> [Bool] {
        try await ask("compare", claims.flatMap { [$0.left, $0.relation, $0.right] }).map { $0 == "0" }
    }

    private static func ask(_ what: String, _ fields: [String]) async throws -> [Substring] {
        // dpkg itself must be there, and be listed as a package that tests need.
        _ = try tool("dpkg")
        let input = fields.map { Array($0.utf8) }.joined(separator: [0])
        let output = try await tool("python3").check(["-c", driver, what], input: Array(input))
        return output.split(separator: "\n")
    }

    /// A version may begin with a hyphen, which dpkg would take for an option; blanks before a version are ignored.
    private static let driver = """
        import os, sys
        from concurrent.futures import ThreadPoolExecutor
        fields = [b" " + field for field in sys.stdin.buffer.read().split(b"\\0")]
        null = os.open(os.devnull, os.O_RDWR)
        actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        def dpkg(*arguments):
            pid = os.posix_spawnp("dpkg", [b"dpkg", *arguments], environment, file_actions=actions)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        def validate(version):
            return str(dpkg(b"--validate-version", version))
        def compare(claim):
            return str(dpkg(b"--compare-versions", claim[0], claim[1].strip(), claim[2]))
        with ThreadPoolExecutor(4) as pool:
            if sys.argv[1] == "validate":
                answers = pool.map(validate, fields)
            else:
                answers = pool.map(compare, list(zip(fields[0::3], fields[1::3], fields[2::3])))
            print("\\n".join(answers))
        """
}
