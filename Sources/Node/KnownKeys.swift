// SPDX-License-Identifier: EUPL-1.2

import Keys
import Synchronization

/// The node's own keys as they were last told: public, and wanted also while the signer is being restarted.
final class KnownKeys: Sendable {
    private let signer: any Signer
    // Owner: this mutex.
    private let last: Mutex<[KeyRecord]?>

    /// - Parameter keys: what the signer told at the start; nil where it did not answer.
    init(_ keys: [KeyRecord]?, _ signer: any Signer) {
        self.signer = signer
        last = Mutex(keys)
    }

    /// The keys; nil where the signer never answered.
    func current() async -> [KeyRecord]? {
        guard let keys = try? await signer.keys() else { return last.withLock { $0 } }
        last.withLock { $0 = keys }
        return keys
    }
}
