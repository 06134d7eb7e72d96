// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import JSON
import NodeClient
import ProjectCriteria
import SBOM

/// `kontor project register`: has a node check a project, daily and when its forge says so.
struct ProjectRegisterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: Language.process(Texts.projectRegisterAbstract),
        discussion: Language.process(Texts.projectRegisterDiscussion)
    )

    @Argument(help: help(Texts.registeredName, value: "NAMESPACE/NAME")) var name: String
    @Argument(help: help(Texts.registeredURL, value: "URL")) var url: String
    @Option(help: help(Texts.registeredTitle, value: "TITLE")) var title: String?
    @Option(help: help(Texts.registeredVisibility, value: "members|public")) var visibility = "members"
    @Option(name: .customLong("forge-token-file"), help: help(Texts.forgeTokenFile, value: "FILE"))
    var forgeTokenFile: String?
    @OptionGroup var node: NodeOptions

    func run() async throws {
        var members: [String: JSONValue] = [
            "name": .string(name), "url": .string(url), "visibility": .string(visibility),
        ]
        if let title { members["title"] = .string(title) }
        if let forgeTokenFile { members["forgeToken"] = .string(try NodeOptions.secret(forgeTokenFile)) }
        let body = JSONValue.object(members)
        try await node.with { client, output in
            guard let answer = try await client.call("POST", "/projects", body) else { return }
            guard output.form == .text, case .object(var project) = answer["project"] ?? .null else {
                return try output.object(answer)
            }
            project["webhookSecret"] = answer["webhookSecret"] ?? .null
            try output.object(.object(project))
        }
    }
}

/// `kontor project list`.
struct ProjectListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Language.process(Texts.projectListAbstract)
    )

    @Option(help: help(Texts.registeredNamespace, value: "NAME")) var namespace: String?
    @OptionGroup var node: NodeOptions

    func run() async throws {
        let query = namespace.map { "namespace=\(NodeClient.segment($0))&" } ?? ""
        try await node.with { client, output in
            try await client.each("/projects", query: query) {
                try output.item($0, ["id", "name", "level", "visibility", "checkedAt", "url", "failure"])
            }
        }
    }
}

/// `kontor project show`.
struct ProjectShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: Language.process(Texts.projectShowAbstract)
    )

    @Argument(help: help(Texts.registeredNumber, value: "ID|NAME")) var project: String
    @Option(help: help(Texts.projectCatalogue, value: "NAME")) var catalogue = ProjectCatalogue.names[0]
    @Option(help: help(Texts.registeredAt, value: "TIME")) var at: String?
    @Flag(help: help(Texts.all)) var all = false
    @OptionGroup var node: NodeOptions

    func run() async throws {
        var query = "?catalogue=" + NodeClient.segment(catalogue)
        if let at { query += "&at=" + NodeClient.segment(at) }
        let path = query
        try await node.with { client, output in
            let id = try await registeredProject(project, client)
            guard let answer = try await client.call("GET", "/projects/\(id)" + path) else { return }
            guard output.form == .text else { return try output.object(answer) }
            try output.object(answer["project"])
            guard let document = answer["verdict"]?["document"] else {
                return output.terminal.note(Texts.projectNotChecked)
            }
            let verdict: ProjectVerdict
            do { verdict = try ProjectVerdict(json: document) } catch { throw CommandFailure("\(error)") }
            let page = ProjectPage(
                verdict: verdict,
                language: output.terminal.language,
                colour: output.terminal.colour,
                all: all
            )
            try output.terminal.result("\n" + page.text)
        }
    }
}

/// `kontor project recheck`.
struct ProjectRecheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recheck",
        abstract: Language.process(Texts.projectRecheckAbstract)
    )

    @Argument(help: help(Texts.registeredNumber, value: "ID|NAME")) var project: String
    @OptionGroup var node: NodeOptions

    func run() async throws {
        try await node.with { client, output in
            let id = try await registeredProject(project, client)
            try output.object(try await client.call("POST", "/projects/\(id)/check"))
        }
    }
}

/// `kontor project remove`.
struct ProjectRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: Language.process(Texts.projectRemoveAbstract)
    )

    @Argument(help: help(Texts.registeredNumber, value: "ID|NAME")) var project: String
    @OptionGroup var node: NodeOptions

    func run() async throws {
        try await node.with { client, output in
            let id = try await registeredProject(project, client)
            try output.object(try await client.call("DELETE", "/projects/\(id)"))
        }
    }
}

/// The number of a project that is named by its number or its name.
private func registeredProject(_ text: String, _ client: NodeClient) async throws -> Int64 {
    if let id = Int64(text), id > 0 { return id }
    let found = try await client.call("GET", "/projects?name=" + NodeClient.segment(text))
    guard let id = found?["items"]?.arrayValue?.first?["id"]?.intValue else {
        throw CommandFailure(Texts.noSuchProject(text))
    }
    return Int64(id)
}
