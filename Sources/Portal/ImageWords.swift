// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import Time

/// What is said of an image beside its verdict: which organisations approve it for use, and whether it was taken down.
public struct ImageWords: Sendable, Hashable {
    /// An organisation's word that it uses the image; for what is for the organisation alone.
    public struct Approval: Sendable, Hashable {
        /// Name of the organisation.
        public let organisation: String
        /// Until when it holds.
        public let until: Timestamp

        /// Names an approval that holds.
        public init(organisation: String, until: Timestamp) {
            self.organisation = organisation
            self.until = until
        }
    }

    /// Why an image is not given out.
    public struct Takedown: Sendable, Hashable {
        /// Since when.
        public let since: Timestamp
        /// Why.
        public let reason: String
        /// On what grounds.
        public let legalReference: String

        /// Names a takedown in force.
        public init(since: Timestamp, reason: String, legalReference: String) {
            self.since = since
            self.reason = reason
            self.legalReference = legalReference
        }
    }

    /// That this node released an image, so that its key verifies it.
    public struct Release: Sendable, Hashable {
        /// Its signatures are in the log.
        public let isLogged: Bool

        /// Names a release that was signed.
        public init(isLogged: Bool) { self.isLogged = isLogged }
    }

    /// Looks up what is said of an image.
    public typealias Reader = @Sendable (RepositoryName, Digest) async throws -> ImageWords

    /// Approvals that hold.
    public let approvals: [Approval]
    /// The takedown in force; nil for almost every image.
    public let takedown: Takedown?
    /// The newest release that is signed; nil when this node released no image of this digest here.
    public let release: Release?

    /// Nothing is said.
    public static let none = ImageWords(approvals: [], takedown: nil)

    /// Names what is said.
    public init(approvals: [Approval], takedown: Takedown?, release: Release? = nil) {
        self.approvals = approvals
        self.takedown = takedown
        self.release = release
    }

    /// The sentence about its takedown.
    func takedownText(_ texts: Texts, _ language: Language) -> String? {
        takedown.map { takedown in
            texts.text(
                .imageTakenDown,
                language,
                [
                    "date": language.date(takedown.since), "reason": takedown.reason,
                    "reference": takedown.legalReference,
                ]
            )
        }
    }

    /// A sentence for each approval.
    func approvalTexts(_ texts: Texts, _ language: Language) -> [String] {
        approvals.map { approval in
            texts.text(
                .imageApproved,
                language,
                ["organisation": approval.organisation, "date": language.date(approval.until)]
            )
        }
    }
}
