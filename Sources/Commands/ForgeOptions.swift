// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import ForgeClient
import ProjectCriteria
import SBOM
import Time

/// Options of the verbs that ask a forge about a project.
struct ForgeOptions: ParsableArguments {
    @Option(help: help(Texts.forge, value: "KIND"))
    var forge: String?

    @Option(help: help(Texts.forgeTokenFile, value: "FILE"))
    var forgeTokenFile: String?

    @Option(help: help(Texts.forgeURL, value: "URL"))
    var forgeURL: String?

    @Option(help: help(Texts.forgeProject, value: "PATH"))
    var forgeProject: String?

    @Option(help: help(Texts.caFile, value: "FILE"))
    var caFile: String?

    /// The token, read before anything else is done; nil where no forge is to be asked.
    func token() throws(CommandFailure) -> String? {
        guard let forge else {
            guard forgeTokenFile == nil, forgeURL == nil, forgeProject == nil else {
                throw CommandFailure(Texts.forgeMissing)
            }
            return nil
        }
        guard forge == "gitlab" else { throw CommandFailure(Texts.unknownValue("--forge", forge, "gitlab")) }
        guard let path = forgeTokenFile else { throw CommandFailure(Texts.forgeNeedsToken) }
        do {
            let text = String(decoding: try contents(path, limit: 1 << 16), as: UTF8.self)
            return String(text.drop { $0.isWhitespace }.prefix { !$0.isWhitespace })
        } catch {
            throw CommandFailure(Texts.cannotRead(path, error.text))
        }
    }

    /// What the forge says; that it cannot be asked is an answer too: unknown, with the reason.
    ///
    /// - Throws: ``CommandFailure`` for an address or a token that cannot be used: that is a mistake of the call.
    func ask(
        _ evidence: ProjectEvidence,
        token: String,
        _ settings: Settings,
        now: Timestamp
    ) async throws(CommandFailure) -> Known<ProjectForge> {
        let place = evidence.url.flatMap(Self.place)
        guard let url = forgeURL ?? place?.url, let project = forgeProject ?? place?.project else {
            throw CommandFailure(Texts.forgeNeedsPlace)
        }
        let client: GitLabClient
        do {
            client = try GitLabClient(url: url, token: token, authorityFile: settings.text(.caFile, option: caFile))
        } catch {
            throw CommandFailure("\(error)")
        }
        let answer: Known<ProjectForge>
        do {
            answer = .known(try await client.project(project, now: now))
        } catch {
            answer = .unknown(LocalizedText(de: "\(error)", en: "\(error)"))
        }
        await client.close()
        return answer
    }

    /// Address of the forge and path of the project in the address of a repository.
    static func place(of url: String) -> (url: String, project: String)? {
        guard let match = url.wholeMatch(of: /(https?:\/\/[^\/@\s]+)\/([^\s?#]+)/) else { return nil }
        var project = String(match.output.2)
        while project.hasSuffix("/") { project.removeLast() }
        if project.hasSuffix(".git") { project = String(project.dropLast(4)) }
        return project.isEmpty ? nil : (String(match.output.1), project)
    }
}
