// SPDX-License-Identifier: EUPL-1.2

import Commands
import Criteria
import TestKit
import Testing

@Suite("Settings")
struct SettingsTests {
    private static func file(_ text: String, in directory: TemporaryDirectory) throws -> [String: String] {
        ["KONTOR_CONFIG": try directory.write(Array(text.utf8), to: "kontor.yaml")]
    }

    @Test("an option goes before the environment, the environment before the file")
    func order() throws {
        let directory = try TemporaryDirectory()
        var environment = try Self.file(
            "data: /from/file\nlisten: 10.0.0.1:1\nnode-name: file\nanonymous-pull: true\n",
            in: directory
        )
        environment["KONTOR_DATA"] = "/from/environment"
        environment["KONTOR_LISTEN"] = "10.0.0.2:2"
        let options = try Commands.serveOptions(["--listen", "[::1]:3"], environment: environment)
        #expect(options.host == "::1")
        #expect(options.port == 3)
        #expect(options.data == "/from/environment")
        #expect(options.nodeName == "file")
        #expect(options.anonymousPull)
    }

    @Test("without anything the node listens on this machine only, in a per-user directory")
    func defaults() throws {
        let environment = ["HOME": "/home/somebody", "KONTOR_CONFIG": "/dev/null"]
        #expect(
            try Commands.serveOptions([], environment: environment)
                == ServeOptions(data: "/home/somebody/.local/share/kontor")
        )
    }

    @Test("age limits add up from several options")
    func ageLimits() throws {
        let arguments = ["--data", "/d", "--age-limit", "distribution=400d", "--age-limit", "epss=48h"]
        let options = try Commands.serveOptions(arguments, environment: ["KONTOR_CONFIG": "/dev/null"])
        #expect(options.ageLimits.distribution == .seconds(400 * 86_400))
        #expect(options.ageLimits.byName["epss"] == .seconds(48 * 3600))
        #expect(options.ageLimits.exploited == AgeLimits.standard.exploited)
    }

    @Test("a list in the file is one, too")
    func listInFile() throws {
        let directory = try TemporaryDirectory()
        let environment = try Self.file(
            "data: /d\nage-limit:\n  - exploited=30d\n  - other=90d\nexercise-data: yes\n",
            in: directory
        )
        let options = try Commands.serveOptions([], environment: environment)
        #expect(options.ageLimits.exploited == .seconds(30 * 86_400))
        #expect(options.ageLimits.other == .seconds(90 * 86_400))
        #expect(options.exerciseData)
    }

    @Test(
        "a broken settings file is named with what is wrong",
        arguments: [
            ("dta: /x\n", "dta"), ("- a\n- b\n", "name: "), ("data: {a: b}\n", "data"), ("data: [\n", "YAML"),
            ("anonymous-pull: perhaps\n", "anonymous-pull"),
        ]
    )
    func brokenFile(text: String, says: String) throws {
        let directory = try TemporaryDirectory()
        let environment = try Self.file(text, in: directory)
        #expect { try Commands.serveOptions(["--data", "/d"], environment: environment) } throws: { error in
            "\(error)".contains(says) && "\(error)".contains("kontor.yaml")
        }
    }

    @Test("the public address is kept without a trailing slash")
    func publicAddress() throws {
        let arguments = ["--data", "/d", "--public-url", "https://kontor.example.test/"]
        #expect(
            try Commands.serveOptions(arguments, environment: ["KONTOR_CONFIG": "/dev/null"]).publicURL
                == "https://kontor.example.test"
        )
    }
}
