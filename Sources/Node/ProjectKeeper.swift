// SPDX-License-Identifier: EUPL-1.2

import Logging
import ProjectRegister

/// Queues the checks of projects that are due.
struct ProjectKeeper: Sendable {
    let register: ProjectRegister
    let logger: Logger
    var interval: Duration = .seconds(30)

    func run() async throws {
        while true {
            do { try await register.wake() } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.error("due checks of projects cannot be queued, the next look tries again: \(error)")
            }
            try await Task.sleep(for: interval)
        }
    }
}
