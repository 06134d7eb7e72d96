// SPDX-License-Identifier: EUPL-1.2

import JSON
import NodeClient
import OCI
import Portal
import RegistryClient
import Time

/// Makes the exercise in a running node, from outside: everything goes through its API, its registry and its feeds, and every verdict is
/// the node's own.
struct Seeding: Sendable {
    /// Longest wait for the verdicts, and for the signatures of the releases.
    private static let patience = Duration.seconds(300)
    private static let pushers = 4

    let directory: ExerciseDirectory
    let clients: ExerciseClients
    let adminSecret: String
    let clock: WallClock
    let progress: @Sendable (String) -> Void

    /// - Returns: names and secrets of all accounts.
    func run() async throws -> [String: String] {
        progress("advisories of yesterday")
        try await directory.importFeeds(of: .yesterday, clock: clock)
        progress("organisations and people")
        let secrets = try await organise()
        let digests = try await pushAll(secrets)
        progress("products")
        try await uploadProducts(secrets)
        try await release(digests, secrets)
        progress("assessing \(ExercisePlan.images.count) images")
        try await awaitVerdicts(digests)
        progress("assessments of people, pulls")
        try await triage(digests, secrets)
        try await pull(secrets)
        try await awaitVerdicts(digests)
        return secrets
    }

    private func admin<T: Sendable>(_ body: (NodeClient) async throws -> T) async throws -> T {
        try await clients.api("admin", adminSecret, body)
    }

    private func secret(_ name: String, in secrets: [String: String]) throws -> String {
        guard let secret = secrets[name] else { throw DemoError.failed(what: name, why: "the account has no secret") }
        return secret
    }

    // MARK: Who takes part

    private func organise() async throws -> [String: String] {
        try await admin { api in
            var secrets = ["admin": adminSecret]
            for body in ExercisePlan.bodies {
                _ = try await api.call(
                    "PUT",
                    "/organisations/\(body.name)",
                    [
                        "title": .string(body.title), "kind": .string(body.kind),
                        "securityContact": .string(body.securityContact),
                    ]
                )
                for namespace in body.namespaces {
                    _ = try await api.call(
                        "PUT",
                        "/namespaces/\(namespace)",
                        ["organisation": .string(body.name), "public": true]
                    )
                    _ = try await api.call("PUT", "/namespaces/\(namespace)/policy", policy(body))
                }
            }
            let (provider, customer) = ExercisePlan.operates
            _ = try await api.call("PUT", "/organisations/\(provider)/customers/\(customer)")
            for person in ExercisePlan.people {
                var account: [String: JSONValue] = ["name": .string(person.name), "kind": "person"]
                if let organisation = person.organisation { account["organisation"] = .string(organisation) }
                if let role = person.nodeRole { account["nodeRole"] = .string(role) }
                let made = try await api.call("POST", "/accounts", .object(account))
                secrets[person.name] = made?["secret"]?.stringValue
                guard let role = person.role else { continue }
                for namespace in ExercisePlan.bodies.first(where: { $0.name == person.organisation })?.namespaces ?? []
                {
                    _ = try await api.call(
                        "PUT",
                        "/namespaces/\(namespace)/members/\(person.name)",
                        ["role": .string(role)]
                    )
                }
            }
            return secrets
        }
    }

    /// What this node releases counts as signed by the organisation, and must be in its log.
    private func policy(_ body: ExercisePlan.Body) -> JSONValue {
        let publisher: JSONValue = [
            "name": .string(body.title), "contact": .string(body.securityContact), "node": true, "keys": [],
        ]
        return [
            "policy": ["trust": ["publishers": [publisher], "threshold": 1, "log": "inclusion"]],
            "expectedRevision": 0, "reason": "Exercise",
        ]
    }

    // MARK: What they have

    private func pushAll(_ secrets: [String: String]) async throws -> [String: Digest] {
        let created = Timestamp(date: (clock.now() - .seconds(7 * 86_400)).dateText) ?? clock.now()
        // The same bytes give the same digests: what others are built on is known before it is pushed.
        var known: [ExerciseBase: Digest] = [:]
        for image in ExercisePlan.images where image.kind == "base" {
            let vendor = ExercisePlan.vendor(of: image.namespace)
            known[image.base] = .sha256(try image.built(vendor: vendor, created: created, bases: [:]).top.bytes)
        }
        let bases = known
        var digests: [String: Digest] = [:]
        try await withThrowingTaskGroup(of: (String, Digest).self) { group in
            var waiting = ExercisePlan.images[...]
            for image in waiting.prefix(Self.pushers) {
                group.addTask { (image.repository, try await push(image, created, bases, secrets)) }
            }
            waiting = waiting.dropFirst(Self.pushers)
            while let (repository, digest) = try await group.next() {
                digests[repository] = digest
                progress("pushed \(digests.count) of \(ExercisePlan.images.count) images")
                guard let image = waiting.popFirst() else { continue }
                group.addTask { (image.repository, try await push(image, created, bases, secrets)) }
            }
        }
        return digests
    }

    private func push(
        _ image: ExerciseImage,
        _ created: Timestamp,
        _ bases: [ExerciseBase: Digest],
        _ secrets: [String: String]
    ) async throws -> Digest {
        let owner = ExercisePlan.bodies.first { $0.namespaces.contains(image.namespace) }?.name ?? ""
        let name = "\(owner)-entwicklung"
        let built = try image.built(
            vendor: ExercisePlan.vendor(of: image.namespace),
            created: created,
            bases: bases
        )
        let repository = try RepositoryName(parsing: image.repository)
        return try await clients.images(name, secret(name, in: secrets)) { registry in
            try await registry.push(built, to: repository, tag: image.pushedTag)
        }
    }

