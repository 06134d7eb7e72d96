// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import Database
import OCI
import PullRecords
import Registry
import Synchronization
import Time

/// Makes the estate through the services: every push, every assessment and every pull as a node does them.
final class Generator: Sendable {
    private let node: EstateNode
    private let estate: Estate
    private let timers: Timers
    private let workers: Int
    private let namespaces: [String: Namespace]
    private let organisations: [Int64]
    /// Images that were pushed and are not assessed, by their digest.
    // Owner: this mutex.
    private let pushed = Mutex<[Digest: Estate.Image]>([:])
    // Owner: this mutex; the next repository that nobody makes yet.
    private let next = Mutex(0)
    private let done = Mutex(0)

    /// Makes organisations, namespaces and base images, and imports the advisories.
    init(
        _ node: EstateNode,
        _ estate: Estate,
        tracker: Tracker,
        feeds: [String],
        workers: Int,
        timers: Timers
    ) async throws {
        (self.node, self.estate, self.timers, self.workers) = (node, estate, timers, workers)
        try await timers.measure("first import") {
            try await node.importing(tracker, with: feeds)
            guard let difference = try await node.difference() else { throw Complaint("nothing was imported") }
            try await node.assessment.integrate(difference)
        }
        _ = try await node.accounts.bootstrap(dataDirectory: node.directory)
        try await Self.organise(node)
        var namespaces: [String: Namespace] = [:]
        var organisations: [Int64] = []
        for number in 0..<Estate.organisations {
            let name = Estate.organisation(number)
            namespaces[name] = try await node.accounts.overseen(name, by: node.account)
            organisations.append(try await node.accounts.organisation(name).organisation.id)
        }
        (self.namespaces, self.organisations) = (namespaces, organisations)
        for number in estate.bases {
            let image = estate.image(number)
            let repository = try RepositoryName(parsing: image.repository)
            for layer in image.layers {
                try await node.upload(layer.bytes, as: layer.digest, to: repository, of: namespace(of: image))
            }
            try await push(image)
        }
        try await work()
    }

    /// Two hundred organisations with a namespace each; the first ten are providers, each for a share of the others.
    private static func organise(_ node: EstateNode) async throws {
        let kinds = Organisation.Kind.allCases
        for number in 0..<Estate.organisations {
            let name = Estate.organisation(number)
            let organisation = Organisation(
                name: name,
                title: "Organisation \(number)",
                kind: kinds[number % kinds.count],
                securityContact: "security@\(name).example"
            )
            try await node.accounts.putOrganisation(organisation, by: node.account)
            try await node.accounts.createNamespace(name, organisation: name, isPublic: false, by: node.account)
            guard number >= 10 else { continue }
            let provider = Estate.organisation(number % 10)
            try await node.accounts.setOperates(provider, for: name, true, by: node.account)
        }
    }

    /// Makes the repositories up to a number, and returns when all their images have a verdict.
    func run(upTo end: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<workers { group.addTask { try await self.make(upTo: end) } }
            group.addTask { try await self.report() }
            for _ in 0..<workers { try await group.next() }
            group.cancelAll()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<workers { group.addTask { try await self.work() } }
            try await group.waitForAll()
        }
        try await node.pulls.flush()
    }

    private func report() async throws {
        let begin = ContinuousClock.now
        let before = done.withLock { $0 }
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(15)) } catch { return }
            let done = done.withLock { $0 }
            let rate = Double(done - before) / (ContinuousClock.now - begin).seconds
            complain("\(done) of \(estate.total) images, \(rate.rounded(1)) a second")
        }
    }

    private func make(upTo end: Int) async throws {
        while true {
            let number = next.withLock { next in
                defer { if next < end { next += 1 } }
                return next
            }
            guard number < end else { return }
            let repository = estate.repository(number)
            let name = try RepositoryName(parsing: repository.name)
            let base = try RepositoryName(parsing: estate.image(estate.base(repository.family, 0)).repository)
            var known = Set<Digest>()
            for image in estate.images(of: repository) {
                for (place, layer) in image.layers.enumerated() where known.insert(layer.digest).inserted {
                    try await timers.measure(place < 3 ? "layer mounted" : "layer pushed") {
                        if place < 3 {
                            let isMounted = try await node.registry.mount(
                                layer.digest,
                                from: base,
                                isReadable: { _ in true },
                                into: name,
                                by: node.account,
                                namespace: namespace(of: image)
                            )
                            guard isMounted else { throw Complaint("\(base) lacks a layer") }
                        } else {
                            let namespace = namespace(of: image)
                            try await node.upload(layer.bytes, as: layer.digest, to: name, of: namespace)
                        }
                    }
                }
                let digest = try await timers.measure("image pushed") { try await push(image) }
                pull(image, name, digest)
                try await workOnce()
            }
            if node.pulls.pending > 5_000 { try await node.pulls.flush() }
        }
    }

    private func namespace(of image: Estate.Image) -> Namespace? {
        namespaces[Estate.organisation(image.organisation)]
    }

    @discardableResult
    private func push(_ image: Estate.Image) async throws -> Digest {
        // Known before its job can be claimed.
        pushed.withLock { $0[.sha256(image.manifest(configuration: image.configuration))] = image }
        return try await node.publish(image, of: namespace(of: image))
    }

    /// Few images are pulled by many, many by few.
    private func pull(_ image: Estate.Image, _ repository: RepositoryName, _ digest: Digest) {
        var random = SeededRandom(estate.seed, 4, UInt64(image.number))
        for _ in 0..<random.place(in: 12, power: 2) {
            let puller = organisations[random.place(in: organisations.count, power: 2)]
            let at = EstateNode.now - .seconds(random.below(30 * 86_400))
            node.pulls.note(repository, digest, by: .organisation(puller), at: at)
        }
    }

    private func work() async throws {
        while try await workOnce() {}
    }

    /// - Returns: whether there was anything to do.
    @discardableResult
    private func workOnce() async throws -> Bool {
        let kinds = [AssessmentService.assessJob]
        guard
            let job = try await timers.measure(
                "job claimed",
                {
                    try await node.queue.claim(kinds: kinds, lease: .seconds(60))
                }
            )
        else { return false }
        guard let at = job.subject.lastIndex(of: "@"),
            let digest = try? Digest(parsing: String(job.subject[job.subject.index(after: at)...])),
            let image = pushed.withLock({ $0.removeValue(forKey: digest) })
        else { throw Complaint("\(job.subject) was queued and not pushed") }
        try await EstateNode.$image.withValue(image) {
            try await timers.measure("image assessed") { try await node.assessment.assess(job) }
        }
        done.withLock { $0 += 1 }
        return true
    }
}
