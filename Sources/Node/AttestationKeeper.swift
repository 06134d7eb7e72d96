// SPDX-License-Identifier: EUPL-1.2

import Attesting
import Logging

/// Has what was judged while nobody signed attested as soon as somebody does.
struct AttestationKeeper: Sendable {
    /// Time between two looks.
    private static let interval = Duration.seconds(2)

    let attesting: Attesting
    let log: CurrentLog
    let logger: Logger

    /// Runs until the task is cancelled.
    func run() async {
        var wasOpen = false
        while !Task.isCancelled {
            let isOpen = log.value != nil
            if isOpen, !wasOpen {
                do {
                    let count = try await attesting.catchUp()
                    if count > 0 { logger.notice("images are attested anew", metadata: ["images": "\(count)"]) }
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("what is to be attested cannot be told; each verdict does by itself: \(error)")
                }
            }
            wasOpen = isOpen
            do { try await Task.sleep(for: Self.interval) } catch { return }
        }
    }
}
