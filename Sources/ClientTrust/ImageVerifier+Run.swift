// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import JSON
internal import OCI

extension ImageVerifier {
    /// One verification while it goes on.
    struct Run {
        let verifier: ImageVerifier
        let source: any AttachmentSource
        let name: String
        let expected: Reference
        var tag: Tag?
        private(set) var items: [TrustItem] = []
        private(set) var images: [JudgedImage] = []
        private let budget = ReadingBudget()

        init(_ verifier: ImageVerifier, _ source: any AttachmentSource, name: String, expected: Reference, tag: Tag?) {
            self.verifier = verifier
            self.source = source
            self.name = name
            self.expected = expected
            self.tag = tag
        }

        mutating func item(_ demand: TrustDemand, _ image: Digest, _ outcome: TrustOutcome, _ finding: TrustFinding) {
            items.append(TrustItem(demand, image, outcome, finding))
        }

        /// Looks at the image and at those of its index.
        mutating func finished(_ digest: Digest) async throws -> ImageVerification {
            if let wanted = expected.digest, wanted != digest {
                item(.digest, digest, .failed, .otherDigest(expected: wanted, actual: digest))
            }
            var found: FoundManifest?
            do { found = try await source.manifest(digest) } catch let error as CancellationError { throw error } catch
            {
                unread(.digest, digest, AttachmentReader.reason(error))
            }
            if let found {
                item(.digest, digest, .passed, .digest(digest))
                var manifests = [found]
                if case .index(let index) = found.document { manifests += try await children(of: index, digest) }
                if source.holdsContent { try await checkContent(manifests) }
                let platforms = Self.platforms(found)
                for manifest in manifests {
                    try await look(at: manifest, platforms[manifest.digest])
                }
                answer()
            } else if !items.contains(where: { $0.demand == .digest }) {
                item(.digest, digest, .failed, .absent("\(digest)"))
            }
            return ImageVerification(
                name: name,
                expected: Reference(
                    registry: expected.registry,
                    repository: expected.repository,
                    tag: tag,
                    digest: expected.digest
                ).description,
                digest: digest,
                time: verifier.demands.now,
                items: items,
                images: images
            )
        }

        private mutating func unread(_ demand: TrustDemand, _ image: Digest, _ error: AttachmentError) {
            let outcome: TrustOutcome = if case .unread = error { .undecided } else { .failed }
            item(demand, image, outcome, .unread(error.description))
        }

        private static func platforms(_ manifest: FoundManifest) -> [Digest: Platform] {
            guard case .index(let index) = manifest.document else { return [:] }
            return Dictionary(
                index.manifests.compactMap { child in child.platform.map { (child.digest, $0) } },
                uniquingKeysWith: { first, _ in first }
            )
        }

        // MARK: - Index and content

        /// The images of an index, those of the wanted platform only where one was named.
        private mutating func children(of index: ImageIndex, _ digest: Digest) async throws -> [FoundManifest] {
            var wanted: [Descriptor] = []
            for child in index.manifests where !wanted.contains(where: { $0.digest == child.digest }) {
                if let platform = verifier.demands.platform {
                    guard child.platform?.satisfies(platform) == true else { continue }
                }
                wanted.append(child)
            }
            guard wanted.count <= ImageVerifier.maximumImages else {
                item(
                    .index,
                    digest,
                    .undecided,
                    .unread("the index has more than \(ImageVerifier.maximumImages) images")
                )
                return []
            }
            guard !wanted.isEmpty else {
                let platform = verifier.demands.platform.map { "\($0)" } ?? "-"
                item(.index, digest, .failed, .absent(platform))
                return []
            }
            var found: [FoundManifest] = []
            for child in wanted {
                do {
                    try budget.take(child.size)
                    guard let manifest = try await source.manifest(child.digest) else {
                        item(.index, digest, .failed, .missing(child.digest))
                        continue
                    }
                    if case .index = manifest.document {
                        item(.index, digest, .failed, .nested(child.digest))
                        continue
                    }
                    found.append(manifest)
                } catch let error as CancellationError { throw error } catch {
                    unread(.index, digest, AttachmentReader.reason(error))
                }
            }
            if found.count == wanted.count { item(.index, digest, .passed, .images(found.count)) }
            return found
        }

        /// A copy is only as good as its layers: nobody compares them with the manifest later, when they are carried on.
        private mutating func checkContent(_ manifests: [FoundManifest]) async throws {
            var seen: Set<Digest> = []
            for manifest in manifests {
                guard case .image(let image) = manifest.document else { continue }
                var (blobs, bytes): (Int, Int64) = (0, 0)
                var isWhole = true
                for blob in [image.config] + image.layers where seen.insert(blob.digest).inserted {
                    do {
                        guard let hashed = try await source.hashed(blob) else {
                            item(.content, manifest.digest, .failed, .missing(blob.digest))
                            isWhole = false
                            continue
                        }
                        guard hashed.digest == blob.digest else {
                            let finding = TrustFinding.otherDigest(expected: blob.digest, actual: hashed.digest)
                            item(.content, manifest.digest, .failed, finding)
                            isWhole = false
                            continue
                        }
                        blobs += 1
                        bytes += hashed.size
                    } catch let error as CancellationError { throw error } catch {
                        unread(.content, manifest.digest, AttachmentReader.reason(error))
                        isWhole = false
                    }
                }
                if isWhole { item(.content, manifest.digest, .passed, .hashed(blobs: blobs, bytes: bytes)) }
            }
        }

