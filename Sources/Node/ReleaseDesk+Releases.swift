// SPDX-License-Identifier: EUPL-1.2

import Policies
import Portal
import Releases

extension ReleaseDesk {
    /// The node's own releases.
    init(_ releases: Releases) {
        self.init(
            release: { repository, digest, tag, account in
                do { _ = try await releases.release(repository, digest, as: tag, by: account) } catch let error
                    as ReleaseError
                {
                    throw Refusal(error)
                }
            },
            newest: { repository, limit in
                try await releases.releases(of: repository, limit: limit).map(shown)
            }
        )
    }
}

extension ReleaseDesk.Refusal {
    fileprivate init(_ error: ReleaseError) {
        self =
            switch error {
            case .unknown(let text): .unknown(text)
            case .denied(let text): .denied(text)
            case .refused(let text): .refused(text)
            case .closed(_, let refusal): .closed(refusal.reason)
            case .invalid(let text): .invalid(text)
            case .unavailable(let text): .unavailable(text)
            }
    }
}

/// A release as pages show it.
private func shown(_ release: Release) -> ReleaseDesk.Release {
    let state: ReleaseDesk.Release.State =
        switch release.state {
        case .pending: .pending
        case .signed: .signed
        case .failed: .failed
        }
    return ReleaseDesk.Release(
        tag: release.tag,
        digest: release.digest,
        state: state,
        isLogged: release.isLogged,
        problem: release.problem,
        requestedAt: release.requestedAt,
        requestedBy: release.requestedBy
    )
}
