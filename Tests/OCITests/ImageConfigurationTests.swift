// SPDX-License-Identifier: EUPL-1.2

import JSON
import OCI
import Testing

@Suite("Image configuration")
struct ImageConfigurationTests {
    private static let layer = Digest.sha256([1])

    @Test("a configuration is read and survives being written")
    func reads() throws {
        let text = """
            {"architecture":"amd64","os":"linux","created":"2026-01-02T03:04:05Z","author":"x",
             "config":{"User":"1000:1000","ExposedPorts":{"80/tcp":{},"443/tcp":{}},"Env":["PATH=/bin","A=b"],"Entrypoint":["/run"],
              "Cmd":null,"Volumes":{"/data":{}},"WorkingDir":"/srv","Labels":{"a":"b"},"StopSignal":"SIGTERM","Healthcheck":{"Test":["CMD","x"]}},
             "rootfs":{"type":"layers","diff_ids":["\(Self.layer)"]},
             "history":[{"created":"2026-01-02T03:04:05Z","created_by":"RUN x","comment":"c"},{"created_by":"ENV A=b","empty_layer":true}],
             "docker_version":"20"}
            """
        let configuration = try ImageConfiguration(parsing: Array(text.utf8))
        #expect(configuration.user == "1000:1000")
        #expect(configuration.exposedPorts == ["443/tcp", "80/tcp"])
        #expect(configuration.environment == ["PATH=/bin", "A=b"])
        #expect(configuration.entrypoint == ["/run"])
        #expect(configuration.command == nil)
        #expect(configuration.volumes == ["/data"])
        #expect(configuration.labels == ["a": "b"])
        #expect(configuration.hasHealthcheck)
        #expect(configuration.diffIDs == [Self.layer])
        #expect(configuration.history.map(\.emptyLayer) == [false, true])
        #expect(try ImageConfiguration(parsing: configuration.json.bytes()) == configuration)
    }

    @Test("a configuration of the least has defaults")
    func least() throws {
        for middle in ["", #","config":null"#, #","config":{},"history":null"#] {
            let text = #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":null}\#(middle)}"#
            let configuration = try ImageConfiguration(parsing: Array(text.utf8))
            #expect(configuration == ImageConfiguration(architecture: "amd64", os: "linux"))
            #expect(configuration.user.isEmpty && !configuration.hasHealthcheck)
        }
    }

    @Test("a health check that is switched off is none")
    func healthcheck() throws {
        for (test, expected) in [(#"["NONE"]"#, false), ("[]", false), (#"["CMD-SHELL","x"]"#, true)] {
            let text =
                #"{"architecture":"a","os":"l","rootfs":{"type":"layers"},"config":{"Healthcheck":{"Test":\#(test)}}}"#
            #expect(try ImageConfiguration(parsing: Array(text.utf8)).hasHealthcheck == expected)
        }
    }

    @Test(
        "broken configurations are refused",
        arguments: [
            "", "[]", "{}", #"{"architecture":"a","os":"l"}"#,
            #"{"architecture":"a","os":1,"rootfs":{"type":"layers"}}"#,
            #"{"architecture":"a","os":"l","rootfs":{"type":"files"}}"#,
            #"{"architecture":"a","os":"l","rootfs":{"type":"layers","diff_ids":["x"]}}"#,
            #"{"architecture":"a","os":"l","rootfs":{"type":"layers"},"config":{"User":7}}"#,
            #"{"architecture":"a","os":"l","rootfs":{"type":"layers"},"config":{"User":"1000","user":"0"}}"#,
            #"{"architecture":"a","os":"l","rootfs":{"type":"layers"},"config":{},"Config":{"User":"0"}}"#,
            #"{"architecture":"a","os":"l","rootfs":{"type":"layers"},"config":{"Env":[1]}}"#,
            #"{"architecture":"a","os":"l","rootfs":{"type":"layers"},"history":[1]}"#,
        ]
    )
    func refuses(_ text: String) {
        #expect(throws: ConfigurationError.self) { try ImageConfiguration(parsing: Array(text.utf8)) }
    }
}