    private func uploadProducts(_ secrets: [String: String]) async throws {
        for product in ExercisePlan.products {
            let name = "\(product.organisation)-leitung"
            let query = [
                ("name", product.name), ("version", product.version), ("supplier", product.supplier),
                ("organisation", product.organisation),
            ].map { "\($0.0)=\(NodeClient.segment($0.1))" }.joined(separator: "&")
            _ = try await clients.api(name, secret(name, in: secrets)) { api in
                try await api.send("POST", "/products?\(query)", product.bill.bytes())
            }
        }
    }

    private func release(_ digests: [String: Digest], _ secrets: [String: String]) async throws {
        let images = ExercisePlan.images.filter(\.isReleased)
        for image in images {
            let name = "\(image.namespace)-leitung"
            guard let digest = digests[image.repository] else { continue }
            progress("releasing \(image.repository):\(image.version)")
            try await clients.api(name, secret(name, in: secrets)) { api in
                let body: JSONValue = [
                    "image": .string("\(image.repository)@\(digest)"), "tag": .string(image.version),
                ]
                guard let id = try await api.call("POST", "/releases", body)?["id"]?.intValue else {
                    throw DemoError.failed(what: "release of \(image.repository)", why: "it has no number")
                }
                try await wait(for: "the release of \(image.repository)") {
                    let release = try await api.call("GET", "/releases/\(id)")
                    if release?["state"]?.stringValue == "failed" {
                        let why = release?["problem"]?.stringValue ?? "the node does not say why"
                        throw DemoError.failed(what: "release of \(image.repository)", why: why)
                    }
                    return release?["state"]?.stringValue == "signed"
                }
            }
        }
    }

    // MARK: What is known about it

    private func awaitVerdicts(_ digests: [String: Digest]) async throws {
        try await admin { api in
            for (index, image) in ExercisePlan.images.enumerated() {
                guard let digest = digests[image.repository] else { continue }
                let path = "/images/\(NodeClient.segment(image.repository))@\(digest)/verdict"
                try await wait(for: "the verdict of \(image.repository)") {
                    let answer = try await api.call("GET", path)
                    if answer?["state"]?.stringValue == "failed" {
                        throw DemoError.failed(what: image.repository, why: "it could not be assessed")
                    }
                    return answer?["level"]?.stringValue != nil
                }
                progress("assessed \(index + 1) of \(ExercisePlan.images.count) images")
            }
        }
    }

    private func triage(_ digests: [String: Digest], _ secrets: [String: String]) async throws {
        for word in ExercisePlan.triage {
            let name = "\(word.repository.prefix { $0 != "/" })-leitung"
            guard let digest = digests[word.repository] else { continue }
            var body: [String: JSONValue] = [
                "image": .string("\(word.repository)@\(digest)"), "vulnerability": .string(word.vulnerability),
                "status": .string(word.status), "scope": "image",
            ]
            if let justification = word.justification { body["justification"] = .string(justification) }
            if let action = word.action { body["actionStatement"] = .string(action) }
            _ = try await clients.api(name, secret(name, in: secrets)) { api in
                try await api.call("POST", "/assessments", .object(body))
            }
            guard word.status == "not_affected" else { continue }
            let path = "/images/\(NodeClient.segment(word.repository))@\(digest)/verdict"
            try await admin { api in
                try await wait(for: "the verdict of \(word.repository) after its assessment") {
                    let findings = try await api.call("GET", path)?["findings"]?.arrayValue ?? []
                    return findings.contains { finding in
                        let names = [finding["id"] ?? .null] + (finding["aliases"]?.arrayValue ?? [])
                        return names.contains { $0.stringValue == word.vulnerability }
                            && finding["status"]?.stringValue == "notAffected"
                    }
                }
            }
        }
    }

    /// Each organisation pulls every third image, and its own bases; the registry keeps that on record.
    private func pull(_ secrets: [String: String]) async throws {
        for (number, body) in ExercisePlan.bodies.enumerated() {
            let name = "\(body.name)-betrieb"
            let secret = try secret(name, in: secrets)
            for (index, image) in ExercisePlan.images.enumerated()
            where index % ExercisePlan.bodies.count == number || image.kind == "base" {
                let tag = image.isReleased ? image.version : image.pushedTag
                try await clients.pull(name, secret, image.repository, tag: tag)
            }
        }
    }

    private func wait(for what: String, _ isDone: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let end = clock.now + Self.patience
        while try await !isDone() {
            guard clock.now < end else {
                throw DemoError.failed(what: what, why: "it did not come within \(Self.patience)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

extension ExercisePlan.Product {
    /// What its supplier says is in it.
    var bill: JSONValue {
        var components: [JSONValue] = [
            [
                "type": "library", "name": "slf4j-api", "version": "2.0.16", "group": "org.slf4j",
                "purl": "pkg:maven/org.slf4j/slf4j-api@2.0.16",
            ]
        ]
        if let forms {
            let (group, artifact) = ApplicationPackage.formLibrary
            components.append(
                [
                    "type": "library", "name": .string(artifact), "version": .string(forms), "group": .string(group),
                    "purl": .string("pkg:maven/\(group)/\(artifact)@\(forms)"),
                ]
            )
        }
        return [
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": .array(components),
            "metadata": ["component": ["type": "application", "name": .string(name), "version": .string(version)]],
        ]
    }
}
