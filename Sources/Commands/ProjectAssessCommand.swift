// SPDX-License-Identifier: EUPL-1.2

import ArgumentParser
import ProjectRegister

/// `kontor project assess`: what a node starts to read a repository; a job comes by standard input.
struct ProjectAssessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "assess", shouldDisplay: false)

    func run() async throws {
        let code = await ProjectCheckChild.main()
        guard code == 0 else { throw ExitCode(code) }
    }
}
