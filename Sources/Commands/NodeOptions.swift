// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient

/// Options of the verbs that manage a node over its API.
struct NodeOptions: ParsableArguments {
    @Option(help: help(Texts.node, value: "URL"))
    var node: String?

    @Option(help: help(Texts.managementUser, value: "NAME"))
    var username: String?

    @Option(name: .customLong("password-file"), help: help(Texts.passwordFile, value: "FILE"))
    var passwordFile: String?

    @Option(name: .customLong("ca-file"), help: help(Texts.caFile, value: "FILE"))
    var authorityFile: String?

    @Option(help: help(Texts.managementFormat, value: "FORM"))
    var format = "text"

    @OptionGroup var common: CommonOptions

    /// Does something with a node and ends all connections.
    ///
    /// - Parameter given: how answers are shown, where a verb uses `--format` for something else.
    /// - Throws: ``CommandFailure`` with the node's own words.
    func with(
        form given: ManagementOutput.Form? = nil,
        _ body: (NodeClient, ManagementOutput) async throws -> Void
    ) async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try given ?? choice(ManagementOutput.Form.self, format, name: "--format")
        guard let url = settings.text(.node, option: node) else { throw CommandFailure(Texts.noNode) }
        let username = settings.text(.username, option: username) ?? "admin"
        guard let file = settings.text(.passwordFile, option: passwordFile) else {
            throw CommandFailure(Texts.noPasswordFile)
        }
        let password = try Self.secret(file)
        let client: NodeClient
        do {
            client = try NodeClient(
                url: url,
                username: username,
                password: password,
                authorityFile: settings.text(.caFile, option: authorityFile)
            )
        } catch { throw CommandFailure("\(error)") }
        do {
            try await body(client, ManagementOutput(terminal: terminal, form: form))
        } catch {
            await client.close()
            if let refusal = error as? NodeClientError { throw CommandFailure("\(refusal)") }
            throw error
        }
        await client.close()
    }

    /// The first line of a file; never an argument, which every process of the machine can read.
    static func secret(_ path: String) throws(CommandFailure) -> String {
        let bytes = try contents(path, limit: 64 << 10)
        guard let line = String(validating: bytes, as: UTF8.self)?.split(whereSeparator: \.isNewline).first else {
            throw CommandFailure(Texts.passwordEmpty)
        }
        return String(line)
    }
}

/// How answers of the management are shown.
struct ManagementOutput {
    enum Form: String, CaseIterable {
        case text, json
    }

    let terminal: Terminal
    let form: Form

    /// One object: a line per member, or JSON.
    func object(_ value: JSONValue?) throws {
        guard let value else { return }
        if form == .json { return try terminal.result(value.text(.compact) + "\n") }
        guard case .object(let members) = value else { return }
        for key in members.keys.sorted() {
            try terminal.result(printable("\(key): \(Self.word(members[key] ?? .null))") + "\n")
        }
    }

    /// One item of a list: a line, its members apart by tabs in a given order.
    func item(_ value: JSONValue, _ columns: [String]) throws {
        if form == .json { return try terminal.result(value.text(.compact) + "\n") }
        try terminal.result(columns.map { printable(Self.word(value[$0] ?? .null)) }.joined(separator: "\t") + "\n")
    }

    private static func word(_ value: JSONValue) -> String {
        switch value {
        case .null: "-"
        case .string(let text): text
        case .array(let items): items.map(word).joined(separator: " ")
        case .object(let members):
            members["repositories"] != nil
                ? "\(word(members["repositories"] ?? .null)):\((members["rights"]?.arrayValue ?? []).map(word).joined(separator: ","))"
                : members.keys.sorted().map { "\($0)=\(word(members[$0] ?? .null))" }.joined(separator: " ")
        default: value.text(.compact)
        }
    }
}