        // MARK: - What speaks about it

        private mutating func look(at manifest: FoundManifest, _ platform: Platform?) async throws {
            let reader = AttachmentReader(source: source, budget: budget)
            let pieces = try await reader.pieces(about: manifest.digest)
            let (registry, repository, tag) = (expected.registry ?? "", expected.repository, tag)
            let judge = EvidenceJudge(demands: verifier.demands) { digest in
                VerificationSubject(digest: digest, registry: registry, repository: repository, tag: tag)
            }
            let isIndex = if case .index = manifest.document { true } else { false }
            images.append(
                JudgedImage(
                    digest: manifest.digest,
                    platform: platform,
                    isIndex: isIndex,
                    pieces: judge.judge(pieces, about: manifest.digest),
                    others: pieces.others
                )
            )
        }

        private mutating func answer() {
            let demands = verifier.demands
            if demands.root != nil {
                for image in images {
                    let releases = image.pieces.filter { $0.claim == .imageSignature && !$0.isPublisher }
                    let accepted = releases.filter { $0.outcome == .passed }
                    ask(.release, image, accepted, .signed(Self.unique(accepted.compactMap(\.signer))))
                    askLog(image, accepted)
                    for form in demands.forms {
                        let found = accepted.filter { $0.form == form }
                        ask(.form(form), image, found, .accepted(found.count))
                    }
                }
            } else {
                for image in images.prefix(1) {
                    for form in demands.forms {
                        let found = image.pieces.filter {
                            $0.form == form && $0.claim == .imageSignature && $0.outcome == .passed
                        }
                        ask(.form(form), image, found, .accepted(found.count))
                    }
                }
            }
            guard let first = images.first else { return }
            for publisher in demands.publishers {
                let found = first.pieces.filter {
                    $0.isPublisher && $0.signer == publisher.name && $0.claim == .imageSignature
                        && $0.outcome == .passed
                }
                ask(.publisher(publisher.name), first, found, .signed([publisher.name]))
            }
            for kind in demands.attestations { askAttestation(kind, first) }
        }

        private mutating func ask(
            _ demand: TrustDemand,
            _ image: JudgedImage,
            _ accepted: [JudgedPiece],
            _ finding: TrustFinding
        ) {
            if !accepted.isEmpty { return item(demand, image.digest, .passed, finding) }
            // What could not be read might have been it.
            if let unread = image.pieces.first(where: { $0.outcome == .undecided }) {
                let reason = unread.problem ?? "\(unread.form.rawValue) \(unread.place) is not assessed"
                return item(demand, image.digest, .undecided, .unread(reason))
            }
            let count = image.pieces.count
            item(demand, image.digest, .failed, count == 0 ? .nothing : .noneAccepted(count))
        }

        private mutating func askLog(_ image: JudgedImage, _ accepted: [JudgedPiece]) {
            switch verifier.demands.log {
            case .none: return
            case .promise:
                ask(.log, image, accepted.filter { $0.loggedAt != nil }, .promised)
            case .inclusion:
                let proven = accepted.filter { $0.provenIndex != nil }
                if proven.isEmpty, accepted.contains(where: { $0.loggedAt != nil }),
                    !image.pieces.contains(where: { $0.outcome == .undecided })
                {
                    return item(.log, image.digest, .failed, .promised)
                }
                ask(.log, image, proven, .logged(proven.compactMap(\.provenIndex)))
            }
        }

        /// About the index, or about each of its images: bills and scans are of one platform.
        private mutating func askAttestation(_ kind: AttestationKind, _ first: JudgedImage) {
            func accepted(_ image: JudgedImage) -> [JudgedPiece] {
                image.pieces.filter { piece in
                    guard piece.outcome == .passed, case .predicate(let type)? = piece.claim, kind.covers(type) else {
                        return false
                    }
                    return kind != .verdict || !piece.isFailedSummary
                }
            }
            let own = accepted(first)
            guard own.isEmpty, images.count > 1 else {
                return ask(.attestation(kind), first, own, .accepted(own.count))
            }
            for image in images.dropFirst() where image.platform?.isUnknown != true {
                let found = accepted(image)
                ask(.attestation(kind), image, found, .accepted(found.count))
            }
        }

        private static func unique(_ names: [String]) -> [String] {
            names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
    }
}
